"""Tells every page about its user's drafts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from bield.service.accounts.models import User
from bield.service.drafts.access import drafts_of
from bield.service.drafts.keys import KEPT
from bield.service.drafts.models import Draft


def drafts(request: HttpRequest) -> dict[str, Any]:
    """The drafts that belong to this page.

    The database is queried only when there may be some: after this session kept one, after signing in again, and on the
    home page.
    """
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    continued = hasattr(request, "draft")
    return {
        "unsaved": [] if continued else _of_page(request, user),
        "unsaved_continued": continued,
        "session_seconds": settings.SESSION_COOKIE_AGE,
    }


def _of_page(request: HttpRequest, user: User) -> list[Draft]:
    on_home = request.path == reverse("home")
    if not (on_home or KEPT in request.GET or request.session.get("drafts")):
        return []
    unsaved = list(drafts_of(user, at=timezone.now()))
    if bool(unsaved) != bool(request.session.get("drafts")):
        request.session["drafts"] = bool(unsaved)
    return unsaved if on_home else [draft for draft in unsaved if draft.page == request.path]
