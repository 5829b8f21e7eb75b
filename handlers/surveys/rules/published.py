"""What was released of an anonymous round, and what it takes to say it in words. 发布结果"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from handlers.forms.form import Form, Group, Item, Question
from handlers.talk import Part
from storage.records import Count, CountStage, Released, Remark, Round


@dataclass(frozen=True, slots=True)
class Published:
    """What was released of a round, and what it takes to say it in words; `units`, `rounds`: names by id, of `rounds`
    those that trends speak of."""

    round: Round
    form: Form
    count: Count
    tables: tuple[Released, ...]
    remarks: tuple[Remark, ...]
    units: Mapping[str, str]
    rounds: Mapping[int, str] = field(default_factory=dict)

    @property
    def withheld(self) -> bool:
        """Were there too few answers for any results?"""
        return self.count.stage is CountStage.WITHHELD


def title_of(form: Form, path: str) -> Part:
    """What a question or a group of them is called; its name, where it has no words."""
    for item in _items(form.items):
        if item.path == path:
            return item.label if item.label.words else item.name
    return form.title if path in ("", "/data") else path.rpartition("/")[2]


def asked(form: Form) -> Mapping[str, Question]:
    """The questions by path."""
    return {one.path: one for one in form.questions()}


def spoken_of(tables: Iterable[Released]) -> list[int]:
    """The ids of the rounds that trends compare."""
    trends = [one.figures for one in tables if one.about.startswith("trend:") and one.figures]
    return sorted({point["round"] for figures in trends for point in figures.get("points", ())})


def _items(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, Group):
            yield from _items(item.items)
