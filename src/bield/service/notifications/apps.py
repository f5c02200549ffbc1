"""Notifications as an app: it does not start in a place whose notification says what cannot be kept."""

from __future__ import annotations

from django.apps import AppConfig


class Notifications(AppConfig):
    """Refuses to start where a value that somebody sends would be lost."""

    name = "bield.service.notifications"

    def ready(self) -> None:
        from django.conf import settings

        from bield.service.notifications.columns import refuse_what_cannot_be_kept

        refuse_what_cannot_be_kept(settings.PLACE)
