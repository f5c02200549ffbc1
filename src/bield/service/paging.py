"""Pages a long list by key: as fast at the millionth row as at the first, and stable while rows are added."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import QueryDict

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One page of a list. after: what the address of the next page needs; empty on the last page."""

    rows: Sequence[M]
    after: str
    is_first: bool


def page_of(rows: QuerySet[M], *, key: str, after: str = "", descending: bool = True, size: int = 25) -> Page[M]:
    """A page of rows in the order of a field, then of the primary key.

    after: `Page.after` of the page before. An invalid value gives the first page, since addresses get cut when pasted.
    """
    sign, relation = ("-", "lt") if descending else ("", "gt")
    place = _decode(after)
    if place is not None:
        value, pk = place
        field = rows.model._meta.get_field(key)
        assert isinstance(field, Field)  # noqa: S101  # lists are sorted by their own fields
        try:
            value, pk = field.to_python(value), rows.model._meta.pk.to_python(pk)
        except (ValidationError, ValueError, TypeError):
            place = None
        else:
            # The first condition follows from the second; PostgreSQL needs it to start in the middle of an index.
            rows = rows.filter(**{f"{key}__{relation}e": value}).filter(
                Q(**{f"{key}__{relation}": value}) | Q(**{key: value, f"pk__{relation}": pk})
            )
    one_more = list(rows.order_by(f"{sign}{key}", f"{sign}pk")[: size + 1])
    last = one_more[size - 1] if len(one_more) > size else None
    return Page(one_more[:size], _encode(getattr(last, key), last.pk) if last else "", place is None)


def _encode(value: Any, pk: Any) -> str:
    stamp = value.isoformat() if hasattr(value, "isoformat") else value
    return base64.urlsafe_b64encode(json.dumps([stamp, str(pk)]).encode()).decode().rstrip("=")


def _decode(after: str) -> tuple[Any, Any] | None:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (ValueError, TypeError, binascii.Error):
        return None
    return (value, pk) if isinstance(value, str | int) and isinstance(pk, str) else None


def address_with(query: QueryDict, **changes: str) -> str:
    """The query part of an address with some values changed; an empty value removes one."""
    copy = query.copy()
    for name, value in changes.items():
        copy.pop(name, None)
        if value:
            copy[name] = value
    return f"?{copy.urlencode()}" if copy else "?"


def page_by_day(
    rows: QuerySet[M], days: Mapping[Any, date], *, key: str, after: str = "", size: int = 25, all_in: bool = False
) -> Page[M]:
    """A page of rows: first those with a day, the soonest first; then all others, the highest `key` first.

    days: the day of each row that has one, by primary key; it may hold rows that the query does not. all_in: whether
    the query has all of them, which saves one of three queries.
    """
    after = after if _decode(after) is not None else ""
    place, name = _place_of_day(after), rows.model._meta.pk.name
    of_rows = days if all_in or not days else rows.filter(pk__in=days).values_list("pk", flat=True)
    dated = sorted((days[pk], str(pk), pk) for pk in of_rows)
    if place is not None:
        dated = [item for item in dated if (item[0].isoformat(), item[1]) > place]
    elif after:
        dated = []  # the page before had shown the last of them
    shown = dated[:size]
    by_key = rows.in_bulk([pk for _day, _text, pk in shown]) if shown else {}
    first = [by_key[pk] for _day, _text, pk in shown if pk in by_key]
    if len(dated) > size:
        return Page(first, _encode(shown[-1][0], shown[-1][2]), not after)
    others = rows.exclude(**{f"{name}__in": list(days)}) if days else rows
    if len(shown) == size:
        more = others.exists()
        return Page(first, _encode(shown[-1][0], shown[-1][2]) if more else "", not after)
    rest = page_of(others, key=key, after="" if place is not None else after, size=size - len(shown))
    return Page([*first, *rest.rows], rest.after, not after)


def page_in_groups(groups: Sequence[tuple[QuerySet[M], bool]], *, key: str, after: str = "", size: int = 25) -> Page[M]:
    """A page of rows that come in groups, one after the other: all of the first group, then the second, and so on.

    groups: the rows of each, and whether their highest `key` comes first. No row is in two groups. One query for each.
    """
    number, _dot, place = after.rpartition(".")
    if number.isdigit() and int(number) < len(groups):
        begin = int(number)
    else:
        begin = len(groups) - 1 if _decode(place) is not None else 0
    rows: list[M] = []
    for index, (of_group, descending) in list(enumerate(groups))[begin:]:
        page = page_of(
            of_group, key=key, after=place if index == begin else "", descending=descending, size=size - len(rows)
        )
        rows += page.rows
        if page.after:
            return Page(rows, f"{index}.{page.after}", not after)
        if len(rows) == size:
            more = any(later.exists() for later, _descending in groups[index + 1 :])
            place_now = _encode(getattr(rows[-1], key), rows[-1].pk)
            return Page(rows, f"{index}.{place_now}" if more else "", not after)
    return Page(rows, "", not after)


def _place_of_day(after: str) -> tuple[str, str] | None:
    """The day and primary key after which a page begins; None if it begins after the last row with a day."""
    place = _decode(after)
    if place is None:
        return None
    value, pk = place
    return (value, pk) if isinstance(value, str) and _A_DAY.fullmatch(value) else None


_A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
