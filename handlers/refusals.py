"""The polite noes. Each carries the sentence the person reads.

Refusal
 ├── NotFound      there is no such thing
 ├── NotAllowed    you may not
 ├── TooLate       it was open, it is closed
 ├── AlreadyDone   it has been done before
 ├── BadInput      what was given does not fit; `problems` says where, all at once
 └── OutOfOrder    something of ours is missing that whoever runs this must put right
"""

from collections.abc import Sequence

from handlers.talk import Text


class Refusal(Exception):
    """A no, with the sentence that says what to do instead."""

    def __init__(self, text: Text, problems: Sequence[Text] = ()) -> None:
        super().__init__(text.message)
        self.text = text
        self.problems = tuple(problems)


class NotFound(Refusal):
    """There is no such thing."""


class NotAllowed(Refusal):
    """This person or clerk may not do that."""


class TooLate(Refusal):
    """It was open and is closed now."""


class AlreadyDone(Refusal):
    """It has been done before; doing it again changes nothing."""


class BadInput(Refusal):
    """What was given does not fit; `problems` names every place."""


class OutOfOrder(Refusal):
    """Something of ours is missing that only whoever runs this can put right; where it is caught, the log says so."""
