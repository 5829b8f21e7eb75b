"""What a question kind is. Each stands in its own file in `handlers.forms.kinds` as `KIND`."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from handlers.forms import values
from handlers.forms.form import Choice, Question
from handlers.talk import Part

Value = str | int | float | list[str] | None
"""An answer as it is stored: text, a choice's name or `YYYY-MM-DD`; a number; names. None is no answer."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """What was given is no answer to this question. `reason`: `type` or `choice`; `message` says what fits."""

    reason: str
    message: Part


class Kind:
    """How one kind of question takes answers. What is not overridden here is how most do it."""

    name = ""
    """As the sheet's `type` column has it."""
    asked = True
    """Put to the person."""
    silent = False
    """Neither asked nor shown."""
    chooses = False
    """Needs a list of choices after its name."""
    several = False
    """The answer is a list of names, ticked one by one."""

    def take(self, question: Question, choices: tuple[Choice, ...], value: object) -> Value | Misfit:
        """An exact answer, checked and in its stored form; never None."""
        raise NotImplementedError

    def hear(self, question: Question, choices: tuple[Choice, ...], words: str, today: date | None) -> Value | Misfit:
        """Free words, understood; ambiguous ones are a Misfit, never a guess."""
        raise NotImplementedError

    def seen(self, value: Value) -> values.Value:
        """The stored answer as expressions see it."""
        return str(value)

    def shown(self, question: Question, value: Value) -> Part:
        """The stored answer in words."""
        return values.text(self.seen(value))


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """All kinds there are, by name: whatever stands in `handlers.forms.kinds`."""
    package = importlib.import_module("handlers.forms.kinds")
    modules = (importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__))
    return MappingProxyType({module.KIND.name: module.KIND for module in modules})
