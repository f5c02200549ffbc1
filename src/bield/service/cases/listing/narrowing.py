"""Narrows the list of people for a user: by the filters of an address, and the quick filters with their counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from bield.service.accounts.access import can_work, colleagues_in
from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission
from bield.service.cases.access import Reach
from bield.service.cases.listing import due as dues
from bield.service.cases.listing.due import Due
from bield.service.cases.listing.forms import NOT_ADULT, FilterForm, of_age
from bield.service.cases.models import Person
from bield.service.cases.states import ReviewState
from bield.service.design.lists import MOST_COUNTED, Quick, quick_filters


def form_of(reach: Reach, query: QueryDict) -> FilterForm:
    """The filters in an address, for this user."""
    workers = workers_in(reach.teams(Permission.PERSON_SEE))
    return FilterForm(query, workers=workers, offer=reach.may(Permission.RECORD_REVIEW))


def workers_in(teams: Sequence[UUID]) -> QuerySet[User]:
    """The colleagues of some teams, and those who have left but still have open records there in their name."""
    theirs = Exists(Person.objects.filter(team__in=teams, worker=OuterRef("pk"), closed_at=None))
    able = colleagues_in(teams).order_by().values("pk")
    return User.objects.filter(theirs | Q(pk__in=able)).order_by("name", "id")


def chosen(reach: Reach, form: FilterForm, *, due: Mapping[UUID, Due] | None = None) -> QuerySet[Person]:
    """The records that the user may see, filtered. An invalid filter gives no records, and the form says why.

    due: what is due for the open ones, if the caller has found it.
    """
    people = reach.people
    if not form.is_valid():
        return people.none()
    filters = form.cleaned_data
    people = people.filter(_whose(reach.user, filters["whose"]))
    if filters["state"] != "all":
        people = people.filter(closed_at__isnull=filters["state"] != "closed")
    if filters["worker"]:
        people = people.filter(worker=filters["worker"])
    if filters["age"]:
        people = people.filter(of_age(filters["age"]))
    for name in ("review", "council"):
        if filters[name]:
            people = people.filter(**{name: filters[name]})
    if filters["due"]:
        today = timezone.localdate()
        found = dues.dated(opened(reach), today=today) if due is None else due
        people = people.filter(pk__in=dues.soon(found, today=today))
    return people


def _whose(user: User, whose: str) -> Q:
    if whose == "mine":
        return Q(worker=user)
    return Q(~can_work(Permission.PERSON_EDIT)) if whose == "nobody" else Q()


def opened(reach: Reach) -> QuerySet[Person]:
    """The open records that the user may see."""
    return reach.people.filter(closed_at=None)


def quick_of(query: QueryDict, counts: Counts, due: Mapping[UUID, Due], *, today: date) -> list[Quick]:
    """The quick filters with how many records each shows."""
    filters = [
        (_("All"), {}, "all"),
        (_("Mine"), {"whose": "mine"}, "mine"),
        (_("Something due"), {"due": "soon"}, "due"),
        (_("Under 18 or not sure"), {"age": NOT_ADULT}, "children"),
        (_("Waiting for review"), {"review": ReviewState.ASKED.value}, "review"),
        (_("Nobody looks after"), {"whose": "nobody"}, "nobody"),
    ]
    return quick_filters(query, filters, counts and {**counts, "due": len(dues.soon(due, today=today))})


Counts = dict[str, int | None]
"""How many open records each quick filter shows; empty where there are too many to look through for one page."""


def counts_of(reach: Reach) -> Counts:
    """How many open records each quick filter shows. One query, which stops where there are too many."""
    rows = opened(reach).order_by().annotate(has_worker=can_work(Permission.PERSON_EDIT))
    counted = rows.values("pk", "worker", "age", "review", "has_worker")[: MOST_COUNTED + 1].aggregate(
        all=Count("pk"),
        mine=Count("pk", filter=Q(worker=reach.user)),
        children=Count("pk", filter=of_age(NOT_ADULT)),
        review=Count("pk", filter=Q(review=ReviewState.ASKED)),
        nobody=Count("pk", filter=Q(has_worker=False)),
    )
    return {} if counted["all"] > MOST_COUNTED else dict(counted)
