"""Tests: quick hashing, no broker, and the database named by TEST_DATABASE (SQLite unless told)."""

from config.logs import configure

from .base import *  # noqa: F403
from .base import BASE_DIR, STORAGES, database, env

SECRET_KEY = "only-for-tests-and-never-anywhere-else"  # noqa: S105
FIELD_KEYS = ["Y2Fubm90LWJlLWEtc2VjcmV0LWluLWEtdGVzdC0wMDE="]
DATABASES = {
    "default": database(env.str("DATABASE_URL", default=f"sqlite:///{BASE_DIR}/var/test.sqlite3"))
}
CELERY_BROKER_URL = "memory://"
REDIS_URL = env.str("REDIS_URL", default="")
RATE_SHARERS = 1
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LOGGING = configure(json=False, level="WARNING")
