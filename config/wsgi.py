"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
application = get_wsgi_application()

from config import doorbell, pulse  # noqa: E402  # they know models, which are there only now

doorbell.ring_in_background()
pulse.start(pulse.Role.WEB)
