"""`form talk`: a form asked in this terminal, for its author; or by JSON lines, for programs."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from handlers.forms.script import Talk
from handlers.talk import Part, t

Say = Callable[[str], None]

_MOVES: Mapping[str, Mapping[str, Any]] = {
    "/back": {"back": True},
    "/skip": {"skip": True},
    "/clear": {"answer": None},
    "/submit": {"submit": True},
}
"""What an author types instead of an answer."""
_YES = frozenset(("y", "yes", "是", "好", "对", "嗯", "要", "對"))
_NO = frozenset(("n", "no", "否", "不", "不要", "没有", "沒有"))


def by_script(talk: Talk, lines: Iterable[str], say: Say) -> bool:
    """JSON lines in, JSON lines out; whether the form was handed in. Raises BadInput on a line that is none."""
    for told in talk.begin():
        say(_line(told))
    for line in lines:
        if talk.done:
            break
        if line.strip():
            for told in talk.hear(line):
                say(_line(told))
    if not talk.done:
        say(_line(talk.open()))
    return talk.done


def by_hand(talk: Talk, lines: Iterable[str], say: Say) -> bool:
    """Words in, words out; whether the form was handed in. Ctrl-C ends it like the end of the input."""
    hand = _Hand(talk, say)
    try:
        hand.begin()
        for line in lines:
            hand.hear(line.strip())
            if talk.done:
                break
    except KeyboardInterrupt:
        say("")
    if not talk.done:
        hand.unfinished()
    return talk.done


def _line(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


class _Hand:
    """The same conversation as by JSON lines, in words: it remembers how each question was put."""

    def __init__(self, talk: Talk, say: Say) -> None:
        self.talk = talk
        self.print = say
        self.asked: dict[str, Mapping[str, Any]] = {}
        self.waits_for_another = False

    def say(self, part: Part) -> None:
        self.print(self.talk.word(part, self.talk.tongue))

    def begin(self) -> None:
        self.say(
            t(
                "Answer in words or with a choice's number. Also: /back, /skip, /clear, /lang en, /review, and at the "
                "end /submit. Ctrl-C ends."
            )
        )
        self.show(self.talk.begin())

    def hear(self, line: str) -> None:
        command, _, argument = line.partition(" ")
        if command == "/review":
            self.answers(self.talk.open()["open"])
        elif command == "/lang":
            self.show(self.talk.hear(_line({"language": argument.strip()})))
        elif command == "/again" or self.waits_for_another:
            self.again((argument if command == "/again" else line).strip())
        elif command in _MOVES:
            self.show(self.talk.hear(_line(_MOVES[command])))
        elif line.startswith("/") and re.fullmatch("/[a-z]+", command):
            self.say(t("There is no command {command}.", command=command))
        else:
            self.show(self.talk.hear(_line({"say": line})))

    def again(self, word: str) -> None:
        """One more entry of a repeat, or on; any other command is heard as ever."""
        if word.lower() in _YES | _NO:
            self.show(self.talk.hear(_line({"again": word.lower() in _YES})))
        elif word in _MOVES:
            self.show(self.talk.hear(_line(_MOVES[word])))
        else:
            self.say(t("Please answer yes or no."))

    def show(self, events: Iterable[Mapping[str, Any]]) -> None:
        for told in events:
            self.waits_for_another = "repeat" in told
            self.event(told)

    def event(self, told: Mapping[str, Any]) -> None:
        """One event for a person to read."""
        match told:
            case {"ask": ask}:
                self.ask(ask)
            case {"note": {"label": words}} | {"refused": {"message": words}}:
                self.print(f"\n{words}")
            case {"repeat": {"path": path, "count": count}}:
                self.print("")
                self.say(t("Another entry of {path}? There are {count}. (yes/no)", path=path, count=count))
            case {"review": answers}:
                self.answers(answers)
                self.say(t("Hand in with /submit, or /back to change something."))
            case {"done": {"answers": answers}}:
                self.print("")
                self.say(t("Handed in:"))
                self.answers(answers)

    def ask(self, ask: Mapping[str, Any]) -> None:
        path = ask["path"]
        self.asked[path] = ask
        value = dict(_flat("/data", self.talk.open()["open"])).get(path)
        required = " *" if ask["required"] else ""
        present = "" if value is None else f" [{self.shown(path, value)}]"
        label = f"{ask['label']}{required}{present}"
        choices = [f"  {number}. {one['label']}" for number, one in enumerate(ask.get("choices", ()), 1)]
        self.print("\n".join(["", label, *filter(None, [ask["hint"]]), *choices]))

    def answers(self, nested: Mapping[str, Any]) -> None:
        """All answers there are, a line each, as the questions were put."""
        self.print("")
        for path, value in _flat("/data", nested):
            self.print(f"  {self.label(path)}: {self.shown(path, value)}")

    def label(self, path: str) -> str:
        name = path.rpartition("/")[2]
        return str(self.asked[path]["label"]) if path in self.asked else name

    def shown(self, path: str, value: Any) -> str:
        choices = self.asked.get(path, {}).get("choices", ())
        labels = {choice["name"]: choice["label"] for choice in choices}
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(str(labels.get(str(name), _plain(name))) for name in chosen)

    def unfinished(self) -> None:
        self.print("")
        self.say(t("Not handed in. The answers so far:"))
        self.answers(self.talk.open()["open"])


def _flat(path: str, nested: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each answer with its path; the entries of repeats are numbered from 1."""
    for name, value in nested.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{path}/{name}", value)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for number, entry in enumerate(value, 1):
                yield from _flat(f"{path}/{name}[{number}]", entry)
        else:
            yield f"{path}/{name}", value


def _plain(value: Any) -> Any:
    """Whole numbers without a point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
