"""What all attacks share."""

import pytest

from tests.handlers.surveys.urn import weak


@pytest.fixture(autouse=True)
def weak_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretching a passphrase takes half a second on purpose; not here. Nothing else of the vault is changed."""
    weak(monkeypatch)
