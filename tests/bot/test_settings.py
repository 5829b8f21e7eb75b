"""Settings: defaults, sources, and a sentence for everything that is wrong."""

from pathlib import Path

import pytest

from bot.settings import DEFAULTS, SettingsError, gather, read


def given(**values: str) -> dict[str, tuple[str, str]]:
    return gather({f"HUIYIN_{name}": value for name, value in values.items()}, Path("/nonexistent"))


def test_defaults_are_whole() -> None:
    settings = read(given())
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert settings.channels == ("webchat",)
    assert settings.database_url.startswith("sqlite+aiosqlite:////")
    assert settings.keys_dir == Path("var/keys")
    assert str(settings.timezone) == "Asia/Shanghai"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HUIYIN_HTTP=0.0.0.0:1\nHUIYIN_LOCALE=en\n")
    found = gather({"HUIYIN_HTTP": "0.0.0.0:2"}, tmp_path)
    assert found["HUIYIN_HTTP"] == ("0.0.0.0:2", "environment")
    assert found["HUIYIN_LOCALE"] == ("en", ".env")
    assert found["HUIYIN_PROFILE"] == (DEFAULTS["HUIYIN_PROFILE"], "default")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP", "8080"),
        ("HTTP", "localhost:port"),
        ("PUBLIC_URL", "huiyin.example"),
        ("DATABASE_URL", "mysql://x"),
        ("CHANNELS", "webchat,pigeon"),
        ("CHANNELS", ","),
        ("TIMEZONE", "Asia/Nowhere"),
        ("TIMEZONE", "../etc"),
        ("LOCALE", "fr"),
        ("PROFILE", "closed"),
        ("LOG", "loud"),
        ("ALLOW_ABROAD", "maybe"),
        ("TELEGRAM_RATE", "fast"),
        ("TELEGRAM_RATE", "-1"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"HUIYIN_{name} "):
        read(given(**{name: value}))


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read(given(HTTP="x", LOCALE="y", PROFILE="z"))
    assert len(str(caught.value).splitlines()) == 3


def test_telegram_is_abroad() -> None:
    telegram = {"CHANNELS": "webchat,telegram", "TELEGRAM_TOKEN": "1:a"}
    with pytest.raises(SettingsError, match="HUIYIN_ALLOW_ABROAD=yes"):
        read(given(**telegram))
    assert read(given(**telegram, ALLOW_ABROAD="yes")).telegram_rate == 30
    assert read(given(**telegram, PROFILE="open")).channels == ("webchat", "telegram")


@pytest.mark.parametrize(
    ("name", "value"), [("TELEGRAM_TOKEN", "nonsense"), ("TELEGRAM_MODE", "pigeon"), ("TELEGRAM_MODE", "webhook")]
)
def test_telegram_needs_its_settings(name: str, value: str) -> None:
    telegram = {"CHANNELS": "telegram", "TELEGRAM_TOKEN": "1:a", "PROFILE": "open", name: value}
    with pytest.raises(SettingsError, match="HUIYIN_TELEGRAM_"):
        read(given(**telegram))
