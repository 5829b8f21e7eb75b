"""A Bot API for the tests, on a real port: `FakeTelegram`, its people, its moods."""

from tests.fakes.telegram.chats import Person, Posted
from tests.fakes.telegram.moods import Faults, Flood
from tests.fakes.telegram.server import FakeTelegram

__all__ = ["FakeTelegram", "Faults", "Flood", "Person", "Posted"]
