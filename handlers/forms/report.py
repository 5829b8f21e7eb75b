"""What an author should know of a form that can be asked: how long it gets, what nobody reaches, what is not
translated, and what is too long for a channel."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from handlers.forms.form import Form, Group, Item
from handlers.forms.reach import Cases, rows_of
from handlers.talk import Label, Text, t, tn

BUTTON = 40
"""Characters of a choice's label that a button shows; where one is longer, the choices become a numbered list."""
KEYBOARD = 100
"""Buttons under one message (Telegram); more are shown page by page."""
MESSAGES = {"Telegram": (4096, "utf-16-le", 2), "WeCom": (2048, "utf-8", 1)}
"""The longest message of a channel, the encoding in which it is measured, and the bytes of one unit."""


@dataclass(frozen=True, slots=True)
class Place:
    """A text of the form: of which question, group or choice, and in which language."""

    path: str
    field: str
    language: str = ""
    choice: str = ""
    size: int = 0
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`shortest` and `longest`: questions asked at least and at most, each repeat counted once."""

    questions: int
    shortest: int
    longest: int
    repeats: tuple[str, ...]
    unreachable: tuple[str, ...]
    untranslated: tuple[Place, ...]
    long_labels: tuple[Place, ...]
    long_texts: tuple[Place, ...]
    long_lists: tuple[Place, ...]


def report(form: Form) -> Report:
    """Looks through a form that `xlsform.read` has taken."""
    rows = list(rows_of(form.items))
    asked = [row for row in rows if row.asked]
    cases = Cases(rows)
    shortest, longest = cases.lengths(asked)
    texts = list(_texts(form.items))
    return Report(
        questions=len(asked),
        shortest=shortest,
        longest=longest,
        repeats=tuple(row.item.path for row in rows if isinstance(row.item, Group) and row.item.repeat),
        unreachable=tuple(row.item.path for row in rows if cases.never(row)),
        untranslated=tuple(_untranslated(form, texts)),
        long_labels=tuple(_long_labels(texts)),
        long_texts=tuple(_long_texts(form)),
        long_lists=tuple(
            Place(question.path, "choices", size=len(question.choices))
            for question in form.questions()
            if len(question.choices) > KEYBOARD
        ),
    )


# What is written ---------------------------------------------------------------------------------------------


def _texts(items: Iterable[Item]) -> Iterator[tuple[Place, Label]]:
    """Every text of the form once; choices at the first question that offers them."""
    seen: set[int] = set()
    for item in items:
        yield Place(item.path, "label"), item.label
        if isinstance(item, Group):
            yield from _texts(item.items)
            continue
        yield Place(item.path, "hint"), item.hint
        yield Place(item.path, "guidance_hint"), item.guidance
        yield Place(item.path, "required_message"), item.required_message
        yield Place(item.path, "constraint_message"), item.constraint_message
        for choice in item.choices:
            if id(choice) not in seen:
                seen.add(id(choice))
                yield Place(item.path, "choices", choice=choice.name), choice.label


def _untranslated(form: Form, texts: Iterable[tuple[Place, Label]]) -> Iterator[Place]:
    for place, label in texts:
        if label.words:
            for language in form.languages:
                if not label.words.get(language):
                    yield Place(place.path, place.field, language, place.choice)


def _long_labels(texts: Iterable[tuple[Place, Label]]) -> Iterator[Place]:
    for place, label in texts:
        for language, words in label.words.items():
            if place.choice and len(words) > BUTTON:
                yield Place(place.path, place.field, language, place.choice, len(words))


def _long_texts(form: Form) -> Iterator[Place]:
    """Questions whose label and hint together are longer than a message."""
    for question in form.questions():
        for language in dict.fromkeys((*question.label.words, *question.hint.words)):
            words = "\n\n".join(filter(None, (question.label.words.get(language), question.hint.words.get(language))))
            for channel, (most, codec, unit) in MESSAGES.items():
                if (size := len(words.encode(codec)) // unit) > most:
                    yield Place(question.path, "label", language, size=size, channel=channel)


# In words and as JSON ----------------------------------------------------------------------------------------


def told(found: Report) -> Iterator[Text]:
    """The report in sentences."""
    if found.shortest == found.longest:
        yield tn("{count} question is asked of everybody.", "{count} questions are asked of everybody.", found.longest)
    else:
        yield t(
            "{questions} questions in all; a person is asked {shortest} at least and {longest} at most.",
            questions=found.questions,
            shortest=found.shortest,
            longest=found.longest,
        )
    if found.repeats:
        yield t("Each repeat is counted once: {paths}.", paths=", ".join(found.repeats))
    for path in found.unreachable:
        yield t("{path} is never shown: no answers make its condition true.", path=path)
    for place in found.untranslated:
        yield t("{place} is missing in {language}.", place=_named(place), language=place.language)
    for path, language, longest in _longest(found.long_labels):
        yield t(
            "Choices of {path} ({language}) have up to {size} characters; a button shows {most}, so they become a "
            "numbered list there.",
            path=path,
            language=language or "-",
            size=longest,
            most=BUTTON,
        )
    for place in found.long_texts:
        yield t("{place} is too long for one message on {channel}.", place=_named(place), channel=place.channel)
    for place in found.long_lists:
        yield t("{place}: {size} choices are too many for one keyboard.", place=place.path, size=place.size)


def _longest(places: Iterable[Place]) -> Iterator[tuple[str, str, int]]:
    """Of each question and language the longest label."""
    longest: dict[tuple[str, str], int] = {}
    for place in places:
        at = (place.path, place.language)
        longest[at] = max(longest.get(at, 0), place.size)
    for (path, language), size in longest.items():
        yield path, language, size


def _named(place: Place) -> str:
    """Where a text stands: `/data/q hint (en)`."""
    what = f"{place.path} {place.field}" + (f" {place.choice}" if place.choice else "")
    return f"{what} ({place.language})" if place.language and place.size else what


def plain(found: Report) -> dict[str, object]:
    """The report as JSON."""

    def places(among: tuple[Place, ...]) -> list[dict[str, object]]:
        return [{key: value for key in Place.__slots__ if (value := getattr(place, key))} for place in among]

    return {
        "questions": found.questions,
        "shortest": found.shortest,
        "longest": found.longest,
        "repeats": list(found.repeats),
        "unreachable": list(found.unreachable),
        "untranslated": places(found.untranslated),
        "long_labels": places(found.long_labels),
        "long_texts": places(found.long_texts),
        "long_lists": places(found.long_lists),
    }
