"""The glossary in code: every fact we keep, as a frozen value. English term, Chinese term.

All times are aware and in UTC. Ids are small integers of the database unless said otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
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


class StaffKind(StrEnum):
    """On which terms somebody is employed. 人员类别"""

    CIVIL_SERVANT = "civil_servant"
    """公务员"""
    BY_REFERENCE = "by_reference"
    """参照公务员法管理人员"""
    INSTITUTION = "institution"
    """事业编制人员"""
    CONTRACT = "contract"
    """编外聘用人员"""


class Standing(StrEnum):
    """Whether somebody is at work as usual; the others are those who are not assessed normally. 在岗情况"""

    NORMAL = "normal"
    """在岗"""
    PROBATION = "probation"
    """试用期"""
    LONG_LEAVE = "long_leave"
    """长期请假"""
    SECONDMENT = "secondment"
    """挂职、借调"""
    INVESTIGATION = "investigation"
    """接受审查调查"""


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

    `number` is the organ's own staff number, unique; `left` marks one no longer on the roster. `muted`: wants no
    reminders. `reminded`: the day of the last reminder, so that there is one a day. `listed`: since when on the roster.
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
    kind: StaffKind = StaffKind.CIVIL_SERVANT
    standing: Standing = Standing.NORMAL
    joined: date | None = None
    probation_ends: date | None = None
    muted: bool = False
    reminded: date | None = None
    listed: date | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """People HR has named together to ask them again and again. 常用名单"""

    id: int
    name: str
    person_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Deputy:
    """Who acts in somebody's roles, from the first to the last day, both included. 代理"""

    id: int
    person_id: int
    deputy_id: int
    first: date
    last: date


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

    DRAFT = "draft"
    """waits for a second person's approval"""
    PLANNED = "planned"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Somebody who stands on the roll and is not asked, and why. 不参加人员"""

    person_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is to be asked. 调查对象

    Of the people in `unit_ids` (each with all below it), in `alone_ids` (without what is below), in the groups, and
    those named one by one (of the whole organ where none of these is given): those of the post classes, levels and
    kinds given. Whoever's standing is among `excused`, or who is exempt, stands on the roll as excused.
    """

    unit_ids: tuple[int, ...] = ()
    alone_ids: tuple[int, ...] = ()
    group_ids: tuple[int, ...] = ()
    person_ids: tuple[int, ...] = ()
    post_classes: tuple[PostClass, ...] = ()
    levels: tuple[Level, ...] = ()
    kinds: tuple[StaffKind, ...] = ()
    excused: tuple[Standing, ...] = ()
    exempt: tuple[Exemption, ...] = ()


@dataclass(frozen=True, slots=True)
class Reminding:
    """When those who have not handed in are reminded: at most `most` times, first `first` working days after the
    opening, then every `every` working days. 催办"""

    most: int = 3
    first: int = 3
    every: int = 3


class Attribute(StrEnum):
    """By what the results of an anonymous round may be told apart, as it stands on the roll. 分组项"""

    UNIT = "unit"
    """科室"""
    POST_CLASS = "post_class"
    """岗位类别"""
    LEVEL = "level"
    """职级层次"""
    KIND = "kind"
    """人员类别"""


