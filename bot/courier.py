"""The only way out: words, fits, sends, retries, and drains the outbox at each platform's rate.

One `Post` per channel. Letters of one chat go one after the other, different chats in parallel,
replies before broadcasts. A letter is marked as sent as soon as the platform has taken it; what
was sent but not yet marked when the process died is sent once more. What is fleeting goes the same way, but from memory
alone.
"""

import asyncio
import random
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

import structlog

from bot import metrics
from bot.channels.base import Channel, ChannelError, Speech
from bot.channels.fitting import fit
from bot.pace import Doubt, Pace, silence
from bot.words import Words, language_of
from handlers.talk import File, Message, Removal, Stored, t, unpack
from storage.database import Database, Unavailable
from storage.records import Lane, Letter, NewLetter

LEASE = timedelta(seconds=20)
"""How long a letter this process holds stays out of other processes' reach: what a dead one held is taken over."""
AT_ONCE = 64
"""Sends under way at once on one channel."""
HELD = 512
"""Letters of one channel in memory, at most, before no more are claimed."""
AHEAD = 2.0
"""Seconds' worth of letters in memory, where the channel has a rate: what a pause of a round comes too late for."""
POLL = 1.0
"""Seconds between looks into the outbox for letters other processes have put there."""
LONGEST_PAUSE = 15.0
"""Seconds between two tries of a letter, at most."""
PICTURES = 16
"""Pictures of questionnaires kept at hand: a round shows the same few to everybody."""
PATIENCE = timedelta(days=1)
"""How long a letter is tried again while the platform cannot be reached."""
FLEETING = timedelta(minutes=5)
"""The same for what is fleeting: it lives in memory alone."""
PILE = 16
"""Fleeting letters that wait in one chat, at most."""

Leads = Callable[[str], bool]

log = structlog.get_logger("bot.courier")


@dataclass(slots=True)
class Chat:
    """Letters waiting for one chat, in order, and when it may be spoken to again."""

    pace: Pace
    letters: deque[Letter] = field(default_factory=deque)
    busy: bool = False
    failures: int = 0
    since: float = 0.0
    said: int = 0
    """speeches of the first letter that are out already"""


