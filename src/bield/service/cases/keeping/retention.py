"""Finds the records that are due for deletion or for review, by the dated rules of the law data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from bield import law
from bield.service.cases.models import DUPLICATE, Person
from bield.service.cases.states import SupportState
from bield.service.days import day_of

NO_FURTHER = ("no_signs", DUPLICATE)
"""Reasons for closing that leave little reason to keep a record."""

CHILD = Q(age__in=("under_18", "uncertain"))
SELECTED = {
    "no_further_action": Q(closed_at__isnull=False, closing__in=NO_FURTHER),
    "closed_adult": Q(closed_at__isnull=False) & ~Q(closing__in=NO_FURTHER) & ~CHILD,
    "closed_child": Q(closed_at__isnull=False) & ~Q(closing__in=NO_FURTHER) & CHILD,
    "open_inactive": Q(closed_at__isnull=True),
}
"""The records that each rule of the law data applies to."""


@dataclass(frozen=True)
class Due:
    """A rule, and the records that are due under it on the day."""

    rule: law.RetentionRule
    people: QuerySet[Person]


def due(people: QuerySet[Person], *, on: date) -> Iterator[Due]:
    """For each rule, which of these people's records are due on a day, oldest first."""
    for kind, which in SELECTED.items():
        rule = law.retention(kind, place=settings.PLACE, on=on)
        field = "closed_at" if rule.counts_from == "closed" else "changed_at"
        before = timezone.make_aware(datetime.combine(on - timedelta(days=rule.days), time.max))
        # The record is kept while somebody is supported; afterwards the time counts from the later of the two days.
        ended = Q(support_ended_on__isnull=True) | Q(support_ended_on__lte=day_of(before))
        # A merged record is deleted with the record it was merged into.
        unsupported = people.exclude(support__in=(SupportState.ASKED, SupportState.OPEN)).filter(
            ended, merged_at__isnull=True
        )
        overdue = unsupported.filter(which, **{f"{field}__lte": before}).select_related("team__organisation")
        yield Due(rule, overdue.order_by(field, "pk"))
