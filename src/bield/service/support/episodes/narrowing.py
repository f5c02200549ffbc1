"""Narrows the list of people supported: by the filters of an address, and the quick filters with their counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from bield.service import reference
from bield.service.accounts.access import can_work
from bield.service.accounts.models import User
from bield.service.cases.listing import due as dues
from bield.service.cases.listing.due import Due as Next
from bield.service.cases.listing.forms import NOT_ADULT, of_age
from bield.service.design.lists import MOST_COUNTED, Quick, quick_filters
from bield.service.support import due
from bield.service.support.access import GIVE, Reach
from bield.service.support.due import AllDue
from bield.service.support.episodes.caseload import first_due, unseen_rows
from bield.service.support.episodes.list_forms import FilterForm
from bield.service.support.models import Entry, Episode
from bield.service.support.states import RUNNING, EpisodeState

MOST_LOOKED_THROUGH: Final = 1_000
"""Open episodes that a page looks through."""


def open_in(reach: Reach) -> QuerySet[Episode]:
    """The open episodes that a page looks through, the longest supported first."""
    return reach.episodes.filter(state=EpisodeState.OPEN).order_by("began_on", "id")[:MOST_LOOKED_THROUGH]


def form_of(reach: Reach, query: QueryDict) -> FilterForm:
    """The filters in an address, for this user."""
    return FilterForm(query, workers=reach.workers)


def chosen(reach: Reach, form: FilterForm, *, first: Mapping[UUID, Next] | None = None) -> QuerySet[Episode]:
    """The episodes of the user's teams, narrowed. A filter that makes no sense narrows to nothing, and says so.

    first: what is due first for the open ones, if the caller has found it.
    """
    if not form.is_valid():
        return reach.episodes.none()
    wanted, today = form.cleaned_data, timezone.localdate()
    found = reach.episodes.filter(_whose(reach.user, wanted["whose"]), state=wanted["state"] or EpisodeState.OPEN)
    if wanted["worker"]:
        found = found.filter(worker=wanted["worker"])
    if wanted["age"]:
        found = found.filter(of_age(wanted["age"], "person__age"))
    if wanted["reference"]:
        found = found.filter(person__reference=reference.read(wanted["reference"]))
    if wanted["due"] == "unseen":
        found = found.filter(unseen_rows(today=today))
    elif wanted["due"]:
        known = first_due(due.due_in(open_in(reach), today=today, now=timezone.now())) if first is None else first
        found = found.filter(pk__in=dues.soon(known, today=today))
    return found.filter(*_within(wanted))


def _whose(user: User, whose: str) -> Q:
    if whose == "mine":
        return Q(worker=user)
    return Q(~can_work(GIVE)) if whose == "nobody" else Q()


def _within(wanted: Mapping[str, Any]) -> list[Exists]:
    """Conditions on the entries of an episode: an open need under a head, and a contact of a kind within some days."""
    conditions = []
    of_episode = Entry.objects.filter(episode=OuterRef("pk"))
    if wanted["need"]:
        conditions.append(Exists(of_episode.filter(part="need", open=True, code=wanted["need"])))
    contact = {"code": wanted["contact"], "due__gte": wanted["since"], "due__lte": wanted["until"]}
    if any(contact.values()):
        asked = {name: value for name, value in contact.items() if value}
        conditions.append(Exists(of_episode.filter(part="contact", **asked)))
    return conditions


def quick_of(reach: Reach, query: QueryDict, found: AllDue, first: Mapping[UUID, Next], *, today: date) -> list[Quick]:
    """The quick filters with how many each shows. One query; the rest is counted from what is due."""
    filters = [
        (_("All"), {}, "all"),
        (_("Mine"), {"whose": "mine"}, "mine"),
        (_("Something due"), {"due": "soon"}, "due"),
        (_("Not seen for too long"), {"due": "unseen"}, "unseen"),
        (_("Under 18 or not sure"), {"age": NOT_ADULT}, "children"),
        (_("Nobody supports"), {"whose": "nobody"}, "nobody"),
        (_("Waiting for an answer"), {"state": EpisodeState.ASKED.value}, "asked"),
    ]
    states = reach.episodes.order_by().annotate(has_worker=can_work(GIVE))
    nobody, is_open = Q(state=EpisodeState.OPEN, has_worker=False), Q(state=EpisodeState.OPEN)
    counted = (
        states.filter(state__in=RUNNING)
        .values("pk", "state", "has_worker")[: MOST_COUNTED + 1]
        .aggregate(
            all=Count("pk", filter=is_open),
            nobody=Count("pk", filter=nobody),
            asked=Count("pk", filter=Q(state=EpisodeState.ASKED)),
        )
    )
    whole = len(found.days) < MOST_LOOKED_THROUGH
    counts: dict[str, int | None] = {
        **counted,
        "mine": sum(item.worker == reach.user.pk for item in found.days),
        "due": len(dues.soon(first, today=today)),
        "unseen": len(found.unseen),
        "children": sum(item.age != "adult" for item in found.days),
    }
    return quick_filters(query, filters, counts if whole else {})
