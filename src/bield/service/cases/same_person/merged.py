"""Finds the rows of a record: its own, and those left with records that were merged into it.

A merge moves what it can. Answers about consent and signed assessments never change, so they are read from both.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from bield.service.cases.models import Assessment, Person


def of_record(person: Person) -> Q:
    """A filter for rows with a `person`. It is a subquery, so that the index on the person is used."""
    with_merged = Q(pk=person.pk) | Q(same_as=person.pk, merged_at__isnull=False)
    return Q(person__in=Person.objects.filter(with_merged).values("pk"))


def of_records(people: Collection[UUID]) -> Q:
    """As `of_record`, for many people at once."""
    with_merged = Q(pk__in=people) | Q(same_as__in=people, merged_at__isnull=False)
    return Q(person__in=Person.objects.filter(with_merged).values("pk"))


def belongs_to(record: Person, people: Collection[UUID]) -> UUID:
    """Which of some people a record belongs to: itself, or the person it was merged into."""
    return record.pk if record.pk in people or record.same_as_id is None else record.same_as_id


def assessments_of(person: Person) -> QuerySet[Assessment]:
    """Every signed assessment of a person, newest first."""
    return Assessment.objects.filter(of_record(person)).order_by("-at")


def merged_records(person: Person) -> list[Person]:
    """The records that were merged into this one, oldest first."""
    merged = Person.objects.filter(same_as=person.pk, merged_at__isnull=False).select_related("team")
    return list(merged.order_by("merged_at", "pk"))
