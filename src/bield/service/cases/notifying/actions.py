"""Notifies the police from a record: fills the notification, sends it, and notes what follows."""

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
"""Replaces an identifying value that is recorded but not opened: it says only that there is one."""


def codes_of(person: Person) -> dict[str, Any]:
    """The fields of the notification that identify nobody, from the record."""
    return {
        "gender": person.gender,
        "type": [TYPE_OF_NOTIFICATION[kind] for kind in person.exploitation],
        "recovered_where": person.council,
        "referral": REFERRALS.get(person.referral, "decided"),
        "urgent": person.danger == "yes",
    }


def identity_of(person: Person) -> dict[str, str]:
    """The identifying fields of the notification, with safe ways to reach them only. The caller notes the reading."""
    identity = Identity.objects.filter(person=person).first()
    names: Mapping[str, str] = identity.names if identity else {}
    ways = [
        ": ".join(part for part in (label("channel", way.kind), way.details["value"], way.details["note"]) if part)
        for way in person.channels.filter(safe="yes")
    ]
    return {
        "name": " ".join(part for part in (names.get("given_names"), names.get("family_name")) if part),
        "date_of_birth": _born(names.get("born", "")),
        "nationality": names.get("nationality", ""),
        "contact": "; ".join(ways),
    }


def _born(text: str) -> str:
    """A date of birth as the notification takes it: an ISO date, or words if the exact day is not known."""
    born = Birth.read(text) if text else None
    if born is None:
        return ""
    return born.day.isoformat() if born.day else birth_words(born)


def recorded_identity_fields(person: Person) -> dict[str, str]:
    """Which identifying fields are recorded, without opening them."""
    names = {"name": KNOWN, "date_of_birth": KNOWN} if Identity.objects.filter(person=person).exists() else {}
    return names | ({"contact": KNOWN} if person.channels.exists() else {})


def minimised(
    person: Person, record: Mapping[str, Any], version: NotificationVersion, consents: Mapping[str, str], *, on: date
) -> Notice | Identified:
    """What may be said about a person today. consents: the state of each. The only place that minimises a record."""
    body = person.team.organisation.body
    return minimise(record, version, consents, AGE_OF_NOTIFICATION[person.age], body=body, on=on)


@transaction.atomic
def notify_police(
    person: Person, minimal: Notice | Identified, *, sender: intake.Sender, way: str, at: datetime, extra: intake.Extra
) -> intake.Sent:
    """Send a notification about a person, and note on the record what was shared, why, and the step that it closes.

    The same request again changes nothing. Raises what `intake.notify` raises.
    """
    sent = intake.notify(minimal, sender=sender, way=way, at=at, extra=extra)
    if sent.made and sender.by is not None:
        identified = isinstance(minimal, Identified)
        values = {
            "on": day_of(at),
            "what": "notification",
            "to": notification_version(sent.notification.version).recipient_body,
            "consent": "notification_identity"
            if isinstance(minimal, Identified) and minimal.rests_on == "consent"
            else "",
            "note": _("With who they are.") if identified else _("Without saying who they are."),
        }
        actions.share(person=person, by=sender.by, at=at, values=values)
        actions.update_identity_basis(person, by=sender.by, at=at)
        close_steps(person, "notification", on=day_of(at), by=sender.by, at=at)
    return sent
