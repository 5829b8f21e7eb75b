"""What the Bot API does and refuses, call by call. No network in here."""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.telegram.chats import Keyboard, Person, Posted, Query, Upload

MOST_TEXT, MOST_CAPTION, MOST_DATA, MOST_BUTTONS, MOST_ROW, MOST_TOAST = 4096, 1024, 64, 100, 8, 200
MOST_FILE = 20_000_000
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
BOT = {"id": 1, "is_bot": True, "first_name": "Huiyin", "username": "huiyin_test_bot"}
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
OLD_QUERY = "Bad Request: query is too old and response timeout expired or query ID is invalid"

Fields = Mapping[str, Any]
Files = Mapping[str, Upload]


class Refused(Exception):
    """The Bot API says no."""

    def __init__(self, code: int, description: str, retry_after: int = 0) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


class Methods:
    """The state behind the Bot API, and what each method does to it."""

    def __init__(self, update: Callable[[str, dict[str, Any]], int]) -> None:
        self.persons: dict[int, Person] = {}
        self.menus: dict[str, list[tuple[str, str]]] = {}
        self.own_menus: dict[int, list[tuple[str, str]]] = {}
        self.queries: dict[str, Query] = {}
        self.sent: Counter[int] = Counter()
        """Messages taken, by chat."""
        self.doubles: Counter[int] = Counter()
        """Messages like the one just before, by chat."""
        self.uploads: dict[str, bytes] = {}
        """What people sent, by file name."""
        self.deletes = True
        """False as after 48 hours: no message can be deleted."""
        self.update = update
        self._last_message = 0

    def call(self, method: str, fields: Fields, files: Files) -> object:
        """Does it; returns `result`. Raises Refused."""
        match method:
            case "getMe":
                return {**BOT, "can_join_groups": False, "can_read_all_group_messages": False}
            case "sendMessage":
                return self._send(fields, _text(fields, "text", MOST_TEXT, "message"))
            case "sendDocument" | "sendPhoto":
                kind = method.removeprefix("send").lower()
                if kind not in files:
                    raise Refused(400, f"Bad Request: there is no {kind} in the request")
                caption = _text(fields, "caption", MOST_CAPTION, "message caption") if fields.get("caption") else ""
                return self._send(fields, caption, files[kind], picture=kind == "photo")
            case "editMessageText":
                return self._edit(fields)
            case "deleteMessage":
                return self._delete(fields)
            case "answerCallbackQuery":
                return self._answer(fields)
            case "setMyCommands":
                return self._menu(fields)
            case "deleteMyCommands":
                self.own_menus.pop(int(fields["scope"]["chat_id"]), None)
                return True
            case _:
                return self._file(str(fields.get("file_id", "")))

    def message_id(self) -> int:
        """The next message's."""
        self._last_message += 1
        return self._last_message

    def upload(self, name: str, content: bytes) -> str:
        """Keeps what somebody sends; the name of its file."""
        if not content:
            return name
        self.uploads[f"{name}-{len(self.uploads)}"] = content
        return list(self.uploads)[-1]

    def date(self) -> int:
        """Unix time."""
        return int(time.time())

    def query(self, chat: int) -> Query:
        """A tap begins to wait."""
        query = Query(str(len(self.queries) + 1), chat)
        self.queries[query.id] = query
        return query

    def shown(self, person: Person, posted: Posted) -> dict[str, Any]:
        """The message as the Bot API shows it."""
        shown: dict[str, Any] = {"message_id": posted.id, "date": self.date(), "chat": person.frame(), "from": BOT}
        if posted.file:
            shown |= _shown_file(posted.file, posted.id, picture=posted.picture)
            if posted.text:
                shown["caption"] = posted.text
        else:
            shown["text"] = posted.text
        if posted.history:
            shown["edit_date"] = self.date()
        if posted.keyboard:
            rows = [[{"text": label, "callback_data": data} for label, data in row] for row in posted.keyboard]
            shown["reply_markup"] = {"inline_keyboard": rows}
        return shown

    def person_of(self, fields: Fields) -> Person:
        """Whose chat a call is about. Raises Refused."""
        chat = str(fields.get("chat_id", ""))
        person = self.persons.get(int(chat)) if re.fullmatch(r"-?\d+", chat) else None
        if person is None:
            raise Refused(400, "Bad Request: chat not found")
        if person.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return person

    def _send(self, fields: Fields, text: str, file: Upload | None = None, *, picture: bool = False) -> dict[str, Any]:
        person = self.person_of(fields)
        keyboard = _keyboard(fields)
        before = next((posted for posted in reversed(person.posted.values()) if posted.ours), None)
        if before and before.first == (text, keyboard) and before.file == file:
            self.doubles[person.chat_id] += 1
        posted = Posted(self.message_id(), True, text, keyboard, file, picture, first=(text, keyboard))
        person.posted[posted.id] = posted
        self.sent[person.chat_id] += 1
        person.happened("sent", posted)
        return self.shown(person, posted)

    def _edit(self, fields: Fields) -> dict[str, Any]:
        person = self.person_of(fields)
        posted = person.posted.get(int(fields.get("message_id", 0)))
        if posted is None or posted.deleted:
            raise Refused(400, "Bad Request: message to edit not found")
        if not posted.ours:
            raise Refused(400, "Bad Request: message can't be edited")
        if posted.file:
            raise Refused(400, "Bad Request: there is no text in the message to edit")
        text, keyboard = _text(fields, "text", MOST_TEXT, "message"), _keyboard(fields)
        if (text, keyboard) == (posted.text, posted.keyboard):
            raise Refused(400, NOT_MODIFIED)
        posted.history.append((posted.text, posted.keyboard))
        posted.text, posted.keyboard = text, keyboard
        person.happened("edited", posted)
        return self.shown(person, posted)

    def _delete(self, fields: Fields) -> bool:
        person = self.person_of(fields)
        posted = person.posted.get(int(fields.get("message_id", 0)))
        if posted is None or posted.deleted:
            raise Refused(400, "Bad Request: message to delete not found")
        if not self.deletes:
            raise Refused(400, "Bad Request: message can't be deleted for everyone")
        posted.deleted = True
        person.happened("deleted", posted)
        return True

    def _answer(self, fields: Fields) -> bool:
        query = self.queries.get(str(fields.get("callback_query_id")))
        text = str(fields.get("text", ""))
        if query is None or query.old or query.toast is not None:
            raise Refused(400, OLD_QUERY)
        if len(text) > MOST_TOAST:
            raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
        query.toast = text
        person = self.persons[query.chat]
        person.toasts.append(text)
        person.bell.ring()
        return True

    def _menu(self, fields: Fields) -> bool:
        code = fields.get("language_code", "")
        commands = [(command["command"], command["description"]) for command in fields.get("commands", ())]
        if code and not re.fullmatch("[a-z]{2}", code):
            raise Refused(400, "Bad Request: invalid language code specified")
        if len(commands) > 100 or not all(COMMAND.fullmatch(name) and 1 <= len(text) <= 256 for name, text in commands):
            raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
        if scope := fields.get("scope"):
            self.own_menus[int(scope["chat_id"])] = commands
        else:
            self.menus[code] = commands
        return True

    def _file(self, file_id: str) -> dict[str, Any]:
        if not file_id.startswith("id-"):
            raise Refused(400, "Bad Request: invalid file_id")
        name = file_id.removeprefix("id-")
        size = len(self.uploads.get(name, name.encode()))
        if size > MOST_FILE:
            raise Refused(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": name,
            "file_size": len(self.uploads.get(name, name)),
            "file_path": f"files/{name}",
        }


