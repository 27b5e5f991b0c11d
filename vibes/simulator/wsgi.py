"""The WSGI application. Loading it starts the simulator's threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "vibes.simulator.settings"
application = get_wsgi_application()

from vibes.simulator import engine  # noqa: E402 - Django's settings come first

engine.start()
