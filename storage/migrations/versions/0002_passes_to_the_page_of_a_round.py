"""Passes to the page of a round."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Time = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "passes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("round_id", Id, nullable=False),
        sa.Column("expires", Time, nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_passes_person_id"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_passes_round_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_passes"),
    )
    op.create_index("ix_passes_person_id", "passes", ["person_id"])
    op.create_index("ix_passes_round_id", "passes", ["round_id"])
    op.create_index("ix_passes_expires", "passes", ["expires"])
