"""The usual way, as a negative control: claim, send, mark as sent; on an error or a lost lease, again.

`python -m tests.storm.naive` works off the same outbox as the engine, with leases and with care for
everything but one thing: it cannot tell what it may have sent from what it has not.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep
from typing import Any

import requests

from config.processes import ROOT, Site
from config.supervisor import Program

from .site import LEASE, SLOTS

AGAIN = timedelta(seconds=1)


def program(site: Site, number: int) -> Program:
    command = [sys.executable, "-m", "tests.storm.naive"]
    return Program(f"naive {number}", command, site.environment(), ROOT)


def main() -> None:
    import django

    django.setup()
    from vibes.models import Account

    account = Account.objects.get()
    session = requests.Session()
    session.trust_env = False
    session.auth = (account.username, account.password)
    session.headers["X-API-Version"] = "2"
    address = f"{account.base_url}/companies/{account.company_key}/events"
    with ThreadPoolExecutor(SLOTS) as pool:
        while True:
            rows = _claim()
            answers = pool.map(lambda row: _send(session, address, row), rows)
            for row, taken in zip(rows, answers, strict=True):
                _mark(row, taken)
            if not rows:
                sleep(0.2)


def _claim() -> list[Any]:
    """Take some rows; nobody else does until the lease runs out."""
    from django.db import transaction
    from django.utils import timezone

    from vibes.models import OutboxRow

    with transaction.atomic():
        due = OutboxRow.objects.due(timezone.now()).order_by("pk").select_related("vibes_list")
        rows = list(due.select_for_update(skip_locked=True, of=("self",))[:SLOTS])
        until = timezone.now() + timedelta(seconds=LEASE)
        OutboxRow.objects.filter(pk__in=[row.pk for row in rows]).update(
            not_before=until, sending_at=timezone.now()
        )
    return rows


def _send(session: requests.Session, address: str, row: Any) -> bool:
    """Whether Vibes said that it took it."""
    event = {
        "event_id": str(row.event_id),
        "event_type": row.vibes_list.event_type,
        "event_data": {"mdn": row.mobile, "message_body": row.text},
    }
    try:
        return session.post(address, json=event, timeout=20).ok
    except requests.RequestException:
        return False


def _mark(row: Any, taken: bool) -> None:
    from django.db import transaction
    from django.utils import timezone

    from vibes import outbox

    now = timezone.now()
    if not taken:
        type(row).objects.filter(pk=row.pk).update(not_before=now + AGAIN)
        return
    with transaction.atomic():
        row.state = row.State.ACCEPTED
        row.save(update_fields=["state"])
        outbox.tell([row], now=now)


if __name__ == "__main__":
    main()
