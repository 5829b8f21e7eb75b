"""How anonymity is kept, for whoever answers: what happens to an answer, who sees what, where it ends. 匿名说明

It says nothing that the rules, the vault and the ballots do not do; its numbers are theirs.
"""

from dataclasses import dataclass

from handlers.surveys.rules.honesty import UNPROTECTED
from handlers.surveys.rules.secrecy import LEAST, LEAST_PEOPLE
from handlers.talk import Part, t
from storage.records import Secrecy


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens to an answer; `drawing`: what is drawn beside it."""

    drawing: str
    title: Part
    told: Part


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody can learn, while a questionnaire is open and after it has closed."""

    who: Part
    while_open: Part
    afterwards: Part


@dataclass(frozen=True, slots=True)
class Explained:
    """The page, part by part."""

    lead: Part
    steps: tuple[Step, ...]
    rules: tuple[Part, ...]
    seen: tuple[Seen, ...]
    limits: tuple[Part, ...]
    advice: tuple[Part, ...]
    word: tuple[Part, ...]


STEPS = (
    Step(
        "inner",
        t("Your answers go into an envelope"),
        t(
            "As soon as your answers reach our server they are locked away. The server can lock, but not open: it does "
            "not have the key to what it has locked."
        ),
    ),
    Step(
        "outer",
        t("A second envelope has a mark, and no name"),
        t(
            "So that everybody counts once, and you can still change your mind, the outer envelope carries a mark. "
            "It is made with a secret key; without that key nobody can tell whose it is."
        ),
    ),
    Step(
        "box",
        t("It lies in a box of its own"),
        t(
            "The box knows no names, no times and no order. The list of those who were asked lies elsewhere, and says "
            "only whether the invitation arrived. So nobody sees who has answered, and reminders go to everybody alike."
        ),
    ),
    Step(
        "torn",
        t("At the end the marks lose their meaning"),
        t(
            "When the questionnaire closes, the secret key of the marks is destroyed first. From then on nothing tells "
            "whose envelope is whose. As long as that key exists, the program refuses to open the box."
        ),
    ),
    Step(
        "keys",
        t("Two people open the box together"),
        t(
            "They come from different offices, such as HR and discipline inspection, and each knows one passphrase. "
            "One alone cannot open it. In a small organ one person may do it alone; then the questionnaire says so "
            "before the first question."
        ),
    ),
    Step(
        "count",
        t("The program counts, and keeps only tables"),
        t(
            "Nobody gets to see a single questionnaire, not even those two. The program counts all of them at once, "
            "and keeps nothing but tables and comments."
        ),
    ),
    Step(
        "gone",
        t("Envelopes and keys are destroyed"),
        t(
            "Keys are never part of a backup. An old copy of the box, wherever it may lie, can therefore never be "
            "opened again, not by us either."
        ),
    ),
)

SEEN = (
    Seen(
        t("Your HR office"),
        t("How many people were asked. Not how many have answered, nor who."),
        t("The same tables and comments that you see."),
    ),
    Seen(
        t("Whoever runs the database, with all backups"),
        t(
            "That envelopes arrive, how many, and when. Together with the records of the chat platform one can guess "
            "who answered when; not what."
        ),
        t("Nothing more. Old copies stay locked for ever."),
    ),
    Seen(
        t("Whoever reads the logs"),
        t("That invitations went out. No name, no answer, no link."),
        t("The same."),
    ),
    Seen(
        t("The chat platform, and your employer's archive of messages where there is one"),
        t(
            "Everything that you type or tap in the chat, that the link was sent to you, and that you opened it. Not "
            "what you enter on the page."
        ),
        t("The same: what it has, it keeps. Deleting a message does not reach an archive."),
    ),
    Seen(
        t("Whoever watches the network"),
        t("That you opened our page. What is sent there has one of a few sizes, so that its length tells nothing."),
        t("Nothing more."),
    ),
    Seen(
        t("Whoever has full power over the running server"),
        t("Your answers, in the moment in which they arrive; and the key of the marks."),
        t("Nothing of what has been closed."),
    ),
    Seen(
        t("Both people who open the box, if they conspire and somebody copies the keys from the server for them"),
        t("They can read answers and find out whose they are."),
        t("Nothing, if no copy was made before the closing."),
    ),
    Seen(
        t("Whoever holds your phone"),
        t("What still stands in the chat. On the page nothing stays behind."),
        t("The same; the link works no more."),
    ),
)

ADVICE = (
    t("Answer on the page, not in the chat, and on a phone that is your own."),
    t(
        "Write nothing by which you can be recognised: no names, no case that only you know, no turn of phrase of "
        "yours."
    ),
    t("Do not pass the link on. It is good for two hours and for you alone; a tap in the chat brings a new one."),
    t("You need not answer. Your HR office and your leaders do not learn whether you did."),
)

WORD = (
    t(
        "The law calls information anonymised only if nobody can be recognised by it and that cannot be undone "
        "(Personal Information Protection Law, Article 73)."
    ),
    t(
        "While a questionnaire is open that is not so: the key of the marks exists. Your answers are then your "
        "personal information, and protected as such. “Anonymous” means only this until then: answered without a name."
    ),
    t("Only once it has closed, and keys and envelopes are destroyed, is the word true of what is left: the tables."),
)


def explained() -> Explained:
    """The page, with the numbers that the rules have."""
    usual = Secrecy().threshold
    return Explained(
        t("It works like a postal vote: two envelopes, a box, and two people who open it together."),
        STEPS,
        (
            t("A questionnaire can only be anonymous if at least {count} people are asked.", count=LEAST_PEOPLE),
            t(
                "Usually nothing is shown of a group with fewer than {usual} answers. Each questionnaire says its "
                "own number; it is never below {floor}, and stands fast once the questionnaire is open.",
                usual=usual,
                floor=LEAST,
            ),
            t("If there are fewer answers than that altogether, nothing is shown at all, and everything is destroyed."),
            t(
                "Before a group is shown, the program works out whether it, together with all the others, would tell "
                "of a few people."
            ),
        ),
        SEEN,
        UNPROTECTED,
        ADVICE,
        WORD,
    )
