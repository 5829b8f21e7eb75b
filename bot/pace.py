"""How fast a channel's letters go out, and how many of them may be out without a mark. Pure: the time is told."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

DOUBT = 0.01
"""Seconds' worth of letters that may be in doubt, whatever the platform's speed."""
SLOW = 1.0
"""Seconds after which an answer is no longer waited for before the next letter goes."""


def silence(now: datetime, minutes: Collection[int]) -> float:
    """Seconds from now until a minute of the hour that is not one of these; without end where all are."""
    for ahead in range(60):
        if (now.minute + ahead) % 60 not in minutes:
            return max(0.0, 60.0 * ahead - now.second - now.microsecond / 1e6) if ahead else 0.0
    return float("inf")


@dataclass(slots=True)
class Pace:
    """A rate kept evenly (GCRA): `rate` a second, at most `burst` at once. Zero rate: no limit."""

    rate: float
    burst: float
    due: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until one more may go."""
        if not self.rate:
            return 0.0
        return max(0.0, self.due - now - (self.burst - 1) / self.rate)

    def rest(self, now: float) -> None:
        """Nobody waited until now: there is nothing to catch up with."""
        self.due = max(self.due, now + (self.burst - 1) / self.rate) if self.rate else 0.0

    def take(self, now: float) -> None:
        """One goes now."""
        if self.rate:
            self.due = max(self.due, now) + 1 / self.rate


@dataclass(slots=True)
class Doubt:
    """The letters that may be out and are not marked as sent: a kill makes us say them twice.

    There are no more of them than the rate needs: the rate times the shortest of the last answers' times (the
    bandwidth-delay product, as BBR reckons it), so that a platform that answers at once is never more than one
    letter ahead of its marks, however it stumbles. Where there is no rate, there is no end to them.
    """

    rate: float
    unmarked: int = 0
    """sent, and not marked yet"""
    _sending: dict[int, float] = field(default_factory=dict)
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=32))

    @property
    def most(self) -> float:
        """How many there may be."""
        quickest = min(self._times, default=0.0)
        return max(1.0, self.rate * max(DOUBT, quickest)) if self.rate else float("inf")

    @property
    def under_way(self) -> int:
        """How many are being sent."""
        return len(self._sending)

    @property
    def none(self) -> bool:
        """Is everything that was sent marked, and nothing being sent?"""
        return not self._sending and not self.unmarked

    def begin(self, letter: int, now: float) -> None:
        """This letter is being sent."""
        self._sending[letter] = now

    def end(self, letter: int, now: float, *, taken: bool) -> None:
        """The platform has answered; if it has taken the letter, a mark is due."""
        begun = self._sending.pop(letter)
        if taken:
            self._times.append(now - begun)
            self.unmarked += 1

    def wait(self, now: float) -> float:
        """Seconds until the next letter may go; without end where a mark must come first."""
        recent = [begun for begun in self._sending.values() if now - begun < SLOW]
        most = self.most
        if self.unmarked >= most:
            return float("inf")
        return recent[0] + SLOW - now if len(recent) + self.unmarked >= most else 0.0
