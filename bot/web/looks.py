"""What the pages of a round show, in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.web import controls
from bot.web.controls import ANSWER
from bot.words import Words
from handlers.forms import paging
from handlers.forms.moves import Ask
from handlers.talk import Part, Text, t

SENTENCES: Mapping[str, Text] = {
    "brand": t("Huiyin"),
    "home": t("Huiyin, start page"),
    "language": t("Language"),
    "begin": t("Begin"),
    "next": t("Next"),
    "back": t("Previous page"),
    "save": t("Save and go on later"),
    "to_review": t("Look over your answers"),
    "done_changing": t("Save and back to the overview"),
    "leave_anyway": t("Back without the marked answers"),
    "required": t("must be answered"),
    "more": t("What is meant?"),
    "choose": t("Please choose"),
    "to_main": t("To the questionnaire"),
    "problem_mark": t("Not right yet"),
    "agree": t("Yes, confirmed"),
    "remove": t("Remove this entry"),
    "problems": t("Please look at these answers again"),
    "review": t("Look over your answers"),
    "review_text": t("Is everything right? Nothing is final until you hand in."),
    "change": t("Change"),
    "hand_in": t("Hand in"),
    "replaces": t("Answers of this person are handed in already. Handing in the paper form replaces them."),
    "replace": t("Replace them and hand in"),
    "change_mine": t("Change my answers"),
    "nothing": t("(no answer)"),
    "key_title": t("Your questionnaire is ready"),
    "key_text": t("The link you opened is for you alone and works once. Go on only if it was sent to you."),
    "go_on": t("Go on"),
    "picture": t("Picture"),
    "sent_file": t("A file is here already; a new one takes its place."),
    "offline": t("There is no connection. What you have entered stays here and is saved as soon as there is one."),
    "saved": t("Saved"),
    "new_questions": t("New questions have come up below."),
    "unsaved": t("That could not be saved. What you have entered is still here; please try again in a moment."),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What was typed on a page, and why it cannot go on from there."""

    typed: controls.Typed = field(default_factory=dict)
    refused: Mapping[str, Part] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()


class Looks:
    """Standings of the page door as the templates take them."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def questions(self, found: Any, number: int, trouble: Trouble, language: str) -> dict[str, Any]:
        """What the questions of page `number` need, on the page or for its script."""
        page, asks = found.pages[number], asks_of(found)
        showing = controls.Showing(
            found.form,
            self.wording(language),
            trouble.typed,
            trouble.refused,
            trouble.changed,
            f"/form/{found.round.id}/pictures/" if found.media else "",
        )
        done, total = sum(ask.value is not None for ask in asks), len(asks)
        count = t("{done} of {total} questions answered", done=done, total=total)
        if not all(ask.settled for ask in asks):
            count = t("{done} of {total} questions answered; more may come up", done=done, total=total)
        return {
            "nodes": controls.tree(page, showing),
            "stamp": paging.stamp(paging.values_of(page, {block.path for block in page})),
            "at": page[-1].path,
            "number": number,
            "last": number + 1 == len(found.pages),
            "done": done,
            "total": total,
            "progress": self._words.word(count, language),
            "answer": ANSWER,
        }

    def review(self, found: Any, language: str) -> dict[str, Any]:
        """All answers in words, each with the way to change it."""
        word = self.wording(language)
        address = f"/form/{found.round.id}"
        lines = [
            {
                "heading": word(line.heading),
                "label": word(line.label),
                "shown": word(line.shown),
                "open": line.value is None,
                "to": f"{address}?mending=1&at={quote(line.path)}#{controls.key_of(line.path)}",
            }
            for line in (found.review.lines if found.review else ())
        ]
        last = quote(found.pages[-1][-1].path) if found.pages else ""
        return {"lines": lines, "last": last}

    def fell(self, filled: Any, language: str) -> str:
        """What is no longer asked, in words; empty for nothing."""
        if not filled.fell:
            return ""
        labels = " · ".join(self._words.word(label, language) for label in filled.fell)
        return self._words.word(
            t("This is no longer asked, your answer is kept aside: {questions}", questions=labels), language
        )

    def say(self, language: str) -> dict[str, str]:
        """Our own sentences."""
        return {name: self._words.word(text, language) for name, text in SENTENCES.items()}

    def wording(self, language: str) -> controls.Word:
        """Words parts in this language."""
        return lambda part: self._words.word(part, language)


def asks_of(found: Any) -> list[Ask]:
    """All questions that are relevant now."""
    return [block for block in found.blocks if isinstance(block, Ask)]
