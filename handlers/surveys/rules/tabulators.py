"""Who opens ballots: how they are enrolled, what a passphrase must be, and when a key rests."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from handlers.refusals import BadInput, NotAllowed, NotFound, TooLate
from handlers.talk import t
from storage.records import Person, Tabulator, WrappedKey

ENROLMENT = timedelta(days=7)
"""How long an enrolment link is good."""
FAILURES = 5
"""Wrong passphrases in a row after which a key rests."""
REST = timedelta(minutes=15)
SHORTEST, LONGEST = 12, 200
"""Characters of a passphrase."""
_COMMON = (
    *("password", "passphrase", "passwort", "qwerty", "qwertyuiop", "asdfghjkl", "zxcvbnm", "letmein", "welcome"),
    *("iloveyou", "woaini", "admin", "administrator", "abc", "abcdef", "abcdefg", "huiyin", "mima", "secret"),
    *("changeme", "correcthorsebatterystaple", "wodemima", "zhongguo", "beijing", "gongwuyuan"),
)
"""Words that every guesser tries first; figures and marks around them help nobody."""
_ROWS = ("qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "98765432109876543210")

NO_KEY = NotAllowed(
    t(
        "The staff number or the passphrase is not right. After five wrong ones in a row a key rests for 15 minutes, "
        "and even the right passphrase is refused meanwhile."
    )
)
"""The one answer to a wrong passphrase, a number nobody has, one who is no tabulator, and a key that rests."""


def digest(secret: str) -> bytes:
    """What is kept of the secret in an enrolment link."""
    return hashlib.sha256(secret.encode()).digest()


def invited(before: Tabulator | None, person: Person, secret: str, now: datetime) -> Tabulator:
    """The person, asked to enrol by a link. Raises NotAllowed where there is a key already, or the person has left."""
    if person.left:
        raise NotAllowed(t("{name} has left the organ and opens no ballots.", name=person.name))
    if before is not None and before.key is not None and not before.invited:
        raise NotAllowed(
            t("{name} has a key already. To give them a new one, remove them first.", name=person.name),
        )
    return Tabulator(person.id, digest(secret), now + ENROLMENT)


def check_link(tabulator: Tabulator | None, now: datetime) -> Tabulator:
    """Whose enrolment link this is. Raises NotFound or TooLate."""
    if tabulator is None:
        raise NotFound(t("This link has been used or replaced. Ask your HR office for a new one."))
    if tabulator.expires is None or tabulator.expires <= now:
        raise TooLate(t("This link was good for seven days. Ask your HR office for a new one."))
    return tabulator


def check_passphrase(passphrase: str, again: str) -> None:
    """Raises BadInput where it is too short, too long, too common, or was typed differently the second time."""
    if len(passphrase) < SHORTEST:
        raise BadInput(t("Too short: take at least {count} characters. Four or five words do well.", count=SHORTEST))
    if len(passphrase) > LONGEST:
        raise BadInput(t("Too long: take at most {count} characters.", count=LONGEST))
    if _is_common(passphrase):
        raise BadInput(t("That is one of the first a stranger would try. Take a few words that belong to no saying."))
    if passphrase != again:
        raise BadInput(t("The two passphrases differ. Please type the same one twice."))


def _is_common(passphrase: str) -> bool:
    plain = "".join(letter for letter in passphrase.casefold() if letter.isalnum())
    if len(set(plain)) < 5 or any(plain in row or plain in row[::-1] for row in _ROWS):
        return True
    bare = plain.strip("0123456789")
    return not bare or any(bare == word * (len(bare) // len(word)) for word in _COMMON)


def enrolled(tabulator: Tabulator, key: WrappedKey) -> Tabulator:
    """With a key, which counts once it has been tried; until then the link may be used once more."""
    return replace(tabulator, key=key, tested=None, failures=0, rests=None)


def trying(tabulator: Tabulator, now: datetime) -> Tabulator | None:
    """With one failure more, noted before the passphrase is tried, so that neither many at once nor a crash gets
    another try; None where the key rests."""
    if tabulator.rests is not None and now < tabulator.rests:
        return None
    failures = tabulator.failures + 1
    return replace(tabulator, failures=failures % FAILURES, rests=now + REST if failures >= FAILURES else None)


def tested(tabulator: Tabulator, today: date) -> Tabulator:
    """The passphrase was right: what was noted of failures is forgotten, and the enrolment is at its end."""
    return replace(tabulator, invited=b"", expires=None, tested=today, failures=0, rests=None)


def renewed(tabulator: Tabulator, key: WrappedKey, today: date) -> Tabulator:
    """Under a new passphrase."""
    return replace(tested(tabulator, today), key=key)


def present(allowed: Iterable[tuple[int, ...]], there: Iterable[int]) -> list[tuple[int, ...]]:
    """Of these pairs those of whom nobody is gone."""
    known = set(there)
    return [pair for pair in allowed if known.issuperset(pair)]
