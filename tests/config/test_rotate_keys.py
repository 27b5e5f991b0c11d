"""A new key takes the place of an old one, without anybody typing a password again."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from tests.vibes import make
from vibes.models import Account

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def kept() -> tuple[str, ...]:
    """Every secret as it lies in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT password, callback_token FROM vibes_account")
        return tuple(cursor.fetchone())


def test_secrets_are_written_anew_and_the_old_key_may_go(settings: Any) -> None:
    settings.FIELD_KEYS = [OLD]
    token = make.account(password="a secret").callback_token
    before = kept()
    settings.FIELD_KEYS = [NEW, OLD]

    call_command("rotate_keys")

    settings.FIELD_KEYS = [NEW]
    assert all(old != new for old, new in zip(before, kept(), strict=True))
    account = Account.objects.get()
    assert (account.password, account.callback_token) == ("a secret", token)


def test_without_rotation_the_old_key_is_missed(settings: Any) -> None:
    settings.FIELD_KEYS = [OLD]
    make.account()
    settings.FIELD_KEYS = [NEW]

    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        Account.objects.get()
