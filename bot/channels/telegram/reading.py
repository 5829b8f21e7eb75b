"""An update as the Bot API sends it -> what was heard. Pure, fast, and never at a loss.

Plain JSON is matched as it is: building PTB's objects would cost more than all else a tap costs us.
What has an unknown shape, comes from a group, or means nothing to us is None.
An edit of an earlier message is None too: what was said was answered, and stays said.
"""

from collections.abc import Mapping

from handlers.talk import Heard, Left, Sent, Tap, What, heard_words

NAME = "telegram"
WANTED = ("message", "callback_query", "my_chat_member")
"""The kinds of update we ask for."""

_FILES = ("document", "photo", "voice", "video", "audio", "animation", "video_note", "sticker")
_FETCHED = ("document", "photo")
"""What can be the answer to a question."""
_THINGS = ("contact", "location", "venue", "poll", "dice", "story")


def read(update: object) -> Heard | None:
    """What was heard, if anything."""
    match update:
        case {
            "update_id": int(number),
            "callback_query": {
                "data": str(data),
                "message": {"message_id": int(message_id), "chat": {"id": int(chat), "type": "private"}},
            } as query,
        }:
            return Heard(NAME, str(chat), str(number), Tap(data), str(message_id), _language(query))
        case {"update_id": int(number), "message": {"chat": {"id": int(chat), "type": "private"}} as message}:
            what = _what(message)
            own = str(message.get("message_id", ""))
            return Heard(NAME, str(chat), str(number), what, own, _language(message)) if what else None
        case {
            "update_id": int(number),
            "my_chat_member": {
                "chat": {"id": int(chat), "type": "private"},
                "new_chat_member": {"status": "kicked"},
            } as change,
        }:
            return Heard(NAME, str(chat), str(number), Left(), "", _language(change))
    return None


def number_of(update: object) -> int:
    """The update's number, by which it is acknowledged; -1 if it has none."""
    match update:
        case {"update_id": int(number)}:
            return number
    return -1


def query_of(update: object) -> str:
    """The tap that waits for an answer, if it is one: even one that means nothing to us does."""
    match update:
        case {"callback_query": {"id": str(query)}}:
            return query
    return ""


def _what(message: Mapping[object, object]) -> What | None:
    text = message.get("text")
    if isinstance(text, str):
        return heard_words(text)
    for kind in _FILES:
        if kind in message:
            return _file(kind, message[kind])
    return next((Sent(thing) for thing in _THINGS if thing in message), None)


def _file(kind: str, file: object) -> Sent:
    if isinstance(file, list):  # a picture comes in several sizes, the largest last
        file = file[-1] if file else None
    if not isinstance(file, dict):
        return Sent(kind)
    name, size, reference = file.get("file_name"), file.get("file_size"), file.get("file_id")
    return Sent(
        kind,
        name if isinstance(name, str) else "",
        size if isinstance(size, int) else 0,
        reference if isinstance(reference, str) and kind in _FETCHED else "",
    )


def _language(said: Mapping[object, object]) -> str:
    """The tag of the language the person's app speaks, if it is one of ours."""
    match said:
        case {"from": {"language_code": str(code)}}:
            low = code.lower().replace("_", "-")
            if low.startswith("zh"):
                return "zh_TW" if any(mark in low for mark in ("hant", "-tw", "-hk", "-mo")) else "zh_CN"
            return "en" if low.startswith("en") else ""
    return ""
