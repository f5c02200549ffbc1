"""The Django app of notifications. It does not start if a field of the place's notification has no column."""

from __future__ import annotations

from django.apps import AppConfig


class Notifications(AppConfig):
    """Refuses to start if a value that somebody sends would be lost."""

    name = "bield.service.notifications"

    def ready(self) -> None:
        from django.conf import settings

        from bield.service.notifications.columns import check_columns

        check_columns(settings.PLACE)
