"""What a walk tells of a view: a question put, a note, the review."""

from collections.abc import Iterator

from handlers.forms.moves import Another, Ask, Heading, Note, Review, ReviewLine
from handlers.forms.view import Joint, Spot, View
from handlers.talk import Part, t

_NO_ANSWER = t("(no answer)")


def ask(view: View, spot: Spot, picked: tuple[str, ...]) -> Ask:
    """The question, put."""
    question = view.filled(spot)
    return Ask(
        path=spot.path,
        question=question,
        choices=view.offered(spot, question.choices),
        value=view.moment.answers.get(spot.path),
        picked=picked,
        required=view.required(spot),
        position=view.position(spot),
        total=len(view.asked),
        settled=spot.row.place > view.plan.unsettled,
        headings=view.headings(spot) if spot.row.groups else (),
    )


def note(view: View, spot: Spot) -> Note:
    """A note, or a question that is read-only, with its value."""
    question, value = view.filled(spot), view.value(spot)
    shown: Part = "" if value is None else spot.row.kind.shown(question, value)
    return Note(spot.path, question.label, shown, question.image)


def another(view: View, joint: Joint) -> Another:
    """One more entry?"""
    circuit, frame = joint
    return Another(joint.path, view.label(circuit.place, frame), len(frame.entries.get(circuit.place, ())))


def review(view: View) -> Review:
    """All questions, answered or not."""
    return Review(tuple(_lines(view)), view.nested())


def _lines(view: View) -> Iterator[ReviewLine]:
    before: object = view.root
    for spot in view.asked:
        question, value = view.filled(spot), view.moment.answers.get(spot.path)
        shown = _NO_ANSWER if value is None else spot.row.kind.shown(question, value)
        entry = spot.frame
        begins = entry is not before and entry.parent is not None
        heading: Part = view.heading(entry.repeat, entry) if begins else ""
        before = entry
        yield ReviewLine(spot.path, question.label, shown, value, heading)


def blocks(view: View) -> Iterator[Ask | Note | Another | Heading]:
    """All that is relevant, in order, with a heading where a group or an entry begins."""
    open_: list[str] = []
    for spot in view.spots:
        if isinstance(spot, Joint):
            yield from _headings(view, spot, open_)
            if view.waits(spot):
                yield another(view, spot)
            continue
        yield from _headings(view, spot, open_)
        yield ask(view, spot, picked(view, spot)) if view.asks(spot) else note(view, spot)


def picked(view: View, spot: Spot) -> tuple[str, ...]:
    """What of the choices is the answer."""
    value = view.moment.answers.get(spot.path)
    if not spot.row.kind.chooses or value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _headings(view: View, spot: Spot | Joint, open_: list[str]) -> Iterator[Heading]:
    """Those of the groups and entries that begin before it; what is open is noted."""
    stop = spot.row if isinstance(spot, Spot) else spot.circuit
    paths = [(place, view.path(place, spot.frame)) for place in stop.groups]
    for depth, (place, path) in enumerate(paths):
        if open_[depth : depth + 1] != [path]:
            heading = view.heading(place, spot.frame)
            if heading != "":
                yield Heading(path, heading)
            open_[depth:] = [path]
    del open_[len(paths) :]
