"""How a form stands with certain answers: what is relevant, in order, and how it reads."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from handlers.forms.chance import seeded, shuffled
from handlers.forms.form import Choice, Question
from handlers.forms.frames import Frame, Key, Moment, Run
from handlers.forms.places import TOP
from handlers.forms.plan import INSERTED, Circuit, Plan, Row, Stop
from handlers.forms.turns import Turn, Work, counted
from handlers.forms.values import plain, text, truth
from handlers.talk import Label, Part, t

MOST_ENTRIES = 300
"""Of all the repeats of a walk together: as many as a person can be asked about."""
_NUMBER = re.compile(r"\[(\d{1,6})\]")
_LAST = float("inf")
_NOWHERE: Mapping[int, int] = MappingProxyType({})


class Spot(NamedTuple):
    """A row in the entry where it stands."""

    row: Row
    frame: Frame

    @property
    def path(self) -> str:
        """With the numbers of entries."""
        return self.frame.path + self.row.tail

    @property
    def key(self) -> Key:
        """Where it stands."""
        return (*self.frame.key, self.row.place)


class Joint(NamedTuple):
    """The end of the entries of a repeat, where one more can follow; in the entry where the repeat stands."""

    circuit: Circuit
    frame: Frame

    @property
    def path(self) -> str:
        """With the numbers of entries around; without one at its end."""
        return self.frame.path + self.circuit.tail

    @property
    def key(self) -> Key:
        """Behind all entries."""
        return (*self.frame.key, self.circuit.place, _LAST)


class View:
    """The form as it stands. `moment.answers` belongs to the view: what is worked out once is noted there.

    A view is worked out whole by `look`; after one answer has changed, `touch` works out only what depends on it.
    """

    def __init__(self, plan: Plan, moment: Moment) -> None:
        self.plan = plan
        self.moment = moment
        self.root = Frame(moment)
        self._spots: list[Spot | Joint] | None = None
        self._asked: list[Spot] | None = None
        self._spoken: dict[str, View] = {}
        self.look(moment.touched, moment.within)

    def look(self, touched: frozenset[int] = frozenset(), within: Mapping[int, int] = _NOWHERE) -> None:
        """Works out everything. What was touched, and in which entries, tells calculations in place of answers whether
        they become the answer."""
        moment, turns = self.moment, self.plan.turns
        moment.touched, moment.within, moment.frames = touched, within, {}
        self.root = Frame(moment)
        self._work(turns if moment.fresh is None else self._there(turns, moment))
        self._spots = self._asked = None
        self._spoken.clear()

    def touch(self, place: int, within: Mapping[int, int]) -> None:
        """Works out what depends on an answer that has changed, in the entry that it stands in."""
        moment = self.moment
        touched, turns = self.plan.affected(place)
        if moment.fresh is not None:
            moment.worked |= touched
            self.look(touched, within)
            return
        moment.touched, moment.within = touched, within
        moment.turned = moment.outdated = moment.whole = False
        self._work(turns)
        moment.whole = True
        if moment.outdated:
            self.look(touched, within)
        elif moment.turned:
            self._spots = self._asked = None
        elif self.plan.unsteady:
            self._asked = None
        self._spoken.clear()

    def _work(self, turns: Iterable[Turn]) -> None:
        root, frames = self.root, self.moment.frames
        for scope, _, _, work in turns:
            if scope < 0:
                work(root)
            else:
                for frame in frames.get(scope, ()):
                    work(frame)

    @staticmethod
    def _there(turns: Iterable[Turn], moment: Moment) -> Iterator[Turn]:
        """Without what is not yet worked out in what is new."""

        def unless_new(work: Work) -> Work:
            return lambda frame: None if moment.is_new(frame) else work(frame)

        for turn in turns:
            not_there = turn.derived and turn.about not in moment.worked
            yield turn._replace(work=unless_new(turn.work)) if not_there else turn

    # What there is, in order --------------------------------------------------------------------------

    @property
    def spots(self) -> list[Spot | Joint]:
        """All that is relevant and asked, shown or done on the way, in order."""
        if self._spots is None:
            self._spots = []
            self._list(self.plan.body, self.root, self._spots)
        return self._spots

    def following(self, key: Key) -> Spot | Joint | None:
        """What comes behind this place."""
        spots = self.spots
        place = bisect_right(spots, key, key=_key)
        return spots[place] if place < len(spots) else None

    def before(self, key: Key) -> list[Spot | Joint]:
        """What comes before this place."""
        return self.spots[: bisect_left(self.spots, key, key=_key)]

    def position(self, spot: Spot) -> int:
        """The how manieth question it is."""
        return bisect_right(self.asked, spot.key, key=_key)

    def _list(self, body: tuple[Stop, ...], frame: Frame, found: list[Spot | Joint]) -> None:
        if frame.stops is None:
            frame.stops = [
                (stop.place, _placed(stop, frame)) for stop in body if isinstance(stop, Circuit) or not stop.kind.silent
            ]
        hidden = frame.hidden
        for place, spot in frame.stops:
            if place in hidden:
                continue
            if isinstance(spot, Joint):
                for entry in frame.entries[place]:
                    self._list(spot.circuit.body, entry, found)
            found.append(spot)

    @property
    def asked(self) -> list[Spot]:
        """The questions among them."""
        if self._asked is None:
            spots = (spot for spot in self.spots if isinstance(spot, Spot))
            self._asked = [spot for spot in spots if spot.row.always or self.asks(spot)]
        return self._asked

    def asks(self, spot: Spot) -> bool:
        """Does it wait for an answer?"""
        row = spot.row
        return row.kind.asked and (row.read_only is None or not truth(row.read_only(spot.frame)))

    def waits(self, spot: Spot | Joint) -> bool:
        """Does the walk stop here: at a question, or where the person may add an entry?"""
        if isinstance(spot, Joint):
            return spot.circuit.count is None and not self.full
        return self.asks(spot)

    def lacks(self, joint: Joint) -> bool:
        """Has it fewer entries than it counts?"""
        count = joint.circuit.count
        if count is None or self.full:
            return False
        return len(joint.frame.entries[joint.circuit.place]) < counted(count(joint.frame))

    @staticmethod
    def shows(spot: Spot | Joint) -> bool:
        """Is it relevant?"""
        stop = spot.row if isinstance(spot, Spot) else spot.circuit
        return stop.place not in spot.frame.hidden

    @property
    def full(self) -> bool:
        """Can no entry be added any more?"""
        return sum(self.moment.made.values()) >= MOST_ENTRIES

    def locate(self, path: str) -> Spot | Joint | None:
        """What has this path, relevant or not; None if there is no such entry, or no such row at all."""
        frame = self.root
        stop = self.plan.by_path.get(_NUMBER.sub("", path) if "[" in path else path)
        if stop is None:
            return None
        for repeat, digits in zip(self.plan.places.scopes[stop.place], _NUMBER.findall(path), strict=False):
            entries = frame.entries.get(repeat, [])
            if not 1 <= int(digits) <= len(entries):
                return None
            frame = entries[int(digits) - 1]
        spot = _placed(stop, frame)
        return spot if spot.path == path else None

    # What the author wants of an answer ---------------------------------------------------------------

    def required(self, spot: Spot) -> bool:
        """Must it be answered, as things stand?"""
        required = spot.row.required
        return required is not None and truth(required(spot.frame))

    def fits(self, spot: Spot, value: Any) -> bool:
        """Does a (not empty) answer keep the author's constraint?"""
        row = spot.row
        return row.constraint is None or truth(row.constraint(spot.frame.looking(row.kind.seen(value))))

    def offered(self, spot: Spot, choices: tuple[Choice, ...] | None = None) -> tuple[Choice, ...]:
        """The choices there are now, in their order; of `choices`, where those of the sheet are filled in."""
        row = spot.row
        choices = row.question.choices if choices is None else choices
        if row.choice_filter:
            look = spot.frame.looking(outside=spot.frame)
            choices = tuple(choice for choice in choices if _chosen(row.choice_filter, look, choice))
        if row.question.randomize:
            choices = tuple(shuffled(choices, self._seed(row, spot)))
        return choices

    def _seed(self, row: Row, spot: Spot) -> float:
        if row.seed:
            return seeded(row.seed(spot.frame))
        return float(int.from_bytes(self.moment.chance("randomize", spot.path)[:4], "big"))

    def left(self, spot: Spot, value: Any) -> Any:
        """What is left of an answer when the choices no longer offered are dropped; None for nothing."""
        row = spot.row
        if not row.kind.chooses or value is None:
            return value
        names = {choice.name for choice in self.offered(spot)}
        if isinstance(value, list):
            kept = [name for name in value if name in names]
            return kept if len(kept) == len(value) else kept or None
        return value if value in names else None

    # How it reads -------------------------------------------------------------------------------------

    def filled(self, spot: Spot) -> Question:
        """The question, the answers that its words and those of its choices name filled in."""
        row, question = spot.row, spot.row.question
        if not row.inserts:
            return question
        fill = self._filler(row.inserts, spot.frame)
        return replace(
            question,
            label=fill(question.label),
            hint=fill(question.hint),
            guidance=fill(question.guidance),
            constraint_message=fill(question.constraint_message),
            required_message=fill(question.required_message),
            choices=tuple(replace(choice, label=fill(choice.label)) for choice in question.choices),
        )

    def heading(self, place: int, frame: Frame) -> Part:
        """What stands over a group, or over the entry of a repeat; empty where that is nothing."""
        group, label = self.plan.words[place][0], self.label(place, frame)
        if not group.repeat:
            return label if label.words else ""
        number = next((entry.number for entry in frame.chain() if entry.repeat == place), 0)
        if not number:
            return label
        return t("{label} {number}", label=label, number=number) if label.words else t("No. {number}", number=number)

    def label(self, place: int, frame: Frame) -> Label:
        """The label of a group or repeat, the answers it names filled in."""
        group, inserts = self.plan.words[place]
        return self._filler(inserts, frame)(group.label) if inserts else group.label

    def path(self, place: int, frame: Frame) -> str:
        """That of a group or an entry around something in this frame."""
        repeats = self.plan.places.own(place)
        around = next((one for one in (frame, *frame.chain()) if one.repeat == (TOP, *repeats)[-1]), self.root)
        return around.path if repeats and repeats[-1] == place else around.path + self.plan.places.tail(place)

    def headings(self, spot: Spot) -> tuple[Part, ...]:
        """Over a question: those of the groups and entries it stands in, the outermost first."""
        found = (self.heading(place, spot.frame) for place in spot.row.groups)
        return tuple(heading for heading in found if heading != "")

    def _filler(self, inserts: Mapping[str, Run], frame: Frame) -> Callable[[Label], Label]:
        def fill(label: Label) -> Label:
            return Label(
                {tag: self._fill(words, tag, inserts, frame) for tag, words in label.words.items()}, label.default
            )

        return fill

    def _fill(self, words: str, tag: str, inserts: Mapping[str, Run], frame: Frame) -> str:
        """The answers filled in; where expressions read labels, they are worked out in the language of the words."""
        there = self._speaking(tag, frame) if self.plan.speaks else frame
        return INSERTED.sub(lambda name: text(inserts[name[1]](there)), words)

    def _speaking(self, tag: str, frame: Frame) -> Frame:
        """The same entry where labels are read in this language; the given one, if it is not relevant there."""
        view = self._spoken.get(tag)
        if view is None:
            moment = replace(
                self.moment, answers=dict(self.moment.answers), touched=frozenset(), language=tag, frames={}
            )
            view = self._spoken[tag] = View(self.plan, moment)
        there = view.root
        for entry in reversed(frame.chain()):
            entries = there.entries.get(entry.repeat, [])
            if len(entries) < entry.number:
                return frame
            there = entries[entry.number - 1]
        return there

    # What is handed in --------------------------------------------------------------------------------

    def value(self, spot: Spot) -> Any:
        """The answer, or what is worked out in its place; None if that is empty."""
        if spot.row.calculated:
            return plain(spot.frame.values.get(spot.row.place, ""))
        return self.moment.answers.get(spot.path)

    def values(self) -> Iterator[tuple[str, Any]]:
        """Every relevant answer and calculation with its path, in order, where it is not empty."""
        yield from self._values(self.plan.body, self.root)

    def _values(self, body: tuple[Stop, ...], frame: Frame) -> Iterator[tuple[str, Any]]:
        for stop in body:
            if stop.place in frame.hidden:
                continue
            if isinstance(stop, Circuit):
                for entry in frame.entries[stop.place]:
                    yield from self._values(stop.body, entry)
            elif (value := self.value(Spot(stop, frame))) is not None:
                yield frame.path + stop.tail, value

    def nested(self) -> dict[str, Any]:
        """The same as the groups are nested, the entries of a repeat as a list."""
        whole: dict[str, Any] = {}
        self._nest(self.plan.body, self.root, whole)
        return whole

    def _nest(self, body: tuple[Stop, ...], frame: Frame, whole: dict[str, Any]) -> None:
        for stop in body:
            if stop.place in frame.hidden:
                continue
            *groups, name = stop.tail.removeprefix(f"/{self.plan.places.root}" if frame is self.root else "")[1:].split(
                "/"
            )
            if isinstance(stop, Row):
                value: Any = self.value(Spot(stop, frame))
            else:
                value = [{} for _ in frame.entries[stop.place]] or None
                for inner, entry in zip(value or (), frame.entries[stop.place], strict=True):
                    self._nest(stop.body, entry, inner)
            if value is not None:
                inner = whole
                for group in groups:
                    inner = inner.setdefault(group, {})
                inner[name] = value


def _placed(stop: Stop, frame: Frame) -> Spot | Joint:
    return Spot(stop, frame) if isinstance(stop, Row) else Joint(stop, frame)


def _key(spot: Spot | Joint) -> Key:
    return spot.key


def _chosen(choice_filter: Run, look: Frame, choice: Choice) -> bool:
    look.choice = choice
    return truth(choice_filter(look))