def utf16(text: str) -> int:
    """Length as Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def _text(fields: Fields, name: str, most: int, what: str) -> str:
    text = str(fields.get(name, "")).strip()
    if not text.strip("\u200b\u200c\u200d\u2060\ufeff\u00ad \t\n"):
        raise Refused(400, f"Bad Request: {what} text is empty")
    if utf16(text) > most:
        raise Refused(400, f"Bad Request: {what} is too long")
    return text


def _keyboard(fields: Fields) -> Keyboard:
    rows = (fields.get("reply_markup") or {}).get("inline_keyboard", [])
    keyboard = tuple(tuple((str(key["text"]), str(key["callback_data"])) for key in row) for row in rows)
    keys = [key for row in keyboard for key in row]
    if any(not 1 <= len(data.encode()) <= MOST_DATA for _, data in keys):
        raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    if len(keys) > MOST_BUTTONS or any(len(row) > MOST_ROW for row in keyboard):
        raise Refused(400, "Bad Request: reply markup is too long")
    if any(not label.strip() for label, _ in keys):
        raise Refused(400, "Bad Request: inline keyboard button text is empty")
    return keyboard


def _shown_file(file: Upload, number: int, *, picture: bool) -> dict[str, Any]:
    shown = {"file_id": f"id-{number}", "file_unique_id": str(number), "file_size": len(file.content)}
    if picture:
        return {"photo": [{**shown, "width": 90, "height": 90}]}
    return {"document": {**shown, "file_name": file.name, "mime_type": file.mime}}
