"""What every page may say of what is kept for its user."""

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

    The database is asked only where there may be some: once this session kept one, on the way back from signing in, and
    on the page where people begin.
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
    begins = request.path == reverse("home")
    if not (begins or KEPT in request.GET or request.session.get("drafts")):
        return []
    found = list(drafts_of(user, at=timezone.now()))
    if bool(found) != bool(request.session.get("drafts")):
        request.session["drafts"] = bool(found)
    return found if begins else [item for item in found if item.page == request.path]
