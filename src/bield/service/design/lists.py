"""What every list shares: quick filters with their counts, words for a near day, and the headings that sort."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_COUNTED = 3_000
"""How many rows a quick filter counts; beyond that it gives no number, so that a long list stays quick."""

KEPT = ("sort",)
"""What of an address stays when somebody chooses another quick filter."""

APART = frozenset({"after", "print", *KEPT})
"""What of an address narrows nothing."""


A_PAGE: Final = 25
MOST_PRINTED: Final = 250
"""How many rows a page of a list has, and how many one that is made to be printed."""

MOST_TICKED: Final = 100
_AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def ticked(request: HttpRequest, name: str) -> list[UUID]:
    """The ids that a form or an address sent under a name, a hundred at most; what is no id is left out."""
    values = request.POST.getlist(name) if request.method == "POST" else request.GET.getlist(name)
    return [UUID(value) for value in dict.fromkeys(values) if _AN_ID.fullmatch(value)][:MOST_TICKED]


def size_of(query: QueryDict) -> int:
    """How many rows a page of a list has."""
    return MOST_PRINTED if "print" in query else A_PAGE


@dataclass(frozen=True, slots=True)
class Quick:
    """A quick filter: its words, the address it leads to, and how many rows it shows; None if nobody counted them."""

    label: str
    url: str
    current: bool
    count: int | None = None


def quick_filters(
    query: QueryDict, filters: Iterable[tuple[str, Mapping[str, str], str]], counts: Mapping[str, int | None]
) -> list[Quick]:
    """The quick filters of a list, each with its address; without those that would show nothing.

    filters: label, what the filter puts into the address, and the name of its count.
    """
    narrowed = {name: value for name, value in query.items() if value and name not in APART}
    kept = QueryDict(mutable=True)
    for name in KEPT:
        if value := query.get(name):
            kept[name] = value
    found = []
    for words, values, count in filters:
        address = kept.copy()
        address.update(values)
        url = f"?{address.urlencode()}" if address else "?"
        current = narrowed == dict(values)
        if current or not values or counts.get(count) != 0:
            found.append(Quick(words, url, current, counts.get(count)))
    return found


def short_day(day: date, *, today: date) -> str:
    """A day without its year where that is clear: this year, and the three months beyond it."""
    near = day.year == today.year or 0 <= (day - today).days < 90
    return date_format(day, "j M" if near else "j M Y")


def near_words(day: date, *, today: date) -> str:
    """When something is due, as short as a list can say it: 2 days late, today, tomorrow, 30 Nov."""
    days = (day - today).days
    if days < 0:
        return ngettext("%(n)d day late", "%(n)d days late", -days) % {"n": -days}
    return {0: _("Today"), 1: _("Tomorrow")}.get(days) or short_day(day, today=today)


def days_words(day: date, *, today: date) -> str:
    """How many days have passed since a day."""
    days = (today - day).days
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days > 0 else _("today")
