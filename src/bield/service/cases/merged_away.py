"""Leads whoever opens a record that was merged into another one to the same page of that one."""

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
    """Wrap a view behind its gate: whoever meets a record that was merged, or is merged at that moment, is led on."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except MergedAway as found:
            return lead_on(request, found)

    return wrapped


def lead_on(request: HttpRequest, found: MergedAway) -> HttpResponse:
    """Send the reader of an old record on. What was typed, or kept as a draft, goes with them; nothing is saved."""
    drafts.move(user_of(request), old=str(found.person.pk), new=str(found.kept.pk))
    if request.method == "POST":
        return _with_what_was_typed(request, found)
    address = _address(request, found)
    if address is None:
        return _to_the_record(request, found)
    messages.info(request, _where(request, found))
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


def _with_what_was_typed(request: HttpRequest, found: MergedAway) -> HttpResponse:
    """The same form of the kept record, filled with what was typed, not saved."""
    address, draft = _address(request, found), None
    if address is not None:
        user, now = user_of(request), timezone.now()
        draft = drafts.keep(user, path=address, page=address, data=request.POST, why="merged", at=now)
    if draft is None:
        return _to_the_record(request, found)
    unsaved = _("Nothing is saved yet: check what you typed, and save it here.")
    messages.warning(request, f"{_where(request, found)} {unsaved}")
    return redirect(f"{address}?draft={draft.pk}")


def _to_the_record(request: HttpRequest, found: MergedAway) -> HttpResponse:
    messages.warning(request, f"{_where(request, found)} {_('Continue here.')}")
    return redirect("person", person_id=found.kept.pk) if _by_record(request) else redirect(request.path)


def _by_record(request: HttpRequest) -> bool:
    """Whether the address names the record itself, and not a referral or an episode of support, which moved with it."""
    return request.resolver_match is not None and "person_id" in request.resolver_match.kwargs


def _address(request: HttpRequest, found: MergedAway) -> str | None:
    """The same page of the kept record; None for a page about two records."""
    match = request.resolver_match
    if match is None or "other_id" in match.kwargs:
        return None
    moved = {"person_id": found.kept.pk} if _by_record(request) else {}
    return reverse(match.view_name, kwargs=match.kwargs | moved)


def _where(request: HttpRequest, found: MergedAway) -> str:
    """What happened. Whoever came by a referral or an episode may not know the references of the record."""
    if not _by_record(request):
        return _("The record was merged with another one while you had this open.")
    names = {"old": found.person.shown_reference, "new": found.kept.shown_reference}
    return _("%(old)s was merged into %(new)s, which is this record.") % names
