"""The Django app of notifications. It does not start if a field of the place's notification has no column."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.apps import AppConfig


class Notifications(AppConfig):
    """Refuses to start if a value that somebody sends would be lost. Says what notifications are called in events."""

    name = "bield.service.notifications"

    def ready(self) -> None:
        from django.conf import settings

        from bield.service.audit.subjects import register
        from bield.service.notifications.columns import check_columns

        check_columns(settings.PLACE)
        register(_references)


def _references(ids: Collection[str]) -> Mapping[str, str]:
    """What notifications are called in events."""
    from bield.service import reference
    from bield.service.notifications.models import Notification

    rows = Notification.objects.filter(pk__in=ids).values_list("pk", "reference")
    return {str(pk): reference.shown(code) for pk, code in rows}