@dataclass(frozen=True, slots=True)
class Band:
    """People told apart together: those whose attribute is one of `values` (of a unit its id); categories that are too
    small stand in one band. `invited` at the opening. 分组"""

    values: tuple[str, ...]
    invited: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One attribute by which results may be told apart, and its bands, which are drawn up when the round opens."""

    attribute: Attribute
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Secrecy:
    """What is promised to those who answer an anonymous round; fixed when it opens. 匿名规则

    `threshold`: of fewer answers nothing is ever shown. `tabulators`: how many must unlock together, two, in a small
    organ one. `in_chat`: questions with choices may be tapped in the chat. `breakdowns`: at most two. `pairs`: names
    of questions to be tabulated against each other. `digest`: SHA-256 in hex of all that is fixed; `box`: the public
    half of the box key in hex; both from the opening on.
    """

    threshold: int = 10
    tabulators: int = 2
    in_chat: bool = False
    breakdowns: tuple[Breakdown, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    digest: str = ""
    box: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """One asking of one questionnaire version of one audience. 调查轮次

    `voluntary`: people may say that they do not take part. `letter`: HR's own words at the head of the invitation.
    `secrecy` counts where it is `anonymous`.
    `plan_id`, `period`: the plan it comes from, and the part of its calendar (`2026Q1`), once each.
    """

    id: int
    name: str
    questionnaire_id: int
    state: RoundState
    audience: Audience = Audience()
    anonymous: bool = False
    opens: datetime | None = None
    closes: datetime | None = None
    created: datetime | None = None
    created_by: str = ""
    approved: datetime | None = None
    approved_by: str = ""
    voluntary: bool = False
    letter: str = ""
    reminding: Reminding = Reminding()
    plan_id: int | None = None
    period: str = ""
    secrecy: Secrecy = Secrecy()


class PlanState(StrEnum):
    """Where a plan stands. 计划状态"""

    DRAFT = "draft"
    """waits for a second person's approval"""
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Plan:
    """Rounds that repeat themselves. 轮次计划

    `schedule` is plain JSON of `handlers.surveys.rules.schedules`. The other fields are what each round gets; `name`
    may have places like `{year}` and `{quarter}`. `since`: while it runs, what opens from then on is still to
    be drawn up; what would have opened before it ran is left out.
    """

    id: int
    name: str
    questionnaire_id: int
    state: PlanState
    schedule: Mapping[str, Any]
    audience: Audience = Audience()
    anonymous: bool = False
    voluntary: bool = False
    letter: str = ""
    reminding: Reminding = Reminding()
    created: datetime | None = None
    created_by: str = ""
    approved: datetime | None = None
    approved_by: str = ""
    since: datetime | None = None
    secrecy: Secrecy = Secrecy()


class DayKind(StrEnum):
    """What a day is by the organ's own table. 日历"""

    HOLIDAY = "holiday"
    """休息日"""
    WORKDAY = "workday"
    """调休上班日"""


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day of the organ's own table, which counts before every other. 节假日安排"""

    day: date
    kind: DayKind
    name: str = ""


class Disposition(StrEnum):
    """How far somebody on the roll has come. 填答状态"""

    PLANNED = "planned"
    """the invitation is still to be written"""
    INVITED = "invited"
    """the invitation is on its way"""
    DELIVERED = "delivered"
    """the platform has it, and is one whose word for it counts"""
    UNREACHABLE = "unreachable"
    """no account is bound, or all are gone"""
    STARTED = "started"
    PARTLY = "partly"
    """closed with answers that were never handed in"""
    HANDED_IN = "handed_in"
    DECLINED = "declined"
    """does not take part, and has said so"""
    EXCUSED = "excused"
    """is not asked, for the reason on the roll"""
    UNANSWERED = "unanswered"
    """closed without any answer"""


LEFT = "left"
"""The reason of who is excused because they left the organ."""
UNINVITED = "uninvited"
"""The reason of who has not answered because the round ended before the invitation was written."""

_OPEN = {
    *(Disposition.STARTED, Disposition.HANDED_IN, Disposition.DECLINED),
    *(Disposition.EXCUSED, Disposition.UNANSWERED),
}
FOLLOWING: Mapping[Disposition, frozenset[Disposition]] = {
    Disposition.PLANNED: frozenset({*_OPEN, Disposition.INVITED, Disposition.UNREACHABLE}),
    Disposition.INVITED: frozenset({*_OPEN, Disposition.DELIVERED, Disposition.UNREACHABLE}),
    Disposition.DELIVERED: frozenset({*_OPEN, Disposition.UNREACHABLE}),
    Disposition.UNREACHABLE: frozenset({*_OPEN, Disposition.PLANNED, Disposition.INVITED}),
    Disposition.STARTED: frozenset({*_OPEN, Disposition.PARTLY} - {Disposition.STARTED}),
    Disposition.DECLINED: frozenset({Disposition.STARTED, Disposition.HANDED_IN, Disposition.EXCUSED}),
    Disposition.EXCUSED: frozenset({Disposition.PLANNED, Disposition.STARTED}),
    Disposition.HANDED_IN: frozenset(),
    # Who handed in at the moment of closing handed in: that is on the sheet, and counts.
    Disposition.PARTLY: frozenset({Disposition.HANDED_IN}),
    Disposition.UNANSWERED: frozenset({Disposition.HANDED_IN}),
}
"""What each may become; nothing else is ever written."""


