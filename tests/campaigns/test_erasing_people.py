"""People are erased who had texts: every sum of every run stays, and a no stays a no."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from campaigns import acting, control, launch, results, sources
from campaigns.models import Run
from campaigns.registry import steps
from people import binning, editing, erasing, exporting, merging
from people.merging import Choice
from people.models import Activity, ExportJob, ExportPiece, Person
from tests.campaigns import make
from tests.campaigns.test_runner import run_all, start
from tests.campaigns.views import runs
from tests.people.make import person, static_list
from tests.people.test_erasing import everything
from tests.vibes import make as vibes
from vibes import consent, delivery, gate, lessons, settling, subscriptions
from vibes.models import (
    Account,
    Callback,
    ConsentEntry,
    Number,
    OutboxRow,
    Stop,
    Subscription,
    VibesList,
)
from vibes.sending import Answer

pytestmark = pytest.mark.django_db
NOON = runs.NOON
LATER = NOON + timedelta(days=1)
TYPED = "(312) 555-0142"
NUMBER = "+13125550142"


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


def erase(*people: Person) -> int:
    ids = [each.pk for each in people]
    binning.delete(ids, by="ada", now=NOON)
    binning.erase_soon(ids, by="ada", now=NOON)
    return erasing.erase_some(now=NOON)


def a_run(offers: VibesList) -> Run:
    return start(make.send(make.approved_message("Dear {{person.First Name}}"), offers))


def send() -> list[OutboxRow]:
    account = Account.objects.get()
    rows = delivery.claim(account, actions=["text"], limit=500, now=NOON)
    return delivery.permit(rows, now=NOON)


def taken(rows: list[OutboxRow]) -> None:
    settling.settle([(row, Answer(OutboxRow.State.ACCEPTED)) for row in rows], now=NOON)


def test_the_results_of_an_old_run_are_the_same_and_without_words(offers: VibesList) -> None:
    ana = make.subscriber(offers, mobile=TYPED, city="Chicago", first_name="Anastasia")
    make.subscriber(offers, mobile="(312) 555-0143", city="Chicago", first_name="Ben")
    run = a_run(offers)
    run_all()
    taken(send())
    before = [(each.entered, each.counts, each.reasons, each.texts) for each in results.sums(run)]

    assert erase(ana) == 1

    after = [(each.entered, each.counts, each.reasons, each.texts) for each in results.sums(run)]
    assert after == before
    assert results.counts(run) == results.recount(run)
    assert [each for each in ("Anastasia", "5550142") if each in everything()] == []
    assert "Dear Ben" in everything()


def test_whoever_shared_the_number_is_told_it_without_the_name(offers: VibesList) -> None:
    ana = make.subscriber(offers, mobile=TYPED, city="Chicago", first_name="Anastasia")
    ben = make.subscriber(offers, mobile=TYPED, city="Chicago", first_name="Ben")
    run = a_run(offers)
    run_all()
    taken(send())

    erase(ana)

    verdict = run.verdicts.get(person=ben)
    assert (verdict.reason, verdict.detail) == ("same-number", f"(person {ana.pk}) holds it")
    assert "Anastasia" not in everything()
    assert "holds it" in Activity.objects.get(person=ben, kind="skipped").details["why"]


def test_whoever_is_being_texted_is_erased_later(offers: VibesList) -> None:
    ana = make.subscriber(offers, mobile=TYPED, city="Chicago", first_name="Anastasia")
    a_run(offers)
    run_all()
    rows = send()

    assert erase(ana) == 0

    taken(rows)
    assert erasing.erase_some(now=NOON) == 0  # put off for a while
    assert erasing.erase_some(now=LATER) == 1
    assert "Anastasia" not in everything()


def test_whoever_is_being_texted_under_an_old_id_is_erased_later(offers: VibesList) -> None:
    ana, other = person(first_name="Ana"), person(first_name="Anastasia", mobile=TYPED)
    merging.merge([ana.pk, other.pk], Choice(), by="ada", now=NOON)
    ids = {"run_id": 1, "step_id": 1, "entry_id": 1, "event_id": uuid.uuid4()}
    of = {"range": vibes.outbox_range(offers), "account": offers.account, "vibes_list": offers}
    asked = {"action": "subscribe", "state": "sending", "queued_at": NOON, "sending_at": NOON}
    OutboxRow.objects.create(person=other, mobile=NUMBER, **ids, **of, **asked)

    assert erase(ana) == 0

    OutboxRow.objects.update(state="accepted")
    assert erasing.erase_some(now=LATER) == 1


def test_what_was_queued_for_the_erased_does_not_leave(offers: VibesList) -> None:
    ana = make.subscriber(offers, mobile=TYPED, city="Chicago")
    run = a_run(offers)
    run_all()

    erase(ana)

    assert send() == []
    assert run.verdicts.get().reason == "person-deleted"


def test_what_is_owed_to_others_under_the_number_still_goes_there(offers: VibesList) -> None:
    ana = person(mobile=TYPED)
    ben = make.subscriber(offers, mobile=TYPED, city="Chicago")
    a_run(offers)
    run_all()
    editing.change(ben, editing.number("(312) 555-0199", region="US"), by="ben", now=NOON)

    erase(ana)

    assert [row.mobile for row in send()] == [NUMBER]


def test_a_late_receipt_teaches_nothing_of_a_pseudonym(offers: VibesList) -> None:
    ana = make.subscriber(offers, mobile=TYPED, city="Chicago")
    a_run(offers)
    run_all()
    rows = send()
    taken(rows)
    erase(ana)

    lessons.lock([rows[0].event_id])
    landline = lessons.Meaning.NOT_MOBILE
    lessons.learn(rows[0].event_id, landline, "", told_at=NOON, now=NOON, cause={})

    assert not Number.objects.exists()


# --- A no stays a no ------------------------------------------------------------------------------


def opts_out(offers: VibesList) -> Person:
    ana = make.subscriber(offers, mobile=TYPED, first_name="Anastasia")
    told: dict[str, Any] = {"told_at": NOON, "now": NOON, "cause": {"callback_id": 7}}
    subscriptions.stop_code(NUMBER, offers.account, named=offers, **told)
    left: dict[str, Any] = {"reason": "keyword_opt_out", "source": consent.TOLD}
    subscriptions.change(NUMBER, offers, Subscription.State.UNSUBSCRIBED, **left, **told)
    return ana


def comes_back() -> Person:
    return editing.create(editing.number(TYPED, region="US"), by="ben", now=LATER)


def why_not(person: Person, offers: VibesList) -> str:
    why = gate.reason(action=OutboxRow.Action.TEXT, vibes_list=offers)
    return str(Person.objects.filter(pk=person.pk).values_list(why, flat=True)[0])


def test_who_opted_out_stays_so_as_a_hash_and_is_known_again(offers: VibesList) -> None:
    ana = opts_out(offers)
    evidence = ConsentEntry.objects.filter(mobile=NUMBER).count()

    erase(ana)

    assert "5550142" not in everything()
    assert not Number.objects.filter(mobile=NUMBER).exists()
    assert ConsentEntry.objects.filter(mobile__startswith="#").count() == evidence > 0
    ben = comes_back()
    assert why_not(ben, offers) == "opted-out"
    assert Stop.objects.get().mobile == NUMBER
    assert ConsentEntry.objects.filter(mobile=NUMBER).count() == evidence


def test_a_yes_from_before_is_no_yes_of_the_next_holder(offers: VibesList) -> None:
    ana = make.subscriber(offers, mobile=TYPED)

    erase(ana)

    assert not Subscription.objects.exists()
    assert why_not(comes_back(), offers) == "membership-unknown"


def test_what_vibes_said_meanwhile_counts_more_than_what_was_remembered(offers: VibesList) -> None:
    erase(opts_out(offers))
    known: dict[str, Any] = {"source": consent.RECORD, "told_at": LATER, "now": LATER}
    subscriptions.change(NUMBER, offers, Subscription.State.SUBSCRIBED, **known)

    assert why_not(comes_back(), offers) == ""


def test_erased_twice_is_remembered_once(offers: VibesList) -> None:
    erase(opts_out(offers))
    erase(comes_back())

    assert why_not(comes_back(), offers) == "opted-out"
    assert Stop.objects.count() == Subscription.objects.count() == 1


def test_callbacks_that_name_the_number_lose_their_bodies(offers: VibesList) -> None:
    ana = make.subscriber(offers, mobile=TYPED)
    Number.objects.create(mobile=NUMBER, person_key="key-of-ana")
    bodies = ['{"mdn": "+13125550142"}', '{"mdn": "3125550142"}', '{"url": "/persons/key-of-ana"}']
    for place, body in enumerate([*bodies, '{"mdn": "+13125550199"}']):
        Callback.objects.create(
            account=offers.account, event_id=place, body=body, received_at=NOON, applied_at=NOON
        )

    erase(ana)

    found = list(Callback.objects.order_by("pk").values_list("body", flat=True))
    assert found == ["{}", "{}", "{}", '{"mdn": "+13125550199"}']


def told_us(offers: VibesList, body: str, **fields: Any) -> Callback:
    kept = {"account": offers.account, "event_id": "7", "received_at": NOON, "body": body}
    return Callback.objects.create(**kept | fields)


def test_what_vibes_said_of_them_is_waited_for_before_they_are_erased(offers: VibesList) -> None:
    ana = make.subscriber(offers, mobile=TYPED)
    callback = told_us(offers, '{"mdn": "+13125550142"}')

    assert erase(ana) == 0

    Callback.objects.update(applied_at=NOON)
    assert erasing.erase_some(now=NOON + timedelta(minutes=20)) == 1
    callback.refresh_from_db()
    assert callback.body == "{}"


def test_what_was_never_applied_is_let_go_of_with_them_at_last(offers: VibesList) -> None:
    ana = make.subscriber(offers, mobile=TYPED)
    callback = told_us(offers, '{"mdn": "3125550142"}', outcome="could not be applied: KeyError")
    erase(ana)

    assert erasing.erase_some(now=NOON + timedelta(days=3)) == 1

    callback.refresh_from_db()
    assert (callback.body, callback.applied_at) == ("{}", NOON + timedelta(days=3))
    assert why_not(comes_back(), offers) == "membership-unknown"


def test_a_no_that_was_never_applied_stays_a_no(offers: VibesList) -> None:
    ana = make.subscriber(offers, mobile=TYPED)
    told_us(offers, '{"type": "subscription_removed", "mdn": "3125550142"}')
    erase(ana)

    assert erasing.erase_some(now=NOON + timedelta(days=3)) == 1

    ben = comes_back()
    make.subscribe(offers, [ben])
    assert Stop.objects.get().mobile == NUMBER


def test_files_that_may_hold_them_are_gone_with_them(offers: VibesList) -> None:
    ana = person(first_name="Anastasia", mobile=TYPED)
    done, half = _export("people", {}), _export("people", {}, finish=False)
    later = _export("people", {})
    ExportJob.objects.filter(pk=later.pk).update(created_at=LATER)

    assert erase(ana) == 1

    states = ExportJob.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["gone", "failed", "done"]
    assert not ExportPiece.objects.filter(job__in=[done, half]).exists()
    assert exporting.retry(ExportJob.objects.get(pk=half.pk))


def test_what_somebody_searched_for_does_not_outlive_whom_it_named() -> None:
    ana = person(first_name="Ana", last_name="Zwetschke")
    run, stopped = (_act_on("search:Zwetschke", once=token) for token in ("once", "again"))
    launch.prepare(run.pk, clock=lambda: NOON)
    for source, params in (("people", {"q": "Zwetschke"}), ("all_of", {"of": "search:Zwetschke"})):
        _export(source, params)
    cancelled = _export("people", {"q": "Zwetschke"}, finish=False)
    exporting.cancel(cancelled, now=NOON)

    erase(ana)
    control.stop(stopped.pk, by=make.user(), now=NOON)

    assert "Zwetschke" not in everything()
    names = set(ExportJob.objects.values_list("title", flat=True))
    assert names == {"People found by a search", "Everybody found by a search"}
    run.refresh_from_db()
    assert (run.entered, run.chosen["words"]) == (1, "everybody found by a search")


def test_a_run_that_is_begun_does_not_find_everybody_when_its_search_is_forgotten() -> None:
    kept = sources.forgotten(sources.all_of("search:ana").as_json())

    with pytest.raises(sources.NoSuchPeople, match="not kept"):
        sources.from_json(kept).people(now=NOON)
    assert sources.forgotten(kept) == kept
    assert sources.forgotten({}) == {}


def _act_on(source: str, *, once: str) -> Run:
    kind, config = make.add_to(static_list(once))
    form = steps.get(kind).form(config)
    chosen = sources.all_of(source)
    return acting.begin(chosen, kind=kind, form=form, token=once, by=make.user(), now=NOON)[0]


def _export(source: str, params: dict[str, str], *, finish: bool = True) -> ExportJob:
    found = exporting.sources.get(source)
    job = exporting.begin(found, params, columns=["city"], user=None, now=NOON)
    while finish and exporting.write_slices(job.pk, now=NOON):
        pass
    return job
