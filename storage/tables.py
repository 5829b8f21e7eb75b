"""All tables, and the few column types both databases share. Nothing in here leaves `storage`.

Every `…Row` is one line of what its record in `records.py` means; enums are kept as their values.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, ClassVar, Self

import msgspec
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    any_,
    false,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

from storage.records import Lane

REVISION = "0001"
"""The newest migration; these tables are what it leaves behind."""

INSERTS: dict[str, Callable[[Table], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}
"""`INSERT … ON CONFLICT`, which each database spells for itself."""


_to_json = msgspec.json.Encoder(enc_hook=dict).encode


def to_json(value: object) -> str:
    """JSON text; any mapping counts as an object."""
    return _to_json(value).decode()


from_json = msgspec.json.Decoder().decode


def _instant(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return value.astimezone(UTC)


@lru_cache(maxsize=256)
def _instant_text(value: datetime) -> str:
    return _instant(value).isoformat(timespec="microseconds")


class UtcTime(TypeDecorator[datetime]):
    """An instant: goes in aware, is kept in UTC, comes out aware. Naive times are refused with ValueError.

    SQLite has no such type: there it is ISO 8601 text with its offset, always of one length, so that it sorts.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TIMESTAMP WITH TIME ZONE, or text."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Aware to UTC."""
        if value is None:
            return None
        return _instant_text(value) if dialect.name == "sqlite" else _instant(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Aware in UTC."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if dialect.name == "sqlite" else value.astimezone(UTC)


class _Many(TypeDecorator[Any]):
    """Many values in one parameter, so that a statement has one text however many there are."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array, or its JSON text."""
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """As the database wants it."""
        return list(value) if dialect.name == "postgresql" else to_json(list(value))


IDS = _Many(BigInteger())
"""Type of a parameter that holds many ids."""
WORDS = _Many(String())
"""Type of a parameter that holds many strings."""


class among(FunctionElement[bool]):
    """`among(column, bindparam("ids", type_=IDS))`: the column's value is one of those."""

    inherit_cache = True
    type = Boolean()

    def self_group(self, against: OperatorType | None = None) -> Self:
        """As it is: SQLAlchemy would write `… = 1` for SQLite, and no index would be used."""
        return self


def each(dialect: str, values: ColumnElement[Any]) -> ColumnElement[Any]:
    """The values of a parameter of type IDS or WORDS, one a row, to select from."""
    if dialect == "postgresql":
        return func.unnest(values).table_valued("value").render_derived().c.value
    return func.json_each(values).table_valued("value").c.value


@compiles(among, "postgresql")
def _among_array(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = element.clauses
    return compiler.process(column == any_(values), **kw)


@compiles(among, "sqlite")
def _among_json(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = element.clauses
    return compiler.process(column.in_(select(each("sqlite", values))), **kw)


_EMPTY = text("''")
LANES = (Lane.REPLY, Lane.BROADCAST)
"""In the order in which they are sent; a letter's `rank` is the place here."""
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When a letter is due that need not wait."""
UNSENT = text("state IN ('waiting', 'sending')")
HELD = text("state = 'sending'")
DONE = text("state IN ('sent', 'dead', 'withdrawn')")
REMINDER = text("kind = 'reminder'")


Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers its rows only where the type is called INTEGER."""


class Base(DeclarativeBase):
    """What all tables share: the way constraints are named, and the types."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: Id,
        datetime: UtcTime(),
        date: Date(),
        dict[str, Any]: JSON(),
        list[int]: JSON(),
        list[str]: JSON(),
        list[dict[str, Any]]: JSON(),
        bytes: LargeBinary(),
    }


def table(row: type[Base]) -> Table:
    """The plain table behind a row class."""
    return Base.metadata.tables[row.__tablename__]


class UnitRow(Base):
    __tablename__ = "units"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)


class PersonRow(Base):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    post_class: Mapped[str]
    level: Mapped[str]
    supervisor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    roles: Mapped[str] = mapped_column(server_default=_EMPTY)
    """Roles in alphabetical order, a space between."""
    language: Mapped[str] = mapped_column(server_default=_EMPTY)
    has_left: Mapped[bool] = mapped_column(server_default=false())
    kind: Mapped[str]
    standing: Mapped[str]
    joined: Mapped[date | None]
    probation_ends: Mapped[date | None]
    muted: Mapped[bool] = mapped_column(server_default=false())
    reminded: Mapped[date | None]
    listed: Mapped[date | None]


class GroupRow(Base):
    """An id is never given again: a round that is over may still name it."""

    __tablename__ = "groups"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class MemberRow(Base):
    """Who is in a group."""

    __tablename__ = "members"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class DeputyRow(Base):
    __tablename__ = "deputies"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    first: Mapped[date]
    last: Mapped[date]


class SpecialDayRow(Base):
    __tablename__ = "special_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(server_default=_EMPTY)


class AccountRow(Base):
    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    address: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    language: Mapped[str] = mapped_column(server_default=_EMPTY)
    flow: Mapped[str] = mapped_column(server_default=_EMPTY)
    gone: Mapped[bool] = mapped_column(server_default=false())


class CodeRow(Base):
    __tablename__ = "codes"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    expires: Mapped[datetime]
    used: Mapped[bool] = mapped_column(server_default=false())


class QuestionnaireRow(Base):
    __tablename__ = "questionnaires"
    __table_args__ = (UniqueConstraint("name", "version"), UniqueConstraint("name", "digest"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    title: Mapped[dict[str, Any]]
    form: Mapped[dict[str, Any]]
    digest: Mapped[str]
    media: Mapped[dict[str, Any]]


class PictureRow(Base):
    __tablename__ = "pictures"

    digest: Mapped[str] = mapped_column(primary_key=True)
    mime: Mapped[str]
    content: Mapped[bytes]


class PlanRow(Base):
    __tablename__ = "plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaires.id"), index=True)
    state: Mapped[str]
    schedule: Mapped[dict[str, Any]]
    audience: Mapped[dict[str, Any]]
    anonymous: Mapped[bool]
    voluntary: Mapped[bool]
    letter: Mapped[str] = mapped_column(server_default=_EMPTY)
    reminding: Mapped[dict[str, Any]]
    created: Mapped[datetime | None]
    created_by: Mapped[str]
    approved: Mapped[datetime | None]
    approved_by: Mapped[str] = mapped_column(server_default=_EMPTY)
    since: Mapped[datetime | None]
    secrecy: Mapped[dict[str, Any]]


class RoundRow(Base):
    __tablename__ = "rounds"
    __table_args__ = (UniqueConstraint("plan_id", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaires.id"), index=True)
    state: Mapped[str] = mapped_column(index=True)
    audience: Mapped[dict[str, Any]]
    anonymous: Mapped[bool]
    opens: Mapped[datetime | None]
    closes: Mapped[datetime | None]
    created: Mapped[datetime | None]
    created_by: Mapped[str]
    approved: Mapped[datetime | None]
    approved_by: Mapped[str] = mapped_column(server_default=_EMPTY)
    voluntary: Mapped[bool]
    letter: Mapped[str] = mapped_column(server_default=_EMPTY)
    reminding: Mapped[dict[str, Any]]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))
    period: Mapped[str] = mapped_column(server_default=_EMPTY)
    secrecy: Mapped[dict[str, Any]]


class InvitationRow(Base):
    """The roll of a round.

    Nobody and no unit on it is ever deleted; a foreign key would make a roll of a million take four times as long.
    No index knows the disposition, so that a change of it changes nothing else; `TallyRow` has the counts.
    """

    __tablename__ = "invitations"

    round_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    unit_id: Mapped[int] = mapped_column(index=True)
    post_class: Mapped[str]
    disposition: Mapped[str]
    level: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default=_EMPTY)


class TallyRow(Base):
    """By how many a disposition on a roll, or its unsent `letters`, have grown. Triggers write it."""

    __tablename__ = "tallies"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(index=True)
    what: Mapped[str]
    change: Mapped[int]


class BroadcastRow(Base):
    __tablename__ = "broadcasts"
    __table_args__ = (
        Index(
            "ix_broadcasts_reminder",
            *("round_id", "number"),
            unique=True,
            sqlite_where=REMINDER,
            postgresql_where=REMINDER,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    kind: Mapped[str]
    whom: Mapped[str]
    body: Mapped[dict[str, Any]]
    created: Mapped[datetime]
    number: Mapped[int] = mapped_column(Integer)
    cursor: Mapped[int]
    done: Mapped[bool]
    waits: Mapped[bool] = mapped_column(server_default=false())
    ended: Mapped[bool] = mapped_column(server_default=false(), index=True)


class SheetRow(Base):
    __tablename__ = "sheets"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    state: Mapped[dict[str, Any]]
    handed_in: Mapped[datetime | None]
    receipt: Mapped[str] = mapped_column(server_default=_EMPTY)
    entered_by: Mapped[str] = mapped_column(server_default=_EMPTY)


class UploadRow(Base):
    __tablename__ = "uploads"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    mime: Mapped[str]
    content: Mapped[bytes]


class HeardRow(Base):
    """What was heard already: the platform's id and the day, never who or what."""

    __tablename__ = "heard"
    __table_args__ = ({"sqlite_with_rowid": False},)

    channel: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)


class FailureRow(Base):
    """What was heard and could not be taken, how often; `buried` when we gave up."""

    __tablename__ = "failures"

    channel: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    buried: Mapped[bool] = mapped_column(server_default=false())


_UNSENT_ORDER = ("broadcast_id", "channel", "rank", "id", "due")


class LetterRow(Base):
    """The outbox.

    `rank` orders the lanes, replies first. A broadcast's letters are claimed for it alone. `due` is when a waiting
    letter may go, and for one being sent when its claim ends. `at` is when it was sent or given up.
    """

    __tablename__ = "letters"
    __table_args__ = (
        # In the order of claiming; an index on `due` would make each claim sort a whole broadcast.
        Index("ix_letters_unsent", *_UNSENT_ORDER, sqlite_where=UNSENT, postgresql_where=UNSENT),
        Index("ix_letters_held", "holder", sqlite_where=HELD, postgresql_where=HELD),
        Index("ix_letters_done", "at", sqlite_where=DONE, postgresql_where=DONE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    address: Mapped[str]
    language: Mapped[str]
    rank: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]]
    state: Mapped[str]
    due: Mapped[datetime]
    holder: Mapped[str] = mapped_column(server_default=_EMPTY)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    message_id: Mapped[str] = mapped_column(server_default=_EMPTY)
    reason: Mapped[str] = mapped_column(server_default=_EMPTY)
    at: Mapped[datetime | None]
    broadcast_id: Mapped[int | None]
    person_id: Mapped[int | None]


class PostedRow(Base):
    """What the web chat shows. Every change is a new row, so that `version` only grows."""

    __tablename__ = "mailbox"
    __table_args__ = (
        UniqueConstraint("address", "key"),
        Index("ix_mailbox_address_version", "address", "version"),
        {"sqlite_autoincrement": True},
    )

    version: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str]
    key: Mapped[str]
    first: Mapped[int]
    """The version under which the key appeared first; 0 in that row itself."""
    body: Mapped[dict[str, Any]]
    gone: Mapped[bool] = mapped_column(server_default=false())


class UtteranceRow(Base):
    __tablename__ = "utterances"
    __table_args__ = (Index("ix_utterances_person_id_id", "person_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    speaker: Mapped[str]
    body: Mapped[dict[str, Any]]


class TokenRow(Base):
    __tablename__ = "tokens"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    name: Mapped[str]
    scopes: Mapped[str]
    """Scopes in alphabetical order, a space between."""
    expires: Mapped[datetime]


class PassRow(Base):
    __tablename__ = "passes"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    expires: Mapped[datetime] = mapped_column(index=True)
    used: Mapped[bool] = mapped_column(server_default=false())
    entered_by: Mapped[str] = mapped_column(server_default=_EMPTY)
    walk: Mapped[dict[str, Any] | None]


class TabulatorRow(Base):
    __tablename__ = "tabulators"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    invited: Mapped[bytes]
    expires: Mapped[datetime | None]
    public: Mapped[bytes | None]
    wrapped: Mapped[bytes | None]
    spare: Mapped[bytes | None]
    tested: Mapped[date | None]
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    rests: Mapped[datetime | None]


class CountRow(Base):
    __tablename__ = "counts"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    stage: Mapped[str] = mapped_column(index=True)
    opened: Mapped[datetime]
    untagged: Mapped[datetime | None]
    unlocked_by: Mapped[list[str]]
    ended: Mapped[datetime | None]
    erased: Mapped[datetime | None]
    link: Mapped[str] = mapped_column(server_default=_EMPTY)
    report: Mapped[dict[str, Any]]
    events: Mapped[list[dict[str, Any]]]


class ReleasedRow(Base):
    """Results as they were released; of what is hidden nothing is here but that it is."""

    __tablename__ = "released"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    about: Mapped[str]
    group: Mapped[str]
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class RemarkRow(Base):
    """Released comments, in the order of their random keys: where a row lies tells nothing."""

    __tablename__ = "remarks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    about: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(primary_key=True)
    words: Mapped[str]
