"""Who uses a field: asked of every app that may (settings.FIELD_USES), in words with links."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people import column_views
from people.fields import Field
from people.models import ImportJob


@dataclass(frozen=True)
class Use:
    """One user of a field: in words, where it is, and whether the field must stay because of it."""

    words: str
    url: str = ""
    holds: bool = True


State = ImportJob.State
NOT_AT_WORK = [State.MAPPING, State.DONE, State.CANCELLED, State.UNDOING, State.UNDONE]
Uses = Mapping[str, list[Use]]
"""By the field's name, who uses it."""


def of(fields: Sequence[Field]) -> dict[str, list[Use]]:
    """The users of each of these fields: as many questions as apps ask, however many the fields."""
    found: dict[str, list[Use]] = {each.name: [] for each in fields}
    for name in settings.FIELD_USES:
        ask: Callable[[Sequence[Field]], Uses] = import_string(name)
        for field, uses in ask(fields).items():
            found[field] += uses
    return found


def in_imports(fields: Sequence[Field]) -> Uses:
    """Imports that have begun and are not over: they bring values of it. A mapping may still change.

    One that failed may be tried again, until its file is let go of (`receiving.KEEP_UNMAPPED`).
    """
    jobs = ImportJob.objects.exclude(state__in=NOT_AT_WORK).exclude(stopped_in=State.UNDOING)
    found: dict[str, list[Use]] = {each.name: [] for each in fields}
    for job in jobs.only("file_name", "mapping"):
        for name in found.keys() & set(job.mapping.values()):
            found[name].append(
                Use(
                    _("Import of %(file)s") % {"file": job}, reverse("people:import", args=[job.pk])
                )
            )
    return found


def in_views(fields: Sequence[Field]) -> Uses:
    """How many column views show it. They are personal, so they hold nothing and are not named."""
    counts = column_views.showing([each.name for each in fields])
    said = {
        name: ngettext("%(count)d column view", "%(count)d column views", count) % {"count": count}
        for name, count in counts.items()
        if count
    }
    return {name: [Use(words, holds=False)] for name, words in said.items()}
