"""Somebody goes through everything there is and is erased: then no column of any table tells of them.

What stays on purpose stands in `STAYS`, with its reason (decision 38).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from campaigns import acting, effects, launch, outward, sources
from campaigns.models import Campaign, Webhook
from campaigns.registry import steps
from people import binning, editing, erasing, exporting, lists, merging
from people.merging import Choice
from people.models import ImportReject, Person
from tests.campaigns import make
from tests.campaigns.test_effects import Outside
from tests.campaigns.views import runs
from tests.people import files
from tests.people.make import NOON, person, static_list
from vibes import sweeps
from vibes.models import Callback, Number, OutboxRow, Sweep, VibesList

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = (
    *("6502530142", "650-253-0142", "(650) 253-0142", "253 0142", "650) 253", "2530142"),
    *("6502530143", "2530143"),  # of who was merged into them
    *("zwetschke", "pflaumenkern", "zw@uniquely.example", "before@uniquely.example"),
    *("old@uniquely.example", "uniquely", "key-of-zwetschke"),
)
STAYS = {
    # A value that an operator typed in a rule is the rule's: who erases it breaks the rule unseen.
    "campaigns_smartlistfilter.config": "the rule of a list",
    "campaigns_edit.before": "the rule of a list, as it was",
    "campaigns_edit.after": "the rule of a list, as it was",
    "campaigns_flowversion.content": "the rule of a run, which must be told for ever",
    "campaigns_flowversion.draft": "the rule of a run, as it can be restored",
}


def columns() -> list[tuple[str, str]]:
    """Every column of every table."""
    with connection.cursor() as cursor:
        return [
            (table, column.name)
            for table in connection.introspection.table_names(cursor)
            for column in connection.introspection.get_table_description(cursor, table)
        ]


def left() -> dict[str, set[str]]:
    """Which of the words stand where: by table and column."""
    found = dict[str, set[str]]()
    for table, column in columns():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT "{column}" FROM "{table}"')  # noqa: S608
            text = "\n".join(_text(value) for (value,) in cursor.fetchall()).lower()
        if words := {each for each in WORDS if each in text}:
            found[f"{table}.{column}"] = words
    return found


def _text(value: Any) -> str:
    raw = bytes(value) if isinstance(value, bytes | memoryview) else value
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Outside:
    found = Outside()
    settings.WEBHOOK_HOSTS = ["shop.example.com"]
    monkeypatch.setattr(outward, "call", found.call)
    return found


def imported() -> Person:
    """Made by a file, changed by another, refused by a third, and half in a fourth that was undone."""
    head = "First Name,Last Name,Email,Mobile,City\n"
    row = "Zwetschke,Pflaumenkern,before@uniquely.example,(650) 253-0142,Chicago\n"
    files.finish(files.begin(head + row, static_list=static_list("Fair")))
    files.finish(files.begin(head + row.replace("Chicago", "Boston")))
    again = files.finish(files.begin(head + row.replace("Boston", "Chicago")))
    files.undo(again)
    bad = {"number": 2, "reason": "“Zwetschke” is no date", "cells": ["Zwetschke", "650-253-0142"]}
    ImportReject.objects.create(job=again, **bad)
    return Person.objects.get(email="before@uniquely.example")


def changed(who: Person) -> None:
    values = {"email": "zw@uniquely.example", "city": "Chicago", "company": "Pflaumenkern & Co"}
    editing.change(who, values, by="ada", now=NOON)
    other = person(email="old@uniquely.example", mobile="(650) 253-0143", last_name="Zwetschke")
    merging.merge([who.pk, other.pk], Choice(), by="ada", now=NOON)
    lists.add(static_list("Other"), [who.pk], by="ada", now=NOON)
    kind = ContentType.objects.get_for_model(Person)
    entry = {"content_type": kind, "object_id": str(who.pk), "object_repr": str(who)}
    LogEntry.objects.create(user=make.user(), action_flag=CHANGE, **entry)


def a_rule_that_names_them() -> None:
    rule = ("email_address", {"operator": "is", "value": "zw@uniquely.example"})
    make.named_list("Them", rule)
    make.campaign("Of them", filters=[rule])


def in_a_run(who: Person, offers: VibesList, outside: Outside) -> Campaign:
    make.subscribe(offers, [who])
    text = make.approved_message("Dear {{person.First Name}}, {{person.Email Address}}")
    url = "https://shop.example.com/?n={{person.Last Name}}"
    body = '{"name": "{{person.First Name}}"}'
    hook = Webhook.objects.create(name="Shop", url=url, body=body)
    flow = [make.change("company", "X"), make.add_to(static_list("Told")), make.send(text, offers)]
    flow += [("call_webhook", {"webhook": str(hook.pk)})]
    campaign = make.campaign(filters=[make.in_city()], steps=flow)
    run = runs.running(campaign)
    while effects.deliver(clock=lambda: NOON):
        pass
    runs.settle(run)
    return campaign


def at_vibes(who: Person, offers: VibesList) -> None:
    mobile, told = who.mobile, {"account": offers.account, "received_at": NOON}
    Number.objects.update_or_create(mobile=mobile, defaults={"person_key": "key-of-zwetschke"})
    for place, body in enumerate(['{"mdn": "+16502530142"}', '{"url": "/key-of-zwetschke"}']):
        Callback.objects.create(event_id=place, body=body, applied_at=NOON, **told)
    Callback.objects.create(event_id=9, body='{"mdn": "6502530142"}', **told)
    sweep = sweeps.start(offers.account, by="ada", now=NOON)
    Sweep.objects.filter(pk=sweep.pk).update(position=mobile)


def taken_out() -> None:
    found = exporting.sources.get("people")
    job = exporting.begin(
        found, {"q": "Zwetschke"}, columns=["email", "mobile"], user=None, now=NOON
    )
    while exporting.write_slices(job.pk, now=NOON):
        pass
    kind, config = make.add_to(static_list("Searched"))
    form, chosen = steps.get(kind).form(config), sources.all_of("search:Zwetschke")
    run = acting.begin(chosen, kind=kind, form=form, token="t", by=make.user(), now=NOON)[0]
    launch.prepare(run.pk, clock=lambda: NOON)


def test_nothing_is_left_anywhere(offers: VibesList, outside: Outside) -> None:
    who = imported()
    changed(who)
    in_a_run(who, offers, outside)
    at_vibes(Person.objects.get(pk=who.pk), offers)
    a_rule_that_names_them()
    taken_out()
    assert outside.told
    assert OutboxRow.objects.exclude(text="").exists()
    before = left()

    binning.delete([who.pk], by="ada", now=NOON)
    binning.erase_soon([who.pk], by="ada", now=NOON)
    assert erasing.erase_some(now=NOON + timedelta(days=2)) == 1

    after = left()
    assert len(before) > 15, before
    assert {place: words for place, words in after.items() if place not in STAYS} == {}
