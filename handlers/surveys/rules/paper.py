"""A form on paper: exact answers by path or name become a walk that can be handed in, or every refusal is named."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from handlers.forms import paging
from handlers.forms.form import Form, Question
from handlers.forms.kind import kinds
from handlers.forms.moves import Again, Refused, Submit
from handlers.forms.walk import State, answers, begin, fill, page, step
from handlers.refusals import BadInput
from handlers.surveys.rules.asking import ATTACHED
from handlers.surveys.rules.matrices import general, numbered
from handlers.talk import Text, t

ENTRIES = 200
"""most entries of one repeat that are entered by script"""
_NUMBER = re.compile(r"\[[0-9]+\]")


def entered(form: Form, given: Mapping[str, Any], now: datetime, seed: str) -> State:
    """The walk with these answers, handed in. `given`: each by its path, or by its name where only one question
    outside of repeats has it. Raises BadInput naming every answer that is refused, missing or not asked."""
    problems: list[Text] = []
    by_path = _by_path(form, given, problems)
    walk = _with_entries(form, fill(form, begin(form, now, seed).state, by_path, now).state, by_path, now)
    took = fill(form, walk, by_path, now)
    refused = _refusals(took.events)
    there = answers(form, took.state, now)
    for path, value in by_path.items():
        if value is not None and path not in there and path not in refused:
            problems.append(t("{path} is not asked, going by the other answers.", path=path))
    handed = step(form, paging.put_at(took.state, ""), Submit(), now)
    problems += (refused | _refusals(handed.events)).values()
    if problems:
        raise BadInput(t("The paper form was not entered: not every answer fits."), problems)
    return handed.state


def _refusals(events: Iterable[object]) -> dict[str, Text]:
    return {
        event.path: t("{path}: {problem}", path=event.path, problem=event.message)
        for event in events
        if isinstance(event, Refused)
    }


def _by_path(form: Form, given: Mapping[str, Any], problems: list[Text]) -> dict[str, Any]:
    questions = {question.path: question for question in form.questions() if kinds()[question.type].asked}
    named: dict[str, list[str]] = defaultdict(list)
    for question in questions.values():
        named[question.name].append(question.path)
    found: dict[str, Any] = {}
    for key, value in given.items():
        paths = [key] if general(key) in questions else named.get(key, [])
        wrong = _wrong(form, key, paths[0], questions[general(paths[0])]) if len(paths) == 1 else _unclear(key, paths)
        if wrong:
            problems.append(wrong)
        else:
            found[paths[0]] = value
    return found


def _unclear(key: str, paths: Sequence[str]) -> Text:
    if not paths:
        return t("No question is called “{name}”.", name=key)
    return t("Several questions are called “{name}”: give one of {paths}.", name=key, paths=", ".join(paths))


def _wrong(form: Form, key: str, path: str, question: Question) -> Text | None:
    """Why this question cannot be answered so."""
    first = numbered(form, question.path, "[1]")
    if question.type in ATTACHED:
        return t("“{name}” is answered with a file: enter this form on the page.", name=key)
    if path.count("[") != first.count("["):
        return t("“{name}” is in an entry: give its path, such as {path}.", name=key, path=first)
    return None


def _with_entries(form: Form, walk: State, paths: Iterable[str], now: datetime) -> State:
    """The walk with the entries of repeats that the paths are in, as far as the form lets them be."""
    for path in paths:
        for number in _NUMBER.finditer(path):
            entry, repeat = path[: number.end()], path[: number.start()]
            for _ in range(ENTRIES):
                if any(f"{block.path}/".startswith(f"{entry}/") for block in page(form, walk, now)):
                    break
                walk = step(form, paging.put_at(walk, repeat), Again(yes=True), now).state
    return walk
