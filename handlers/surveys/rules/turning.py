"""How the pages of a questionnaire are filled in and turned, whoever keeps the answers. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handlers.forms import paging
from handlers.forms.form import Form
from handlers.forms.moves import Again, Ask, Block, Done, Refused, Remove, Review, Submit
from handlers.forms.walk import current, fill, page, step
from handlers.talk import Label, Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What stands on a page. `answers` by path, exact; `seen`: the paths of all that was on the page, `stamp`: of
    the answers it was shown with.

    `go`: `next`, `back`, `save`, or `add:` and the path of a repeat, or `remove:` and that of an entry. `insist`:
    go even where an answer is refused. `mending`: it was opened from the review, and leads back there. `unfit`: the
    answers that cannot be taken, by path, and why.
    """

    answers: Mapping[str, Any]
    seen: Sequence[str]
    stamp: str
    go: str
    insist: bool = False
    mending: bool = False
    unfit: Mapping[str, Part] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spread:
    """All pages that are relevant now, the path of the present question, and what all answers are."""

    pages: tuple[paging.Page, ...]
    at: str
    review: Review | None


@dataclass(frozen=True, slots=True)
class Turned:
    """What became of a page: the walk after it, the number of the page to show now (behind the last one: the review),
    what was `refused` there, what has meanwhile got another answer elsewhere (`changed`, by path: then nothing was
    taken), what fell away, and whether new questions came up on the same page. `done`: all may be handed in."""

    walk: Mapping[str, Any]
    number: int
    refused: Mapping[str, Part] = field(default_factory=dict)
    changed: Collection[str] = ()
    fell: Sequence[Part] = ()
    opened: bool = False
    done: bool = False


def spread(form: Form, walk: Mapping[str, Any], now: datetime) -> Spread:
    """The walk as pages."""
    events = current(form, paging.put_at(walk, ""), now)
    review = next((event for event in events if isinstance(event, Review)), None)
    return Spread(_pages(form, walk, now), walk["at"], review)


def turned(form: Form, walk: Mapping[str, Any], leaf: Leaf, now: datetime) -> Turned:
    """Takes the answers of a page, as far as they fit, and goes where the person wants to."""
    before = _pages(form, walk, now)
    took = fill(form, walk, leaf.answers, now)
    after = _pages(form, took.state, now)
    was, news = (paging.values_of(_blocks(pages), leaf.answers.keys()) for pages in (before, after))
    said = {event.path: event for event in took.events if isinstance(event, Refused)}
    if leaf.stamp != paging.stamp(paging.values_of(_blocks(before), leaf.seen)):
        changed = [path for path in was if path in said or was[path] != news.get(path)]
        if changed:
            return Turned(walk, paging.place_of(before, leaf.seen), changed=changed)
    refused = dict(leaf.unfit) | {
        path: no.message
        for path, no in said.items()
        if no.reason != "required" or leaf.go == "next" or was.get(path) is not None
    }
    fell = _fallen(_blocks(before), _blocks(after))
    if refused and not leaf.insist:
        return Turned(took.state, paging.place_of(after, [*refused, *leaf.seen]), refused, fell=fell)
    return _gone(form, took.state, leaf, now, before, after, fell)


def finished(form: Form, walk: Mapping[str, Any], now: datetime) -> Turned:
    """The walk at its end; or what does not fit, with its page."""
    took = step(form, paging.put_at(walk, ""), Submit(), now)
    if any(isinstance(event, Done) for event in took.events):
        return Turned(took.state, 0, done=True)
    refused = {event.path: event.message for event in took.events if isinstance(event, Refused)}
    return Turned(walk, paging.place_of(_pages(form, walk, now), refused), refused)


def _gone(
    form: Form,
    walk: Mapping[str, Any],
    leaf: Leaf,
    now: datetime,
    before: Sequence[paging.Page],
    after: Sequence[paging.Page],
    fell: Sequence[Part],
) -> Turned:
    """Where the person wants to go, with everything on the page taken."""
    here = paging.place_of(after, leaf.seen)
    verb, _, path = leaf.go.partition(":")
    match verb:
        case "next" if leaf.mending:
            number = _mended(before, after, here, leaf.seen)
        case "next":
            number = paging.following(after, here, leaf.seen)
        case "back":
            number = max(here - 1, 0)
        case "add" | "remove":
            return _changed(form, walk, now, verb, path)
        case _:
            return Turned(walk, here, fell=fell)
    first = next((b.path for b in after[number] if isinstance(b, Ask)), "") if number < len(after) else ""
    return Turned(paging.put_at(walk, first), number, fell=fell, opened=verb == "next" and number == here)


def _changed(form: Form, walk: Mapping[str, Any], now: datetime, verb: str, path: str) -> Turned:
    """One entry of a repeat more, or one less."""
    if verb == "add":
        took = step(form, paging.put_at(walk, path), Again(yes=True), now)
    else:
        took = step(form, paging.put_at(walk, ""), Remove(path), now)
    repeat = path.rpartition("[")[0] if path.endswith("]") else path
    begun = [took.state["at"]] if verb == "add" else [path]
    return Turned(took.state, paging.place_of(_pages(form, took.state, now), [*begun, repeat, f"{repeat}[1]"]))


def _mended(before: Sequence[paging.Page], after: Sequence[paging.Page], here: int, seen: Collection[str]) -> int:
    """The page with the first question that came up by the change, or still needs an answer; else the review."""
    known = {block.path for block in _blocks(before)}
    for number, one in enumerate(after):
        for block in one:
            open_yet = isinstance(block, Ask) and block.value is None and block.path not in seen
            if isinstance(block, Ask) and open_yet and (block.required or block.path not in known):
                return number
    return len(after)


def _fallen(before: Sequence[Block], after: Sequence[Block]) -> list[Label]:
    """The labels of the answered questions that are no longer asked."""
    still = {block.path for block in after}
    return [b.question.label for b in before if isinstance(b, Ask) and b.value is not None and b.path not in still]


def _pages(form: Form, walk: Mapping[str, Any], now: datetime) -> tuple[paging.Page, ...]:
    return paging.pages(form, page(form, walk, now))


def _blocks(pages: Sequence[paging.Page]) -> list[Block]:
    return [block for one in pages for block in one]
