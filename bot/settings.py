"""Environment -> one frozen `Settings`; nobody else reads `os.environ`.

A `.env` file in the working directory is read too; the environment wins over it.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

CHANNELS = ("webchat", "telegram")
SECRETS = ("HUIYIN_TELEGRAM_TOKEN", "HUIYIN_TELEGRAM_SECRET", "HUIYIN_DATABASE_URL")


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what would be right."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ from place to place. Names as in the environment, less `HUIYIN_`."""

    data_dir: Path
    database_url: str
    keys_dir: Path
    host: str
    port: int
    public_url: str
    channels: tuple[str, ...]
    telegram_token: str
    telegram_api: str
    telegram_mode: str
    telegram_secret: str
    telegram_rate: float
    timezone: ZoneInfo
    locale: str
    profile: str
    log: str


DEFAULTS: Mapping[str, str] = {
    "HUIYIN_DATA_DIR": "./var",
    "HUIYIN_DATABASE_URL": "",
    "HUIYIN_KEYS_DIR": "",
    "HUIYIN_HTTP": "127.0.0.1:8080",
    "HUIYIN_PUBLIC_URL": "",
    "HUIYIN_CHANNELS": "webchat",
    "HUIYIN_TELEGRAM_TOKEN": "",
    "HUIYIN_TELEGRAM_API": "https://api.telegram.org",
    "HUIYIN_TELEGRAM_MODE": "polling",
    "HUIYIN_TELEGRAM_SECRET": "",
    "HUIYIN_TELEGRAM_RATE": "30",
    "HUIYIN_TIMEZONE": "Asia/Shanghai",
    "HUIYIN_LOCALE": "zh_CN",
    "HUIYIN_PROFILE": "state-organ",
    "HUIYIN_ALLOW_ABROAD": "no",
    "HUIYIN_LOG": "info",
}


def gather(environ: Mapping[str, str], directory: Path = Path()) -> dict[str, tuple[str, str]]:
    """Each setting's value and where it came from: `environment`, `.env` or `default`."""
    try:
        file = dotenv_values(directory / ".env")
    except UnicodeDecodeError:
        raise SettingsError("The file .env is not UTF-8 text; save it as UTF-8.") from None
    found = {}
    for name, default in DEFAULTS.items():
        if name in environ:
            found[name] = (environ[name], "environment")
        elif file.get(name) is not None:
            found[name] = (str(file[name]), ".env")
        else:
            found[name] = (default, "default")
    return found


def read(found: Mapping[str, tuple[str, str]]) -> Settings:
    """The settings, checked. Raises SettingsError with every wrong one, a line each."""
    value = {name.removeprefix("HUIYIN_").lower(): text.strip() for name, (text, _) in found.items()}
    wrong: list[str] = []
    data_dir = Path(value["data_dir"]).expanduser()
    host, port = _address(value["http"], wrong)
    settings = Settings(
        data_dir=data_dir,
        database_url=value["database_url"] or f"sqlite+aiosqlite:///{data_dir.absolute()}/huiyin.db",
        keys_dir=Path(value["keys_dir"] or data_dir / "keys").expanduser(),
        host=host,
        port=port,
        public_url=(value["public_url"] or f"http://{value['http']}").rstrip("/"),
        channels=tuple(name.strip() for name in value["channels"].split(",") if name.strip()),
        telegram_token=value["telegram_token"],
        telegram_api=value["telegram_api"].rstrip("/"),
        telegram_mode=value["telegram_mode"],
        telegram_secret=value["telegram_secret"],
        telegram_rate=_rate(value["telegram_rate"], wrong),
        timezone=_zone(value["timezone"], wrong),
        locale=value["locale"],
        profile=value["profile"],
        log=value["log"],
    )
    wrong += _misfits(settings, value["allow_abroad"])
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings


def load() -> Settings:
    """The settings of this process."""
    return read(gather(os.environ))


def _address(text: str, wrong: list[str]) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if host and port.isdigit() and int(port) < 65536:
        return host.strip("[]"), int(port)
    wrong.append(f"HUIYIN_HTTP is {text!r}; write a host and a port, such as 127.0.0.1:8080.")
    return "127.0.0.1", 8080


def _rate(text: str, wrong: list[str]) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1
    if not 0 <= rate < 1e9:
        wrong.append(f"HUIYIN_TELEGRAM_RATE is {text!r}; write messages a second, such as 30, or 0 for no limit.")
    return rate


def _zone(text: str, wrong: list[str]) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wrong.append(f"HUIYIN_TIMEZONE is {text!r}; write a zone of the tz database, such as Asia/Shanghai.")
        return ZoneInfo("Asia/Shanghai")


def _misfits(settings: Settings, allow_abroad: str) -> list[str]:
    wrong = []
    url = urlsplit(settings.public_url)
    if url.scheme not in {"http", "https"} or not url.netloc:
        wrong.append("HUIYIN_PUBLIC_URL must begin with http:// or https://, such as https://huiyin.example.gov.cn.")
    if not settings.database_url.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
        wrong.append("HUIYIN_DATABASE_URL must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://.")
    elif not _is_address(settings.database_url):
        wrong.append("HUIYIN_DATABASE_URL is no address; special characters in its password must be %-encoded.")
    if unknown := set(settings.channels) - set(CHANNELS):
        wrong.append(f"HUIYIN_CHANNELS names {', '.join(sorted(unknown))}; known are {', '.join(CHANNELS)}.")
    if not settings.channels:
        wrong.append("HUIYIN_CHANNELS is empty; write at least webchat.")
    if settings.locale not in {"zh_CN", "zh_TW", "en"}:
        wrong.append(f"HUIYIN_LOCALE is {settings.locale!r}; write zh_CN, zh_TW or en.")
    if settings.profile not in {"state-organ", "open"}:
        wrong.append(f"HUIYIN_PROFILE is {settings.profile!r}; write state-organ or open.")
    if settings.log not in {"debug", "info", "warning", "error"}:
        wrong.append(f"HUIYIN_LOG is {settings.log!r}; write debug, info, warning or error.")
    if allow_abroad not in {"yes", "no"}:
        wrong.append(f"HUIYIN_ALLOW_ABROAD is {allow_abroad!r}; write yes or no.")
    if "telegram" in settings.channels:
        wrong += _telegram_misfits(settings, allow_abroad)
    return wrong


def _is_address(url: str) -> bool:
    try:
        return bool(make_url(url).drivername)
    except (ArgumentError, ValueError):
        return False


def _telegram_misfits(settings: Settings, allow_abroad: str) -> list[str]:
    wrong = []
    if settings.profile == "state-organ" and allow_abroad != "yes":
        wrong.append(
            "HUIYIN_CHANNELS names telegram, but its servers are abroad and HUIYIN_PROFILE is state-organ "
            "(PIPL art. 36). Leave it out, or set HUIYIN_ALLOW_ABROAD=yes if your organ has decided so."
        )
    if ":" not in settings.telegram_token:
        wrong.append("HUIYIN_TELEGRAM_TOKEN is missing or no bot token; copy it as the platform's BotFather gave it.")
    if settings.telegram_mode not in {"polling", "webhook"}:
        wrong.append(f"HUIYIN_TELEGRAM_MODE is {settings.telegram_mode!r}; write polling or webhook.")
    secret = settings.telegram_secret
    if settings.telegram_mode == "webhook" and not re.fullmatch(r"[\w-]{16,256}", secret, re.ASCII):
        wrong.append("HUIYIN_TELEGRAM_SECRET does not fit; a webhook needs 16 to 256 letters, digits, _ or -.")
    return wrong
