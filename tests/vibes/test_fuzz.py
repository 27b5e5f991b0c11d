"""Whatever is thrown at our endpoint, it is taken, applied without a fault, and makes nobody a member."""

import pytest
from django.db import connection

from tests.vibes.fuzzed import Range
from tests.vibes.pretend import Simulator
from vibes.models import Account

# Fewer where the same runs a second time, on PostgreSQL.
COUNT = 1_000 if connection.vendor == "sqlite" else 250


@pytest.mark.parametrize("seed", [1, 2])
def test_fuzzed_and_forged_callbacks_do_no_harm(
    account: Account, simulator: Simulator, seed: int
) -> None:
    Account.objects.update(calls_per_second=1_000_000)
    account.refresh_from_db()

    report = Range(account, simulator).throw(seed=seed, count=COUNT)

    assert report["ok"], report