def before(one: Disposition) -> tuple[Disposition, ...]:
    """What may become this one."""
    return tuple(earlier for earlier, later in FOLLOWING.items() if one in later)


@dataclass(frozen=True, slots=True)
class Invitation:
    """One line of the roll: who was asked, with unit, post class, level and kind as at the opening. 应答名册

    `reason`: why somebody is excused: a `Standing`, `left`, or HR's own words; of somebody who has not answered when
    a round closes, `unreachable` or `uninvited` where that is why.
    """

    round_id: int
    person_id: int
    unit_id: int
    post_class: PostClass
    disposition: Disposition
    level: Level = Level.STAFF
    kind: StaffKind = StaffKind.CIVIL_SERVANT
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """How many an audience is: of the `asked`, so many have no account; so many more are excused, by reason.
    调查规模"""

    asked: int
    unreachable: int
    excused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Crowd:
    """People of an audience that are alike in all of these: how many there are, and how many of them are eligible:
    on the roster for long enough, with an account that reaches them. 同类人数"""

    unit_id: int
    post_class: PostClass
    level: Level
    kind: StaffKind
    people: int
    eligible: int
    standing: Standing = Standing.NORMAL


@dataclass(frozen=True, slots=True)
class Difference:
    """Between the people of an audience and those asked in an earlier round: how many are only in the one or the
    other, and how many of these are, or then were, eligible. `name` is the earlier round's. 人群差异"""

    name: str
    only_here: int
    eligible_here: int
    only_there: int
    eligible_there: int


class BroadcastKind(StrEnum):
    """What is said to many. 群发类别"""

    INVITATION = "invitation"
    REMINDER = "reminder"
    NOTICE = "notice"


class Whom(StrEnum):
    """To which lines of the roll something is said."""

    PLANNED = "planned"
    """whose invitation is still to be written"""
    PENDING = "pending"
    """who was invited and has not handed in, declined or been excused"""
    BEGUN = "begun"
    """who has begun and not handed in"""
    EVERYBODY = "everybody"
    """who was invited and not excused, whatever became of it"""


REACHES: Mapping[Whom, tuple[Disposition, ...]] = {
    Whom.PLANNED: (Disposition.PLANNED,),
    Whom.PENDING: (Disposition.INVITED, Disposition.DELIVERED, Disposition.STARTED),
    Whom.BEGUN: (Disposition.STARTED, Disposition.PARTLY),
    Whom.EVERYBODY: tuple(one for one in Disposition if one not in (Disposition.PLANNED, Disposition.EXCUSED)),
}
"""The lines of the roll by their dispositions."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Something said to many of a roll, batch after batch in the order of person ids. 群发

    `body` is `handlers.talk.pack`. All up to `cursor` have their letters; `done`: all have. `number`: which
    reminder; of an invitation, 1 where it waits no longer for those in the middle of another round. `waits`: it is
    quiet, none of its letters goes out. `ended`: none of them is left.
    """

    id: int
    round_id: int
    kind: BroadcastKind
    whom: Whom
    body: Mapping[str, Any]
    created: datetime
    number: int = 0
    cursor: int = 0
    done: bool = False
    waits: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's answers in a named round: the walk's state, saved after every answer. 答卷

    `entered_by`: who of HR entered them from a form on paper.
    """

    round_id: int
    person_id: int
    state: Mapping[str, Any]
    handed_in: datetime | None = None
    receipt: str = ""
    entered_by: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture or file somebody answered with in a named round; `name` is unique there and is the answer. 附件"""

    round_id: int
    name: str
    person_id: int
    mime: str
    content: bytes


