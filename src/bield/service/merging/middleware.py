"""The old reference of a record that was brought together with another leads to the one that goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bield.service.accounts.access import user_of
from bield.service.accounts.permissions import Permission
from bield.service.cases.access import StandsUnder, person_for
from bield.service.drafts.actions import keep


class LeadsOn:
    """Whoever opens a page of a record that stands under another gets the same page of that one, and is told."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]
    ) -> HttpResponse | None:
        """Look before a form is taken: a form that counts once is answered before exceptions get here."""
        if request.method != "POST" or "person_id" not in kwargs or not request.user.is_authenticated:
            return None
        try:
            person_for(user_of(request), kwargs["person_id"], Permission.PERSON_SEE)
        except StandsUnder as found:
            return _with_what_was_typed(request, found)
        except (Http404, PermissionDenied):
            return None  # the gate says so
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Lead whoever reads the old record to the same page of the one that goes on."""
        if not isinstance(exception, StandsUnder):
            return None
        address = _address(request, exception)
        if address is None:
            return _to_the_record(request, exception)
        words = _("%(old)s was brought together with %(new)s, which is this record.")
        messages.info(request, words % _names(exception))
        return redirect(address)


def _with_what_was_typed(request: HttpRequest, found: StandsUnder) -> HttpResponse:
    """The same form of the record that goes on, with what was typed in it, not saved."""
    address, draft = _address(request, found), None
    if address is not None:
        user, now = user_of(request), timezone.now()
        draft = keep(user, path=address, page=address, data=request.POST, why="merged", at=now)
    if draft is None:
        return _to_the_record(request, found)
    words = _(
        "%(old)s was brought together with %(new)s, which is this record. Nothing is saved yet: look at what you typed,"
        " and save it here."
    )
    messages.warning(request, words % _names(found))
    return redirect(f"{address}?draft={draft.pk}")


def _to_the_record(request: HttpRequest, found: StandsUnder) -> HttpResponse:
    words = _("%(old)s was brought together with %(new)s, which is this record. Go on here.")
    messages.warning(request, words % _names(found))
    return redirect("person", person_id=found.kept.pk)


def _address(request: HttpRequest, found: StandsUnder) -> str | None:
    """The same page of the record that goes on; None for a page about two records."""
    match = request.resolver_match
    if match is None or "other_id" in match.kwargs:
        return None
    return reverse(match.view_name, kwargs=match.kwargs | {"person_id": found.kept.pk})


def _names(found: StandsUnder) -> dict[str, str]:
    return {"old": found.person.shown_reference, "new": found.kept.shown_reference}
