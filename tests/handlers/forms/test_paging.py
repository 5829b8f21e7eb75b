"""Which questions stand together on one page: laws for any form."""

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.forms.form import Form, Group, Item, Question
from handlers.forms.moves import Another, Ask, Block, Heading
from handlers.forms.paging import MOST, bare, following, pages, place_of, put_at, stamp
from handlers.forms.walk import begin, page
from handlers.talk import Label


def label(words: str) -> Label:
    return Label({"en": words} if words else {}, "en")


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Groups in groups, named or not, field lists, repeats with a count, notes."""
    number = 0

    def items(path: str, depth: int) -> tuple[Item, ...]:
        nonlocal number
        found: list[Item] = []
        for _ in range(draw(st.integers(1 if depth else 2, 6))):
            number += 1
            kind = draw(st.sampled_from(["q", "q", "q", "note", "group", "list", "repeat"] if depth < 2 else ["q"]))
            here = f"{path}/x{number}"
            if kind in {"q", "note"}:
                found.append(Question(here, f"x{number}", "text" if kind == "q" else "note", label("words")))
                continue
            found.append(
                Group(
                    here,
                    f"x{number}",
                    label("a group" if draw(st.booleans()) else ""),
                    items=items(here, depth + 1),
                    appearance="field-list" if kind == "list" else "",
                    repeat=kind == "repeat",
                    count=str(draw(st.integers(0, 12))) if kind == "repeat" else "",
                )
            )
        return tuple(found)

    return Form("f", label("f"), "1", ("en",), "en", items("/data", 0))


def shown(form: Form) -> list[Block]:
    return list(page(form, begin(form).state))


@settings(deadline=None, max_examples=60)
@given(forms())
def test_every_block_is_on_a_page_once_and_in_order(form: Form) -> None:
    blocks = shown(form)
    seen: list[Block] = []
    for one in pages(form, blocks):
        seen += [block for block in one if not (isinstance(block, Heading) and block in seen)]
    assert seen == blocks


@settings(deadline=None, max_examples=60)
@given(forms())
def test_every_page_has_something_to_do_and_says_where_it_is(form: Form) -> None:
    found = pages(form, shown(form))
    headings = {block.path for one in found for block in one if isinstance(block, Heading)}
    asks = [block for one in found for block in one if isinstance(block, Ask | Another)]
    for one in found:
        assert not asks or any(isinstance(block, Ask | Another) for block in one)
        above = {block.path for block in one if isinstance(block, Heading)}
        for block in one:
            inside = {path for path in headings if block.path.startswith(f"{path}/")}
            assert inside <= above


@settings(deadline=None, max_examples=60)
@given(forms())
def test_pages_are_short_unless_they_cannot_be_parted(form: Form) -> None:
    together = {item.path for item in _groups(form.items) if item.repeat or "field-list" in item.appearance}
    for one in pages(form, shown(form)):
        asks = [block for block in one if isinstance(block, Ask)]
        parted = [block for block in asks if not any(bare(block.path).startswith(f"{path}/") for path in together)]
        assert len(parted) <= MOST
        lists = [path for path in together if any(bare(block.path).startswith(f"{path}/") for block in asks)]
        assert len(asks) <= MOST or lists


@settings(deadline=None, max_examples=60)
@given(forms(), st.data())
def test_going_on_from_page_to_page_shows_everything_and_ends(form: Form, data: st.DataObject) -> None:
    found = pages(form, shown(form))
    seen: set[str] = set()
    number = following(found, 0, seen)
    while number < len(found):
        paths = [block.path for block in found[number]]
        assert place_of(found, [data.draw(st.sampled_from(paths))]) <= number
        seen |= set(paths)
        later = following(found, number, seen)
        assert later > number
        number = later
    assert {block.path for one in found for block in one if isinstance(block, Ask | Another)} <= seen


def test_a_stamp_tells_any_change() -> None:
    one = {"/data/a": 1, "/data/b": ["x"]}
    assert stamp(one) == stamp(dict(reversed(one.items())))
    assert len({stamp(one), stamp({**one, "/data/a": 2}), stamp({"/data/a": 1}), stamp({})}) == 4


def test_the_present_question_can_be_another() -> None:
    state = {"at": "/data/a", "seq": 3, "draft": ["x"], "todo": ["/data/b"], "answers": {}}
    assert put_at(state, "/data/c") == {"at": "/data/c", "seq": 4, "answers": {}}


def _groups(items: tuple[Item, ...]) -> list[Group]:
    found = [item for item in items if isinstance(item, Group)]
    return found + [inner for group in found for inner in _groups(group.items)]
