"""What changes the directory of services, and what it begins with."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from bield.law import load_place
from bield.law.listed import listed
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.audit.kinds import Kind
from bield.service.changes import Conflict, set_fields
from bield.service.directory.models import Service

WRITTEN: Final = frozenset(
    {
        "name", "organisation", "what", "heads", "least_age", "most_age", "for_whom", "areas", "languages", "access",
        "apply", "numbers", "email", "website", "places", "free", "counted_on", "status", "source",
    }
)  # fmt: skip
"""The columns of a service that whoever keeps the directory writes."""


@transaction.atomic
def add(*, values: Mapping[str, Any], verified_on: date | None, by: User, at: datetime) -> Service:
    """Add a service."""
    found = Service.objects.create(**dict(values), verified_on=verified_on, changed_at=at)
    note_in_each(Kind.SERVICE_CHANGED, by, at=at, service=str(found.pk))
    return found


@transaction.atomic
def change(service: Service, *, expected: int, values: Mapping[str, Any], by: User, at: datetime) -> None:
    """Change a service. A changed number has to be checked anew. Raises Conflict if somebody else changed it first."""
    row = Service.objects.select_for_update().get(pk=service.pk)  # services are marked as ended, never deleted
    if row.version != expected:
        raise Conflict(row)
    if "numbers" in values and values["numbers"] != row.numbers:
        row.verified_on = None
    set_fields(row, values, allowed=WRITTEN)
    row.version, row.changed_at = row.version + 1, at
    row.save()
    note_in_each(Kind.SERVICE_CHANGED, by, at=at, service=str(row.pk))


@transaction.atomic
def check(service: Service, *, on: date, by: User, at: datetime) -> None:
    """Note that everything was checked with the service itself."""
    Service.objects.filter(pk=service.pk).update(verified_on=on, changed_at=at)
    note_in_each(Kind.SERVICE_CHECKED, by, at=at, service=str(service.pk))


def begin(*, at: datetime) -> int:
    """Put in the services that the place's folder names in services.v1.toml, where the directory is empty. How many.

    None where its folder has no such file: the directory of a place begins with its own services, or with nothing.
    """
    if Service.objects.exists():
        return 0
    held = {item.id: item for item in load_place(settings.PLACE).services}
    rows = []
    for item in listed(settings.PLACE):
        body: dict[str, Any] = {name: value for name, value in asdict(item).items() if name != "law"}
        body |= {"heads": list(item.heads), "numbers": list(item.numbers)}
        if item.law:  # its number and what it is for stand in the law data, and nowhere twice
            known = held[item.law]
            numbers = [{"label": n.label, "value": n.value, "emergency": False} for n in known.numbers]
            about = {"name": known.name, "what": known.what, "numbers": numbers, "source": known.source}
            body |= about | {"verified_on": known.verified_on}
        rows.append(Service(id=uuid.uuid5(uuid.NAMESPACE_URL, f"bield:service:{body['name']}"), changed_at=at, **body))
    return len(Service.objects.bulk_create(rows))
