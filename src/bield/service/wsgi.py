"""The WSGI application: `application` for any server, `counting` for `bield serve`."""

import os

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bield.service.settings")
application = get_wsgi_application()


def counting() -> WSGIHandler:
    """The application, with a thread beside it that counts the register, so that no request waits for that."""
    from bield.service.notifications.register import count_in_background

    count_in_background()
    return application
