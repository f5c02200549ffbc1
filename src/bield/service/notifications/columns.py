"""Checks that every field of a place's notification has a column that is long enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from bield.disclosure import ladder
from bield.law import NotificationField
from bield.law.forms import load_notification_versions
from bield.service.notifications.models import Notification

SAID: Final = frozenset(
    {
        "body", "age", "gender", "country_of_origin", "recovered_where", "activity_where", "trafficking", "slavery",
        "type", "identity_agreed", "referral",
    }
)  # fmt: skip
"""The fields of a version that have a column under the same name."""

OTHERWISE: Final = frozenset({"notified_on", "urgent"})
"""Fields that are stored in other columns: as the time of sending, and as yes or no."""


def check_columns(place: str) -> None:
    """Raises ImproperlyConfigured, naming version and field, if a notification of this place would lose a value."""
    for version in load_notification_versions():
        if version.place == place:
            for field in version.fields:
                for words in _problems(field):
                    raise ImproperlyConfigured(
                        f"notification_fields of {place!r}, version {version.id!r}, field {field.id!r}: {words}"
                    )


def _problems(field: NotificationField) -> Iterator[str]:
    """What is wrong with a field. Identifying fields are sealed together, so they need no column of their own."""
    if field.identifies or field.id in OTHERWISE:
        return
    if field.id not in SAID:
        yield f"a notification has no column for it; expected one of {', '.join(sorted(SAID | OTHERWISE))}"
        return
    most = getattr(Notification._meta.get_field(field.id), "max_length", None)
    rungs = ladder(field)
    codes = list(rungs.parents) if rungs else []
    longest = len("+".join(codes)) if field.holds == "several" else max(map(len, codes), default=0)
    if most is not None and longest > most:
        yield f"its values can be {longest} characters long, and its column holds {most}"
