"""The triggers that keep count: of each roll by disposition, and of the letters of its broadcasts still to go out.

To count a roll of a million takes most of a second; these write down each change instead, in the transaction that
makes it, whoever makes it. They only ever add lines, so nobody waits for anybody; `Surveys.tidy` sums them up.
"""

from collections.abc import Sequence

_POSTGRESQL = (
    """
    CREATE FUNCTION count_roll() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO tallies (round_id, what, change)
                SELECT round_id, disposition, count(*) FROM new_lines GROUP BY 1, 2;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO tallies (round_id, what, change)
                SELECT round_id, disposition, -count(*) FROM old_lines GROUP BY 1, 2;
        ELSE
            INSERT INTO tallies (round_id, what, change)
                SELECT round_id, disposition, sum(one) FROM (
                    SELECT round_id, disposition, 1 AS one FROM new_lines
                    UNION ALL SELECT round_id, disposition, -1 FROM old_lines
                ) AS changes GROUP BY 1, 2 HAVING sum(one) <> 0;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER invitations_added AFTER INSERT ON invitations
        REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION count_roll()
    """,
    """
    CREATE TRIGGER invitations_removed AFTER DELETE ON invitations
        REFERENCING OLD TABLE AS old_lines FOR EACH STATEMENT EXECUTE FUNCTION count_roll()
    """,
    """
    CREATE TRIGGER invitations_changed AFTER UPDATE ON invitations
        REFERENCING OLD TABLE AS old_lines NEW TABLE AS new_lines
        FOR EACH STATEMENT EXECUTE FUNCTION count_roll()
    """,
    """
    CREATE FUNCTION count_new_letters() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO tallies (round_id, what, change)
            SELECT broadcasts.round_id, 'letters', count(*) FROM new_letters
            JOIN broadcasts ON broadcasts.id = new_letters.broadcast_id GROUP BY 1;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER letters_added AFTER INSERT ON letters
        REFERENCING NEW TABLE AS new_letters FOR EACH STATEMENT EXECUTE FUNCTION count_new_letters()
    """,
    """
    CREATE FUNCTION count_done_letter() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO tallies (round_id, what, change)
            SELECT round_id, 'letters', -1 FROM broadcasts WHERE id = NEW.broadcast_id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER letters_done AFTER UPDATE OF at ON letters FOR EACH ROW
        WHEN (NEW.broadcast_id IS NOT NULL AND OLD.at IS NULL AND NEW.at IS NOT NULL)
        EXECUTE FUNCTION count_done_letter()
    """,
)

_SQLITE = (
    """
    CREATE TRIGGER invitations_added AFTER INSERT ON invitations BEGIN
        INSERT INTO tallies (round_id, what, change) VALUES (NEW.round_id, NEW.disposition, 1);
    END
    """,
    """
    CREATE TRIGGER invitations_removed AFTER DELETE ON invitations BEGIN
        INSERT INTO tallies (round_id, what, change) VALUES (OLD.round_id, OLD.disposition, -1);
    END
    """,
    """
    CREATE TRIGGER invitations_changed AFTER UPDATE OF disposition ON invitations
        WHEN OLD.disposition <> NEW.disposition BEGIN
        INSERT INTO tallies (round_id, what, change)
            VALUES (OLD.round_id, OLD.disposition, -1), (NEW.round_id, NEW.disposition, 1);
    END
    """,
    """
    CREATE TRIGGER letters_added AFTER INSERT ON letters WHEN NEW.broadcast_id IS NOT NULL BEGIN
        INSERT INTO tallies (round_id, what, change)
            SELECT round_id, 'letters', 1 FROM broadcasts WHERE id = NEW.broadcast_id;
    END
    """,
    """
    CREATE TRIGGER letters_done AFTER UPDATE OF at ON letters
        WHEN NEW.broadcast_id IS NOT NULL AND OLD.at IS NULL AND NEW.at IS NOT NULL BEGIN
        INSERT INTO tallies (round_id, what, change)
            SELECT round_id, 'letters', -1 FROM broadcasts WHERE id = NEW.broadcast_id;
    END
    """,
)

_FUNCTIONS = ("count_roll", "count_new_letters", "count_done_letter")


def made(dialect: str) -> Sequence[str]:
    """The statements that make them."""
    return _POSTGRESQL if dialect == "postgresql" else _SQLITE


def dropped(dialect: str) -> Sequence[str]:
    """The statements that take away what is left of them once their tables are gone."""
    return tuple(f"DROP FUNCTION {name}" for name in _FUNCTIONS) if dialect == "postgresql" else ()
