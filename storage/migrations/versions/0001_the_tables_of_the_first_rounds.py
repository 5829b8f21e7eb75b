"""The tables of the first rounds."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import counting

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Time = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def _text(name: str, *, empty: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default="" if empty else None)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _id(name: str = "id", *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, Id, nullable=nullable)


def upgrade() -> None:
    _people()
    _groups()
    _calendar()
    _surveys()
    _messages()
    for statement in counting.made(op.get_context().dialect.name):
        op.execute(statement)
    op.create_table(
        "tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _text("name"),
        _text("scopes"),
        sa.Column("expires", Time, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_tokens"),
    )
    _passes()
    _counts()


def _passes() -> None:
    op.create_table(
        "passes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _id("person_id"),
        _id("round_id"),
        sa.Column("expires", Time, nullable=False),
        _flag("used"),
        _text("entered_by", empty=True),
        sa.Column("walk", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_passes_person_id"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_passes_round_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_passes"),
    )
    for column in ("person_id", "round_id", "expires"):
        op.create_index(f"ix_passes_{column}", "passes", [column])


def _people() -> None:
    op.create_table(
        "units",
        _id(),
        _text("code"),
        _text("name"),
        _id("parent_id", nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name="fk_units_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sa.UniqueConstraint("code", name="uq_units_code"),
    )
    op.create_index("ix_units_parent_id", "units", ["parent_id"])
    op.create_table(
        "people",
        _id(),
        _text("number"),
        _text("name"),
        _id("unit_id"),
        _text("post_class"),
        _text("level"),
        _id("supervisor_id", nullable=True),
        _text("roles", empty=True),
        _text("language", empty=True),
        _flag("has_left"),
        _text("kind"),
        _text("standing"),
        sa.Column("joined", sa.Date()),
        sa.Column("probation_ends", sa.Date()),
        _flag("muted"),
        sa.Column("reminded", sa.Date()),
        sa.Column("listed", sa.Date()),
        sa.ForeignKeyConstraint(["supervisor_id"], ["people.id"], name="fk_people_supervisor_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_people_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("number", name="uq_people_number"),
    )
    op.create_index("ix_people_unit_id", "people", ["unit_id"])
    op.create_index("ix_people_supervisor_id", "people", ["supervisor_id"])
    op.create_table(
        "accounts",
        _id(),
        _text("channel"),
        _text("address"),
        _id("person_id", nullable=True),
        _text("language", empty=True),
        _text("flow", empty=True),
        _flag("gone"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_accounts_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("channel", "address", name="uq_accounts_channel_address"),
    )
    op.create_index("ix_accounts_person_id", "accounts", ["person_id"])
    op.create_table(
        "codes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _id("person_id"),
        sa.Column("expires", Time, nullable=False),
        _flag("used"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_codes_person_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_codes"),
    )
    op.create_index("ix_codes_person_id", "codes", ["person_id"])


def _groups() -> None:
    op.create_table(
        "groups",
        _id(),
        _text("name"),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("name", name="uq_groups_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "members",
        _id("group_id"),
        _id("person_id"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_members_group_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_members_person_id"),
        sa.PrimaryKeyConstraint("group_id", "person_id", name="pk_members"),
    )
    op.create_index("ix_members_person_id", "members", ["person_id"])
    op.create_table(
        "deputies",
        _id(),
        _id("person_id"),
        _id("deputy_id"),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_deputies_person_id"),
        sa.ForeignKeyConstraint(["deputy_id"], ["people.id"], name="fk_deputies_deputy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deputies"),
    )
    for column in ("person_id", "deputy_id"):
        op.create_index(f"ix_deputies_{column}", "deputies", [column])


def _calendar() -> None:
    op.create_table(
        "special_days",
        sa.Column("day", sa.Date(), nullable=False),
        _text("kind"),
        _text("name", empty=True),
        sa.PrimaryKeyConstraint("day", name="pk_special_days"),
    )


def _surveys() -> None:
    op.create_table(
        "questionnaires",
        _id(),
        _text("name"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        _text("digest"),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_questionnaires"),
        sa.UniqueConstraint("name", "digest", name="uq_questionnaires_name_digest"),
        sa.UniqueConstraint("name", "version", name="uq_questionnaires_name_version"),
    )
    op.create_table(
        "pictures",
        _text("digest"),
        _text("mime"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_pictures"),
    )
    _plans()
    op.create_table(
        "rounds",
        _id(),
        _text("name"),
        _id("questionnaire_id"),
        _text("state"),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("opens", Time),
        sa.Column("closes", Time),
        sa.Column("created", Time),
        _text("created_by"),
        sa.Column("approved", Time),
        _text("approved_by", empty=True),
        sa.Column("voluntary", sa.Boolean(), nullable=False),
        _text("letter", empty=True),
        sa.Column("reminding", sa.JSON(), nullable=False),
        _id("plan_id", nullable=True),
        _text("period", empty=True),
        sa.Column("secrecy", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["questionnaire_id"], ["questionnaires.id"], name="fk_rounds_questionnaire_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_rounds_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
        sa.UniqueConstraint("plan_id", "period", name="uq_rounds_plan_id_period"),
    )
    op.create_index("ix_rounds_questionnaire_id", "rounds", ["questionnaire_id"])
    op.create_index("ix_rounds_state", "rounds", ["state"])
    op.create_table(
        "invitations",
        _id("round_id"),
        _id("person_id"),
        _id("unit_id"),
        _text("post_class"),
        _text("disposition"),
        _text("level"),
        _text("kind"),
        _text("reason", empty=True),
        sa.PrimaryKeyConstraint("round_id", "person_id", name="pk_invitations"),
    )
    op.create_index("ix_invitations_person_id", "invitations", ["person_id"])
    op.create_index("ix_invitations_unit_id", "invitations", ["unit_id"])
    if op.get_context().dialect.name == "postgresql":
        # Room beside each line: its disposition changes again and again, and no index knows of it.
        op.execute("ALTER TABLE invitations SET (fillfactor = 60)")
    op.create_table(
        "tallies",
        _id(),
        _id("round_id"),
        _text("what"),
        _id("change"),
        sa.PrimaryKeyConstraint("id", name="pk_tallies"),
    )
    op.create_index("ix_tallies_round_id", "tallies", ["round_id"])
    op.create_table(
        "broadcasts",
        _id(),
        _id("round_id"),
        _text("kind"),
        _text("whom"),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created", Time, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _id("cursor"),
        sa.Column("done", sa.Boolean(), nullable=False),
        _flag("waits"),
        _flag("ended"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_broadcasts_round_id"),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
    )
    op.create_index("ix_broadcasts_round_id", "broadcasts", ["round_id"])
    op.create_index("ix_broadcasts_ended", "broadcasts", ["ended"])
    reminder = sa.text("kind = 'reminder'")
    op.create_index(
        "ix_broadcasts_reminder",
        "broadcasts",
        ["round_id", "number"],
        unique=True,
        sqlite_where=reminder,
        postgresql_where=reminder,
    )
    op.create_table(
        "sheets",
        _id("round_id"),
        _id("person_id"),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("handed_in", Time),
        _text("receipt", empty=True),
        _text("entered_by", empty=True),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_sheets_round_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sheets_person_id"),
        sa.PrimaryKeyConstraint("round_id", "person_id", name="pk_sheets"),
    )
    op.create_table(
        "uploads",
        _id("round_id"),
        _text("name"),
        _id("person_id"),
        _text("mime"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_uploads_round_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_uploads_person_id"),
        sa.PrimaryKeyConstraint("round_id", "name", name="pk_uploads"),
    )
    op.create_index("ix_uploads_person_id", "uploads", ["person_id"])


def _plans() -> None:
    op.create_table(
        "plans",
        _id(),
        _text("name"),
        _id("questionnaire_id"),
        _text("state"),
        sa.Column("schedule", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("voluntary", sa.Boolean(), nullable=False),
        _text("letter", empty=True),
        sa.Column("reminding", sa.JSON(), nullable=False),
        sa.Column("created", Time),
        _text("created_by"),
        sa.Column("approved", Time),
        _text("approved_by", empty=True),
        sa.Column("since", Time),
        sa.Column("secrecy", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["questionnaire_id"], ["questionnaires.id"], name="fk_plans_questionnaire_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
    )
    op.create_index("ix_plans_questionnaire_id", "plans", ["questionnaire_id"])


def _messages() -> None:
    op.create_table(
        "heard",
        _text("channel"),
        _text("external_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "external_id", name="pk_heard"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_heard_day", "heard", ["day"])
    op.create_table(
        "failures",
        _text("channel"),
        _text("external_id"),
        sa.Column("times", sa.Integer(), nullable=False),
        _text("reason"),
        sa.Column("at", Time, nullable=False),
        _flag("buried"),
        sa.PrimaryKeyConstraint("channel", "external_id", name="pk_failures"),
    )
    op.create_index("ix_failures_at", "failures", ["at"])
    op.create_table(
        "letters",
        _id(),
        _text("channel"),
        _text("address"),
        _text("language"),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        _text("state"),
        sa.Column("due", Time, nullable=False),
        _text("holder", empty=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        _text("message_id", empty=True),
        _text("reason", empty=True),
        sa.Column("at", Time),
        _id("broadcast_id", nullable=True),
        _id("person_id", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
    )
    _letters_index("unsent", ["broadcast_id", "channel", "rank", "id", "due"], "state IN ('waiting', 'sending')")
    _letters_index("held", ["holder"], "state = 'sending'")
    _letters_index("done", ["at"], "state IN ('sent', 'dead', 'withdrawn')")
    op.create_table(
        "mailbox",
        _id("version"),
        _text("address"),
        _text("key"),
        _id("first"),
        sa.Column("body", sa.JSON(), nullable=False),
        _flag("gone"),
        sa.PrimaryKeyConstraint("version", name="pk_mailbox"),
        sa.UniqueConstraint("address", "key", name="uq_mailbox_address_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mailbox_address_version", "mailbox", ["address", "version"])
    op.create_table(
        "utterances",
        _id(),
        _id("account_id"),
        _id("person_id", nullable=True),
        sa.Column("at", Time, nullable=False),
        _text("speaker"),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_utterances_account_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_utterances_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_utterances"),
    )
    op.create_index("ix_utterances_person_id_id", "utterances", ["person_id", "id"])


def _letters_index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(f"ix_letters_{name}", "letters", columns, sqlite_where=where, postgresql_where=where)


def _counts() -> None:
    op.create_table(
        "tabulators",
        _id("person_id"),
        sa.Column("invited", sa.LargeBinary(), nullable=False),
        sa.Column("expires", Time),
        sa.Column("public", sa.LargeBinary()),
        sa.Column("wrapped", sa.LargeBinary()),
        sa.Column("spare", sa.LargeBinary()),
        sa.Column("tested", sa.Date()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rests", Time),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_tabulators_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_tabulators"),
    )
    op.create_table(
        "counts",
        _id("round_id"),
        _text("stage"),
        sa.Column("opened", Time, nullable=False),
        sa.Column("untagged", Time),
        sa.Column("unlocked_by", sa.JSON(), nullable=False),
        sa.Column("ended", Time),
        sa.Column("erased", Time),
        _text("link", empty=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_counts_round_id"),
        sa.PrimaryKeyConstraint("round_id", name="pk_counts"),
    )
    op.create_index("ix_counts_stage", "counts", ["stage"])
    op.create_table(
        "released",
        _id("round_id"),
        sa.Column("place", sa.Integer(), nullable=False),
        _text("about"),
        _text("group"),
        sa.Column("figures", sa.JSON()),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_released_round_id"),
        sa.PrimaryKeyConstraint("round_id", "place", name="pk_released"),
    )
    op.create_table(
        "remarks",
        _id("round_id"),
        _text("about"),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        _text("words"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_remarks_round_id"),
        sa.PrimaryKeyConstraint("round_id", "about", "key", name="pk_remarks"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in (
        "remarks",
        "released",
        "counts",
        "tabulators",
        "passes",
        "utterances",
        "mailbox",
        "letters",
        "failures",
        "heard",
        "uploads",
        "sheets",
        "broadcasts",
        "tallies",
        "invitations",
        "rounds",
        "plans",
        "pictures",
        "questionnaires",
        "special_days",
        "deputies",
        "members",
        "groups",
        "codes",
        "accounts",
        "people",
        "units",
        "tokens",
    ):
        op.drop_table(table)
    for statement in counting.dropped(op.get_context().dialect.name):
        op.execute(statement)
