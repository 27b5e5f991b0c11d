"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
application = get_wsgi_application()

from config import pulse  # noqa: E402  # it knows models, which are there only now

pulse.start(pulse.Role.WEB)
