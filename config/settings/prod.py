"""Production: refuses to start without what safety needs."""

from django.core.exceptions import ImproperlyConfigured

from config.logs import configure

from .base import *  # noqa: F403
from .base import DEBUG, FIELD_KEYS, LOG_LEVEL, PUBLIC_URL, SECRET_KEY, env

for name, value in {"SECRET_KEY": SECRET_KEY, "FIELD_KEYS": FIELD_KEYS}.items():
    if not value:
        raise ImproperlyConfigured(f"Set {name} in the environment (docs/configuration.md).")
if DEBUG:
    raise ImproperlyConfigured("DEBUG must not be on in production: unset it.")
if not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured("PUBLIC_URL must be the https address of this site.")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
LOGGING = configure(json=env.bool("LOG_JSON", default=True), level=LOG_LEVEL)
