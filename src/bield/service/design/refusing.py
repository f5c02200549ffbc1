"""Redirects to a page that says why something was not done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _


def refused(request: HttpRequest, why: Exception, to: str, **where: Any) -> HttpResponse:
    """Redirect to a page that says why something was not done. to: the URL name; where: its arguments."""
    messages.error(request, _("This was not done: %(why)s.") % {"why": _(str(why))})
    response: HttpResponse = redirect(to, **where)
    return response
