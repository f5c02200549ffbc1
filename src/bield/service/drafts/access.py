"""The drafts of a user: nobody else ever gets one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict

from bield.service.accounts.access import teams_of_people
from bield.service.accounts.models import User
from bield.service.drafts.models import Draft, HeldFile

Kept = TypeVar("Kept", Draft, HeldFile)


def drafts_of(user: User, *, at: datetime) -> QuerySet[Draft]:
    """What is kept for a user, newest first. What was typed in a team that they have left since is not given."""
    since = at - timedelta(days=settings.DRAFT_DAYS)
    return in_their_teams(Draft.objects.filter(user=user, at__gte=since), user).order_by("-at", "pk")


def in_their_teams(rows: QuerySet[Kept], user: User) -> QuerySet[Kept]:
    """Those of a user's drafts or files that were kept while they were in no team that they have left since."""
    teams = set(teams_of_people(user))
    return rows.exclude(pk__in=[pk for pk, then in rows.values_list("pk", "teams") if not set(then) <= teams])


def draft_for(user: User, draft_id: UUID, *, at: datetime) -> Draft:
    """A draft of this user. Raises Http404 for every other one."""
    found = drafts_of(user, at=at).filter(pk=draft_id).first()
    if found is None:
        raise Http404
    return found


def as_typed(draft: Draft) -> QueryDict:
    """The draft as a form would send it."""
    data = QueryDict(mutable=True)
    for name, values in draft.words:
        data.setlist(name, values)
    return data


def typed(request: HttpRequest) -> QueryDict | None:
    """What goes into the form of a page: what was sent, or the draft that its user continues; None for neither."""
    if request.method == "POST":
        return request.POST
    found: QueryDict | None = getattr(request, "draft", None)
    return found
