"""What tabulators do with their keys: enrol, try, renew, unlock; and the opening of ballots once two have unlocked.

Stretching a passphrase takes half a second and 256 MiB, counting ballots takes longer: both are done in threads,
outside every transaction, and a crash between any two steps leaves a round complete or still sealed.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import structlog

from bot.knocking import visit
from handlers import doors
from handlers.doors import Guest
from handlers.refusals import BadInput, NotAllowed
from handlers.talk import t
from storage import vault
from storage.database import Database
from storage.records import Count, Person, Round, WrappedKey

AT_ONCE = 2
"""Passphrases stretched at the same time, at most: each takes 256 MiB."""
WAITING = 8
"""Passphrases that wait for it, at most."""
BUSY = NotAllowed(t("Too many passphrases are being tried at the moment. Please try again in a minute."))
WRONG_KEY = NotAllowed(t("The staff number or the recovery key is not right."))
UNPRINTED = BadInput(t("That is not the last group of the recovery key. Please look at your paper once more."))

log = structlog.get_logger("bot.ceremony")

Told = Callable[[int], None]
"""How many percent of the ballots are counted; how many there are nobody is told."""


class Ceremony:
    """Everything a passphrase opens. `now` gives the time, aware; `wake` says that letters may have been written."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], wake: Callable[[], None] = lambda: None
    ) -> None:
        doors.find()
        self._database = database
        self._now = now
        self._wake = wake
        self._room = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobody = vault.decoy()

    # A tabulator's own key --------------------------------------------------------------------------------

    async def whose(self, secret: str) -> Person:
        """Who is to enrol by this link. Raises Refusal."""
        holder: Person = (await self._door("see_enrolment", secret=secret)).person
        return holder

    async def enrol(self, secret: str, passphrase: str, again: str) -> tuple[Person, str]:
        """Makes a key for whoever has this link; the recovery key, once. It counts after `finish`. Raises Refusal."""
        await self._door("see_enrolment", secret=secret)
        await self._door("check_passphrase", passphrase=passphrase, again=again)
        async with self._stretching():
            key, recovery = await asyncio.to_thread(vault.new_key, passphrase)
        holder = await self._door("put_key", secret=secret, key=key)
        return holder.person, recovery

    async def finish(self, number: str, recovery: str, typed: str, passphrase: str) -> Person:
        """The end of enrolling: the last group of the printed recovery key is typed back, and the key tried. Raises
        Refusal."""
        if "".join(typed.split()).upper() != recovery.rpartition("-")[2]:
            raise UNPRINTED
        return await self.test(number, passphrase)

    async def test(self, number: str, passphrase: str) -> Person:
        """Tries a passphrase, for its own sake. Raises NotAllowed."""
        person, _ = await self._private(number, passphrase)
        return person

    async def renew(self, number: str, recovery: str, passphrase: str, again: str) -> Person:
        """Puts a key under a new passphrase by its printed recovery key. Raises Refusal."""
        await self._door("check_passphrase", passphrase=passphrase, again=again)
        trying = await self._door("try_key", number=number)
        async with self._stretching():
            key: WrappedKey | None = await asyncio.to_thread(
                vault.renewed, trying.key if trying else self._nobody, recovery, passphrase
            )
            if key is None:
                await asyncio.to_thread(vault.unlock, self._nobody, passphrase)
        if key is None:
            log.warning("a recovery key was refused")
            raise WRONG_KEY
        holder: Person = await self._door("renew_key", number=number, key=key)
        return holder

    async def rounds(self, person: Person) -> list[Any]:
        """The rounds this tabulator may open."""
        marks: list[Any] = await self._door("see_counts", person_id=person.id)
        return marks

    # A round ----------------------------------------------------------------------------------------------

    async def unlock(
        self, round_id: int, number: str, passphrase: str, told: Told = lambda _percent: None
    ) -> tuple[Any, Count | None]:
        """Unlocks a closed round with one key. The last key that is needed has the ballots opened, counted and
        destroyed; the count then, None before. Raises Refusal."""
        person, private = await self._private(number, passphrase)
        unlocked = await self._door("unlock_half", round_id=round_id, person=person, private=private)
        if unlocked.box_key is None:
            return unlocked, None
        return unlocked, await self._count(unlocked, told)

    async def _count(self, unlocked: Any, told: Told) -> Count:
        round_id = unlocked.round.id
        counting = await self._door("begin_counting", round_id=round_id)
        most, done = await counting.most() or 1, 0
        async for sealed in counting.sealed():
            await asyncio.to_thread(counting.add, unlocked.box_key, sealed)
            done += len(sealed)
            told(90 * done // most)
        outcome = await asyncio.to_thread(counting.outcome, secrets.token_bytes)
        told(95)
        link = secrets.token_urlsafe(16)
        kept = {"round_id": round_id, "outcome": outcome, "spoilt": counting.spoilt, "by": unlocked.by, "link": link}
        await self._door("keep_count", **kept)
        count = await self.finished(round_id)
        told(100)
        log.info("ballots counted and destroyed")
        return count

    async def finished(self, round_id: int) -> Count:
        """Destroys what is left of a round that is counted or given up; what it came to."""
        count: Count = await self._door("finish", round_id=round_id)
        return count

    async def recover(self, round_id: int, number: str, passphrase: str) -> Any:
        """One tabulator's half of bringing back the key by which people answer. Raises Refusal."""
        person, private = await self._private(number, passphrase)
        return await self._door("recover_half", round_id=round_id, person=person, private=private)

    async def bundle(self, round_id: int) -> bytes:
        """The sealed keys of an open round, to be put by. Raises Refusal."""
        bundle: bytes = await self._door("take_bundle", round_id=round_id)
        return bundle

    async def restore(self, bundle: bytes) -> Round:
        """Puts sealed keys back where they were lost. Raises Refusal."""
        round: Round = await self._door("restore_bundle", bundle=bundle)
        return round

    # Below it ---------------------------------------------------------------------------------------------

    async def _private(self, number: str, passphrase: str) -> tuple[Person, bytes]:
        """The private half of a tabulator's key. Raises NotAllowed, after the same time whatever is wrong."""
        async with self._stretching():
            trying = await self._door("try_key", number=number)
            key = trying.key if trying else self._nobody
            private = await asyncio.to_thread(vault.unlock, key, passphrase)
        fits = private is not None and trying is not None
        if not fits:
            log.warning("a passphrase was refused")
        return await self._door("key_fits", number=number, fits=fits), private or b""

    @asynccontextmanager
    async def _stretching(self) -> AsyncIterator[None]:
        if self._waiting >= WAITING:
            raise BUSY
        self._waiting += 1
        try:
            async with self._room:
                yield
        finally:
            self._waiting -= 1

    async def _door(self, name: str, **fields: Any) -> Any:
        answer = await visit(self._database, Guest("", "", self._now()), name, **fields)
        if doors.pages()[name].writes:
            self._wake()
        return answer
