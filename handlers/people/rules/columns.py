"""The columns of a roster: what they may be called and what may stand in them.

Headings and values are understood in simplified and traditional Chinese and in English, in any
order; case, width, spaces, a leading `*` and notes in brackets do not matter. Other columns are
left alone.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Never, TypeVar

from handlers.people.rules.cells import Broken, Cell, Row, Wrong, key, short, whole
from handlers.people.rules.tree import SEPARATOR
from handlers.talk import LANGUAGES, Text, t
from storage.records import Level, PostClass, Role, StaffKind, Standing

NUMBER_LENGTH = 32
NAME_LENGTH = 50

NEEDED = {"number": "工号 number", "name": "姓名 name", "unit": "单位 unit", "post_class": "岗位类别 post class"}
"""the columns no roster can do without, as problems call them"""

HEADINGS: Mapping[str, Sequence[str]] = {
    "number": ("工号", "工號", "员工编号", "人员编号", "number", "staff number", "staff no", "staff id"),
    "name": ("姓名", "name", "full name"),
    "unit": ("单位", "單位", "所在单位", "部门", "部門", "科室", "unit", "department"),
    "parent": ("上级单位", "上級單位", "parent unit", "parent"),
    "post_class": ("岗位类别", "崗位類別", "post class"),
    "level": ("层次", "層次", "职级层次", "level"),
    "supervisor": ("主管领导工号", "主管領導工號", "主管领导", "主管領導", "supervisor", "supervisor number"),
    "roles": ("角色", "roles", "role"),
    "language": ("语言", "語言", "language"),
    "kind": ("人员类别", "人員類別", "人员性质", "人員性質", "staff kind", "kind"),
    "standing": ("在岗情况", "在崗情況", "在岗状态", "在崗狀態", "在职情况", "在職情形", "standing"),
    "joined": ("入职日期", "入職日期", "入职时间", "入職時間", "到職日期", "joined", "date joined", "joining date"),
    "probation_ends": (
        *("试用期满日期", "試用期滿日期", "试用期满时间", "試用期滿時間"),
        *("probation ends", "probation end", "end of probation"),
    ),
}

POST_CLASSES: Mapping[PostClass, Sequence[str]] = {
    PostClass.APPROVAL: ("审批", "審批"),
    PostClass.SERVICE: ("服务", "服務"),
    PostClass.ENFORCEMENT: ("综合执法", "綜合執法", "执法", "執法"),
    PostClass.GRID: ("网格", "網格", "网格/平安", "網格/平安"),
    PostClass.PARTY: ("党建", "黨建"),
    PostClass.GENERAL: ("党政综合", "黨政綜合"),
    PostClass.LINE: ("经济、农业、村建", "經濟、農業、村建", "经济/农业/村建", "經濟/農業/村建"),
    PostClass.VILLAGE: ("村社挂钩", "村社掛鉤"),
}
LEVELS: Mapping[Level, Sequence[str]] = {
    Level.LEADING: ("领导成员", "領導成員"),
    Level.STAFF: ("一般工作人员", "一般工作人員"),
}
KINDS: Mapping[StaffKind, Sequence[str]] = {
    StaffKind.CIVIL_SERVANT: ("公务员", "公務員"),
    StaffKind.BY_REFERENCE: (
        *("参照公务员法管理人员", "參照公務員法管理人員", "参公", "參公"),
        *("参公人员", "參公人員", "参照管理", "參照管理"),
    ),
    StaffKind.INSTITUTION: (
        *("事业编制人员", "事業編制人員", "事业编制", "事業編制"),
        *("事业编", "事業編", "事业人员", "事業人員"),
    ),
    StaffKind.CONTRACT: (
        *("编外聘用人员", "編外聘用人員", "编外人员", "編外人員"),
        *("编外", "編外", "聘用人员", "聘用人員"),
    ),
}
STANDINGS: Mapping[Standing, Sequence[str]] = {
    Standing.NORMAL: ("在岗", "在崗", "在职", "在職", "正常"),
    Standing.PROBATION: ("试用期", "試用期", "试用", "試用", "试用期内", "試用期內"),
    Standing.LONG_LEAVE: ("长期请假", "長期請假", "长假", "長假", "长期病假", "長期病假", "长期休假", "長期休假"),
    Standing.SECONDMENT: ("挂职、借调", "掛職、借調", "挂职", "掛職", "借调", "借調", "挂职/借调", "掛職/借調"),
    Standing.INVESTIGATION: ("接受审查调查", "接受審查調查", "审查调查", "審查調查"),
}
ROLES: Mapping[Role, Sequence[str]] = {
    Role.EMPLOYEE: ("被考核人",),
    Role.SUPERVISOR: ("主管领导", "主管領導"),
    Role.BRANCH_LEADER: ("分管领导", "分管領導"),
    Role.COMMITTEE: ("考核委员会", "考核委員會"),
    Role.HEAD: ("本机关负责人", "本機關負責人"),
    Role.HR: ("组织人事部门", "組織人事部門"),
    Role.AUTHORITY: ("公务员主管部门", "公務員主管機關"),
    Role.INSPECTOR: ("纪检监察", "紀檢監察"),
}

_Term = TypeVar("_Term", bound=StrEnum)
_FIELDS = {key(heading): field for field, headings in HEADINGS.items() for heading in headings}
_SCIENTIFIC = re.compile(r"\d+(\.\d+)?E\+\d+", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+\.\d*")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月)(\d{1,2})日?(?: 0?0:00(?::00)?)?")
_DATE = re.compile(r"\d{4}/\d{1,2}/\d{1,2}|\d{1,2}月\d{1,2}日|\d{1,2}-[A-Z][a-z]{2}")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands (from 0) and what its heading is called in this sheet."""

    at: Mapping[str, int]
    headings: Mapping[str, str]
    problems: tuple[Text, ...] = ()


