import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns import checklist, control, models, outlook
from tests.campaigns import make
from tests.campaigns.views import runs
from vibes.models import VibesList

pytestmark = pytest.mark.django_db
MODELS = [getattr(models, name) for name in models.__all__ if not name.endswith("QuerySet")]


@pytest.fixture
def client() -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("ops"))
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_table_can_be_looked_at(client: Client, model: type[models.Run]) -> None:
    campaign = make.ready_campaign()
    step = campaign.steps.get()
    make.choice(step, condition=make.in_city("Boston"))
    make.subscriber(VibesList.objects.get(), city="Chicago")
    run = runs.running(campaign)
    outlook.sample(now=runs.NOON)
    control.pause(run.pk, by=None, now=runs.NOON)
    make.slot(campaign)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    listed = client.get(reverse(f"{name}_changelist"), {"q": "1"})
    shown = client.get(reverse(f"{name}_change", args=[model._default_manager.all()[0].pk]))

    assert (listed.status_code, shown.status_code) == (200, 200)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_nothing_is_made_or_deleted_there(
    client: Client, model: type[models.Run], rf: object
) -> None:
    request = client.get("/").wsgi_request
    shown = admin.site._registry[model]

    assert not shown.has_add_permission(request)
    assert not shown.has_delete_permission(request)


def done() -> list[bool]:
    return [item.done for item in checklist.items()]


def test_the_getting_started_list_reads_what_is_there() -> None:
    assert done() == [False, False, False]

    campaign = make.ready_campaign()
    assert done() == [True, True, False]

    make.run(campaign)
    assert done() == [True, True, True]
    assert [item.url for item in checklist.items()][1] == reverse(
        "campaigns:flow", args=[campaign.pk]
    )
