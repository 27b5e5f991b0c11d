"""A text column encrypted at rest. Keys come from the environment (FIELD_KEYS), newest first."""

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


def keys() -> MultiFernet:
    """Written with the first key, read with any. Raises ImproperlyConfigured where there is none."""
    if not settings.FIELD_KEYS:
        raise ImproperlyConfigured("Set FIELD_KEYS: secrets cannot be kept without a key.")
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


class SecretField(models.TextField[str, str]):
    """Plain text in Python, a Fernet token in the database and in `dumpdata`. Empty stays empty.

    Cannot be searched.
    """

    def get_prep_value(self, value: Any) -> Any:
        return keys().encrypt(value.encode()).decode() if value else ""

    def from_db_value(self, value: str | None, *_: object) -> str:
        if not value:
            return ""
        try:
            return keys().decrypt(value.encode()).decode()
        except InvalidToken as wrong:
            raise ImproperlyConfigured(
                "A secret cannot be read with the keys in FIELD_KEYS: add the key it was written with."
            ) from wrong

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))

    def to_python(self, value: Any) -> Any:
        """What `loaddata` reads is opened again."""
        return self.from_db_value(value)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """What was typed is never opened: a token would come out as somebody's secret."""
        self.validate(value, model_instance)
        self.run_validators(value)
        return value
