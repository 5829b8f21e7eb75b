"""Which questions stand together on one page, and where a page leads."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from handlers.forms.form import Form, Group, Item
from handlers.forms.kind import Value, kinds
from handlers.forms.moves import Another, Ask, Block, Heading

Page = tuple[Block, ...]
MOST = 8
"""Questions on a page, unless a field list or one entry of a repeat holds more."""
SHORT = 4
"""Fewer questions share their page with the group behind them."""
FIELD_LIST = "field-list"
_NUMBERS = re.compile(r"\[[0-9]+\]")


def pages(form: Form, blocks: Iterable[Block]) -> tuple[Page, ...]:
    """The blocks on their pages. Where a page may end follows from the form, not from the answers, so that pages stay
    what they are while somebody fills them in: groups are not parted, short ones share a page. Only what holds more
    than `MOST` questions now is parted further; a page that goes on with a group begins with its heading again."""
    headings: dict[str, Heading] = {}
    found: list[Page] = []
    for _, section in groupby(blocks, lambda block: _section(form, block)):
        for page in _packed(_units(form, section)):
            above = [headings[path] for path in _above(page[0].path) if path in headings]
            headings |= {block.path: block for block in page if isinstance(block, Heading)}
            found.append((*above, *page))
    return tuple(_with_something_to_do(found))


def place_of(found: Sequence[Page], paths: Iterable[str]) -> int:
    """The number of the page that has the first of these paths which is on a page at all; else 0."""
    for path in paths:
        for number, page in enumerate(found):
            if any(block.path == path for block in page):
                return number
    return 0


def following(found: Sequence[Page], start: int, seen: Collection[str]) -> int:
    """The number of the first page, from `start` on, with something to do that was not seen; their count if none."""
    for number in range(start, len(found)):
        if any(block.path not in seen for block in found[number] if isinstance(block, Ask | Another)):
            return number
    return len(found)


def values_of(blocks: Iterable[Block], paths: Collection[str]) -> dict[str, Value]:
    """The answers there are to the questions with these paths."""
    return {block.path: block.value for block in blocks if isinstance(block, Ask) and block.path in paths}


def stamp(values: Mapping[str, Value]) -> str:
    """What tells whether an answer has changed since a page was shown."""
    plain = json.dumps(sorted(values.items()), ensure_ascii=False)
    return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()[:16]


def put_at(state: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The walk's state with another present question; `path` empty: the review."""
    kept = {key: value for key, value in state.items() if key not in {"draft", "todo"}}
    return {**kept, "at": path, "seq": state["seq"] + 1}


# How they are parted ---------------------------------------------------------------------------------------


def _section(form: Form, block: Block) -> int:
    """The number of the section the block is in."""
    sections = _sections(form)
    return next((sections[path] for path in [*_above(bare(block.path)), bare(block.path)] if path in sections), 0)


@lru_cache(maxsize=64)
def _sections(form: Form) -> Mapping[str, int]:
    """The form cut where a page may end: the number of each of its outermost groups and questions, by path.

    A group begins another section than what is before it, unless that is short; nothing fills one over `MOST`.
    """
    found: dict[str, int] = {}
    number = size = 0
    for item in _outermost(form.items):
        more = _questions(item)
        if size + more > MOST or (isinstance(item, Group) and size >= SHORT):
            number, size = number + 1, 0
        found[item.path] = number
        size += more
    return found


def _outermost(items: Iterable[Item]) -> Iterator[Item]:
    """The questions and groups at the top; a group without a name is no more than what is in it."""
    for item in items:
        if isinstance(item, Group) and not (item.repeat or item.label.words or FIELD_LIST in item.appearance):
            yield from _outermost(item.items)
        else:
            yield item


def _questions(item: Item) -> int:
    """How many questions it can put; what is shown or reckoned counts for none."""
    if isinstance(item, Group):
        return sum(_questions(inner) for inner in item.items)
    return int(kinds()[item.type].asked and item.read_only in {"", "false()"})


def _units(form: Form, section: Iterable[Block]) -> Iterator[list[Block]]:
    """What stays together: a field list, an entry, a question with the headings and notes before it."""
    waiting: list[Block] = []
    for together, blocks in groupby(section, lambda block: _together(form, block)):
        unit = list(blocks)
        for part in [unit] if together and (FIELD_LIST in together or _asks(unit) <= MOST) else ([b] for b in unit):
            waiting += part
            if any(isinstance(block, Ask | Another) for block in part):
                yield waiting
                waiting = []
    if waiting:
        yield waiting


def _together(form: Form, block: Block) -> str:
    """The outermost field list or entry the block is part of, and which of the two it is; empty for none."""
    groups = _groups(form)
    for path in _around(block):
        group = groups.get(bare(path))
        if group and FIELD_LIST in group.appearance:
            return f"{FIELD_LIST} {path}"
        if group and group.repeat and path.endswith("]"):
            return path
    return ""


def _packed(units: Iterable[list[Block]]) -> Iterator[list[Block]]:
    page: list[Block] = []
    for unit in units:
        if page and _asks(page) + _asks(unit) > MOST:
            yield page
            page = []
        page = page + unit
    if page:
        yield page


def _with_something_to_do(found: Iterable[Page]) -> list[Page]:
    """A page of headings and notes alone goes to the next one; at the end, to the one before."""
    whole: list[Page] = []
    waiting: Page = ()
    for page in found:
        waiting += page
        if any(isinstance(block, Ask | Another) for block in page):
            whole.append(waiting)
            waiting = ()
    if waiting:
        whole[-1:] = [(whole[-1] if whole else ()) + waiting]
    return whole


def _asks(blocks: Iterable[Block]) -> int:
    return sum(isinstance(block, Ask) for block in blocks)


def bare(path: str) -> str:
    """The path as the form has it, without the numbers of entries."""
    return _NUMBERS.sub("", path)


def _above(path: str) -> list[str]:
    """The groups a path stands in, the outermost first."""
    steps = path.split("/")
    return ["/".join(steps[:end]) for end in range(3, len(steps))]


def _around(block: Block) -> list[str]:
    """The groups around a block; one that begins or goes on here counts too."""
    return [*_above(block.path), *([block.path] if isinstance(block, Heading | Another) else [])]


@lru_cache(maxsize=64)
def _groups(form: Form) -> Mapping[str, Group]:
    return dict(_inside(form.items))


def _inside(items: Iterable[Item]) -> Iterator[tuple[str, Group]]:
    for item in items:
        if isinstance(item, Group):
            yield item.path, item
            yield from _inside(item.items)
