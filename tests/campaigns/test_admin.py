from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns import checklist, control, models, outlook, tree
from tests.campaigns import make
from tests.campaigns.views import runs
from vibes.models import VibesList

pytestmark = pytest.mark.django_db
MODELS = [getattr(models, name) for name in models.__all__ if not name.endswith("QuerySet")]
# Webhooks are described there by operators; no page of ours makes them.
KEPT = [each for each in MODELS if each is not models.Webhook]


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
    make.named_list()
    tree.create_static_list(parent=None, name="Newsletter", now=runs.NOON)
    models.Webhook.objects.create(name="Tell the shop", url="https://shop.example.com/")
    entry = run.entries.all()[0]
    models.Effect.objects.create(run=run, entry=entry, step_id=step.pk, created_at=runs.NOON)
    welcome = make.requestable()
    asked = {"campaign": welcome, "depth": 1, "created_at": runs.NOON}
    models.Request.objects.create(run=run, entry=entry, step_id=step.pk, **asked)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    listed = client.get(reverse(f"{name}_changelist"), {"q": "1"})
    shown = client.get(reverse(f"{name}_change", args=[model._default_manager.all()[0].pk]))

    assert (listed.status_code, shown.status_code) == (200, 200)


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_nothing_is_made_or_deleted_there(
    client: Client, model: type[models.Run], rf: object
) -> None:
    request = client.get("/").wsgi_request
    shown = admin.site._registry[model]

    assert not shown.has_add_permission(request)
    assert not shown.has_delete_permission(request)


def test_the_secret_of_a_webhook_is_taken_and_never_shown(client: Client, settings: Any) -> None:
    settings.WEBHOOK_HOSTS = ["shop.example.com"]
    typed = {"name": "Shop", "method": "GET", "url": "https://shop.example.com/", "body": ""}
    typed |= {"header_name": "Authorization", "header_value": "Bearer secret"}
    client.post(reverse("admin:campaigns_webhook_add"), typed)
    page = reverse("admin:campaigns_webhook_change", args=[models.Webhook.objects.get().pk])

    assert "Bearer secret" not in client.get(page).text
    client.post(page, typed | {"name": "The shop", "header_value": ""})
    kept = models.Webhook.objects.get()
    assert (kept.name, kept.header_value) == ("The shop", "Bearer secret")


def test_a_webhook_to_elsewhere_is_refused_in_words(client: Client) -> None:
    typed = {"name": "Shop", "method": "GET", "url": "https://elsewhere.example.com/"}

    page = client.post(reverse("admin:campaigns_webhook_add"), typed)

    assert "elsewhere.example.com is not among WEBHOOK_HOSTS" in page.text
    assert not models.Webhook.objects.exists()


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
