"""Whose number a callback is about: the four ways to name a person, in the order of trust."""

import pytest

from people.models.setting import instance_id
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, EVE, NOON
from vibes import outbox, who
from vibes.facts import Named
from vibes.models import Number, OutboxRow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(db: None) -> None:
    Number.objects.create(mobile=ANA, person_key="key-of-ana")
    Number.objects.create(mobile=BEN, person_key="key-of-ben")


def ours(person_id: int) -> str:
    return f"{instance_id().hex[:8]}-{person_id}"


def test_a_key_we_know_comes_before_the_number() -> None:
    assert who.number_of(Named(person_key="key-of-ana", mobile=EVE)) == ANA


def test_the_number_comes_before_our_id_and_keys_by_other_names() -> None:
    eve = people.person(mobile=EVE)
    named = Named("unheard-of", BEN, ours(eve.pk), ("key-of-ana",))

    assert who.number_of(named) == BEN


def test_our_id_comes_before_keys_by_other_names() -> None:
    eve = people.person(mobile=EVE)

    assert who.number_of(Named(external_id=ours(eve.pk), other_keys=("key-of-ana",))) == EVE


def test_a_key_in_the_address_is_the_last_resort() -> None:
    assert who.number_of(Named(external_id="lead-7c1d", other_keys=("4711", "key-of-ben"))) == BEN


def test_our_id_means_the_number_it_was_told_for() -> None:
    eve = people.person(mobile=EVE)
    offers = make.vibes_list(make.account())
    visit = outbox.Visit(campaign_id=1, run_id=2, step_id=3, wave=0, now=NOON)
    order = outbox.Order(eve.pk, eve.pk, BEN)  # what she had then
    outbox.queue_subscribes([order], vibes_list=offers, campaign=make.campaign(offers), visit=visit)
    OutboxRow.objects.update(sending_at=NOON)

    assert who.number_of(Named(external_id=ours(eve.pk))) == BEN


@pytest.mark.parametrize("external_id", ["00000000-{}", "{}", "", "deadbeef-", "x-{}", "-{}"])
def test_ids_of_others_mean_nobody(external_id: str) -> None:
    eve = people.person(mobile=EVE)

    assert who.number_of(Named(external_id=external_id.format(eve.pk))) == ""
