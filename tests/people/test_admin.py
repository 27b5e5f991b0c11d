import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from people.models import (
    Activity,
    ColumnView,
    CustomField,
    ExportDownload,
    ExportJob,
    ExportPiece,
    HashKey,
    ImportKey,
    ImportPiece,
    ImportReject,
    ImportTrace,
    Person,
    Setting,
    Suppression,
    Tick,
)
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
MODELS = [model.__name__ for model in apps.get_app_config("people").get_models()]


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops"))
    return client


@pytest.fixture(autouse=True)
def one_of_each(operator: Client) -> None:
    ana = make.person(first_name="Ana")
    make.static_list("Newsletter", ana)
    job = make.import_job()
    ImportPiece.objects.create(job=job, number=0, content=b"x")
    ImportKey.objects.create(job=job, key="ana@example.com")
    ImportTrace.objects.create(job=job, person_id=ana.pk)
    export = ExportJob.objects.create(source="people", title="All people", created_at=NOON)
    ExportPiece.objects.create(job=export, number=0, content=b"x")
    ExportDownload.objects.create(job=export, at=NOON)
    ImportReject.objects.create(job=job, number=2, reason="Why", cells=[])
    Activity.objects.create(person=ana, kind="new_person", happened_at=NOON, details={"by": "x"})
    Setting.objects.create(name="x", value=1)
    ColumnView.objects.create(user=User.objects.get(), name="Mine", columns=["city"])
    CustomField.objects.create(key="size", label="Size", type="integer", created_at=NOON)
    Tick.objects.create(by="beat", at=NOON)
    Suppression.objects.create(key="#word", kept_at=NOON)
    HashKey.objects.create(secret="secret")


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
    kept = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
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


def test_a_restriction_is_not_lifted_there_without_the_right(client: Client) -> None:
    ben = make.user("ben", "change_person", "view_person")
    User.objects.filter(pk=ben.pk).update(is_staff=True)
    client.force_login(ben)

    form = client.get(reverse("admin:people_person_change", args=[Person.objects.get().pk])).context
    assert "block_listed" not in form["adminform"].form.fields
