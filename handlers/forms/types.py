"""What a cell of the type column means: ODK's own names of the question types, and all its aliases."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from handlers.forms.kind import kinds
from handlers.talk import Text, t

_ALIASES = {
    "text": ("string", "q_string", "add_text_prompt"),
    "integer": ("int", "q_int", "add_integer_prompt"),
    "decimal": ("q_decimal", "add_decimal_prompt"),
    "date": ("q_date", "add_date_prompt"),
    "dateTime": ("datetime", "date_time", "q_datetime", "q_date_time", "add_datetime_prompt", "add_date_time_prompt"),
    "note": ("q_note", "add_note_prompt"),
    "calculate": ("q_calculate", "add_calculate_prompt"),
    "acknowledge": ("trigger", "q_acknowledge", "add_acknowledge_prompt"),
    "image": ("photo", "q_image", "q_picture", "add_image_prompt", "add_photo_prompt"),
    "file": ("add_file_prompt",),
    "today": ("get_today",),
    "start": ("start_time", "get_start_time"),
    "end": ("end_time", "get_end_time"),
    "select_one": ("select_one_from", "select1", "add_select_one_prompt_using"),
    "select_multiple": (
        *("select_all_that_apply", "select_all_that_apply_from", "select_multiple_from"),
        "add_select_multiple_prompt_using",
    ),
}
_NAMED = {alias: kind for kind, aliases in _ALIASES.items() for alias in (kind.lower(), *aliases)}
_NOT_YET = frozenset((
    "geopoint", "geotrace", "geoshape", "location", "gps", "start_geopoint", "start-geopoint", "background-geopoint",
    "q_location", "q_geopoint", "q_geotrace", "q_geoshape", "add_location_prompt",
    "deviceid", "device_id", "get_device_id", "imei", "phonenumber", "phone_number", "get_phone_number", "simserial",
    "sim_id", "get_sim_id", "subscriberid", "subscriber_id", "get_subscriber_id", "username", "email", "audit",
    "barcode", "q_barcode", "add_barcode_prompt", "audio", "q_audio", "add_audio_prompt", "background-audio", "video",
    "q_video", "add_video_prompt", "osm", "select_one_external", "select_one_from_file", "select_multiple_from_file",
    "xml-external", "csv-external", "percentage", "begin_loop", "end_loop", "uri:deviceid", "uri:email",
    "uri:phonenumber", "uri:simserial", "uri:subscriberid", "uri:username", "number_of_days_in_last_month",
    "number_of_days_in_last_six_months", "number_of_days_in_last_year",
))  # fmt: skip
"""Types that ODK knows and that are not asked here."""
_SETTINGS = frozenset(("form_title", "set_form_title", "form_id", "set_form_id", "prefix"))
"""Settings that very old forms have among the questions."""
_CONTROLS = {"group": "group", "repeat": "repeat", "lgroup": "repeat", "looped_group": "repeat"}
_OTHER = (["or_other"], ["or", "other"], ["or", "specify", "other"])


@dataclass(frozen=True, slots=True)
class Type:
    """What a row is. `move`: `begin` or `end` of the group or repeat in `kind`, else empty: then `kind` is a kind of
    question, empty if the cell names none. A question that chooses names a list, and may allow another answer."""

    kind: str
    move: str = ""
    list_name: str = ""
    other: bool = False
    more: str = ""
    """What stands there that has no meaning."""


@lru_cache(maxsize=1024)
def read(cell: str) -> Type:
    """What the cell names; capitals and underscores do not matter."""
    words = cell.split()
    snake = "_".join(words).lower()
    move, _, control = snake.partition("_")
    if move in ("begin", "end") and control in _CONTROLS:
        return Type(_CONTROLS[control], move)
    for cut in range(len(words), 0, -1):
        named = "_".join(words[:cut]).lower()
        kind = _NAMED.get(named, named)
        if kind in kinds() and (kinds()[kind].chooses or cut == len(words)):
            return _chosen(kind, words[cut:])
    return Type("")


def _chosen(kind: str, rest: list[str]) -> Type:
    list_name, *more = rest or [""]
    other = [word.lower() for word in more] in _OTHER
    return Type(kind, "", list_name, other, "" if other else " ".join(more))


def unknown(cell: str) -> Text:
    """Why this is no type we ask, and what may have been meant."""
    words = cell.lower().split()
    if not _NOT_YET.isdisjoint(("_".join(words), "_".join(words[:2]), words[0])):
        return not_yet(cell)
    if "_".join(words) in _SETTINGS:
        return t("“{type}” belongs on the sheet settings", type=cell)
    known = [*kinds(), *_NAMED, "begin_group", "end_group", "begin_repeat", "end_repeat", *_NOT_YET]
    problem = t("“{type}” is no question type", type=cell)
    whole = near(problem, "_".join(words), known)
    return whole if whole != problem else near(problem, words[0], known)


def not_yet(named: str) -> Text:
    """It is part of ODK, and we do not follow it."""
    return t("“{type}” is known to ODK, but it cannot be asked here yet", type=named)


def near(problem: Text, named: str, known: Iterable[str]) -> Text:
    """The problem, and what may have been meant."""
    found = get_close_matches(named, known, 1, 0.7)
    return t("{problem}. Did you mean “{near}”?", problem=problem, near=found[0]) if found else problem
