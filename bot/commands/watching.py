"""How far a round is, for a terminal: a bar while its letters go out, a line where nobody looks."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from bot.settings import Settings
from bot.web import wire

WIDTH = 30
"""Characters of a full bar."""
LOOK = 1.0
"""Seconds between two looks."""
PATIENCE = 10
"""Looks without any change after which nobody seems to send."""

Look = Callable[[], Awaitable[Any]]


def line(progress: Any) -> str:
    """One line of plain text."""
    counts = f"invited {progress.invited}, without account {progress.unreachable}, "
    counts += f"started {progress.started}, handed in {progress.handed_in}"
    if progress.letters:
        counts += f", letters to go {progress.letters}"
    stages = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in progress.dispositions.items())
    return f"{progress.round}\t{progress.state}\t{counts}\t{stages}"


def bar(progress: Any, most: int, chosen: Settings) -> str:
    """How much of `most` letters is out, and when the last will be."""
    done = most - progress.letters
    full = WIDTH * done // most if most else WIDTH
    until = f", until {progress.ends.astimezone(chosen.timezone):%m-%d %H:%M:%S}" if progress.ends else ""
    paused = ", paused" if progress.state == "paused" else ""
    return f"{'█' * full}{'░' * (WIDTH - full)} {done}/{most} letters{until}{paused}"


async def watch(look: Look, chosen: Settings) -> Any:
    """Shows the bar until the last letter is out, nobody sends, or Ctrl-C; returns what was seen last.

    Where stdout is no terminal it looks once and shows nothing.
    """
    progress = await look()
    most, still, before = progress.letters, 0, progress.letters
    if not sys.stdout.isatty() or not most:
        return progress
    try:
        while progress.letters and still < PATIENCE:
            print(f"\r{bar(progress, most, chosen)}\x1b[K", end="", flush=True)
            await asyncio.sleep(LOOK)
            progress = await look()
            most = max(most, progress.letters)
            still = 0 if progress.letters != before or progress.state == "paused" else still + 1
            before = progress.letters
    except asyncio.CancelledError:
        """Ctrl-C: the letters go out without anybody looking."""
    print(f"\r{bar(progress, most, chosen)}\x1b[K")
    if still == PATIENCE:
        print("Nothing is being sent now: it is quiet time, or `huiyin serve` does not run.")
    return progress


def show(progress: Any, *, as_json: bool) -> None:
    """A line, and another where reminders wait; or JSON."""
    print(wire.encode(progress).decode() if as_json else line(progress))
    if progress.no_calendar and not as_json:
        print(f"Reminders wait: import the holidays of {progress.no_calendar} with `huiyin calendar import FILE`.")
