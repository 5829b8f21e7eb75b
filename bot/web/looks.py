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
from handlers.talk import LANGUAGES, Part, Text, t

REVIEW = "review"
"""where the review is, in place of a path"""
OPENED = t("Your answers have brought up new questions. You find them below.")

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
    """Standings of the page doors as the templates take them; `place` is where the pages of a round are, but for its
    number, `saved` what is said of answers that are saved to go on later."""

    def __init__(self, words: Words, place: str, saved: Text) -> None:
        self._words = words
        self._place = place
        self._saved = saved
        self._said = {
            language: {name: words.word(text, language) for name, text in SENTENCES.items()} for language in LANGUAGES
        }

    def standing(self, found: Any, at: str, language: str) -> tuple[str, dict[str, Any]]:
        """The template and its values for somebody who is so far: what there is to say, questions, or the review."""
        if found.final or not found.begun:
            return "form_alone.html", {"told": [self._words.word(part, language) for part in found.told]}
        at = at or found.at or REVIEW
        if at == REVIEW or not found.pages:
            return "form_review.html", self.review(found, language)
        return "form.html", self.questions(found, paging.place_of(found.pages, [at]), Trouble(), language)

    def filled(self, filled: Any, typed: controls.Typed, language: str) -> dict[str, Any]:
        """The page that was filled in as it is now, with what is wrong on it and what was typed."""
        found, turned = filled.standing, filled.turned
        trouble = Trouble(typed, turned.refused, frozenset(turned.changed))
        return self.questions(found, min(turned.number, len(found.pages) - 1), trouble, language)

    def questions(self, found: Any, number: int, trouble: Trouble, language: str) -> dict[str, Any]:
        """What the questions of page `number` need, on the page or for its script."""
        page, asks = found.pages[number], asks_of(found)
        showing = controls.Showing(
            found.form,
            self.wording(language),
            trouble.typed,
            trouble.refused,
            trouble.changed,
            f"{self._place}/{found.round.id}/pictures/" if found.media else "",
        )
        done, total = sum(ask.value is not None for ask in asks), len(asks)
        count = t("{done} of {total} questions answered", done=done, total=total)
        if not all(ask.settled for ask in asks):
            count = t("{done} of {total} questions answered; more may come up", done=done, total=total)
        nodes = controls.tree(page, showing)
        return {
            "nodes": nodes,
            "wrong": [node for node in controls.questions(nodes) if node["error"]],
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
        address = f"{self._place}/{found.round.id}"
        lines = [
            {
                "heading": word(line.heading),
                "label": word(line.label),
                "shown": word(line.shown),
                "open": line.value is None,
                "path": line.path,
                "to": f"{address}?mending=1&at={quote(line.path)}#{controls.key_of(line.path)}",
            }
            for line in (found.review.lines if found.review else ())
        ]
        last = found.pages[-1][-1].path if found.pages else ""
        return {"lines": lines, "last": last, "back": f"{address}?at={quote(last)}"}

    def comes(self, filled: Any) -> str:
        """Where the page leads: the path of a page, or the review."""
        pages = filled.standing.pages
        return pages[filled.turned.number][-1].path if filled.turned.number < len(pages) else REVIEW

    def stays(self, filled: Any, go: str, *, mending: bool) -> bool:
        """Whether a page that was opened from the review goes on to be one."""
        here = filled.turned.number < len(filled.standing.pages)
        return here and mending and (filled.turned.opened or go == "save" or ":" in go)

    def fell(self, turned: Any, language: str) -> str:
        """What is no longer asked, in words; empty for nothing."""
        if not turned.fell:
            return ""
        labels = " · ".join(self._words.word(label, language) for label in turned.fell)
        return self._words.word(
            t("This is no longer asked, your answer is kept aside: {questions}", questions=labels), language
        )

    def came(self, turned: Any, go: str, language: str) -> str:
        """What is said above the page that comes after this one."""
        words = [self.fell(turned, language)]
        words += [self._words.word(self._saved, language)] if go == "save" else []
        words += [self._words.word(OPENED, language)] if turned.opened else []
        return " ".join(word for word in words if word)

    def frame(self, language: str) -> dict[str, Any]:
        """What every page needs: our own sentences, and the languages to choose from."""
        return {"say": self.say(language), "tongue": language, "tongues": LANGUAGES}

    def say(self, language: str) -> dict[str, str]:
        """Our own sentences."""
        return self._said[language]

    def wording(self, language: str) -> controls.Word:
        """Words parts in this language."""
        return lambda part: self._words.word(part, language)


def asks_of(found: Any) -> list[Ask]:
    """All questions that are relevant now."""
    return [block for block in found.blocks if isinstance(block, Ask)]
