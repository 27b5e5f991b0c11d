"""Django, as a small framework: routing, templates and forms' CSRF tokens. No models, no apps."""

import os
import secrets
from pathlib import Path

DEBUG = False
SECRET_KEY = secrets.token_urlsafe(32)
ROOT_URLCONF = "vibes.simulator.urls"
MIDDLEWARE = ["vibes.simulator.wire.Wire"]
INSTALLED_APPS: list[str] = []
DATABASES: dict[str, object] = {}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
    }
]
ALLOWED_HOSTS = [
    *("127.0.0.1", "localhost", "[::1]"),
    *(host for host in os.environ.get("SIM_PAGE_HOSTS", "").split(",") if host),
]
"""Host names the handset page answers under. The API answers under any."""
APPEND_SLASH = False
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
CSRF_COOKIE_NAME = "simulator_csrf"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024 * 1024
"""Bytes. Seeding a large world is one request."""
