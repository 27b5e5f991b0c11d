"""What is written from the plug-ins is written anew by every run of the tests; where others judge, it must be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from campaigns.registry import steps
from tests import reference


@pytest.mark.parametrize("file", reference.files(), ids=lambda each: str(each.name))
def test_says_what_the_plug_ins_say_today(file: Path) -> None:
    wanted = reference.files()[file]
    if os.environ.get("CI") != "true":
        file.write_text(wanted, encoding="utf-8")

    assert file.read_text(encoding="utf-8") == wanted, "run the tests here, and commit this file"


def test_names_every_step_with_its_settings() -> None:
    page = reference.files()[reference.ROOT / "docs" / "steps.md"]

    for step in steps.all():
        assert f"### {step.label}\n\n{step.docstring}\n" in page
        assert all(f"| {field.label} | " in page for field in step.Form.base_fields.values())


def test_help_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    step = steps.get("wait")
    monkeypatch.setattr("campaigns.registry._", str.upper)

    assert step.help == step.docstring.upper()
