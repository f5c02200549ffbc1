"""The old reference of a record that was brought together with another leads to the one that goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bield.service.cases.access import StandsUnder


class LeadsOn:
    """Whoever opens a page of a record that stands under another gets the same page of that one, and is told."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, StandsUnder):
            return None
        names = {"old": exception.person.shown_reference, "new": exception.kept.shown_reference}
        match = request.resolver_match
        if request.method == "POST" or match is None or "other_id" in match.kwargs:
            words = _("%(old)s was brought together with %(new)s, which is this record. Go on here.")
            messages.warning(request, words % names)
            return redirect("person", person_id=exception.kept.pk)
        messages.info(request, _("%(old)s was brought together with %(new)s, which is this record.") % names)
        kwargs: dict[str, Any] = match.kwargs | {"person_id": exception.kept.pk}
        return HttpResponseRedirect(reverse(match.view_name, kwargs=kwargs))
