"""The pages of a user's drafts, and the addresses that scripts use to keep drafts and to stay signed in."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bield.service.accounts.access import user_of
from bield.service.drafts import actions
from bield.service.drafts.access import draft_for, drafts_of
from bield.service.drafts.models import Draft

LONG = 25
"""From this many characters on, a value counts as typed text and not as a choice."""


def _shown(draft: Draft) -> tuple[Draft, list[str]]:
    """A draft with its typed text; with all its values if it has no long text."""
    texts = [value for _name, values in draft.words for value in values if len(value) >= LONG]
    return draft, texts or [value for _name, values in draft.words for value in values if value.strip()]


@require_safe
def kept(request: HttpRequest) -> HttpResponse:
    """All drafts of the signed-in user. Nobody else sees them."""
    rows = [_shown(draft) for draft in drafts_of(user_of(request), at=timezone.now())]
    return render(request, "drafts/kept.html", {"rows": rows})


@require_POST
def throw_away(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Delete a draft, and go back to the page it belongs to."""
    draft = draft_for(user_of(request), draft_id, at=timezone.now())
    actions.delete_drafts([draft])
    return redirect(draft.page if "stay" not in request.POST else "drafts")


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what is being typed; scripts send it every few seconds."""
    page, path = request.POST.get("draft-page", ""), request.POST.get("draft-path", "")
    if not (_ours(page) and _ours(path)):
        return JsonResponse({"kept": ""}, status=400)
    data, now = request.POST.copy(), timezone.now()
    for name in ("draft-page", "draft-path"):
        del data[name]
    draft = actions.keep(user_of(request), path=path, page=page, data=data, why="typed", at=now)
    request.session["drafts"] = True
    words = _("Draft kept at %(time)s") % {"time": date_format(timezone.localtime(now), "H:i")}
    return JsonResponse({"kept": words if draft else ""})


def _ours(path: str) -> bool:
    """Whether an address is one of ours, and drafts of its page may be kept."""
    ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return ours and path.isprintable() and not path.startswith("/accounts/")


@require_safe
def stay(_request: HttpRequest) -> HttpResponse:
    """Restart the time after which the user is signed out, since they are still there."""
    return HttpResponse(status=204)
