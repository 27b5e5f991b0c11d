"""A column for secrets: what leaves the database with its rows, and what is only typed like it."""

from pathlib import Path

import pytest
from django.core.management import call_command

from tests.vibes import make
from vibes.models import Account
from vibes.models.secret import keys

pytestmark = pytest.mark.django_db


def test_a_dump_of_rows_tells_no_secret_and_brings_each_back(tmp_path: Path) -> None:
    dump = tmp_path / "accounts.json"
    made = make.account(password="a secret")
    call_command("dumpdata", "vibes.account", output=str(dump))
    Account.objects.all().delete()

    call_command("loaddata", str(dump), verbosity=0)

    told = [each for each in (made.password, made.callback_token) if each in dump.read_text()]
    assert told == []
    back = Account.objects.get()
    assert (back.password, back.callback_token) == (made.password, made.callback_token)


def test_what_is_typed_is_kept_as_typed_although_we_could_open_it() -> None:
    stolen = keys().encrypt(b"another's password").decode()

    assert Account._meta.get_field("password").clean(stolen, None) == stolen
