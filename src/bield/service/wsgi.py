"""The WSGI application that a server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bield.service.settings")
application = get_wsgi_application()

from bield.service.notifications.register import count_in_background  # noqa: E402  # needs Django to be set up

count_in_background()
