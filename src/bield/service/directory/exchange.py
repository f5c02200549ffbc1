"""Exports and imports the directory of services as an Open Referral HSDS file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from bield import law
from bield.law.support import support_of
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.audit.kinds import Kind
from bield.service.codelists import lists
from bield.service.design.fields import LEAST_SHORT, check_phone
from bield.service.directory.models import Service
from bield.standards import hsds


def as_hsds(services: Iterable[Service]) -> dict[str, Any]:
    """Services as a page of HSDS."""
    return hsds.write(_to_hsds(item) for item in services)


def _to_hsds(service: Service) -> hsds.HsdsService:
    languages = lists()["language"].codes
    return hsds.HsdsService(
        id=service.pk,
        name=service.name,
        organisation=service.organisation,
        what=service.what,
        status=service.status,
        heads=tuple(service.heads),
        least_age=service.least_age,
        most_age=service.most_age,
        for_whom={key: tuple(values) for key, values in service.for_whom.items()},
        areas=tuple((code, law.body(code).name) for code in service.areas),
        languages=tuple((code, languages[code].label) for code in service.languages if code in languages),
        access=service.access,
        apply=service.apply,
        phones=tuple(hsds.Phone(n["value"], n["label"], n["emergency"]) for n in service.numbers),
        email=service.email,
        website=service.website,
        places=service.places,
        free=service.free,
        counted_on=service.counted_on,
        verified_on=service.verified_on,
        other=service.other,
    )


@dataclass(frozen=True, slots=True)
class PlannedService:
    """What a file would do with one service.

    was: the service in the directory; None for a new one. changed: the fields that differ. lost: what Bield does not
    understand, and keeps only for export.
    """

    item: hsds.HsdsService
    values: Mapping[str, Any]
    was: Service | None
    changed: tuple[str, ...]
    lost: tuple[str, ...]


def plan(raw: object) -> list[PlannedService]:
    """What an HSDS file would do: a service with an id that is in the directory replaces it. Raises HsdsError."""
    items = list(hsds.read(raw))
    existing = Service.objects.in_bulk([item.id for item in items])
    planned = []
    for item in items:
        lost: list[str] = []
        values = _from_hsds(item, lost)
        _check_values(item, values)
        was = existing.get(item.id)
        changed = tuple(name for name in values if was and name != "source" and getattr(was, name) != values[name])
        planned.append(PlannedService(item, values, was, changed, tuple(dict.fromkeys(lost))))
    return planned


@transaction.atomic
def bring_in(planned: Iterable[PlannedService], *, by: User, at: datetime) -> tuple[int, int]:
    """Import planned services. Returns how many were new, and how many replaced one in the directory.

    An unchanged service is left as it is. What Bield has no field for is kept for export.
    """
    added = changed = 0
    for item in planned:
        if item.was is not None and not item.changed:
            continue
        Service.objects.update_or_create(pk=item.item.id, defaults=dict(item.values) | {"changed_at": at})
        added, changed = added + (item.was is None), changed + (item.was is not None)
    note_in_each(Kind.SERVICES_BROUGHT_IN, by, at=at, added=added, changed=changed)
    return added, changed


def _check_values(item: hsds.HsdsService, values: Mapping[str, Any]) -> None:
    """Raises HsdsError, naming service and field, for a wrong address or number, or a value that is too big."""
    filled = {name for name, value in values.items() if value not in (None, "", [], {})}
    others = [field.name for field in Service._meta.fields if field.name not in filled]
    try:
        Service(pk=item.id, **values).clean_fields(exclude=others)
        for phone in item.phones:
            check_phone(phone.number, label="phones.number", elsewhere="phones.description", least=LEAST_SHORT)
    except ValidationError as error:
        where = item.name[:60]
        words = (
            [f"{name}: {said[0]}" for name, said in error.message_dict.items()] if hasattr(error, "error_dict") else []
        )
        raise hsds.HsdsError(f"{where}: {(words or error.messages)[0]}") from None


def _from_hsds(item: hsds.HsdsService, lost: list[str]) -> dict[str, Any]:
    councils = {body.name: body.id for body in law.councils(settings.PLACE)}
    areas = [code if code in councils.values() else councils.get(name, "") for code, name in item.areas]
    languages = [code for code, _name in item.languages if code in lists()["language"].codes]
    unknown = [name for (_code, name), found in zip(item.areas, areas, strict=True) if not found]
    unknown += [name or code for code, name in item.languages if code not in languages]
    lost += [f"{item.name}: {word}" for word in unknown]
    if unknown and not any(areas) and item.areas:
        lost.append(f"{item.name}: its area is not known here, so it is shown for the whole country")
    return {
        "name": item.name,
        "organisation": item.organisation or item.name,
        "what": item.what or item.name,
        "status": item.status,
        "heads": [
            head for head in item.heads if head in {known_head.id for known_head in support_of(settings.PLACE).heads}
        ],
        "least_age": item.least_age,
        "most_age": item.most_age,
        "for_whom": {key: list(values) for key, values in item.for_whom.items()},
        "areas": [area for area in areas if area],
        "languages": languages,
        "access": item.access,
        "apply": item.apply,
        "numbers": [{"label": p.label, "value": p.number, "emergency": p.emergency} for p in item.phones],
        "email": item.email,
        "website": item.website,
        "places": item.places,
        "free": item.free,
        "counted_on": item.counted_on,
        "verified_on": item.verified_on,
        "source": "HSDS",
        "other": dict(item.other),
    }
