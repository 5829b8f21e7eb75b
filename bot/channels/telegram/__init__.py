"""Telegram: `channel` is the port, `reading` its pure part, `speaking` and `wire` what goes out.

The app takes `channel`.
"""
