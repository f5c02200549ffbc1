"""Which rows are of a record: its own, and those that stay with records that were merged into it.

What can be moved was moved. Answers about consent and signed assessments are never changed, so they are read across.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from bield.service.cases.models import Assessment, Person


def of_record(person: Person) -> Q:
    """For a query over rows with a person. A subquery, so that the index of the record is used."""
    both = Q(pk=person.pk) | Q(same_as=person.pk, merged_at__isnull=False)
    return Q(person__in=Person.objects.filter(both).values("pk"))


def assessments_of(person: Person) -> QuerySet[Assessment]:
    """Every signed assessment of a person, the last first."""
    return Assessment.objects.filter(of_record(person)).order_by("-at")


def merged_records(person: Person) -> list[Person]:
    """The records that were merged into this one, oldest first."""
    found = Person.objects.filter(same_as=person.pk, merged_at__isnull=False).select_related("team")
    return list(found.order_by("merged_at", "pk"))
