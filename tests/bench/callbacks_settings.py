"""The product's own settings, with the naive view beside its addresses."""

from config.settings.dev import *  # noqa: F403

ROOT_URLCONF = "tests.bench.callbacks_urls"