def find(row: Row) -> Columns | None:
    """The columns this row names, or None where it is no row of headings."""
    at: dict[str, int] = {}
    headings: dict[str, str] = {}
    problems: list[Text] = []
    for column, cell in enumerate(row.cells):
        field = _FIELDS.get(key(cell)) if isinstance(cell, str) else None
        if field is None or not isinstance(cell, str):
            continue
        if field in at:
            problems.append(_twice(headings[field], cell))
        else:
            at[field], headings[field] = column, cell
    if len(at) < 2:
        return None
    problems += [_missing(name) for field, name in NEEDED.items() if field not in at]
    return Columns(at, headings, tuple(problems))


def _twice(one: str, other: str) -> Text:
    return t("The columns {one} and {other} mean the same. Keep one of them.", one=one, other=other)


def _missing(name: str) -> Text:
    return t("The column {column} is missing. Add it, with this word as its heading.", column=name)


def number(text: str) -> str:
    """A staff number. Raises Wrong where a spreadsheet program has turned it into something else."""
    value = unicodedata.normalize("NFKC", text).strip()
    if not value:
        raise Wrong(t("the staff number is empty. Write it, or delete the row."))
    if _SCIENTIFIC.fullmatch(value) or _DECIMAL.fullmatch(value) or _DATE.fullmatch(value):
        raise Wrong(
            t(
                "{value} is not a staff number any more: the spreadsheet program turned it into a quantity or a date. "
                "Format the column as text and type the number again.",
                value=short(value),
            )
        )
    if len(value) > NUMBER_LENGTH or " " in value:
        raise Wrong(
            t(
                "{value} is not a staff number: at most {most} characters, no spaces.",
                value=short(value),
                most=NUMBER_LENGTH,
            )
        )
    return value


def supervisor(text: str) -> str:
    """The supervisor's staff number, empty where there is none."""
    return number(text) if text else ""


def name(text: str) -> str:
    """A person's name. Raises Wrong where it is empty, too long or was damaged on the way."""
    if not text:
        raise Wrong(t("the name is empty. Write it, or delete the row."))
    if any(char in "?？\ufffd" for char in text):
        raise Wrong(
            t("{value} lost a character on its way. Type the name again and save the file as .xlsx.", value=short(text))
        )
    if len(text) > NAME_LENGTH:
        raise Wrong(
            t("{value} is too long for a name: at most {most} characters.", value=short(text), most=NAME_LENGTH)
        )
    if not any(char.isalpha() or unicodedata.category(char) == "Co" for char in text):
        raise Wrong(t("{value} is not a name.", value=short(text)))
    return text


def unit(text: str) -> str | None:
    """A unit's name or its path; the wide `／` separates like the narrow one."""
    return text.replace("／", SEPARATOR)


def parent(text: str) -> str:
    """The name or path of the unit above, empty where the row names none."""
    return text.replace("／", SEPARATOR)


def post_class(text: str) -> PostClass:
    """One of the post classes; it decides which indicators a person is asked about."""
    return _one_of(text, POST_CLASSES)


def level(text: str) -> Level:
    """Leading member or staff; staff where nothing is said."""
    return _one_of(text, LEVELS) if text else Level.STAFF


def kind(text: str) -> StaffKind:
    """On which terms; a civil servant where nothing is said."""
    return _one_of(text, KINDS) if text else StaffKind.CIVIL_SERVANT


def standing(text: str) -> Standing:
    """Whether at work as usual; so where nothing is said."""
    return _one_of(text, STANDINGS) if text else Standing.NORMAL


def day(cell: Cell) -> date | None:
    """A date, as a cell of its own kind or written out; None where nothing is said."""
    if isinstance(cell, Broken) and cell.day:
        return cell.day
    text = unicodedata.normalize("NFKC", whole(cell)).strip()
    if not text:
        return None
    found = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups() if part)) if found else _no_day(text)
    except ValueError:
        return _no_day(text)


def _no_day(text: str) -> Never:
    raise Wrong(t("{value} is no date. Write it like 2026-03-01.", value=short(text)))


def roles(text: str) -> frozenset[Role]:
    """Any number of roles, separated by commas, semicolons, slashes or the Chinese pause mark."""
    return frozenset(_one_of(word, ROLES) for word in re.split("[、,，;；/]", text) if word.strip())


def language(text: str) -> str:
    """The tag of the language a person is first spoken to in, empty where nothing is said."""
    wanted = key(text.replace("_", "-"))
    for tag, name in LANGUAGES.items():
        if wanted in {key(tag.replace("_", "-")), key(name)}:
            return tag
    if not wanted:
        return ""
    allowed = ", ".join(f"{name} {tag.replace('_', '-')}" for tag, name in LANGUAGES.items())
    raise Wrong(t("{value} is unknown. Write one of: {allowed}.", value=short(text), allowed=allowed))


def _one_of(text: str, terms: Mapping[_Term, Sequence[str]]) -> _Term:
    wanted = key(text)
    for term, words in terms.items():
        if wanted in {key(term.value), *map(key, words)}:
            return term
    allowed = ", ".join(f"{words[0]} {term.value}" for term, words in terms.items())
    if not wanted:
        raise Wrong(t("the cell is empty. Write one of: {allowed}.", allowed=allowed))
    raise Wrong(t("{value} is unknown. Write one of: {allowed}.", value=short(text), allowed=allowed))
