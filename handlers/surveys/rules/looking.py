"""The review: all answers under their headings, a page at a time, and what can be done with them."""

from collections.abc import Iterator, Sequence

from handlers.forms.moves import ReviewLine
from handlers.surveys.rules.keys import tappable
from handlers.surveys.rules.matrices import entry_of, general, heading
from handlers.surveys.rules.places import Place, Rows
from handlers.talk import Button, Part, t

LINES = 8
"""Answers on one page of the review."""
IN_A_ROW = 4
"""Buttons beside each other under the review."""
SHOWN = 200
"""Characters of a text answer that are shown when it is said back."""


def review(place: Place, lines: Sequence[ReviewLine]) -> list[Part]:
    """The answers on the page in view."""
    first = _page(place, len(lines)) * LINES
    parts: list[Part] = [t("These are your answers. Hand them in, or change what is not right.")]
    above = list(_headings(place, lines))
    said: Part = ""
    for number, line in enumerate(lines[first : first + LINES], first):
        if above[number] and above[number] != said:
            said = above[number]
            parts.append(t("【{heading}】", heading=said))
        answer = t(
            "{number}. {question}\n→ {answer}", number=number + 1, question=line.label, answer=_shown(place, line)
        )
        parts.append(answer)
    return parts


def review_buttons(place: Place, lines: Sequence[ReviewLine]) -> Rows:
    """Change one answer, take away an entry, turn the page, hand in."""
    count, page = len(lines), _page(place, len(lines))
    in_view = range(page * LINES, min(count, (page + 1) * LINES))
    changes = [Button(t("Change {number}", number=n + 1), place.data("av", n), n + 1) for n in in_view]
    rows = [tuple(changes[start : start + IN_A_ROW]) for start in range(0, len(changes), IN_A_ROW)]
    for n in in_view:
        if lines[n].heading and entry_of(place.form, lines[n].path):
            rows.append((Button(t("Remove “{entry}”", entry=lines[n].heading), place.data("ar", n)),))
    turns = []
    if page > 0:
        turns.append(Button(t("Earlier answers"), place.data("ap", page - 1)))
    if (page + 1) * LINES < count:
        turns.append(Button(t("Further answers"), place.data("ap", page + 1)))
    if turns:
        rows.append(tuple(turns))
    return (*rows, (Button(t("Hand in"), place.data("ah")),))


def removal(place: Place, line: ReviewLine, number: int) -> tuple[tuple[Part, ...], Rows]:
    """The question whether an entry is really to go."""
    yes = Button(t("Yes, remove it"), place.data("ay", number))
    no = Button(t("No, keep it"), place.data("ap", number // LINES))
    return (t("Remove “{entry}” with all its answers?", entry=line.heading),), ((yes, no),)


def _headings(place: Place, lines: Sequence[ReviewLine]) -> Iterator[Part]:
    """What each line stands under: its entry, or its group."""
    entry: tuple[str, Part] = ("", "")
    for line in lines:
        inside = line.path.rpartition("]")[0]
        if line.heading:
            entry = inside, line.heading
        yield entry[1] if inside and inside == entry[0] else heading(place.form, line.path) or ""


def _shown(place: Place, line: ReviewLine) -> Part:
    """The answer; of an anonymous round only what can be tapped in a chat is said in one."""
    if place.link and line.value is not None and not _is_tappable(place, line):
        return t("answered on the page")
    return cut(line.shown)


def _is_tappable(place: Place, line: ReviewLine) -> bool:
    return any(one.path == general(line.path) and tappable(one) for one in place.form.questions())


def _page(place: Place, count: int) -> int:
    return max(0, min(place.page, (count - 1) // LINES))


def cut(answer: Part) -> Part:
    """Long words of the person's own, cut for showing."""
    if isinstance(answer, str) and len(answer) > SHOWN:
        return answer[:SHOWN] + "…"
    return answer
