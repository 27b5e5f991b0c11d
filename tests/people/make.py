"""People as tests need them: `person(city="Chicago")` and that is all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import Permission, User

from people.models import ImportJob, Person, StaticList, StaticListMember

NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


def person(*, mobile: str = "", **fields: Any) -> Person:
    """A saved person; `mobile` is typed as people type, and read as the product reads it."""
    fields = {"created_at": NOON, "updated_at": NOON} | fields
    made = Person(**fields)
    made.set_mobile(mobile)
    made.save()
    return made


def people(number: int, **fields: Any) -> list[Person]:
    """So many people, in one statement, each with an e-mail address of its own."""
    start = Person.objects.count()
    fields = {"created_at": NOON, "updated_at": NOON} | fields
    made = [
        Person(**{"email": f"person{start + place}@example.com"} | fields)
        for place in range(number)
    ]
    for each in made:
        each.set_mobile(fields.get("mobile_typed", ""))
    return Person.objects.bulk_create(made)


def static_list(name: str = "Newsletter", *members: Person) -> StaticList:
    made = StaticList.objects.create(name=name, created_at=NOON)
    StaticListMember.objects.bulk_create(
        StaticListMember(static_list=made, person=each, added_at=NOON) for each in members
    )
    return made


def user(name: str = "ada", *rights: str) -> User:
    """Somebody who may sign in, and holds these rights (code names)."""
    made = User.objects.create_user(name)
    made.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return made


def import_job(**fields: Any) -> ImportJob:
    fields = {"file_name": "people.csv", "encoding": "utf-8", "created_at": NOON} | fields
    return ImportJob.objects.create(**fields)
