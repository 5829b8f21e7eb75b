"""Telegram's moods: flood limits, and a schedule of faults. Seeded, so that a bad day can be lived again."""

import math
import random
from collections import defaultdict, deque
from dataclasses import dataclass, field

SPEAKING = ("sendMessage", "editMessageText", "deleteMessage", "sendDocument", "sendPhoto")
FAULTS = ("error", "reset before", "reset after", "stall")
"""A 500; the connection reset before the call was taken, or after; taken and answered only after `stall_seconds`."""


@dataclass
class Bucket:
    """`burst` calls at once, refilled at `rate` a second."""

    rate: float
    burst: float
    level: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.level = self.burst

    def lacks(self, now: float) -> float:
        """Seconds until it holds a whole call; 0 if it does."""
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.level >= 1 else (1 - self.level) / self.rate


class Flood:
    """How much is too much: over all chats, and in one. A rate of 0 is no limit."""

    def __init__(self, rate: float = 30.0, chat_rate: float = 1.0, chat_burst: float = 5.0) -> None:
        self.all = Bucket(rate, rate)
        self.chats: dict[int, Bucket] = defaultdict(lambda: Bucket(chat_rate, chat_burst))

    def retry_after(self, chat: int, now: float) -> int:
        """Whole seconds to wait; 0 if this one may pass, and then it is counted."""
        buckets = [bucket for bucket in (self.all, self.chats[chat]) if bucket.rate]
        wait = max((bucket.lacks(now) for bucket in buckets), default=0.0)
        if wait:
            return max(1, math.ceil(wait))
        for bucket in buckets:
            bucket.level -= 1
        return 0


@dataclass
class Faults:
    """What goes wrong, and how often (0 to 1). `spread`: seconds over which a hook's updates are shuffled."""

    seed: int = 0
    error: float = 0.0
    reset_before: float = 0.0
    reset_after: float = 0.0
    stall: float = 0.0
    stall_seconds: float = 60.0
    methods: tuple[str, ...] = SPEAKING
    duplicate: float = 0.0
    shuffle: bool = False
    spread: float = 0.0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.planned: dict[str, deque[str]] = defaultdict(deque)

    def next(self, method: str) -> str:
        """One of FAULTS or nothing: what was planned for this method, else as chance has it."""
        if self.planned[method]:
            return self.planned[method].popleft()
        if method not in self.methods:
            return ""
        dice = self.random.random()
        for fault, chance in zip(FAULTS, (self.error, self.reset_before, self.reset_after, self.stall), strict=True):
            if dice < chance:
                return fault
            dice -= chance
        return ""

    def again(self) -> bool:
        """Shall this update come twice?"""
        return self.duplicate > 0 and self.random.random() < self.duplicate
