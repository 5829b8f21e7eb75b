"""One thing heard -> one transaction -> one reply.

What waits is taken in batches, one thing per account and person, so that people who speak at the
same moment share one commit and its fsync. If anything in a batch fails, the batch is rolled back
and its things are taken one by one, so that nobody suffers for another's failure.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter

import structlog

from bot import metrics
from bot.channels.base import Channel, ChannelError
from bot.courier import Courier
from bot.words import Words, language_of
from handlers import doors
from handlers.forms.uploads import LARGEST, accepted, too_large
from handlers.refusals import BadInput, OutOfOrder, Refusal
from handlers.talk import Command, Heard, Left, Message, Part, Removal, Reply, Sent, Tap, Turn, Typed, pack, say, t
from storage.database import Database, Unavailable
from storage.records import Account, Lane, NewLetter, Person, Speaker, Utterance
from storage.store import Store

BATCH = 64
"""Things heard that share one commit, at most."""
FAILURES = 5
"""How often handling one thing may fail before it becomes a dead letter."""

PATIENCE = 20.0
"""Seconds a channel has to hand out a file; meanwhile a platform that is asked for news waits."""
FETCHES = 4
"""Files fetched and looked through at once, at most: each may be 20 MB."""
UNFETCHED = t("Your file could not be fetched just now. Please send it once more.")

log = structlog.get_logger("bot.chat")


class NotTaken(Exception):
    """This was not stored: the platform shall deliver it again."""


@dataclass(slots=True)
class _Waiting:
    heard: Heard
    toast: asyncio.Future[str]
    ready: bool = True
    """False while the file of it is being fetched: what comes after it on its account waits, too"""
    fleeting: list[NewLetter] = field(default_factory=list)
    """to be said once all else is durable, and never itself"""


class Chat:
    """Takes what the channels hear. `now` gives the time, aware; `site` is what links to our pages begin with."""

    def __init__(
        self,
        database: Database,
        courier: Courier,
        channels: Mapping[str, Channel],
        words: Words,
        language: str,
        now: Callable[[], datetime],
        site: str = "",
    ) -> None:
        self._database = database
        self._courier = courier
        self._channels = channels
        self._words = words
        self._language = language
        self._now = now
        self._site = site
        self._queue: list[_Waiting] = []
        self._fetching = asyncio.Semaphore(FETCHES)
        self._work = asyncio.Event()

    async def take(self, heard: Heard) -> str:
        """Returns the toast once everything is durable. Raises NotTaken: not stored, deliver again."""
        waiting = _Waiting(heard, asyncio.get_running_loop().create_future(), not isinstance(heard.what, Sent))
        self._queue.append(waiting)
        try:
            if isinstance(heard.what, Sent):
                waiting.heard = replace(heard, what=await self._with_file(heard, heard.what))
        except Unavailable:
            self._queue.remove(waiting)
            raise NotTaken from None
        finally:
            waiting.ready = True
            self._work.set()
        return await waiting.toast

    async def _with_file(self, heard: Heard, sent: Sent) -> Sent:
        """With what was sent, checked and without metadata, where the flow of the account awaits a picture or file;
        else without it. Raises Unavailable."""
        async with self._database.reading() as store:
            known = await store.people.find(heard.channel, heard.address)
        awaited = known[0].flow.rpartition(":")[2] if known else ""
        if awaited not in LARGEST or not (sent.file or sent.reference):
            return replace(sent, file=None)
        if sent.size > LARGEST[awaited]:
            return replace(sent, file=None, trouble=too_large(awaited))
        try:
            async with self._fetching:
                content = sent.file.content if sent.file else await self._fetch(heard.channel, sent, LARGEST[awaited])
                return replace(sent, file=await asyncio.to_thread(accepted, awaited, sent.name, content))
        except BadInput as no:
            return replace(sent, file=None, trouble=no.text)
        except (ChannelError, TimeoutError) as problem:
            log.warning("file not fetched", channel=heard.channel, reason=type(problem).__name__)
            return replace(sent, file=None, trouble=UNFETCHED)

    async def _fetch(self, channel: str, sent: Sent, most: int) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self._channels[channel].fetch(sent.reference, most)

    async def run(self) -> None:
        """Takes batch after batch until cancelled."""
        while True:
            await self._work.wait()
            batch = self._next_batch()
            if not batch:
                self._work.clear()
                continue
            await self._take_batch(batch)

    def _next_batch(self) -> list[_Waiting]:
        """The longest waiting thing of each account, in order; nobody waits for those who gave up."""
        batch: list[_Waiting] = []
        rest: list[_Waiting] = []
        places = set()
        for waiting in self._queue:
            if waiting.toast.done():
                continue
            place = (waiting.heard.channel, waiting.heard.address)
            if place in places or len(batch) == BATCH or not waiting.ready:
                rest.append(waiting)
            else:
                batch.append(waiting)
            places.add(place)
        self._queue = rest
        return batch

    async def _take_batch(self, batch: list[_Waiting]) -> None:
        try:
            await self._commit(batch)
        except Unavailable as problem:
            log.error("database unavailable, nothing acknowledged", reason=problem.reason, count=len(batch))
            _refuse(batch)
        except Exception as problem:  # one person's failure must not be another's
            if len(batch) > 1:
                for waiting in batch:
                    await self._take_batch([waiting])
            else:
                await self._failed(batch[0], problem)

    async def _commit(self, batch: list[_Waiting]) -> None:
        started = perf_counter()
        async with self._database.transaction() as store:
            taken, toasts = await self._handle(store, batch)
            await store.flush()
            letters = store.outbox.posted()
        metrics.COMMIT.observe(perf_counter() - started)
        metrics.BATCH.observe(len(taken))
        self._courier.take(letters)
        for waiting, toast in zip(taken, toasts, strict=True):
            self._courier.whisper(waiting.fleeting)
            if not waiting.toast.done():
                waiting.toast.set_result(toast)

    async def _handle(self, store: Store, batch: list[_Waiting]) -> tuple[list[_Waiting], list[str]]:
        """Answers those who come first of their person; the others go back to the head of the queue."""
        now = self._now()
        known = await store.people.recognise([(w.heard.channel, w.heard.address) for w in batch])
        first: list[_Waiting] = []
        second: list[_Waiting] = []
        persons: set[int] = set()
        for waiting in batch:
            person = known[waiting.heard.channel, waiting.heard.address][1]
            (second if person and person.id in persons else first).append(waiting)
            if person:
                persons.add(person.id)
        fresh = await store.inbox.unseen([(w.heard.channel, w.heard.external_id) for w in first], now)
        await store.preload(sorted(persons))
        toasts = []
        for waiting in first:
            heard = waiting.heard
            account, person = known[heard.channel, heard.address]
            if (heard.channel, heard.external_id) in fresh:
                fresh.discard((heard.channel, heard.external_id))
                toasts.append(await self._answer(store, waiting, account, person, now))
                metrics.HEARD.labels(heard.channel).inc()
            else:
                toasts.append("")
                metrics.AGAIN.labels(heard.channel).inc()
        if second:
            self._queue[:0] = second
        return first, toasts

    async def _answer(
        self, store: Store, waiting: _Waiting, account: Account, person: Person | None, now: datetime
    ) -> str:
        heard = waiting.heard
        waiting.fleeting.clear()
        if isinstance(heard.what, Left):
            await store.people.mark_gone(heard.channel, heard.address)
            await store.broadcasts.unreached(heard.channel, heard.address)
            return ""
        person = None if person is None or person.left else person
        language = language_of(account.language, person.language if person else "", heard.language, self._language)
        keeps = self._channels[heard.channel].limits.keeps
        turn = Turn(heard.what, account, person, language, now, heard.message_id, self._site, keeps=keeps)
        door = doors.chat_door(turn)
        try:
            reply = await door(turn, store)
        except Refusal as no:
            if isinstance(no, OutOfOrder):
                log.error("something of ours is missing", channel=heard.channel, reason=str(no))
            reply = say(no.text, *no.problems)
        if doors.is_private(door):
            reply = replace(reply, fleeting=not turn.keeps, confidential=True)
        if turn.person and not reply.taken and doors.is_free(turn.what):
            reply = await doors.unawaited_door()(turn, reply, store)
        turn = await self._as_of_now(store, turn)
        if reply.fleeting:
            waiting.fleeting.extend(_fleeting(turn, reply))
        else:
            await self._remember(store, turn, reply)
        return self._words.word(reply.toast, turn.language)

    async def _as_of_now(self, store: Store, turn: Turn) -> Turn:
        """The turn with the account as the door left it: it may speak another language now."""
        place = (turn.account.channel, turn.account.address)
        account = (await store.people.recognise([place]))[place][0]
        return replace(turn, account=account, language=language_of(account.language, turn.language))

    async def _remember(self, store: Store, turn: Turn, reply: Reply) -> None:
        """Replies into the outbox; both sides of it into the transcript, unless it is confidential."""
        account = turn.account
        open_talk = turn.person is not None and not reply.confidential
        if open_talk:
            await store.transcripts.add(_utterance(turn, Speaker.PERSON, _told(turn)))
            own = _own(turn)
            if own and self._channels[account.channel].limits.echoes:
                await self._post(store, turn, {**pack(Message((own,))), "own": True})
        for message in reply.messages:
            body = pack(message)
            await self._post(store, turn, body)
            if open_talk and not isinstance(message, Removal):
                body.pop("file", None)
                await store.transcripts.add(_utterance(turn, Speaker.BOT, body))

    async def _post(self, store: Store, turn: Turn, body: Mapping[str, object]) -> None:
        await store.outbox.post(_letter(turn, body), held=True)

    async def _failed(self, waiting: _Waiting, problem: Exception) -> None:
        """Counts the failure; the fifth makes a dead letter, tells the person, and lets the platform go on."""
        heard = waiting.heard
        log.error("handling failed", channel=heard.channel, exc_info=problem)
        metrics.FAILED.labels(heard.channel).inc()
        reason = type(problem).__name__
        try:
            async with self._database.transaction() as store:
                count = await store.inbox.failed(heard.channel, heard.external_id, reason, self._now())
                if count >= FAILURES:
                    await self._bury(store, heard, reason)
                    await store.flush()
                letters = store.outbox.posted()
        except Unavailable:
            count, letters = 0, []
        self._courier.take(letters)
        if count < FAILURES:
            _refuse([waiting])
        elif not waiting.toast.done():
            waiting.toast.set_result("")

    async def _bury(self, store: Store, heard: Heard, reason: str) -> None:
        metrics.BURIED.labels(heard.channel).inc()
        await store.inbox.bury(heard.channel, heard.external_id, reason, self._now())
        sorry: Part = t(
            "Something went wrong on our side, and what you just sent could not be taken. Please try again; "
            "if it happens again, tell your HR office."
        )
        language = language_of(heard.language, self._language)
        letter = NewLetter(heard.channel, heard.address, language, Lane.REPLY, pack(Message((sorry,))))
        await store.outbox.post(letter, held=True)


def _refuse(batch: Sequence[_Waiting]) -> None:
    for waiting in batch:
        if not waiting.toast.done():
            waiting.toast.set_exception(NotTaken())


def _letter(turn: Turn, body: Mapping[str, object]) -> NewLetter:
    return NewLetter(turn.account.channel, turn.account.address, turn.language, Lane.REPLY, body)


def _fleeting(turn: Turn, reply: Reply) -> list[NewLetter]:
    """What is said from memory. Raises ValueError on a channel that keeps it: a mistake of the door's."""
    if turn.keeps:
        raise ValueError("nothing fleeting is said on a channel that keeps what is said there")
    return [_letter(turn, pack(message)) for message in reply.messages]


def _utterance(turn: Turn, speaker: Speaker, body: Mapping[str, object]) -> Utterance:
    person_id = turn.person.id if turn.person else None
    return Utterance(turn.account.id, person_id, turn.now, speaker, body)


def _own(turn: Turn) -> str:
    """What the person said, as a chat shows it: words, or the name of what was sent."""
    match turn.what:
        case Typed(text):
            return text
        case Sent(kind, name):
            return f"📎 {name or kind}"
    return ""


def _told(turn: Turn) -> dict[str, object]:
    """What the person did, for the transcript; of a command the name alone, its argument may be a code."""
    match turn.what:
        case Typed(text):
            return {"typed": text}
        case Tap(data):
            return {"tapped": data}
        case Command(name):
            return {"command": name}
        case Sent(kind, name, size):
            return {"sent": kind, "name": name, "size": size}
        case Left():
            return {"left": True}
