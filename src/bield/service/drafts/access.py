"""Finds a user's own drafts. Nobody else ever gets them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict

from bield.service.accounts.access import teams_seeing_people
from bield.service.accounts.models import User
from bield.service.drafts.models import Draft, HeldFile

Stored = TypeVar("Stored", Draft, HeldFile)


def drafts_of(user: User, *, at: datetime) -> QuerySet[Draft]:
    """A user's drafts, newest first, without those typed in a team that they have left since."""
    since = at - timedelta(days=settings.DRAFT_DAYS)
    return in_their_teams(Draft.objects.filter(user=user, at__gte=since), user).order_by("-at", "pk")


def in_their_teams(stored: QuerySet[Stored], user: User) -> QuerySet[Stored]:
    """A user's drafts or files, without those stored while they were in a team that they have left since."""
    teams = set(teams_seeing_people(user))
    teams_then = stored.values_list("pk", "teams")
    return stored.exclude(pk__in=[pk for pk, then in teams_then if not set(then) <= teams])


def draft_for(user: User, draft_id: UUID, *, at: datetime) -> Draft:
    """A draft of this user. Raises Http404 for any other."""
    draft = drafts_of(user, at=at).filter(pk=draft_id).first()
    if draft is None:
        raise Http404
    return draft


def as_typed(draft: Draft) -> QueryDict:
    """The draft as a form would send it."""
    data = QueryDict(mutable=True)
    for name, values in draft.words:
        data.setlist(name, values)
    return data


def typed(request: HttpRequest) -> QueryDict | None:
    """The data for the form of a page: what was sent, or the draft that the user continues; None for neither."""
    if request.method == "POST":
        return request.POST
    draft: QueryDict | None = getattr(request, "draft", None)
    return draft
