"""What becomes of a job whose slice fails: what passes by itself is tried again, all else ends it.

A job is found by every tick until it is over. What would fail the same way each time must therefore
stop it, in words for whoever waits; the trace goes into the log.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

log = structlog.get_logger(__name__)

# A lock, a deadlock, a time-out, a server that restarts: raised again, and the next tick tries.
PASSES = (OperationalError, InterfaceError)


def guarded(
    take: Callable[[], bool],
    *,
    stop: Callable[[str], object],
    job: str,
    plain: tuple[type[Exception], ...] = (),
) -> bool:
    """Take a slice, and say whether to go on: not when it failed, then `stop` has the words for it.

    `job` is its name in the log; errors in `plain` say in their own words what is wrong.
    """
    try:
        return take()
    except PASSES:
        raise
    except plain as error:
        stop(str(error))
    except Exception as error:  # whatever it is, it must not come again for ever
        log.exception("job-stopped", job=job, error=type(error).__name__)
        stop(_words(error, job))
    return False


def _words(error: Exception, job: str) -> str:
    said = _(
        "A fault in this program stopped it. Nothing is lost: try again, and it goes on from where it"
        " stood. If it stops again, tell whoever runs this installation: the log has it as"
        " “%(job)s” (%(error)s)."
    )
    return said % {"job": job, "error": type(error).__name__}
