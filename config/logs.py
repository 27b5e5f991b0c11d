"""Logging: one line an event, with the request or task it belongs to.

Every telephone number in it is masked, the callback address loses the token that opens it, and a search its words.
"""

import logging
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# With its plus anything is a number. Without, only what is dialled in North America: ten digits or
# eleven in a row, or 3-3-4 apart, touching no other letter or digit (ids, UUIDs, times, fractions).
# An address spells a blank as + or %20, and brackets as %28 and %29.
NUMBER = re.compile(
    r"""(?:\+|%(?:25)?2B) [1-9] (?:(?:[-. ()+]|%20|%28|%29){0,2} \d){6,14} (?!\d)
    | (?:(?<![a-z0-9]) (?<!\d\.) | (?<=%20))
      (?:1? [2-9]\d{2} [2-9]\d{6}
      | (?:1 (?:[-. +]|%20))? (?:\(|%28)? [2-9]\d{2} (?:\)|%29)? (?:[-. +]|%20){1,2}
        \d{3} (?:[-. +]|%20) \d{4}
      | (?:\(|%28) [2-9]\d{2} (?:\)|%29) \d{3} [-. ] \d{4})
      (?![a-z0-9])""",
    re.IGNORECASE | re.VERBOSE,
)
TOKEN = re.compile(r"(vibes(?:/|%2F)callbacks(?:/|%2F))[\w-]+", re.IGNORECASE)
# What somebody looked for, in an address: a name, as often as not.
SEARCHED = re.compile(r"([?&]q=)[^&\s\"'#]+", re.IGNORECASE)


def mask(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The event with every number cut to its ends and no callback token, however deep they lie."""
    return {key: _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    """What is neither text nor a container stays as it is, unless its written form tells one."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {_masked(key): _masked(kept) for key, kept in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(kept) for kept in value]
    hidden = masked(shown := repr(value))
    return value if hidden == shown else hidden


def masked(text: str) -> str:
    """The text with every number cut to its ends, no callback token, and no words of a search."""
    without_token = SEARCHED.sub(r"\1…", TOKEN.sub(r"\1…", text))
    return NUMBER.sub(lambda found: f"{found.group()[:5]}…{found.group()[-2:]}", without_token)


def configure(*, json: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING setting, with structlog set to feed the same handler."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: Processor = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    mask,
                    last,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django and gunicorn bring handlers of their own, which mask nothing: naming a logger
            # here takes them away, and what it says goes to ours.
            "django": {"propagate": True},
            "django.server": {"propagate": True},
            "gunicorn.access": {"propagate": True},
            "gunicorn.error": {"propagate": True},
            "django_structlog": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            "celery.beat": {"level": logging.WARNING},
            "celery.worker.strategy": {"level": logging.WARNING},
            "celery.app.trace": {"level": logging.WARNING},
        },
    }