class Post:
    """Sends one channel's letters."""

    def __init__(self, channel: Channel, database: Database, words: Words, language: str, leads: Leads) -> None:
        self._channel = channel
        self._database = database
        self._words = words
        self._language = language
        self._leads = leads
        limits = channel.limits
        self._most = min(HELD, max(AT_ONCE, int(limits.rate * AHEAD))) if limits.rate else HELD
        # What a late wake-up missed may be caught up with: a twentieth of a second, but at least one letter.
        self._pace = Pace(limits.rate, max(2.0, limits.rate / 20))
        self._chats: dict[str, Chat] = {}
        self._ready: dict[Lane, deque[str]] = {Lane.REPLY: deque(), Lane.BROADCAST: deque()}
        self._later: list[tuple[float, str]] = []
        self._held = 0
        self._mine: dict[int, datetime] = {}
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._marks: list[tuple[Letter, str]] = []
        self._to_mark = asyncio.Event()
        self._quiet_until = 0.0
        self._silent_until = 0.0
        self._doubt = Doubt(limits.rate)
        self._pictures: dict[str, File] = {}
        self._calm = asyncio.Event()
        self._calm.set()

    def take(self, letters: Sequence[Letter]) -> None:
        """Letters this process holds: they will be sent in order."""
        for letter in letters:
            # A lease that ran out while the database was away hands out once more what is here already.
            if letter.id not in self._mine:
                self._mine[letter.id] = letter.until or _now() + LEASE
                self._held += 1
                self._queue(letter)
        self._work.set()

    def whisper(self, new: NewLetter) -> None:
        """Sends this from memory: nothing of it is ever in the database, nor in a log."""
        letter = Letter(_unkept(), new.channel, new.address, new.language, Lane.REPLY, new.body)
        if chat := self._chats.get(letter.address):
            self._make_room(chat)
        self._mine[letter.id] = _now() + FLEETING
        self._held += 1
        self._queue(letter)
        self._work.set()

    def _make_room(self, chat: Chat) -> None:
        """Of more fleeting letters than are waited for the oldest goes, rather than what takes a message away."""
        begun = 1 if chat.busy or chat.said or chat.failures else 0
        piled = [letter for n, letter in enumerate(chat.letters) if n >= begun and _is_fleeting(letter)]
        if len(piled) >= PILE:
            gone = next((letter for letter in piled if "remove" not in letter.body), piled[0])
            chat.letters.remove(gone)
            self._held -= 1
            del self._mine[gone.id]

    def _queue(self, letter: Letter) -> None:
        """Behind the letters of its chat, but a reply before the broadcasts there that have not begun."""
        chat = self._chats.get(letter.address)
        if chat is None:
            limits = self._channel.limits
            chat = self._chats[letter.address] = Chat(Pace(limits.chat_rate, limits.chat_burst))
        idle = not chat.letters and not chat.busy
        place = len(chat.letters)
        if letter.lane is Lane.REPLY:
            first = 1 if chat.busy or chat.said or chat.failures else 0
            places = (n for n, one in enumerate(chat.letters) if n >= first and one.lane is Lane.BROADCAST)
            place = next(places, place)
        chat.letters.insert(place, letter)
        if idle:
            self._ready[letter.lane].append(letter.address)
        elif place == 0 and letter.address in self._ready[Lane.BROADCAST]:
            self._ready[Lane.BROADCAST].remove(letter.address)
            self._ready[Lane.REPLY].append(letter.address)

    def wake(self) -> None:
        """There may be something new in the outbox."""
        self._room.set()

    async def run(self) -> None:
        """Sends until cancelled; then lets what is under way come to its end."""
        async with asyncio.TaskGroup() as nursery:
            nursery.create_task(self._mark())
            nursery.create_task(self._claim())
            nursery.create_task(self._renew())
            nursery.create_task(self._dispatch(nursery))

    async def drain(self) -> None:
        """Waits until nothing is being sent and everything sent is marked."""
        await self._calm.wait()

    def hold(self) -> None:
        """No new sends from here on."""
        self._quiet_until = float("inf")

    async def _dispatch(self, nursery: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        while True:
            address = self._next(loop.time())
            if address is None:
                await self._idle(loop.time())
                self._pace.rest(loop.time())
                continue
            now = loop.time()
            pause = max(self._pace.wait(now), self._quiet_until - now, self._doubt.wait(now))
            if pause > 0 or self._doubt.under_way >= AT_ONCE:
                self._ready[self._chats[address].letters[0].lane].appendleft(address)
                await self._idle(now, pause)
                continue
            chat = self._chats[address]
            self._pace.take(now)
            chat.pace.take(now)
            chat.busy = True
            self._doubt.begin(chat.letters[0].id, now)
            self._calm.clear()
            nursery.create_task(self._deliver(chat, chat.letters[0]))

    def _next(self, now: float) -> str | None:
        """A chat that may be spoken to now, one with a reply first."""
        while self._later and self._later[0][0] <= now:
            address = heappop(self._later)[1]
            self._ready[self._chats[address].letters[0].lane].append(address)
        for lane, ready in self._ready.items():
            if lane is Lane.BROADCAST and ready and (pause := silence(_now(), self._channel.limits.silent)):
                self._silent_until = now + pause
                return None
            while ready:
                address = ready.popleft()
                chat = self._chats[address]
                if not self._keep_own(chat):
                    continue
                wait = chat.pace.wait(now)
                if wait <= 0:
                    return address
                heappush(self._later, (now + wait, address))
        return None

    def _keep_own(self, chat: Chat) -> bool:
        """Lets go of letters that soon are anybody's to send; whether the chat has any left.

        Where the lease could not be renewed in time, the database or we were away: whoever is there now claims them.
        """
        while chat.letters and self._mine[chat.letters[0].id] - _now() < LEASE / 5:
            gone = chat.letters.popleft()
            chat.failures = chat.said = 0
            self._held -= 1
            del self._mine[gone.id]
            if not _is_fleeting(gone):
                log.warning("letter let go, its lease was not renewed", channel=gone.channel, letter=gone.id)
        return bool(chat.letters)

    async def _idle(self, now: float, pause: float = 0.0) -> None:
        """Waits for work, for a free place, or until the next chat may be spoken to."""
        waits = [self._later[0][0] - now] if self._later else []
        if self._silent_until > now:
            waits.append(self._silent_until - now)
        if 0 < pause < float("inf"):
            waits.append(pause)
        self._work.clear()
        try:
            async with asyncio.timeout(max(0.0, min(waits)) if waits else None):
                await self._work.wait()
        except TimeoutError:
            pass

    async def _deliver(self, chat: Chat, letter: Letter) -> None:
        external_id = ""
        wait = 0.0
        done = True
        try:
            external_id = await self._say(chat, letter)
            metrics.SENT.labels(letter.channel, letter.lane).inc()
        except ChannelError as problem:
            done, wait = await self._failed(chat, letter, problem)
        except Exception as problem:  # one letter that cannot be worded must not stop all others
            log.error("letter cannot be said", channel=letter.channel, letter=letter.id, exc_info=problem)
            hopeless = ChannelError(type(problem).__name__, retryable=False)
            done, wait = await self._failed(chat, letter, hopeless)
        finally:
            now = asyncio.get_running_loop().time()
            marked = bool(external_id) and not _is_fleeting(letter)
            self._doubt.end(letter.id, now, taken=marked)
            chat.busy = False
            self._work.set()
        if done:
            chat.letters.popleft()
            chat.failures = chat.said = 0
            self._held -= 1
            if marked:
                self._marks.append((letter, external_id))
                self._to_mark.set()
            else:
                del self._mine[letter.id]
            if self._held < self._most // 2:
                self._room.set()
        self._rest_if_settled()
        if wait:
            heappush(self._later, (now + wait, letter.address))
        elif chat.letters:
            self._ready[chat.letters[0].lane].append(letter.address)

    def _rest_if_settled(self) -> None:
        """Who waits for the last letter and its mark need wait no longer."""
        if self._doubt.none:
            self._calm.set()

    async def _say(self, chat: Chat, letter: Letter) -> str:
        """Says all of one letter; returns the platform's id of the last message."""
        said = unpack(letter.body)
        if isinstance(said, Removal):
            await self._channel.delete(letter.address, said.message_id)
            return said.message_id
        said = await self._with_picture(said)
        if letter.lane is Lane.BROADCAST and not self._channel.limits.repeats:
            said = replace(said, parts=(*said.parts, t("Sent {time}", time=_now())))
        language = language_of(letter.language, self._language)
        speeches = fit(said, lambda part: self._words.word(part, language), self._channel.limits)
        external_id = "-"
        for number, speech in enumerate(speeches[chat.said :], chat.said):
            key = f"{letter.id}.{number}"
            if letter.body.get("own"):
                speech = Speech(speech.text, own=True)
            if said.replaces and number == 0:
                external_id = await self._channel.edit(letter.address, said.replaces, speech, key)
            else:
                external_id = await self._channel.send(letter.address, speech, key)
            chat.said = number + 1
        return external_id

    async def _with_picture(self, said: Message) -> Message:
        """What lies on our own shelf is fetched now. Raises ChannelError while the database is out of reach."""
        if not isinstance(said.file, Stored):
            return said
        name, digest = said.file.name, said.file.digest
        if digest not in self._pictures:
            try:
                async with self._database.reading() as store:
                    found = await store.surveys.picture(digest)
            except Unavailable:
                raise ChannelError("the database cannot be reached") from None
            if found is None:
                raise ChannelError("a picture of a questionnaire is missing", retryable=False)
            if len(self._pictures) >= PICTURES:
                self._pictures.pop(next(iter(self._pictures)))
            self._pictures[digest] = File(name, found.mime, found.content)
        return replace(said, file=self._pictures[digest])

    async def _failed(self, chat: Chat, letter: Letter, problem: ChannelError) -> tuple[bool, float]:
        """Whether the letter is finished with, and else how many seconds to wait."""
        loop = asyncio.get_running_loop()
        metrics.UNSENT.labels(letter.channel, type(problem).__name__).inc()
        if problem.retry_after:
            if problem.everyone:
                self._quiet_until = max(self._quiet_until, loop.time() + problem.retry_after)
            return False, problem.retry_after
        chat.since = chat.since if chat.failures else loop.time()
        chat.failures += 1
        fleeting = _is_fleeting(letter)
        if problem.retryable and (fleeting or loop.time() - chat.since < PATIENCE.total_seconds()):
            # Jitter is not a secret.
            return False, min(LONGEST_PAUSE, 0.25 * 2**chat.failures) * random.uniform(0.5, 1.0)  # noqa: S311
        if fleeting:
            return True, 0.0
        log.warning("letter given up", channel=letter.channel, letter=letter.id, reason=type(problem).__name__)
        try:
            async with self._database.transaction() as store:
                await store.outbox.dead(letter.id, str(problem), _now())
                if problem.gone:
                    await store.people.mark_gone(letter.channel, letter.address)
                if problem.gone or letter.broadcast_id:
                    broadcast = None if problem.gone else letter.broadcast_id
                    await store.broadcasts.unreached(letter.channel, letter.address, broadcast)
        except Unavailable:
            return False, 1.0
        return True, 0.0

    async def _mark(self) -> None:
        while True:
            await self._to_mark.wait()
            self._to_mark.clear()
            marks, self._marks = self._marks, []
            if not marks:
                continue
            try:
                done = [(letter.id, message) for letter, message in marks]
                delivered = self._channel.limits.assures and any(letter.broadcast_id for letter, _ in marks)
                async with self._database.marking() as store:
                    await store.outbox.sent(done, _now(), delivered=delivered)
                self._doubt.unmarked -= len(marks)
                self._rest_if_settled()
                for letter, _ in marks:
                    del self._mine[letter.id]
                self._work.set()
            except Unavailable as problem:
                log.error("cannot mark letters as sent", reason=problem.reason)
                self._marks[:0] = marks
                await asyncio.sleep(0.5)
                self._to_mark.set()

    async def _claim(self) -> None:
        while True:
            room = self._most - self._held
            if room > 0 and self._leads(self._channel.name):
                try:
                    now = _now()
                    async with self._database.transaction() as store:
                        letters = await store.outbox.claim(self._channel.name, room, now, now + LEASE)
                    self.take(letters)
                except Unavailable as problem:
                    log.error("cannot claim letters", reason=problem.reason)
            self._forget()
            self._room.clear()
            try:
                async with asyncio.timeout(POLL):
                    await self._room.wait()
            except TimeoutError:
                pass

    def _forget(self) -> None:
        """Chats with nothing to say, that may be spoken to at any time, need not be remembered."""
        now = asyncio.get_running_loop().time()
        for address in [one for one, chat in self._chats.items() if not chat.letters and chat.pace.due <= now]:
            del self._chats[address]

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            held = sorted(id for id in self._mine if id > 0)
            if not held:
                continue
            until = _now() + LEASE
            try:
                async with self._database.transaction() as store:
                    renewed = await store.outbox.renew(held, until)
                self._mine.update((id, until) for id in renewed & self._mine.keys())
            except Unavailable as problem:
                log.error("cannot renew the lease of letters", reason=problem.reason)


class Courier:
    """All channels' posts. `language` is spoken to those of whom none is known. `leads(channel)`: is it this process
    that sends what nobody holds there, broadcasts above all?"""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        words: Words,
        language: str,
        leads: Leads = lambda _name: True,
    ) -> None:
        self._posts = {name: Post(channel, database, words, language, leads) for name, channel in channels.items()}

    def take(self, letters: Sequence[Letter]) -> None:
        """Letters just committed and held by this process."""
        by_channel: dict[str, list[Letter]] = {}
        for letter in letters:
            by_channel.setdefault(letter.channel, []).append(letter)
        for name, some in by_channel.items():
            self._posts[name].take(some)

    def whisper(self, letters: Sequence[NewLetter]) -> None:
        """What is fleeting, in order; never on a channel that keeps what is said there."""
        for letter in letters:
            self._posts[letter.channel].whisper(letter)

    def wake(self) -> None:
        """There may be something new in the outbox."""
        for post in self._posts.values():
            post.wake()

    async def run(self) -> None:
        """Sends until cancelled."""
        async with asyncio.TaskGroup() as nursery:
            for post in self._posts.values():
                nursery.create_task(post.run())

    def hold(self) -> None:
        """Starts no new send."""
        for post in self._posts.values():
            post.hold()

    async def drain(self) -> None:
        """Starts no new send and waits for those under way."""
        self.hold()
        for post in self._posts.values():
            await post.drain()


def _unkept() -> int:
    """An id that no letter of the outbox has, and that tells nothing."""
    return -1 - secrets.randbits(60)


def _is_fleeting(letter: Letter) -> bool:
    return letter.id < 0


def _now() -> datetime:
    return datetime.now(UTC)
