"""What is in this process's memory stays there: no core dump, and a word where it could be swapped out."""

import ctypes
import resource
from pathlib import Path

_PR_SET_DUMPABLE = 4
_SWAPS = Path("/proc/swaps")


def keep_in() -> None:
    """No core dump of this process is ever written, not by a dump handler either, and no other user may look into
    it (prctl(2), PR_SET_DUMPABLE; where there is no such call, the limit on core files alone)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def ways_out(swaps: Path = _SWAPS) -> list[str]:
    """What the person who runs the server should know: a sentence each."""
    if not swaps.is_file() or len(swaps.read_text().splitlines()) < 2:
        return []
    return ["This machine swaps: what passes through memory may be written to its disk. Turn swap off, or encrypt it."]
