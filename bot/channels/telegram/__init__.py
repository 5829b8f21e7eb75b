"""Telegram: `channel` is the port, `reading` its pure part, `wire` and `speaking` the way out. Only the app comes in."""

from bot.channels.telegram.channel import Telegram as Telegram
