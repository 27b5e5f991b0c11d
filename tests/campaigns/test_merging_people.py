"""People are merged while runs owe them texts: the queue follows the number, and every sum stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from campaigns import audience, results, runner
from campaigns.content import FilterSpec, ListSpec
from campaigns.models import Entry, Run, Verdict
from people import merging
from people.merging import Choice
from people.models import Activity, Person
from people.models.setting import instance_id
from tests.campaigns import make
from tests.campaigns.test_runner import run_all, start
from tests.campaigns.views import runs
from tests.people.make import person
from vibes import delivery, gates, ranges, settling, who
from vibes.facts import Named
from vibes.models import Account, OutboxRow, VibesList
from vibes.sending import Answer

pytestmark = pytest.mark.django_db
NOON = runs.NOON
LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


def merge(*people: Person) -> Person:
    return merging.merge([each.pk for each in people], Choice(), by="ada", now=NOON)


def permitted(action: str = "text", now: datetime = NOON) -> list[OutboxRow]:
    """What goes on the wire now; the rest is put back."""
    account = Account.objects.get()
    claimed = delivery.claim(account, actions=[action], limit=500, now=now)
    found = delivery.permit(claimed, now=now)
    ranges.put_back(ranges.leases(claimed))
    return found


def sent_to(run: Run) -> list[tuple[str, int | None]]:
    rows = OutboxRow.objects.filter(run_id=run.pk, state=OutboxRow.State.ACCEPTED)
    return list(rows.order_by("mobile").values_list("mobile", "person"))


def adds_up(run: Run) -> bool:
    return results.counts(run) == results.recount(run)


def _our(of: Person) -> str:
    return f"{instance_id().hex[:8]}-{of.pk}"


def test_what_is_queued_goes_to_the_number_it_was_queued_for_and_once(offers: VibesList) -> None:
    ana, anna = make.subscribers(offers, 2, city="Chicago")
    run = start(make.send(make.approved_message(), offers))
    run_all()

    merge(ana, anna)
    rows = permitted()
    settling.settle([(row, Answer(OutboxRow.State.ACCEPTED)) for row in rows], now=NOON)

    assert sent_to(run) == [(ana.mobile, ana.pk), (anna.mobile, ana.pk)]
    assert permitted() == []
    assert adds_up(run)


def test_the_survivors_block_stops_what_was_queued_for_the_other(offers: VibesList) -> None:
    ana = person(block_listed=True)
    [anna] = make.subscribers(offers, 1, city="Chicago")
    run = start(make.send(make.approved_message(), offers))
    run_all()

    merge(ana, anna)

    assert permitted() == []
    verdict = run.verdicts.get()
    assert (verdict.state, verdict.reason, verdict.person) == ("skipped", "block-listed", ana)


@pytest.mark.parametrize("when", ["claimed", "permitted"])
def test_a_text_accepted_after_the_merge_is_in_the_survivors_history(
    offers: VibesList, when: str
) -> None:
    ana = person(first_name="Ana")
    [anna] = make.subscribers(offers, 1, city="Chicago")
    start(make.send(make.approved_message(), offers))
    run_all()
    rows = delivery.claim(Account.objects.get(), actions=["text"], limit=500, now=NOON)
    if when == "permitted":
        rows = delivery.permit(rows, now=NOON)

    merge(ana, anna)
    if when == "claimed":
        rows = delivery.permit(rows, now=NOON)
    settling.settle([(row, Answer(OutboxRow.State.ACCEPTED)) for row in rows], now=NOON)

    assert Activity.objects.get(kind="send_sms").person == ana


def test_of_two_in_one_run_the_first_goes_on_and_every_verdict_stays(offers: VibesList) -> None:
    ana, anna = make.subscribers(offers, 2, city="Chicago")
    run = start(make.wait(), make.send(make.approved_message(), offers))
    run_all()

    merge(ana, anna)
    run_all(NOON + timedelta(days=3))

    found = list(run.verdicts.order_by("pk").values_list("person", "state", "reason"))
    assert found == [(ana.pk, "done", ""), (ana.pk, "left", "merged"), (ana.pk, "queued", "")]
    assert Entry.objects.get(person=anna).left_at == NOON
    assert OutboxRow.objects.get().mobile == ana.mobile
    assert adds_up(run)


def test_who_alone_took_part_goes_on_as_the_survivor(offers: VibesList) -> None:
    ana = person(first_name="Ana")
    [anna] = make.subscribers(offers, 1, city="Chicago")
    start(make.wait(), make.change("city", "Boston"))
    run_all()

    merge(ana, anna)
    run_all(NOON + timedelta(days=3))

    ana.refresh_from_db()
    assert ana.city == "Boston"
    assert {each.person for each in Verdict.objects.all()} == {ana}
    assert Entry.objects.get().person == ana


def test_the_look_says_what_a_merge_means_for_runs(offers: VibesList) -> None:
    ana, anna = make.subscribers(offers, 2, city="Chicago")
    start(make.send(make.approved_message(), offers))
    run_all()

    in_runs, waiting = merging.look([ana, anna], Choice()).notes

    assert in_runs.startswith("In 1 run more than one of them takes part: there the first goes on")
    assert waiting == "2 calls to Vibes still wait. They go to the numbers they were queued for."


def test_vibes_may_still_name_the_old_id(offers: VibesList) -> None:
    ana, anna = make.subscribers(offers, 2, city="Chicago")

    merge(ana, anna)

    named = {each.pk: who.number_of(Named(external_id=_our(each))) for each in (ana, anna)}
    assert named == {ana.pk: ana.mobile, anna.pk: anna.mobile}


def test_an_opt_in_asked_for_under_the_old_id_still_tells_its_number(offers: VibesList) -> None:
    ana = person()
    [anna] = make.subscribers(offers, 1, city="Reno")
    asked = make.acquisition_campaign(offers)
    Person.objects.filter(pk=anna.pk).update(city="Chicago")
    offers.subscriptions.all().delete()
    start(make.ask_to_join(offers, asked))
    run_all()
    OutboxRow.objects.update(sending_at=NOON, state=OutboxRow.State.ACCEPTED)
    Person.objects.filter(pk=anna.pk).update(mobile="+13125559999")

    merge(ana, anna)

    named = Named(external_id=_our(anna))
    assert who.number_of(named) == anna.mobile
    assert runner.due(now=NOON) == []


@pytest.fixture
def asked(offers: VibesList) -> OutboxRow:
    """An opt-in for Anna that Vibes did not take the first time."""
    asking = make.acquisition_campaign(offers)
    person(first_name="Anna", city="Chicago", mobile="(312) 555-0143")
    start(make.ask_to_join(offers, asking))
    run_all()
    [row] = permitted("subscribe")
    settling.settle([(row, Answer(OutboxRow.State.READY, counts=True))], now=NOON)
    ranges.put_back(ranges.leases([row]))
    return row


def test_an_opt_in_tried_again_after_a_merge_is_the_survivors(asked: OutboxRow) -> None:
    ana = merge(person(first_name="Ana"), Person.objects.get(pk=asked.person_id))

    assert permitted("subscribe", LATER) == []  # handed on; its turn comes again
    [row] = permitted("subscribe", LATER + timedelta(minutes=5))

    assert (row.pk, row.person_id, row.mobile) == (asked.pk, ana.pk, asked.mobile)
    named = Named(external_id=_our(Person.objects.get(pk=asked.person_id)))
    assert who.number_of(named) == asked.mobile


def test_one_to_a_number_that_the_old_id_does_not_lead_to_is_not_tried_again(
    asked: OutboxRow,
) -> None:
    Person.objects.filter(pk=asked.person_id).update(mobile="+13125559999")
    merge(person(first_name="Ana"), Person.objects.get(pk=asked.person_id))

    assert permitted("subscribe", LATER) == []
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("skipped", "person-deleted")


def test_what_a_merge_changed_is_found_as_a_data_value_that_changed_by_it() -> None:
    ana, anna, _eve = person(), person(block_listed=True), person(block_listed=True)

    merge(ana, anna)

    asked = {"operator": "yes", "field": "block_listed", "after": "yes", "by": "merge"}
    rule = ListSpec(filters=(FilterSpec("data_value_changed", asked),))
    assert set(audience.people(rule, now=NOON)) == {ana}


def test_may_we_text_names_who_merged_and_when() -> None:
    ana, anna = person(), person(block_listed=True, block_listed_reason="Complained")

    merge(ana, anna)

    ana.refresh_from_db()
    [gate] = [each for each in gates.of(ana, now=NOON).personal if each.reason == "block-listed"]
    assert (gate.source, gate.note) == (("ada (merge)", NOON), "Complained")
