"""note: shown, never asked."""

from handlers.forms.kind import Kind


class Note(Kind):
    """Words to read on the way."""

    name = "note"
    asked = False


KIND = Note()
