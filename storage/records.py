"""The glossary in code: every fact we keep, as a frozen value. English term, Chinese term.

All times are aware and in UTC. Ids are small integers of the database unless said otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person may do beside answering. 角色"""

    EMPLOYEE = "employee"
    """被考核人"""
    SUPERVISOR = "supervisor"
    """主管领导"""
    BRANCH_LEADER = "branch_leader"
    """分管领导"""
    COMMITTEE = "committee"
    """考核委员会"""
    HEAD = "head"
    """本机关负责人"""
    HR = "hr"
    """组织人事部门"""
    AUTHORITY = "authority"
    """公务员主管部门"""
    INSPECTOR = "inspector"
    """纪检监察"""


class PostClass(StrEnum):
    """The kind of duties, which decides the indicators. 岗位类别"""

    APPROVAL = "approval"
    """审批"""
    SERVICE = "service"
    """服务"""
    ENFORCEMENT = "enforcement"
    """综合执法"""
    GRID = "grid"
    """网格"""
    PARTY = "party"
    """党建"""
    GENERAL = "general"
    """党政综合"""
    LINE = "line"
    """经济、农业、村建"""
    VILLAGE = "village"
    """村社挂钩"""


class Level(StrEnum):
    """Leading member or staff. 职级层次"""

    LEADING = "leading"
    """领导成员"""
    STAFF = "staff"
    """一般工作人员"""


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of the organ; units form a tree. 单位、科室"""

    id: int
    code: str
    name: str
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A civil servant on the roster. 公务员

    `number` is the organ's own staff number, unique; `left` marks one no longer on the roster.
    """

    id: int
    number: str
    name: str
    unit_id: int
    post_class: PostClass
    level: Level
    supervisor_id: int | None = None
    roles: frozenset[Role] = frozenset()
    language: str = ""
    left: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A place on a channel where somebody can be reached. 账号

    `flow` says what is going on there now: `""`, or a flow's name and reference (`answer:12`).
    `gone` is set when the platform says the person blocked us.
    """

    id: int
    channel: str
    address: str
    person_id: int | None = None
    language: str = ""
    flow: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time enrolment code, kept as a hash. 绑定码"""

    digest: bytes
    person_id: int
    expires: datetime
    used: bool = False


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One frozen version of a form. 问卷（版本）

    `form` is the form as plain JSON (`handlers.forms.form`), `digest` the SHA-256 in hex of it and of its pictures.
    `media`: the pictures it names, by name, each as the digest under which it is kept.
    """

    id: int
    name: str
    version: int
    title: Mapping[str, str]
    form: Mapping[str, Any]
    digest: str
    media: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picture:
    """What a questionnaire shows beside its words. 问卷图片"""

    digest: str
    mime: str
    content: bytes


class RoundState(StrEnum):
    """Where a round stands. 轮次状态"""

    PLANNED = "planned"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Round:
    """One asking of one questionnaire version of one audience. 调查轮次

    `unit_ids` are whole units with all below them; empty means the whole organ.
    """

    id: int
    name: str
    questionnaire_id: int
    state: RoundState
    unit_ids: tuple[int, ...] = ()
    anonymous: bool = False
    opens: datetime | None = None
    closes: datetime | None = None
    created: datetime | None = None
    created_by: str = ""


class Disposition(StrEnum):
    """How far an invited person has come. 填答状态"""

    UNREACHABLE = "unreachable"
    """no account is bound"""
    INVITED = "invited"
    STARTED = "started"
    HANDED_IN = "handed_in"


@dataclass(frozen=True, slots=True)
class Invitation:
    """One line of the roll: who was asked, frozen with unit and post class at opening. 应答名册"""

    round_id: int
    person_id: int
    unit_id: int
    post_class: PostClass
    disposition: Disposition


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's answers in a named round: the walk's state, saved after every answer. 答卷"""

    round_id: int
    person_id: int
    state: Mapping[str, Any]
    handed_in: datetime | None = None
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture or file somebody answered with in a named round; `name` is unique there and is the answer. 附件"""

    round_id: int
    name: str
    person_id: int
    mime: str
    content: bytes


class Lane(StrEnum):
    """Replies never wait behind a broadcast."""

    REPLY = "reply"
    BROADCAST = "broadcast"


class LetterState(StrEnum):
    """Where an outgoing message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Letter:
    """One outgoing message in the outbox: `body` is `handlers.talk.pack`, worded only when sent. 待发消息"""

    id: int
    channel: str
    address: str
    language: str
    lane: Lane
    body: Mapping[str, Any]
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter before it has an id."""

    channel: str
    address: str
    language: str
    lane: Lane
    body: Mapping[str, Any]


class Speaker(StrEnum):
    """Who said it."""

    PERSON = "person"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line of a stored conversation; anonymous flows leave none. 会话记录"""

    account_id: int
    person_id: int | None
    at: datetime
    speaker: Speaker
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Something heard or to be sent that failed for good: where, why, since when; never its content. 死信"""

    channel: str
    reference: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """One message as the web chat shows it. `version` grows with each change in a chat."""

    key: str
    version: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A bearer token for the REST interface, kept as a hash. 接口令牌"""

    digest: bytes
    name: str
    scopes: frozenset[str]
    expires: datetime


@dataclass(frozen=True, slots=True)
class Pass:
    """What lets a person in at a page for one round, kept as a hash. 填写凭证

    At first `digest` is that of the key in a link; once the link is `used`, that of the browser it was opened in.
    """

    digest: bytes
    person_id: int
    round_id: int
    expires: datetime
    used: bool = False


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who orders something of the office, when, and where chance comes from. 经办人

    `draw(n)` gives n random bytes.
    """

    name: str
    roles: frozenset[Role]
    now: datetime
    draw: Callable[[int], bytes]
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One member of staff as the organ's spreadsheet has it."""

    number: str
    name: str
    unit_code: str
    post_class: PostClass
    level: Level
    supervisor: str = ""
    roles: frozenset[Role] = frozenset()
    language: str = ""
