"""Reads and writes a directory of services as the `service` objects of Open Referral HSDS.

It follows the schemas of openreferral/specification for HSDS 3.2 (read in November 2026). What HSDS has no field for
(who a service is for, by kind of exploitation or immigration status) is written as attributes of taxonomies of our own.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from bield.errors import UserError

VERSION: Final = "3.2"
TAXONOMY: Final = "bield:"
HEADS: Final = "bield:heads"
OLDEST: Final = 150
MOST_PLACES: Final = 1_000_000
"""Ages above OLDEST and places above MOST_PLACES are mistakes."""
STATUSES: Final = ("active", "inactive", "defunct", "temporarily closed")
OWN: Final = frozenset(
    {
        "id", "name", "description", "status", "organization", "minimum_age", "maximum_age", "assured_date", "email",
        "url", "application_process", "phones", "languages", "service_areas", "capacities", "attributes",
        "last_modified", "service_at_locations",
    }
)  # fmt: skip
"""The fields of a service that are read here; every other field is kept unchanged and exported again."""


class HsdsError(UserError):
    """A file is not a list of HSDS services. The text names the service, the field and what was expected."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number and what it is for. emergency: whether it is for emergencies, day and night."""

    number: str
    label: str = ""
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class HsdsService:
    """A service in Bield's terms. for_whom and heads: codes of our own taxonomies.

    areas: (code, name); the code is empty if another system named the area. other: fields that are not read here.
    """

    id: uuid.UUID
    name: str
    organisation: str
    what: str
    status: str = "active"
    heads: tuple[str, ...] = ()
    least_age: int | None = None
    most_age: int | None = None
    for_whom: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    areas: tuple[tuple[str, str], ...] = ()
    languages: tuple[tuple[str, str], ...] = ()
    access: str = ""
    apply: str = ""
    phones: tuple[Phone, ...] = ()
    email: str = ""
    website: str = ""
    places: int | None = None
    free: int | None = None
    counted_on: date | None = None
    verified_on: date | None = None
    other: Mapping[str, Any] = field(default_factory=dict)


def write(services: Iterable[HsdsService]) -> dict[str, Any]:
    """The services as a page of HSDS: what an HSDS API returns for GET /services, all on one page."""
    contents = [_written(item) for item in services]
    return {
        "total_items": len(contents),
        "total_pages": 1,
        "page_number": 1,
        "size": len(contents),
        "first_page": True,
        "last_page": True,
        "empty": not contents,
        "contents": contents,
    }


def _id(service: uuid.UUID, *parts: object) -> str:
    """An identifier that stays the same as long as the thing it identifies does."""
    return str(uuid.uuid5(service, "/".join(map(str, parts))))


def _written(item: HsdsService) -> dict[str, Any]:
    body: dict[str, Any] = {
        **item.other,
        "id": str(item.id),
        "name": item.name,
        "description": item.what,
        "status": item.status,
        "organization": {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"bield:organisation:{item.organisation}")),
            "name": item.organisation,
            "description": item.organisation,
        },
        "phones": [_phone(item.id, phone) for phone in item.phones],
        "languages": [{"id": _id(item.id, "language", c), "code": c, "name": n} for c, n in item.languages],
        "service_areas": [{"id": _id(item.id, "area", c, n), "name": n, "description": c} for c, n in item.areas],
        "attributes": [*_attributes(item)],
    }
    texts = {"email": item.email, "url": item.website, "application_process": item.apply}
    body |= {name: value for name, value in texts.items() if value}
    if item.access:
        body["service_at_locations"] = [_location(item)]
    numbers = {"minimum_age": item.least_age, "maximum_age": item.most_age}
    body |= {name: value for name, value in numbers.items() if value is not None}
    if item.verified_on:
        body["assured_date"] = item.verified_on.isoformat()
    if item.free is not None and item.counted_on:
        body["capacities"] = [_capacity(item)]
    return body


def _phone(service: uuid.UUID, phone: Phone) -> dict[str, Any]:
    words = f"Emergency: {phone.label}" if phone.emergency else phone.label
    return {"id": _id(service, "phone", phone.number), "number": phone.number, "type": "voice", "description": words}


def _location(item: HsdsService) -> dict[str, Any]:
    """How to get in, without saying where it is, because some services hide people."""
    access = {"id": _id(item.id, "access"), "description": item.access}
    location = {"id": _id(item.id, "location"), "location_type": "physical", "accessibility": [access]}
    return {"id": _id(item.id, "at_location"), "location": location}


def _capacity(item: HsdsService) -> dict[str, Any]:
    assert item.counted_on is not None  # noqa: S101  # checked by the caller
    capacity: dict[str, Any] = {
        "id": _id(item.id, "capacity"),
        "available": item.free,
        "updated": f"{item.counted_on.isoformat()}T00:00:00.000Z",
        "unit": {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, "bield:unit:place")), "name": "place"},
    }
    return capacity | ({"maximum": item.places} if item.places is not None else {})


def _attributes(item: HsdsService) -> Iterable[dict[str, Any]]:
    codes_of = {HEADS: item.heads, **{TAXONOMY + key: values for key, values in item.for_whom.items()}}
    for taxonomy, codes in codes_of.items():
        for code in codes:
            yield {
                "id": _id(item.id, taxonomy, code),
                "link_entity": "service",
                "value": code,
                "taxonomy_term": {
                    "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{taxonomy}:{code}")),
                    "code": code,
                    "name": code,
                    "description": code,
                    "taxonomy": taxonomy,
                },
            }


