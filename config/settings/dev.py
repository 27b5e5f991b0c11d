"""Development and the demo: secrets made up on the spot and kept under var/, plain cookies over http."""

from config.logs import configure
from config.secrets import kept_secrets

from .base import *  # noqa: F403
from .base import FIELD_KEYS, LOG_JSON, LOG_LEVEL, SECRET_KEY, STORAGES, VAR_DIR

_kept = kept_secrets(VAR_DIR)
SECRET_KEY = SECRET_KEY or _kept["SECRET_KEY"]
FIELD_KEYS = FIELD_KEYS or [_kept["FIELD_KEY"]]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = VAR_DIR / "static"  # stays empty: files are found where they are
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
LOGGING = configure(json=LOG_JSON, level=LOG_LEVEL)
