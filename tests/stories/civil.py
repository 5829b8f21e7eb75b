"""A simulated civil servant on the fake Telegram: answers what is asked, and remembers what was answered.

It knows the questionnaire only as a person does, by the words of its questions; what it did is compared
with HR's table afterwards.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handlers.forms.form import Form, Group, Item, Question
from tests.fakes.telegram import Person, Posted

if TYPE_CHECKING:
    from tests.stories.browsing import Hands

SLOW = 120.0
"""Seconds a civil servant waits for an answer: the product may be killed and restarted meanwhile."""
FIRST_TIME = re.compile(r"((已记下：|已記下：|Noted: ).*\n\n)?(第 \d+ [题題]|Question \d+ )")
"""How a question begins that does not follow a refusal."""
REMINDED = re.compile(r"您正在继续填写|您正在繼續填寫|You are going on with|您在别处|您在別處|You went on at")
"""How a question begins that is only shown once more: its answer may be on its way already."""

Answer = str | int | float | list[str]


@dataclass
class Civil:
    """One person with habits of their own (`seed`)."""

    person: "Person | Hands"
    form: Form
    seed: int
    language: str = "zh_CN"
    answers: dict[str, Answer] = field(default_factory=dict)
    """Question name to what was answered last: the choice's name, a number, words."""
    receipt: str = ""

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._at = 0
        self._handled = Posted(0, True, "")
        self._did: dict[tuple[str, tuple[str, ...]], str] = {}
        self._backs = self._dice.choice((0, 0, 1, 2))
        self._changes = self._dice.choice((0, 0, 1, 2))
        self._asked: Question | None = None
        self._given: set[tuple[str, str]] = set()
        self._lines = [
            ([label.words[self.language] for label in labels if label.words], question)
            for groups, question in _all_questions(self.form.items, ())
            for labels in [(*(group.label for group in groups[-1:]), question.label)]
        ]
        names = " ".join(str(item.relevant) for groups, _ in _all_questions(self.form.items, ()) for item in groups)
        self._gates = {q.name for q in self.form.questions() if re.search(rf"\b{q.name}\b", names)}

    async def enter(self, code: str) -> None:
        """Binds the account and looks for what waits."""
        assert isinstance(self.person, Person)
        self.person.start(code)
        await self._next(lambda m: "my" in m.data)
        self.person.tap("my")

    async def play(self) -> None:
        """Answers until the receipt is there."""
        while not self.receipt:
            self.take(await self._next(self._is_news))

    def take(self, message: Posted) -> None:
        """Does what this message asks for, if it is news; what came again is tapped again, and not typed again."""
        if not self._is_news(message):
            return
        self._handled = message
        key = (message.text, tuple(message.data))
        if key not in self._did:
            self._act(message)
        elif self._did[key]:
            self.person.tap(self._did[key], message)

    def _tap(self, data: str, message: Posted) -> None:
        self._did[message.text, tuple(message.data)] = data
        self.person.tap(data, message)

    def _say(self, words: str, message: Posted) -> None:
        self._did[message.text, tuple(message.data)] = ""
        self.person.say(words)

    def _act(self, message: Posted) -> None:
        verbs = {data.partition(":")[0]: data for data in reversed(message.data)}
        if "ah" in verbs:
            if self._changes and (changes := [data for data in message.data if data.startswith("av:")]):
                self._changes -= 1
                self._tap(self._dice.choice(changes), message)
            else:
                self._tap(verbs["ah"], message)
        elif "ac" in verbs:
            self.receipt = message.text
        elif "ao" in verbs:
            self._tap(verbs["ao"], message)
        elif question := self._question(message.text):
            self._answer(message, question, verbs)

    def _answer(self, message: Posted, question: Question, verbs: Mapping[str, str]) -> None:
        put = (question.name, message.data[0].split(":")[2])
        if put in self._given and REMINDED.match(message.text):
            return
        self._given.add(put)
        again = not FIRST_TIME.match(message.text) or (self._asked is not None and self._asked.name == question.name)
        self._asked = question
        if "ab" in verbs and self._backs and self._dice.random() < 0.1:
            self._backs -= 1
            self._asked = None
            self._tap(verbs["ab"], message)
        elif "ad" in verbs:
            self._toggle(message, question, verbs["ad"])
        elif choices := [data for data in message.data if data.startswith("a:")]:
            chosen = choices[self.seed % len(choices)] if question.name in self._gates else self._dice.choice(choices)
            self.answers[question.name] = question.choices[int(chosen.split(":")[3])].name
            self._tap(chosen, message)
        else:
            self._type(message, question, again)

    def _toggle(self, message: Posted, question: Question, done: str) -> None:
        toggles = [data.split(":") for data in message.data if data.startswith("at:")]
        picked = [question.choices[int(number)].name for _, _, _, number, on in toggles if on == "0"]
        if picked:
            self.answers[question.name] = picked
            self._tap(done, message)
        else:
            self._tap(":".join(self._dice.choice(toggles)), message)

    def _type(self, message: Posted, question: Question, again: bool) -> None:
        if question.type == "integer":
            number = 0 if again else self._dice.randrange(0, 60)
            self.answers[question.name] = number
            self._say(self._dice.choice((f"{number}", f"{number}。", f" {number} ")), message)
        elif question.type == "decimal":
            share = 0.0 if again else self._dice.randrange(0, 400) / 4
            self.answers[question.name] = share
            self._say(f"{share}", message)
        elif question.type == "date":
            self.answers[question.name] = "2026-10-09"
            self._say(self._dice.choice(("2026-10-09", "2026年10月9日", "2026/10/9")), message)
        else:
            words = f"第{self.seed}号的话，{self._dice.choice(('窗口办件', '入户走访', '“三整合”后'))}😀"
            self.answers[question.name] = words
            self._say(words, message)

    def _question(self, text: str) -> Question | None:
        """The question whose words, and its group's, are all there: the one with the most of them."""
        said = text.splitlines()
        found = [(len(lines), question) for lines, question in self._lines if all(line in said for line in lines)]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def _is_news(self, message: Posted) -> bool:
        """Not what was just acted on, nor the same said twice."""
        return (message.text, message.data) != (self._handled.text, self._handled.data)

    async def _next(self, fits: Callable[[Posted], bool]) -> Posted:
        """The newest thing said since the last look, if it fits; else waits for more."""
        person = self.person
        assert isinstance(person, Person)

        def look() -> Posted | None:
            events = person.events
            fresh = [posted for kind, posted in events[self._at :] if kind != "deleted" and fits(posted)]
            if not fresh:
                return None
            self._at = len(events)
            return fresh[-1]

        lately = [posted.text[-100:] for _, posted in person.events[-3:]]
        found = await person.bell.until(look, f"something new for {person.chat_id} after {lately}", SLOW)
        assert found is not None
        return found


def _all_questions(items: Sequence[Item], groups: tuple[Group, ...]) -> Iterator[tuple[tuple[Group, ...], Question]]:
    """Every question that is asked, with the groups around it."""
    for item in items:
        if isinstance(item, Group):
            yield from _all_questions(item.items, (*groups, item))
        elif item.type != "note":
            yield groups, item
