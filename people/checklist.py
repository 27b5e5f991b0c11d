"""What Home's getting-started list is made of. Each app adds its own (settings.HOME_CHECKLIST)."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Item:
    """One thing to do: where, why, and whether it is done (read from real state)."""

    title: str | Promise
    url: str
    done: bool
    hint: str | Promise = ""
