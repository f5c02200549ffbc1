"""The page that tells the people behind a body's system how it sends."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bield.disclosure import combination_rules
from bield.service.notifications.forms import version_today
from bield.service.notifications.payload import an_area


@login_not_required
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """How a system sends, with an example that can be copied."""
    version, rules = version_today(), combination_rules()
    known = {"version": version, "rules": rules, "host": request.get_host(), "where": an_area(settings.PLACE)}
    return render(request, "api/guide.html", known | {"receiver": version.recipient})
