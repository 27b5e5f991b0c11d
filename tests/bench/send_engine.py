"""One sending process: `python -m tests.bench.send_engine RUN` delivers until the run owes nothing."""

import json
import resource
import sys
import time

BUDGET = 20.0  # seconds of one call, as a task has it


def used(usage: resource.struct_rusage) -> dict[str, float]:
    return {"cpu": usage.ru_utime + usage.ru_stime, "memory_mb": usage.ru_maxrss / 1024}


def main(run: int) -> None:
    import django

    django.setup()
    from people.clock import database_clock
    from vibes import delivery
    from vibes.models import Account, OutboxRange

    account = Account.objects.get()
    owed = OutboxRange.objects.open().filter(run_id=run)
    before = used(resource.getrusage(resource.RUSAGE_SELF))
    while owed.exists():
        if not delivery.deliver(account.pk, clock=database_clock(), budget=BUDGET):
            time.sleep(0.05)
    after = used(resource.getrusage(resource.RUSAGE_SELF))
    print(json.dumps(after | {"cpu": after["cpu"] - before["cpu"]}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
