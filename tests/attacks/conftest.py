"""What all attacks share."""

import pytest
from nacl import pwhash

from storage import vault


@pytest.fixture(autouse=True)
def weak_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretching a passphrase takes half a second on purpose; not here. Nothing else of the vault is changed."""
    monkeypatch.setattr(vault, "_EFFORT", pwhash.argon2id.OPSLIMIT_MIN)
    monkeypatch.setattr(vault, "_MEMORY", pwhash.argon2id.MEMLIMIT_MIN)