LARGEST_BALLOT = 8188
"""The most bytes a ballot or its draft can hold."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a link to an anonymous questionnaire stands for: the opaque tag of a ballot, and the place of whoever
    answers in each breakdown's bands. 填答凭证"""

    tag: bytes
    bands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A tabulator's key pair: the public half, and the private one wrapped by the passphrase and, in `spare`, by the
    printed recovery key."""

    public: bytes
    wrapped: bytes
    spare: bytes


@dataclass(frozen=True, slots=True)
class Tabulator:
    """Who opens the ballots of a closed round, together with one from another unit. 开箱人

    Without a `key` the enrolment link (`invited`: its digest, good until `expires`) has not been used. `tested`: the
    day of the last unlock. After `failures` in a row the key rests until `rests`.
    """

    person_id: int
    invited: bytes = b""
    expires: datetime | None = None
    key: WrappedKey | None = None
    tested: date | None = None
    failures: int = 0
    rests: datetime | None = None


class Half(StrEnum):
    """What came of unlocking where no key did."""

    FIRST = "first"
    """noted: the second tabulator is needed"""
    NOT_ALLOWED = "not_allowed"
    STILL_TAGGED = "still_tagged"
    LOST = "lost"
    DONE = "done"


class CountStage(StrEnum):
    """How far the closing of an anonymous round is. 计票进度"""

    SEALED = "sealed"
    """the round is open, or the tag key exists still"""
    UNTAGGED = "untagged"
    """the tag key is destroyed: the tabulators may unlock"""
    RELEASED = "released"
    WITHHELD = "withheld"
    """too few answers: nothing was released"""
    DISCARDED = "discarded"
    """the round was called off"""


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a count, for the auditors: of the whole round, never of a ballot. `by` is empty where nobody but the
    clock did it. 计票记录"""

    what: str
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """The ballots of an anonymous round, from its opening to the last of them destroyed. 计票

    `untagged`: when the tag key was destroyed, `unlocked_by`: who unlocked, `ended`: when the results were released or
    withheld, `erased`: when ballots and box key were destroyed, with all that had come before. `link`: what the
    address of the results ends in. `report`: for the auditors, plain JSON of `handlers.surveys.rules`. `events`: what
    was done, in that order.
    """

    round_id: int
    stage: CountStage
    opened: datetime
    untagged: datetime | None = None
    unlocked_by: tuple[str, ...] = ()
    ended: datetime | None = None
    erased: datetime | None = None
    link: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """One table of the results as everybody gets it: plain JSON, or None where it is not shown, for whatever reason.
    发布结果

    `place` orders them. `about`: what it is of: the path of a question, or what `handlers.surveys.rules` names.
    `group`: of whom: "" all, else the places in the breakdowns' bands, such as `0=2` or `0=2,1=0`.
    """

    round_id: int
    place: int
    about: str
    group: str
    figures: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment out of an anonymous round, released without anything about who wrote it; `key` is random. 留言"""

    round_id: int
    about: str
    key: bytes
    words: str


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
    WITHDRAWN = "withdrawn"
    """its round ended first"""


@dataclass(frozen=True, slots=True)
class Letter:
    """One outgoing message in the outbox: `body` is `handlers.talk.pack`, worded only when sent. 待发消息

    `broadcast_id`, `person_id`: the broadcast it belongs to, and to whom it goes. `until`: as long as this process
    alone may send it.
    """

    id: int
    channel: str
    address: str
    language: str
    lane: Lane
    body: Mapping[str, Any]
    attempts: int = 0
    broadcast_id: int | None = None
    person_id: int | None = None
    until: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter before it has an id. One of a broadcast with an empty body says what the broadcast does."""

    channel: str
    address: str
    language: str
    lane: Lane
    body: Mapping[str, Any]
    broadcast_id: int | None = None
    person_id: int | None = None


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
    `entered_by`: the clerk it was made for, who enters a form on paper; `walk`: how far that has come.
    """

    digest: bytes
    person_id: int
    round_id: int
    expires: datetime
    used: bool = False
    entered_by: str = ""
    walk: Mapping[str, Any] | None = None


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
    kind: StaffKind = StaffKind.CIVIL_SERVANT
    standing: Standing = Standing.NORMAL
    joined: date | None = None
    probation_ends: date | None = None
