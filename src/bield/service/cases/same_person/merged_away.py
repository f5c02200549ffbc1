"""Redirects from a page of a merged record to the same page of the record that was kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bield.service.accounts.access import user_of
from bield.service.cases.events import MergedAway
from bield.service.drafts import actions as drafts


def leads_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a view behind its gate: if the record was merged, or is merged during the request, redirect."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except MergedAway as merged:
            return _lead_on(request, merged)

    return wrapped


def _lead_on(request: HttpRequest, merged: MergedAway) -> HttpResponse:
    """Redirect to the kept record. What was typed, or kept as a draft, moves with it; nothing is saved."""
    drafts.move(user_of(request), old=str(merged.person.pk), new=str(merged.kept.pk))
    if request.method == "POST":
        return _with_what_was_typed(request, merged)
    address = _address(request, merged)
    if address is None:
        return _to_the_record(request, merged)
    messages.info(request, _where(request, merged))
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


def _with_what_was_typed(request: HttpRequest, merged: MergedAway) -> HttpResponse:
    """Show the same form of the kept record, filled with what was typed, not saved."""
    address, draft = _address(request, merged), None
    if address is not None:
        user, now = user_of(request), timezone.now()
        draft = drafts.keep(user, path=address, page=address, data=request.POST, why="merged", at=now)
    if draft is None:
        return _to_the_record(request, merged)
    unsaved = _("Nothing is saved yet: check what you typed, and save it here.")
    messages.warning(request, f"{_where(request, merged)} {unsaved}")
    return redirect(f"{address}?draft={draft.pk}")


def _to_the_record(request: HttpRequest, merged: MergedAway) -> HttpResponse:
    messages.warning(request, f"{_where(request, merged)} {_('Continue here.')}")
    return redirect("person", person_id=merged.kept.pk) if _by_record(request) else redirect(request.path)


def _by_record(request: HttpRequest) -> bool:
    """Whether the address names the record itself, not a referral or an episode of support, which moved with it."""
    return request.resolver_match is not None and "person_id" in request.resolver_match.kwargs


def _address(request: HttpRequest, merged: MergedAway) -> str | None:
    """The same page of the kept record; None for a page about two records."""
    match = request.resolver_match
    if match is None or "other_id" in match.kwargs:
        return None
    new_id = {"person_id": merged.kept.pk} if _by_record(request) else {}
    return reverse(match.view_name, kwargs=match.kwargs | new_id)


def _where(request: HttpRequest, merged: MergedAway) -> str:
    """What happened, in words. The references only if the address named the record: others may not know them."""
    if not _by_record(request):
        return _("The record was merged with another one while you had this open.")
    references = {"old": merged.person.shown_reference, "new": merged.kept.shown_reference}
    return _("%(old)s was merged into %(new)s, which is this record.") % references
