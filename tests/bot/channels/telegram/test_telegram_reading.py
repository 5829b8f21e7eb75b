from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.reading import number_of, query_of, read
from handlers.talk import Command, Heard, Left, Sent, Tap, Typed, What

CHAT = {"id": 1001, "type": "private", "first_name": "A"}
FROM = {"id": 1001, "is_bot": False, "first_name": "A", "language_code": "zh-hans"}


def said(**content: Any) -> dict[str, Any]:
    return {"update_id": 7, "message": {"message_id": 3, "date": 1, "chat": CHAT, "from": FROM, **content}}


def tapped(**content: Any) -> dict[str, Any]:
    query = {
        "id": "99",
        "from": FROM,
        "chat_instance": "1",
        "data": "a:1:2:3",
        "message": {"message_id": 5, "chat": CHAT},
    }
    return {"update_id": 8, "callback_query": {**query, **content}}


def left(status: str) -> dict[str, Any]:
    return {"update_id": 9, "my_chat_member": {"chat": CHAT, "from": FROM, "new_chat_member": {"status": status}}}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"text": "你好"}, Typed("你好")),
        ({"text": "/start AB12-CD34"}, Command("start", "AB12-CD34")),
        ({"text": "/menu@huiyin_bot"}, Command("menu")),
        ({"document": {"file_name": "a.pdf", "file_size": 12}}, Sent("document", "a.pdf", 12)),
        ({"document": {"file_name": "a.pdf"}, "caption": "see"}, Sent("document", "a.pdf")),
        ({"photo": [{"file_size": 1}, {"file_size": 90}]}, Sent("photo", "", 90)),
        ({"photo": []}, Sent("photo")),
        ({"photo": [{"file_id": "small"}, {"file_id": "big"}]}, Sent("photo", reference="big")),
        ({"document": {"file_id": "x", "file_name": 5}}, Sent("document", reference="x")),
        ({"voice": {"file_id": "x", "file_size": 5}}, Sent("voice", "", 5)),
        ({"voice": {"duration": 3, "file_size": 5}}, Sent("voice", "", 5)),
        ({"sticker": "odd"}, Sent("sticker")),
        ({"location": {"latitude": 1, "longitude": 2}}, Sent("location")),
    ],
)
def test_messages_are_read(content: dict[str, Any], what: What) -> None:
    assert read(said(**content)) == Heard("telegram", "1001", "7", what, "3", "zh_CN")


def test_taps_are_read() -> None:
    assert read(tapped()) == Heard("telegram", "1001", "8", Tap("a:1:2:3"), "5", "zh_CN")
    assert query_of(tapped()) == "99"
    assert number_of(tapped()) == 8


def test_a_tap_on_a_message_telegram_no_longer_shows_is_read() -> None:
    heard = read(tapped(message={"message_id": 5, "chat": CHAT, "date": 0}))
    assert heard is not None
    assert heard.message_id == "5"


def test_leaving_is_read_and_coming_back_is_not() -> None:
    assert read(left("kicked")) == Heard("telegram", "1001", "9", Left(), "", "zh_CN")
    assert read(left("member")) is None


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("zh-hans", "zh_CN"),
        ("zh", "zh_CN"),
        ("zh_CN", "zh_CN"),
        ("zh-hant", "zh_TW"),
        ("zh-TW", "zh_TW"),
        ("zh-HK", "zh_TW"),
        ("en-GB", "en"),
        ("fr", ""),
        (None, ""),
    ],
)
def test_languages_are_told_by_our_tags(code: str | None, tag: str) -> None:
    heard = read(said(text="x", **{"from": {"id": 1, "language_code": code}}))
    assert heard is not None
    assert heard.language == tag


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1, "message": {"chat": {"id": -5, "type": "group"}, "text": "in a group"}},
        {"update_id": 1, "edited_message": said(text="later")["message"]},
        {"update_id": 1, "message": {"chat": CHAT, "pinned_message": {}}},
        {"update_id": "1", "message": {"chat": CHAT, "text": "x"}},
        {"update_id": 1, "message": {"chat": CHAT, "text": 5}},
        {"update_id": 1, "callback_query": {"id": "3", "game_short_name": "x"}},
        {"update_id": 1, "poll": {}},
        {},
        [],
        None,
        "update",
    ],
)
def test_what_means_nothing_to_us_is_nothing(update: object) -> None:
    assert read(update) is None


def test_what_has_no_number_or_query_says_so() -> None:
    assert number_of({"message": {}}) == -1
    assert query_of({"callback_query": {"id": 3}}) == ""


KEYS = [
    "update_id",
    "message",
    "callback_query",
    "my_chat_member",
    "chat",
    "id",
    "type",
    "text",
    "data",
    "from",
    "photo",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["private", "kicked"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
)


@settings(deadline=None)
@given(JSON)
def test_no_update_of_any_shape_breaks_us(update: object) -> None:
    heard = read(update)
    assert heard is None or (heard.address and heard.external_id)
    assert isinstance(number_of(update), int)
    assert isinstance(query_of(update), str)


@settings(deadline=None)
@given(st.sampled_from(["message", "callback_query", "my_chat_member"]), st.data())
def test_no_bent_update_breaks_us(kind: str, data: st.DataObject) -> None:
    update = deepcopy({"message": said(text="x"), "callback_query": tapped(), "my_chat_member": left("kicked")}[kind])
    node: Any = update
    while isinstance(node, dict) and node:
        key = data.draw(st.sampled_from(sorted(node)))
        if data.draw(st.booleans()):
            node[key] = data.draw(JSON)
            break
        node = node[key]
    read(update)


def test_reading_changes_nothing() -> None:
    update = said(text="x")
    read(update)
    assert update == said(text="x")
