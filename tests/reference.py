"""What is written from the plug-ins themselves: docs/steps.md, and their docstrings for the translation catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils import translation

from campaigns.registry import Configurable, StepType, filters, steps, triggers

ROOT = Path(settings.BASE_DIR)
HEAD = """# The flow steps

Written from the steps themselves by `python3 manage.py test`; what stands here is changed in `campaigns/steps`.
How to add one: [adding-a-step.md](adding-a-step.md).
"""
WORDS_HEAD = '''"""The docstrings of steps, filters and triggers, which are their help on screen, for translation.

Written by `python3 manage.py test` from the plug-ins; not by hand.
"""

from django.utils.translation import gettext_noop

HELP = (
'''


def files() -> dict[Path, str]:
    """Each file that is written so, and what must be in it."""
    with translation.override("en"):
        return {
            ROOT / "docs" / "steps.md": "\n".join([HEAD, *_pages()]),
            ROOT / "campaigns" / "help.py": WORDS_HEAD + "".join(_words()) + ")\n",
        }


def _pages() -> Iterator[str]:
    for group, members in groupby(steps.all(), key=lambda each: str(each.group)):
        yield f"## {group}\n"
        for step in members:
            yield f"### {step.label}\n\n{step.help}\n"
            yield "\n".join(_settings(step))


def _settings(step: StepType[Any]) -> Iterator[str]:
    fields = step.Form({}).fields
    if not fields:
        return
    yield "| Setting | What it takes |"
    yield "| --- | --- |"
    for field in fields.values():
        yield f"| {field.label} | {_taken(field)} |"
    yield ""


def _taken(field: forms.Field) -> str:
    taken = f"{_kind(field)}{'' if field.required else ', may stay empty'}"
    return ". ".join(str(each).rstrip(".") for each in (taken, field.help_text) if each) + "."


def _kind(field: forms.Field) -> str:
    match field:
        case forms.ModelChoiceField():
            return f"One of the {field.queryset.model._meta.verbose_name_plural}"  # type: ignore[union-attr]
        case forms.ChoiceField():
            return "One of a menu"
        case forms.BooleanField():
            return "Yes or no"
        case forms.IntegerField():
            return "A whole number"
        case forms.DateTimeField() | forms.DateField() | forms.TimeField():
            return "A date or time"
    return "A text"


def _words() -> Iterator[str]:
    plugins: list[Configurable[Any]] = [*steps.all(), *filters.all(), *triggers.all()]
    for said in sorted({each.docstring for each in plugins}):
        yield f"    gettext_noop({json.dumps(said, ensure_ascii=False)}),\n"
