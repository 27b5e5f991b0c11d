"""When each permission to send was committed.

The rows tell only when one was asked for, and later writes to them hide the transaction that granted
it. So a trigger in the storm's own PostgreSQL notes each, in that same transaction; the product knows
nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

NOTED = """
    CREATE TABLE storm_permit (event_id text NOT NULL, mobile text NOT NULL);
    CREATE FUNCTION note_permit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO storm_permit VALUES (NEW.event_id, NEW.mobile);
        RETURN NULL;
    END $$;
    CREATE TRIGGER note_permit AFTER UPDATE OF state ON vibes_outboxrow FOR EACH ROW
        WHEN (NEW.state = 'sending' AND OLD.state <> 'sending') EXECUTE FUNCTION note_permit();
"""
COMMITTED = "SELECT event_id, mobile, pg_xact_commit_timestamp(xmin) FROM storm_permit"


@dataclass(frozen=True)
class Permit:
    """A permission to send one text. `at`: when it was committed."""

    event_id: str
    mobile: str
    at: datetime


def note() -> None:
    """Have each permission noted from now on, where the database tells of commits."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(NOTED)


def all_of(run_id: int) -> list[Permit]:
    """Every permission. SQLite does not tell of commits: there the last of each row, by the clock that
    was read before it."""
    from django.db import connection

    from vibes.models import OutboxRow

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(COMMITTED)
            return [Permit(*each) for each in cursor.fetchall()]
    found = OutboxRow.objects.filter(run_id=run_id).values_list("event_id", "mobile", "sending_at")
    return [Permit(str(event_id), mobile, at) for event_id, mobile, at in found if at]
