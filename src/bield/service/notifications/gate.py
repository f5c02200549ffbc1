"""The gate before every view of a notification."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse

from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.gates import Gate, View
from bield.service.notifications import actions
from bield.service.notifications.access import notification_for
from bield.service.notifications.models import Notification


def on_notification(
    *permissions: Permission, reading: Kind = Kind.NOTIFICATION_READ
) -> Callable[[View[Notification]], Callable[..., HttpResponse]]:
    """Give the view the notification if the user has one of the permissions.

    reading: the event that opening the page records.
    """
    gate = Gate("notification_id", lambda user, pk: notification_for(user, pk, *permissions), actions.note)
    return gate.before(reading)
