"""Forms made without a sheet: items in brackets, paths filled in."""

from dataclasses import replace
from typing import Any

from handlers.forms import walk
from handlers.forms.form import Choice, Form, Group, Item, Question
from handlers.forms.walk import Another, Ask, Refused, Review, Step
from handlers.talk import Label


def q(kind: str, name: str, label: str = "", choices: str = "", **fields: Any) -> Question:
    """A question; its choices as words, each with its label in capitals: `q("select_one", "a", choices="x y")`."""
    offered = tuple(Choice(one, Label({"": one.upper()})) for one in choices.split())
    offered = fields.pop("offered", offered)
    return Question("", name, kind, Label({"": label or name.upper()}), choices=offered, **fields)


def group(name: str, *inside: Item, **fields: Any) -> Group:
    """A group."""
    return Group("", name, Label({"": name.upper()}), items=inside, **fields)


def repeat(name: str, *inside: Item, **fields: Any) -> Group:
    """A repeat; with `count`, an expression."""
    return group(name, *inside, repeat=True, **fields)


def items(*made: Item, path: str = "/data") -> tuple[Item, ...]:
    """The items with their paths."""
    return tuple(_placed(item, f"{path}/{item.name}") for item in made)


def _placed(item: Item, path: str) -> Item:
    if isinstance(item, Group):
        return replace(item, path=path, items=items(*item.items, path=path))
    return replace(item, path=path)


def form(*made: Item) -> Form:
    """The form of these items."""
    return Form("made", Label({"": "Made"}), "1", (), "", items(*made))


def said_by(step: Step) -> str:
    """Where a step leads: the path asked, behind `/data/`, `path?` where another entry can follow, review or done."""
    match step.events[-1]:
        case Ask(path):
            return path.removeprefix("/data/")
        case Another(path):
            return path.removeprefix("/data/") + "?"
        case Review():
            return "review"
    return "done"


def answered(form: Form, step: Step) -> dict[str, Any]:
    """Answers and calculations so far, by path behind `/data/`."""
    return {path.removeprefix("/data/"): value for path, value in walk.answers(form, step.state).items()}


def refused(step: Step) -> tuple[str, str]:
    """Which question was refused, and why."""
    found = [event for event in step.events if isinstance(event, Refused)]
    return (found[0].path.removeprefix("/data/"), found[0].reason) if found else ("", "")
