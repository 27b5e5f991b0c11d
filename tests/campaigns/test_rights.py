"""A step lifts a restriction only for who may lift one by hand."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User

from campaigns import acting, sources, versions
from campaigns.models import FlowVersion
from campaigns.registry import steps
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.people.make import person

pytestmark = pytest.mark.django_db
LIFTS = [("block_listed", "no"), ("unsubscribed", "")]


@pytest.fixture
def may() -> User:
    """Somebody who may."""
    made = make.user("ben")
    made.user_permissions.add(Permission.objects.get(codename="lift_flags"))
    return made


@pytest.mark.parametrize(("field", "value"), LIFTS)
def test_a_flow_that_lifts_is_published_by_who_may(field: str, value: str, may: User) -> None:
    flow = make.campaign(filters=[make.in_city()], steps=[make.change(field, value)])

    with pytest.raises(versions.NotReady, match="Change Data Value: Your account lacks"):
        versions.publish(flow, by=make.user(), now=NOON)

    version = versions.publish(flow, by=may, now=NOON)
    assert versions.publish(flow, by=make.user(), now=NOON) == version  # it was answered for


@pytest.mark.parametrize(("field", "value"), LIFTS)
def test_it_is_done_once_by_who_may(field: str, value: str, may: User) -> None:
    chosen = sources.ticked([person().pk])
    kind, config = make.change(field, value)
    form = steps.get(kind).form(config)

    with pytest.raises(versions.NotReady, match="Can lift Block Listed"):
        acting.begin(chosen, kind=kind, form=form, token="a", by=make.user(), now=NOON)

    assert not FlowVersion.objects.exists()
    assert acting.begin(chosen, kind=kind, form=form, token="b", by=may, now=NOON)[1]


def test_to_restrict_takes_no_right() -> None:
    flow = make.campaign(filters=[make.in_city()], steps=[make.change("block_listed", "yes")])

    assert versions.publish(flow, by=make.user(), now=NOON).number == 1


@pytest.mark.parametrize(
    ("text", "right"),
    [("Somebody came", ""), ("{{person.Full Name}} came", "people.export_people")],
)
def test_an_alert_that_tells_of_people_takes_the_right_to_export_them(
    text: str, right: str
) -> None:
    alert = steps.get("send_alert")
    said = {"to": "ops@example.com", "subject": "News", "text": text}

    assert alert.needs(alert.params(alert.form(said))) == right