def read(raw: object) -> list[HsdsService]:
    """The services of a file: a page with `contents`, a list, or a service. Raises HsdsError for the first fault."""
    if isinstance(raw, dict):
        raw = raw.get("contents", [raw])
    if not isinstance(raw, list):
        raise HsdsError("expected a list of services, or an object with ‘contents’")
    services = [_read(number, body) for number, body in enumerate(raw, start=1)]
    seen: set[uuid.UUID] = set()
    for number, item in enumerate(services, start=1):
        if item.id in seen:
            raise HsdsError(f"service {number}: its id appears twice in the file")
        seen.add(item.id)
    return services


def _read(number: int, body: object) -> HsdsService:
    if not isinstance(body, dict):
        raise HsdsError(f"service {number}: expected an object")
    if not _is_text(body):
        raise HsdsError(f"service {number}: contains a character that is not text (a NUL, or half of a surrogate pair)")
    where = f"service {number} ({str(body.get('name', 'no name'))[:60]})"
    for name in ("id", "name", "status"):
        if not body.get(name):
            raise HsdsError(f"{where}: {name} is missing, and HSDS requires it")
    if body["status"] not in STATUSES:
        raise HsdsError(f"{where}: status is {body['status']!r}; expected one of {', '.join(STATUSES)}")
    organisation = _of(where, body, "organization", dict) or {}
    capacities = _rows(where, body, "capacities")
    capacity = capacities[0] if capacities else {}
    heads, for_whom = _classified(_rows(where, body, "attributes"))
    return HsdsService(
        id=_made(where, "id", body["id"], uuid.UUID, "a UUID"),
        name=_text(where, body, "name"),
        organisation=str(organisation.get("name") or ""),
        what=_text(where, body, "description") or _text(where, body, "eligibility_description"),
        status=body["status"],
        heads=heads,
        least_age=_number(where, body, "minimum_age", OLDEST),
        most_age=_number(where, body, "maximum_age", OLDEST),
        for_whom=for_whom,
        areas=tuple(_area(item) for item in _rows(where, body, "service_areas")),
        languages=tuple((str(i.get("code") or ""), str(i.get("name") or "")) for i in _rows(where, body, "languages")),
        access=_access(where, body),
        apply=_text(where, body, "application_process"),
        phones=tuple(_read_phone(where, item) for item in _rows(where, body, "phones")),
        email=_text(where, body, "email"),
        website=_text(where, body, "url"),
        places=_number(where, capacity, "maximum", MOST_PLACES),
        free=_number(where, capacity, "available", MOST_PLACES),
        counted_on=_day(where, capacity, "updated"),
        verified_on=_day(where, body, "assured_date"),
        other={name: value for name, value in body.items() if name not in OWN},
    )


def _of(where: str, body: Mapping[str, Any], name: str, kind: type) -> Any:
    value = body.get(name)
    if value is not None and not isinstance(value, kind):
        raise HsdsError(f"{where}: {name} is {type(value).__name__}; expected {kind.__name__}")
    return value


def _text(where: str, body: Mapping[str, Any], name: str) -> str:
    return str(_of(where, body, name, str) or "")


def _rows(where: str, body: Mapping[str, Any], name: str) -> Sequence[dict[str, Any]]:
    rows = _of(where, body, name, list) or []
    if not all(isinstance(item, dict) for item in rows):
        raise HsdsError(f"{where}: {name}: expected objects")
    return list(rows)


def _number(where: str, body: Mapping[str, Any], name: str, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most or value != int(value):
        raise HsdsError(f"{where}: {name} is {value!r}; expected a whole number up to {most:,}")
    return int(value)


def _day(where: str, body: Mapping[str, Any], name: str) -> date | None:
    value = _text(where, body, name)
    return _made(where, name, value[:10], date.fromisoformat, "a date, as 2026-11-24") if value else None


def _is_text(value: object) -> bool:
    """Whether every text in a value can be stored and shown: no NUL and no half of a surrogate pair."""
    if isinstance(value, dict):
        return all(_is_text(name) and _is_text(inner) for name, inner in value.items())
    if isinstance(value, list):
        return all(_is_text(inner) for inner in value)
    return not isinstance(value, str) or not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value)


def _made(where: str, name: str, value: Any, make: Callable[[Any], Any], expected: str) -> Any:
    try:
        return make(value)
    except (ValueError, TypeError, AttributeError):
        raise HsdsError(f"{where}: {name} is {str(value)[:60]!r}; expected {expected}") from None


def _read_phone(where: str, item: Mapping[str, Any]) -> Phone:
    words, number = str(item.get("description") or ""), str(item.get("number") or "")
    if not number:
        raise HsdsError(f"{where}: a telephone has no number")
    head, colon, rest = words.partition("Emergency: ")
    return Phone(number, rest, emergency=True) if colon and not head else Phone(number, words)


def _access(where: str, body: Mapping[str, Any]) -> str:
    """What is said about getting in, at any location."""
    locations = [row.get("location") or {} for row in _rows(where, body, "service_at_locations")]
    words = [str(item.get("description") or "") for row in locations for item in _rows(where, row, "accessibility")]
    return "\n".join(filter(None, words))


def _area(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(item.get("description") or ""), str(item.get("name") or "")


def _classified(rows: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """The codes of our own taxonomies among the attributes; those of others are ignored."""
    heads: list[str] = []
    for_whom: dict[str, list[str]] = {}
    for row in rows:
        term = row.get("taxonomy_term") or {}
        taxonomy, code = str(term.get("taxonomy") or ""), str(term.get("code") or "")
        if taxonomy == HEADS:
            heads.append(code)
        elif taxonomy.startswith(TAXONOMY) and code:
            for_whom.setdefault(taxonomy.removeprefix(TAXONOMY), []).append(code)
    return tuple(heads), {key: tuple(values) for key, values in for_whom.items()}
