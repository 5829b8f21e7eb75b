"""Nobody here waits long for an answer that does not come."""

import pytest

from bot.channels.webchat import channel


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "ANSWER", 0.2)
