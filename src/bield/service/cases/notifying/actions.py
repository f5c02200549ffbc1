"""Notifies the police from a record: what the record holds of a notification, and sending it with all that follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from bield.births import Birth
from bield.disclosure import Identified, Notice, minimise
from bield.law import NotificationVersion, notification_version
from bield.service.cases import actions
from bield.service.cases.crosswalks import AGE_OF_NOTIFICATION, TYPE_OF_NOTIFICATION
from bield.service.cases.models import Identity, Person
from bield.service.cases.steps import close_steps
from bield.service.codelists import label
from bield.service.days import day_of
from bield.service.design.births import birth_words
from bield.service.notifications import intake

REFERRALS: Final = {"none": "none", "sent": "sent"}
KNOWN: Final = "known"
"""Stands for an identifying value that is recorded and is not opened: only that there is one is told."""


def codes_of(person: Person) -> dict[str, Any]:
    """What the record holds of the fields that identify nobody, as the notification names them."""
    return {
        "gender": person.gender,
        "type": [TYPE_OF_NOTIFICATION[item] for item in person.exploitation],
        "recovered_where": person.council,
        "referral": REFERRALS.get(person.referral, "decided"),
        "urgent": person.danger == "yes",
    }


def identity_of(person: Person) -> dict[str, str]:
    """Who they are, as the notification names it; only safe ways to reach them. Whoever calls notes the reading."""
    identity = Identity.objects.filter(person=person).first()
    names: Mapping[str, str] = identity.names if identity else {}
    ways = [
        ": ".join(part for part in (label("channel", item.kind), item.details["value"], item.details["note"]) if part)
        for item in person.channels.filter(safe="yes")
    ]
    return {
        "name": " ".join(part for part in (names.get("given_names"), names.get("family_name")) if part),
        "date_of_birth": _born(names.get("born", "")),
        "nationality": names.get("nationality", ""),
        "contact": "; ".join(ways),
    }


def _born(text: str) -> str:
    """A day as the notification takes it, and in words what is less than a day."""
    born = Birth.read(text) if text else None
    if born is None:
        return ""
    return born.day.isoformat() if born.day else birth_words(born)


def identity_there_is(person: Person) -> dict[str, str]:
    """Which identifying fields are recorded, without opening them."""
    found = {"name": KNOWN, "date_of_birth": KNOWN} if Identity.objects.filter(person=person).exists() else {}
    return found | ({"contact": KNOWN} if person.channels.exists() else {})


def minimised(
    person: Person, record: Mapping[str, Any], version: NotificationVersion, consents: Mapping[str, str], *, on: date
) -> Notice | Identified:
    """What may be said of a person today. consents: how each stands. The one place where a record is minimised."""
    body = person.team.organisation.body
    return minimise(record, version, consents, AGE_OF_NOTIFICATION[person.age], body=body, on=on)


@transaction.atomic
def notify_police(
    person: Person, found: Notice | Identified, *, sender: intake.Sender, way: str, at: datetime, extra: intake.Extra
) -> intake.Sent:
    """Send a notification about a person. The record notes what was shared, on what it rests, and the step it closes.

    The same request again changes nothing. Raises what `intake.notify` raises.
    """
    sent = intake.notify(found, sender=sender, way=way, at=at, extra=extra)
    if sent.made and sender.by is not None:
        identified = isinstance(found, Identified)
        values = {
            "on": day_of(at),
            "what": "notification",
            "to": notification_version(sent.notification.version).recipient_body,
            "consent": "notification_identity" if isinstance(found, Identified) and found.rests_on == "consent" else "",
            "note": _("With who they are.") if identified else _("Without saying who they are."),
        }
        actions.share(person=person, by=sender.by, at=at, values=values)
        actions.tell_of_identity(person, by=sender.by, at=at)
        close_steps(person, "notification", on=day_of(at), by=sender.by, at=at)
    return sent
