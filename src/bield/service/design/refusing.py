"""Says that something could not be done, and why, on the page to which it leads."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _


def refused(request: HttpRequest, why: Exception, to: str, **where: Any) -> HttpResponse:
    """Lead to a page that says why something was not done. to: the name of its address; where: what stands in it."""
    messages.error(request, _("This was not done: %(why)s.") % {"why": _(str(why))})
    found: HttpResponse = redirect(to, **where)
    return found
