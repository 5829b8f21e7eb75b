"""The auditors' report of an anonymous round in words, for a page to print and for a terminal."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from handlers.talk import Part, Text, joined, t
from handlers.terms import ATTRIBUTES, VALUES
from storage.records import CountStage

Word = Callable[[Part], str]

TITLE = t("How this questionnaire was kept anonymous")
STAGES: Mapping[CountStage, Text] = {
    CountStage.SEALED: t("Sealed: nobody can open the ballots yet."),
    CountStage.UNTAGGED: t("The key of the marks is destroyed; the ballots wait for those who open them."),
    CountStage.RELEASED: t("Counted; the results are released."),
    CountStage.WITHHELD: t("Too few answers: nothing was released."),
    CountStage.DISCARDED: t("Called off: keys and ballots are destroyed unread."),
}
RULES: Mapping[str, Text] = {
    "few": t("Too few asked or answered"),
    "beside": t("Too few could be worked out together with what is shown"),
    "earlier": t("Too few could be worked out together with an earlier round"),
    "unexamined": t("It would have taken too long to tell whether that is so"),
}
EVENTS: Mapping[str, Text] = {
    "first_half": t("First of two has unlocked"),
    "tag_key_recovered": t("Key of the marks brought back, to go on after a restart"),
    "keys_restored": t("Sealed keys put back"),
    "urn_sealed": t("Box closed: no ballot is taken any more"),
    "tag_key_destroyed": t("Key of the marks destroyed"),
    "unlocked": t("Box opened and counted"),
    "released": t("Results released"),
    "withheld": t("Too few answers: nothing released"),
    "box_key_destroyed": t("Key of the box destroyed"),
    "ballots_erased": t("All ballots destroyed"),
    "discarded": t("Called off"),
}
NEVER = t("not yet")
YES, NO = t("yes"), t("no")


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading, and facts with their names; sentences below."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    told: tuple[str, ...] = ()


def chapters(of: Any, word: Word) -> list[Chapter]:
    """The report (`round_assurance`), in the reader's words."""
    return [
        Chapter(word(t("What was laid down before anybody answered")), tuple(_laid_down(of, word))),
        Chapter(word(t("What was done")), tuple(_done(of, word))),
        Chapter(word(t("What is not shown, by rule")), tuple(_hidden(of, word)), (word(COUNTS),)),
        Chapter(word(t("How to check this")), told=tuple(word(part) for part in CHECKS)),
    ]


COUNTS = t("Only how many tables each rule hid, never which: that alone would tell of a few people.")
CHECKS = (
    t(
        "The fingerprint: it is the SHA-256 of all that was laid down. Whoever noted it when the questionnaire "
        "opened sees by it that nothing was changed afterwards. `fixed` in the report over REST is the text it is "
        "made of; save that text as it is, and `sha256sum` must give the same."
    ),
    t(
        "The keys: the directory of keys (HUIYIN_KEYS_DIR) has no file of this round once it is counted, and the "
        "backup has none of that directory at any time."
    ),
    t(
        "The ballots: the tables `urns`, `ballots` and `drafts` have no row of this round once it is counted, and "
        "before that none with a name, a time or a number."
    ),
    t(
        "The tables: export them as often as you like, in any role. Two exports are the same to the last figure, "
        "because they are what is stored; nothing is worked out anew."
    ),
    t(
        "The attacks: `tests/attacks` of the program plays what an attacker would try, one file an attack. `make test` "
        "runs them on your machine."
    ),
)


def _laid_down(of: Any, word: Word) -> Iterator[tuple[str, str]]:
    yield word(t("Answers below which nothing is shown")), str(of.threshold)
    yield word(t("People who open the ballots together")), str(of.tabulators)
    yield word(t("May be tapped in the chat")), word(YES if of.in_chat else NO)
    for one in of.breakdowns:
        yield word(t("Told apart by {attribute}", attribute=ATTRIBUTES[one.attribute])), word(_bands(one))
    for pair in of.pairs:
        yield word(t("Tabulated against each other")), " × ".join(pair)
    yield word(t("Approved by")), of.approved_by
    yield word(t("Fingerprint (SHA-256)")), of.digest
    yield word(t("Nothing of it changed since")), word(YES if of.intact else NO)


def _bands(of: Any) -> Part:
    """The groups of people there are by one attribute, each with how many were invited."""
    groups = [(joined([VALUES.get(one, one) for one in band.values]), band.invited) for band in of.bands]
    told = [t("{group} ({count})", group=group, count=invited) for group, invited in groups]
    return reduce(lambda before, one: t("{these}; {one}", these=before, one=one), told)


def _done(of: Any, word: Word) -> Iterator[tuple[str, str]]:
    yield word(t("State")), word(STAGES[of.stage])
    yield word(t("Keys made, questionnaire opened")), word(Text("{time}", {"time": of.opened}))
    for event in of.events:
        name = word(EVENTS[event.what]) + (f" ({event.by})" if event.by else "")
        yield name, word(Text("{time}", {"time": event.at}))
    yield word(t("Opened by")), word(joined(of.unlocked_by) or NEVER)


def _hidden(of: Any, word: Word) -> Iterator[tuple[str, str]]:
    told = of.report
    names = (
        ("tables", t("Tables drawn up")),
        ("hidden", t("Of these not shown")),
        ("invalid", t("Ballots that could not be read")),
        ("strange", t("Answers that fit no question")),
    )
    yield from ((word(name), str(told[key])) for key, name in names if key in told)
    by_rule: Mapping[str, int] = told.get("by_rule", {})
    yield from ((word(RULES[rule]), str(count)) for rule, count in by_rule.items())
    if (rest := told.get("hidden", 0) - sum(by_rule.values())) > 0:
        yield word(t("Made of tables that are not shown")), str(rest)
    if left_out := told.get("left_out"):
        yield word(t("Questions that are not tabulated")), word(joined([path.rpartition("/")[2] for path in left_out]))
