import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from people.models import Activity, ImportFile, ImportReject, Person, Setting, Tick
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
MODELS = [model.__name__ for model in apps.get_app_config("people").get_models()]


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops"))
    return client


@pytest.fixture(autouse=True)
def one_of_each() -> None:
    ana = make.person(first_name="Ana")
    make.static_list("Newsletter", ana)
    job = make.import_job()
    ImportFile.objects.create(job=job, content=b"x")
    ImportReject.objects.create(job=job, number=2, reason="Why", cells=[])
    Activity.objects.create(person=ana, kind="new_person", happened_at=NOON, details={"by": "x"})
    Setting.objects.create(name="x", value=1)
    Tick.objects.create(by="beat", at=NOON)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_can_be_listed_searched_and_opened(operator: Client, name: str) -> None:
    model = apps.get_model("people", name)
    there = f"admin:people_{name.lower()}"

    assert operator.get(reverse(f"{there}_changelist"), {"q": "1"}).status_code == 200
    pk = model._default_manager.get().pk
    assert operator.get(reverse(f"{there}_change", args=[pk])).status_code == 200


def test_history_cannot_be_rewritten(operator: Client) -> None:
    pk = Activity.objects.get().pk

    response = operator.post(reverse("admin:people_activity_change", args=[pk]), {"kind": "x"})
    gone = operator.post(reverse("admin:people_activity_delete", args=[pk]), {"post": "yes"})

    assert (response.status_code, gone.status_code) == (403, 403)


def test_what_an_operator_mends_stands_in_the_history(operator: Client) -> None:
    ana = Person.objects.get()
    there = reverse("admin:people_person_change", args=[ana.pk])
    form = operator.get(there).context["adminform"].form
    kept = {name: form[name].value() for name in form.fields}
    typed = {name: value for name, value in kept.items() if value is not False}

    assert operator.post(there, typed | {"city": "Chicago"}).status_code == 302

    assert Activity.objects.latest("id").details == {
        "changes": {"city": ["", "Chicago"]},
        "by": "ops",
    }


def test_every_model_is_registered() -> None:
    assert {
        name for name in MODELS if not admin.site.is_registered(apps.get_model("people", name))
    } == set()
