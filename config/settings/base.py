"""What every surrounding shares. Site-specific values come from the environment (see docs/configuration.md)."""

import os
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF

django_stubs_ext.monkeypatch()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env", overwrite=False)
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# To which databases this machine belongs (vibes.lock): a folder of its own, or a token said here.
INSTANCE_DIR = Path(env.str("INSTANCE_DIR", default=str(VAR_DIR / "instance")))
INSTANCE_TOKEN = env.str("INSTANCE_TOKEN", default="")
# Whether a promoted standby has everything its predecessor had committed (docs/sizing.md).
TRUST_FAILOVER = env.bool("TRUST_FAILOVER", default=False)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Where the outside reaches us: Vibes' callbacks are registered under it.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
# Newest first; a secret is written with the first and read with any (Fernet keys).
FIELD_KEYS = env.list("FIELD_KEYS", default=[])

INSTALLED_APPS = [
    "campaigns",
    "vibes",
    "people",
    "config",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.forms",  # its form templates, which ours may override
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_structlog",
]

MIDDLEWARE = [
    "vibes.views.callback.FirstMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.htmx.SignedOutMiddleware",
    "config.htmx.MessagesAsToastsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "config.middleware.UserTimeZoneMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.frame",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database -----------------------------------------------------------------------------------
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # A prepared statement keeps what was bound to it: a cohort's inserts are megabytes each.
    "cached_statements": 16,
    # FULL, not NORMAL: a lost "sending" row after a power cut would be a repeated text.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}


def database(url: str) -> dict[str, Any]:
    """The Django database entry for `url`, with what each engine needs to be safe."""
    entry: dict[str, Any] = dict(environ.Env.db_url_config(url))
    # Also on SQLite: whoever closes its last connection pays for folding the whole log back in.
    entry["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    if entry["ENGINE"].endswith("sqlite3"):
        entry |= {"ENGINE": "config.sqlite", "OPTIONS": SQLITE_OPTIONS}
    else:
        entry["CONN_HEALTH_CHECKS"] = True
        # PostgreSQL would compile the tree's query, of many small questions, for 1.5 s to answer it in 1 ms.
        entry["OPTIONS"] = {"options": "-c jit=off"} | entry.get("OPTIONS", {})
    return entry


DATABASES = {
    "default": database(env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/ringdove.sqlite3"))
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People who sign in -------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "config.accounts.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ringdove@localhost")

# --- Headers ------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

# --- Files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# --- Celery: a doorbell, never the queue --------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="redis://127.0.0.1:6379/0")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "socket_timeout": 10,
    "health_check_interval": 30,
}
if CELERY_BROKER_URL.startswith("filesystem://"):  # the demo without a server
    _messages = str(VAR_DIR / "messages")
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": _messages,
        "data_folder_out": _messages,
        "control_folder": str(VAR_DIR / "messages-control"),
    }
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A message taken by a worker that is busy would wait there, while another worker is free.
CELERY_WORKER_DISABLE_PREFETCH = CELERY_BROKER_URL.startswith("redis")
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ROUTES = {
    "*.tasks.tick": {"queue": "ticks"},
    "vibes.tasks.apply_callback*": {"queue": "callbacks"},
    "vibes.tasks.confirm_callback*": {"queue": "confirm"},
    "vibes.tasks.advance_sweep": {"queue": "import"},  # it can wait, texts cannot
    "vibes.tasks.*": {"queue": "send"},
    "people.tasks.*": {"queue": "import"},
    "campaigns.tasks.deliver_effects": {"queue": "import"},  # it waits for others' servers
}
CELERY_TASK_DEFAULT_QUEUE = "flow"
CELERY_TIMEZONE = "UTC"
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=15)
# Shared counters (the rate of calls to Vibes). Without one, each process counts for itself.
REDIS_URL = env.str("REDIS_URL", default=CELERY_BROKER_URL if "redis" in CELERY_BROKER_URL else "")
# How many processes may call Vibes, at least: each takes its share of the rate when Redis is lost.
# One web process, a listener of 2, and a worker as wide as Celery makes it by itself (the demo's is 4).
RATE_SHARERS = env.int("RATE_SHARERS", default=3 + max(4, os.cpu_count() or 1))

# How many processes send for one Vibes service at once, and how many calls each has on the wire.
SEND_LOOPS = env.int("SEND_LOOPS", default=1)
SEND_SLOTS = env.int("SEND_SLOTS", default=32)
# How long whoever claimed texts may be silent, and how long after it was granted a permission may be
# used. The lease must outlast the permit and the longest call (25 s); shorter is for tests.
SEND_LEASE_SECONDS = env.float("SEND_LEASE_SECONDS", default=60)
SEND_PERMIT_SECONDS = env.float("SEND_PERMIT_SECONDS", default=5)

# Hosts outside that the step Call Webhook may call; *.example.com stands for all below it.
WEBHOOK_HOSTS = env.list("WEBHOOK_HOSTS", default=[])

# --- Vibes ---------------------------------------------------------------------------------------
# Hosts that may stand in for Vibes, besides its own and this machine.
VIBES_ALLOW_HOSTS = env.list("VIBES_ALLOW_HOSTS", default=[])
# Whom we believe that a host is Vibes: a file of CA certificates (PEM) instead of the usual ones.
VIBES_CA_BUNDLE = env.str("VIBES_CA_BUNDLE", default="")
SIMULATOR_URL = env.str("SIMULATOR_URL", default="http://127.0.0.1:8099").rstrip("/")

# --- How lower layers reach higher ones without knowing them (docs/decisions) ---------------------
OUTBOX_LISTENERS = [  # in this order: what is new is told by the verdicts as they were
    "campaigns.skips.follow_outbox",
    "campaigns.verdicts.follow_outbox",
]
# Each says of a Vibes list or acquisition campaign whether something above `vibes` still names it.
VIBES_REFERENCES = ["campaigns.uses.is_named_in_a_filter"]
# Who holds static lists above `people`: asked before one is deleted, told when it is renamed.
STATIC_LIST_KEEPERS = ["campaigns.placing.keeper"]
# What can be done with people who are ticked in a list: pages that take `person` by POST, and who may.
PEOPLE_DEEDS = {"campaigns:act": "campaigns.act_on_people"}
PERSON_PANELS = ["vibes:may-we-text"]
PERSON_MEMBERSHIPS = ["vibes:person-lists", "campaigns:person-campaigns"]
# Each says of fields of people who uses them (`people.field_uses`).
FIELD_USES = [
    "campaigns.field_uses.in_campaigns",
    "campaigns.field_uses.in_messages",
    "people.field_uses.in_imports",
    "people.field_uses.in_views",
]
# What follows when people are merged or erased, in the order in which everybody locks.
PERSON_FOLLOWERS = ["campaigns.following.IN_RUNS", "vibes.following.AT_VIBES"]
HOME_CHECKLIST = [
    "vibes.checklist.items",
    "people.checklist.items",
    "campaigns.checklist.items",
]

# --- Errors -------------------------------------------------------------------------------------
DEFAULT_EXCEPTION_REPORTER = "config.errors.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.errors.Filter"

# --- Logs ---------------------------------------------------------------------------------------
LOG_JSON = env.bool("LOG_JSON", default=False)
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
