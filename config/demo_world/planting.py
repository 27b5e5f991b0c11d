"""Planting the demo's world, once, in the order in which it would have happened."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from campaigns.models import Node
from people import activity
from people.activity import Happening
from people.models import Person
from vibes.models import Account

from . import assets, cast, memberships, past_run
from .cast import Part

WINTER_WAS = timedelta(days=60)


class AlreadyInUse(Exception):
    """The database holds something that is not the demo's: a known password must not enter it."""


def plant(*, simulator_url: str, now: datetime) -> bool:
    """Plant everything, or nothing at all; says whether it did. What is planted is left alone.

    Raises AlreadyInUse where somebody else's people, campaigns or sign-ins are.
    """
    if get_user_model().objects.filter(username="demo").exists():
        return False
    if any(model.objects.exists() for model in (get_user_model(), Person, Node, Account)):
        raise AlreadyInUse
    with transaction.atomic():
        _plant(simulator_url, now)
    return True


def _plant(simulator_url: str, now: datetime) -> None:
    user, run_at = _sign_in(), now.replace(hour=16, minute=0, second=0, microsecond=0) - WINTER_WAS
    author = assets.Author(user, now)
    catalogue = memberships.make_catalogue(simulator_url=simulator_url)
    everybody = cast.parts()
    settled = _bring_in([part for part in everybody if not part.is_new], now)
    memberships.settle_in(settled, catalogue)
    winter = assets.plant_winter(assets.Author(user, run_at - timedelta(days=3)), catalogue)
    past_run.run(winter, by=user, at=run_at)
    memberships.leave_and_be_asked(settled, catalogue, run_at=run_at, now=now)
    memberships.settle_in(_bring_in([part for part in everybody if part.is_new], now), catalogue)
    assets.plant_spring(author, catalogue)
    assets.plant_welcome(author, catalogue)
    author.folder("Archive")


def _sign_in() -> AbstractBaseUser:
    """demo / demo, past the validators: it is printed on the terminal anyway."""
    return get_user_model().objects.create_superuser("demo", "demo@example.com", "demo")


def _bring_in(parts: list[Part], now: datetime) -> list[tuple[Part, Person]]:
    people = Person.objects.bulk_create(cast.person(part, now=now) for part in parts)
    days = defaultdict(list)
    for each in people:
        days[each.created_at].append(Happening(each.pk, {"by": each.source}))
    for at, happenings in sorted(days.items()):
        activity.record(activity.NEW_PERSON, happenings, at=at)
    return list(zip(parts, people, strict=True))
