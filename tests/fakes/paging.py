"""A page of a round as a browser without scripts has it: its questions, their fields, its buttons."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

ANSWER = "a:"


@dataclass
class Control:
    """One field: `on` for a box that is ticked or an option that is chosen."""

    name: str
    kind: str
    value: str = ""
    on: bool = False
    options: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Paper:
    """What is on the page."""

    text: str
    controls: list[Control]
    buttons: list[tuple[str, str, str]]
    """name, value, words"""
    foreign: list[str]
    """whatever comes from elsewhere, or runs or styles inline"""
    language: str
    ids: dict[str, str]
    """element ids to tags"""
    said: dict[str, str]
    """the words of elements that have an id"""

    def path(self, name: str) -> str:
        """The path of the question with this name; a name with an entry, as `kid[2]/name`, will do."""
        paths = dict.fromkeys(c.name.removeprefix(ANSWER) for c in self.controls if c.name.startswith(ANSWER))
        (found,) = [path for path in paths if path.endswith(f"/{name}")]
        return found

    def asks(self) -> list[str]:
        """The names of the questions, in order."""
        found = dict.fromkeys(c.name for c in self.controls if c.name.startswith(ANSWER))
        return [name.rpartition("/")[2] for name in found]

    def fields(self, name: str) -> list[Control]:
        """All fields of a question."""
        return [control for control in self.controls if control.name == ANSWER + self.path(name)]

    def value(self, name: str) -> str | list[str]:
        """What stands in the fields of a question: one value, or those that are ticked or chosen."""
        fields = self.fields(name)
        if fields[0].kind in {"radio", "checkbox"}:
            ticked = [control.value for control in fields if control.on]
            return ticked if fields[0].kind == "checkbox" else "".join(ticked)
        return fields[0].value if len(fields) == 1 else [control.value for control in fields]

    def enter(self, name: str, value: str | list[str]) -> None:
        """Fills in the fields of a question, as a person can."""
        fields, values = self.fields(name), [value] if isinstance(value, str) else value
        if fields[0].kind in {"radio", "checkbox"}:
            assert set(values) <= {control.value for control in fields} | {""}, values
            for control in fields:
                control.on = control.value in values
            return
        for place, control in enumerate(fields):
            control.value = values[place] if place < len(values) else ""
            assert control.kind != "select" or control.value in dict(control.options), control

    def posts(self, words: str) -> list[tuple[str, str]]:
        """What pressing the button with these words sends."""
        pressed = [(name, value) for name, value, label in self.buttons if label == words]
        assert pressed, f"no button {words!r}: {self.buttons}"
        sent = [(c.name, c.value) for c in self.controls if c.kind not in {"radio", "checkbox", "file"} or c.on]
        return [*sent, pressed[-1]]

    def errors(self) -> list[str]:
        """What the summary says is wrong."""
        return [line.strip() for line in re.split(r"\n\s*\n", self.said.get("wrong", "").strip()) if line.strip()]


class _Reader(HTMLParser):
    VOID = frozenset({"input", "img", "meta", "link", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.controls: list[Control] = []
        self.buttons: list[tuple[str, str, str]] = []
        self.foreign: list[str] = []
        self.language = ""
        self.ids: dict[str, str] = {}
        self.said: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self._words: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.foreign += [
            f"{name}={value}"
            for name, value in given.items()
            if name == "style"
            or name.startswith("on")
            or (name in {"href", "src", "action", "formaction"} and not re.match(r"[/#](?!/)", value))
        ]
        if tag in {"script", "style"} and not given.get("src"):
            self.foreign.append(f"<{tag}>")
        if id := given.get("id"):
            assert id not in self.ids, f"{id} is there twice"
            self.ids[id] = tag
        if tag not in self.VOID:
            self._open.append((tag, given.get("id", "")))
        match tag:
            case "html":
                self.language = given.get("lang", "")
            case "input" if given.get("name"):
                kind = given.get("type", "text")
                self.controls.append(Control(given["name"], kind, given.get("value", ""), "checked" in given))
            case "select":
                self.controls.append(Control(given["name"], "select"))
            case "option":
                self.controls[-1].options.append((given["value"], ""))
                if "selected" in given:
                    self.controls[-1].value = given["value"]
            case "textarea":
                self.controls.append(Control(given["name"], "textarea"))
                self._words = []
            case "button":
                self.buttons.append((given.get("name", ""), given.get("value", ""), ""))
                self._words = []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"button", "textarea"} and self._words is not None:
            words = "".join(self._words)
            if tag == "button":
                self.buttons[-1] = (*self.buttons[-1][:2], words.strip())
            else:
                self.controls[-1].value = words.removeprefix("\n")
            self._words = None
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)
        for _, id in self._open:
            if id:
                self.said[id] = self.said.get(id, "") + data


def read(text: str) -> Paper:
    """What is on a page."""
    reader = _Reader()
    reader.feed(text)
    words = unescape(re.sub(r"<[^>]*>", " ", text))
    return Paper(words, reader.controls, reader.buttons, reader.foreign, reader.language, reader.ids, reader.said)
