"""Whoever is on a list of any kind can be exported, as the list finds them now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaigns import exports
from campaigns.models import SmartListFilter
from people import exporting
from people.exporting import NothingThere
from people.models import ExportJob
from tests.campaigns import make as campaigns
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


def test_the_people_of_a_list_are_exported_as_it_stands() -> None:
    ana, ben = make.person(first_name="Ana"), make.person(first_name="Ben")
    params = {"of": f"static_list:{make.static_list('VIP', ana).pk}"}

    assert exports.PEOPLE.title(params) == "Everybody on the static list “VIP”"
    assert list(exports.PEOPLE.rows(params, NOON)) == [ana]
    assert list(exports.PEOPLE.rows({"of": "search:Ben"}, NOON)) == [ben]


@pytest.mark.parametrize("of", ["", "static_list:99", "nonsense:1", "smart_list:x"])
def test_a_list_that_is_not_there_is_said(of: str) -> None:
    with pytest.raises(NothingThere, match="no such list"):
        exports.PEOPLE.title({"of": of})


# --- One file, one audience -----------------------------------------------------------------------


def begin(**params: Any) -> ExportJob:
    return exporting.begin(exports.PEOPLE, params, columns=["city"], user=None, now=NOON)


def written(job: ExportJob) -> list[str]:
    while exporting.write_slices(job.pk, now=NOON + timedelta(days=30)):
        pass
    return b"".join(exporting.content(job)).decode("utf-8-sig").split()[1:]


@pytest.fixture
def _two_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "SLICE", 2)


@pytest.mark.usefixtures("_two_a_slice")
def test_a_rule_edited_meanwhile_is_not_that_of_a_file_that_was_begun() -> None:
    for city in ["Chicago", "Boston"] * 3:
        make.person(city=city)
    named = campaigns.named_list("Near", campaigns.in_city("Chicago"))
    job = begin(of=f"smart_list:{named.pk}")
    exporting.write_slices(job.pk, now=NOON, slices=1)

    SmartListFilter.objects.update(config={"operator": "is", "value": "Boston"})

    assert written(job) == ["Chicago"] * 3


@pytest.mark.usefixtures("_two_a_slice")
def test_time_that_passes_does_not_change_whom_a_file_holds() -> None:
    for _each in range(3):
        make.person(city="Chicago")
    recent = ("created_at", {"operator": "in_past", "duration": "2 days"})
    job = begin(of=f"smart_list:{campaigns.named_list('New', recent).pk}")
    exporting.write_slices(job.pk, now=NOON, slices=1)

    assert written(job) == ["Chicago"] * 3


@pytest.mark.usefixtures("_two_a_slice")
def test_a_static_list_deleted_meanwhile_ends_it_in_words() -> None:
    vips = make.static_list("VIP", *(make.person(city="Chicago") for _each in range(3)))
    job = begin(of=f"static_list:{vips.pk}")
    exporting.write_slices(job.pk, now=NOON, slices=1)
    vips.delete()

    assert written(job) == []
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "There is no such list.")
