"""One storm from its beginning to its verdict."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.processes import QUEUES, Site

from . import site as sites
from . import world
from .options import Options
from .provider import Provider
from .restore import TAKEN_AT, Copy
from .servers import Postgres, Redis, running
from .site import Crew
from .trouble import Trouble
from .watch import Watch

TOKEN = "one storm, one run"
LOOK_EVERY = 0.15
REST_SECONDS = 120


@dataclass
class Ground:
    """Where a storm passes: servers of its own and a site on them, with Django set up for it."""

    site: Site
    redis: Redis
    database: Postgres | None
    crew: Crew
    provider: Provider


@contextmanager
def ground(options: Options, folder: Path) -> Iterator[Ground]:
    """Servers, simulator and web process are running; beat and workers are not yet."""
    with ExitStack() as stack:
        redis = Redis(folder, embedded=options.embedded)
        stack.enter_context(running(redis))
        database = None if options.embedded else Postgres(folder)
        if database is not None:
            database.set_up()
            stack.enter_context(running(database))
        url = database.url if database else f"sqlite:///{folder}/storm.sqlite3"
        site = sites.make_site(
            folder,
            redis_url=redis.url,
            database_url=url,
            # All processes of the workers may send: a STOP must find an ear all the same.
            loops=options.workers * options.width,
            scaled=not options.unscaled,
        )
        _set_up_django(site)
        queues = tuple(each for each in QUEUES if each != "send" or not options.naive)
        crew = Crew(site, workers=options.workers, width=options.width, queues=queues)
        stack.callback(crew.stop)
        crew.start_simulator()
        yield Ground(site, redis, database, crew, Provider(site.sim_url))


def _set_up_django(site: Site) -> None:
    """This process asks the site's database, and rings its bells."""
    os.environ |= site.environment()
    import django

    django.setup()


def storm(options: Options, folder: Path) -> dict[str, Any]:
    """Pass one storm over a site, and judge what is left."""
    from . import evidence, report

    began = time.monotonic()
    with ground(options, folder) as here:
        campaign_id = _make_world(options, here)
        (run_id,) = world.start(campaign_id, TOKEN)
        watch = Watch(run_id, _steps(run_id))
        trouble = Trouble(
            options, here.crew, here.provider, here.redis, here.database, campaign_id, TOKEN, run_id
        )
        copy = Copy(here.site, here.database, folder / "copy") if options.restore else None
        here.crew.start_inside()
        stormed = time.monotonic()
        try:
            _pass(here, watch, trouble, options.seconds, copy)
            calm = time.monotonic()
            _come_to_rest(here, watch, REST_SECONDS if not options.naive else 1)
        finally:
            _keep(here.crew, trouble, folder)
        found = evidence.gather(run_id, here.provider, trouble.blows, watch)
        times = {
            "set_up_s": round(stormed - began, 1),
            "storm_s": round(calm - stormed, 1),
            "total_s": round(time.monotonic() - began, 1),
        }
        restored = {"I14 restore is silent": _start_copy(here, copy)} if copy else {}
        return report.of(options, found, trouble, times, restored)


def _start_copy(here: Ground, copy: Copy) -> dict[str, Any]:
    """With the original's processes gone, so that all that is called now is called by the copy."""
    here.crew.kill()
    return copy.start(here.provider)


def _make_world(options: Options, here: Ground) -> int:
    campaign_id = world.build(options.members, url=here.site.sim_url)
    here.crew.start_web()
    if options.naive:
        from . import naive

        for number in range(options.workers * options.width):
            here.crew.add(naive.program(here.site, number))
    here.provider.be_rough(rough=options.rough, receipts=options.receipts)
    return campaign_id


def _steps(run_id: int) -> list[int]:
    from campaigns.models import Run

    run = Run.objects.select_related("version").get(pk=run_id)
    return [step["id"] for step in run.version.content["steps"]]


def _pass(here: Ground, watch: Watch, trouble: Trouble, seconds: float, copy: Copy | None) -> None:
    """Strike, look and look after, until the run is over and nothing is left to be done to it."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        trouble.strike(watch.progress)
        seen = watch.look()
        here.crew.look_after()
        if copy and not copy.is_taken and watch.progress > TAKEN_AT:
            copy.take()
        if seen is not None and seen.state == "finished":
            break
        time.sleep(LOOK_EVERY)
    trouble.undo_all()


def _come_to_rest(here: Ground, watch: Watch, seconds: float) -> None:
    """Every callback delivered and applied."""
    from vibes.models import Callback

    here.provider.calm_down()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        here.crew.look_after()
        waiting = Callback.objects.filter(applied_at=None).exists()
        if here.provider.is_idle() and not waiting:
            break
        time.sleep(LOOK_EVERY)
    watch.look()


def _keep(crew: Crew, trouble: Trouble, folder: Path) -> None:
    """What the processes said and what befell them, for whoever keeps the folder."""
    (folder / "said.log").write_text("\n".join(crew.said))
    (folder / "blows.txt").write_text("\n".join(map(str, trouble.blows)))
