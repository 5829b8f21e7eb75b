"""What the headers of an XLSForm mean: ODK's own names and aliases, and the language after `::`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

SURVEY = {
    "type": "type", "command": "type", "name": "name", "tag": "name", "value": "name",
    "label": "label", "caption": "label", "hint": "hint", "guidance_hint": "guidance_hint",
    "required": "required", "bind:required": "required",
    "required_message": "required_message", "requiredmsg": "required_message",
    "bind:jr:requiredmsg": "required_message", "jr:requiredmsg": "required_message",
    "constraint": "constraint", "bind:constraint": "constraint",
    "constraint_message": "constraint_message", "constraining_message": "constraint_message",
    "bind:jr:constraintmsg": "constraint_message", "jr:constraintmsg": "constraint_message",
    "relevant": "relevant", "relevance": "relevant", "bind:relevant": "relevant",
    "calculation": "calculation", "calculate": "calculation", "bind:calculate": "calculation",
    "read_only": "read_only", "readonly": "read_only", "bind:readonly": "read_only",
    "default": "default", "trigger": "trigger", "choice_filter": "choice_filter",
    "repeat_count": "repeat_count", "count": "repeat_count", "jr:count": "repeat_count",
    "control:jr:count": "repeat_count", "body:jr:count": "repeat_count",
    "appearance": "appearance", "control:appearance": "appearance", "body:appearance": "appearance",
    "image": "image", "media:image": "image", "parameters": "parameters", "disabled": "disabled",
    "huiyin_reverse": "huiyin_reverse",
}  # fmt: skip
CHOICES = {
    "list_name": "list_name", "name": "name", "value": "name", "label": "label", "caption": "label",
    "image": "image", "media:image": "image", "synonyms": "synonyms",
}  # fmt: skip
SETTINGS = {
    "form_title": "form_title", "set_form_title": "form_title", "title": "form_title",
    "form_id": "form_id", "set_form_id": "form_id", "id_string": "form_id",
    "version": "version", "default_language": "default_language",
}  # fmt: skip
TRANSLATED = frozenset((
    "label", "hint", "guidance_hint", "required_message", "constraint_message", "image", "synonyms", "form_title",
))  # fmt: skip
"""Fields that may stand once a language."""
NOT_YET = frozenset((
    "big-image", "audio", "video", "autoplay", "media", "save_to", "intent", "query", "bind", "body", "control",
    "instance", "noapperrorstring", "no_app_error_string", "public_key", "submission_url", "add_none_option", "flat",
))  # fmt: skip
"""Columns of ODK, with all that begins with them and a colon, that change what is asked or where it goes, and that
we do not follow; a form that uses them is refused."""

_TAGS = {
    "zh": "zh_CN", "zh_cn": "zh_CN", "zh_hans": "zh_CN", "zh_hans_cn": "zh_CN", "zh_sg": "zh_CN", "chinese": "zh_CN",
    "中文": "zh_CN", "简体中文": "zh_CN", "simplified chinese": "zh_CN", "chinese simplified": "zh_CN", "cmn": "zh_CN",
    "simplified": "zh_CN", "简体": "zh_CN", "traditional": "zh_TW", "繁體": "zh_TW", "繁体": "zh_TW",
    "zh_tw": "zh_TW", "zh_hant": "zh_TW", "zh_hant_tw": "zh_TW", "zh_hk": "zh_TW", "zh_mo": "zh_TW",
    "繁體中文": "zh_TW", "繁体中文": "zh_TW", "正體中文": "zh_TW", "traditional chinese": "zh_TW",
    "en": "en", "english": "en", "en_us": "en", "en_gb": "en", "英文": "en",
}  # fmt: skip
_CODED = re.compile(r"(?P<name>.*?)\s*[(（]\s*(?P<code>[^()（）]+?)\s*[)）]")


def language(name: str) -> str:
    """The tag of a language as authors name it: `中文 (zh-CN)` is `zh_CN`; an unknown one stays what it is."""
    coded = _CODED.fullmatch(name.strip())
    for named in (coded["code"], coded["name"]) if coded else (name.strip(),):
        if tag := _TAGS.get(named.lower().replace("-", "_")):
            return tag
    return name.strip()


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a meaning: what it holds, in which language, and how its header is written."""

    index: int
    field: str
    language: str
    header: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a sheet: those with a meaning, those of ODK that we cannot follow, and the author's own. What
    is wrong with the headers: pairs of a column and the known one it may be, and of two columns that say the same."""

    meant: tuple[Column, ...]
    not_yet: tuple[Column, ...]
    own: tuple[Column, ...]
    mistyped: tuple[tuple[str, str], ...]
    doubled: tuple[tuple[str, str], ...]


def columns(header: tuple[str, ...], known: Mapping[str, str]) -> Columns:
    """The columns that these headers name. Where one has `::`, `:` does not part the language any more."""
    double = any("::" in cell for cell in header)
    meant: dict[tuple[str, str], Column] = {}
    not_yet: list[Column] = []
    own: list[Column] = []
    mistyped: list[tuple[str, str]] = []
    doubled: list[tuple[str, str]] = []
    for index, cell in enumerate(header):
        field, tag = _meaning(cell, known, double)
        column = Column(index, field or cell, tag, cell)
        if field and (field, tag) in meant:
            doubled.append((meant[field, tag].header, cell))
        elif field:
            meant[field, tag] = column
        elif _snake(cell).split(":")[0] in NOT_YET:
            not_yet.append(column)
        elif cell:
            own.append(column)
            if near := get_close_matches(_snake(cell.partition(":")[0]), set(known.values()), 1, 0.8):
                mistyped.append((cell, near[0]))
    return Columns(tuple(meant.values()), tuple(not_yet), tuple(own), tuple(mistyped), tuple(doubled))


def _snake(header: str) -> str:
    """The header as it is looked up: `bind::Relevant` is `bind:relevant`."""
    return "_".join(header.split()).lower().replace("::", ":")


def _meaning(header: str, known: Mapping[str, str], double: bool) -> tuple[str, str]:
    """The field and the language's tag; no field if it has no meaning."""
    if field := known.get(_snake(header)):
        return field, ""
    base, _, named = header.rpartition("::" if double else ":")
    field = known.get(_snake(base), "")
    return (field, language(named)) if field in TRANSLATED and named.strip() else ("", "")
