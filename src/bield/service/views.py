"""Pages that belong to no single room: front page, home, quick exit, privacy, health and errors."""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe
from django.views.static import serve

from bield import law
from bield.law import load_place
from bield.service.drafts.keys import NOT_TYPED
from bield.service.drafts.middleware import keep_for_later
from bield.service.drafts.views import LONG
from bield.service.health import failing
from bield.service.signs.state import forget

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    place, today = load_place(settings.PLACE), timezone.localdate()
    services = [service for service in place.services if service.numbers and service.id != "police"]
    shown = [(service, place.is_stale(service, on=today)) for service in services]
    return render(request, "front.html", {"services": shown})


@login_not_required
@require_GET
def leave(request: HttpRequest) -> HttpResponse:
    """The quick exit: forget everything and go to an ordinary website."""
    response = redirect(settings.LEAVE_TO)
    forget(response)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    rules = [rule for rule in law.retention_rules(settings.PLACE, on=timezone.localdate()) if rule.action == "delete"]
    return render(request, "privacy.html", {"rules": rules})


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "accessibility.html")


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether the service can do its work; for the machines that watch it. What fails is in the log, not here."""
    found = failing()
    if found:
        logger.error("not healthy: %s", ", ".join(found))
    return JsonResponse({"status": "failing" if found else "ok"}, status=503 if found else 200)


@login_not_required
@require_safe
def documentation(request: HttpRequest, path: str = "") -> HttpResponse | FileResponse:
    """A page of the documentation, in development only, once `make docs` has built it."""
    if not path:
        return redirect("documentation", "index.html")
    return serve(request, path, document_root=settings.DOCUMENTATION)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that was open too long, or was sent from elsewhere. It is friendly: it is seldom a fault."""
    kept = keep_for_later(request, "expired")
    return render(request, "problem.html", {"kind": "expired", "kept": kept}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "problem.html", {"kind": "bad"}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "problem.html", {"kind": "forbidden"}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an unknown address. For a form it says that what it was about is gone, and shows what they wrote."""
    if request.method == "POST":
        return render(request, "problem.html", {"kind": "gone", "texts": _typed(request)}, status=404)
    return render(request, "problem.html", {"kind": "absent"}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an error of ours. It shows what the user wrote, because no draft could be saved."""
    return render(request, "problem.html", {"kind": "broken", "texts": _typed(request)}, status=500)


def _typed(request: HttpRequest) -> list[str]:
    """The long texts of a form that was sent; none on the pages of accounts, where passwords are typed."""
    if request.path.startswith("/accounts/"):
        return []
    words = [value for name in request.POST if name not in NOT_TYPED for value in request.POST.getlist(name)]
    return [value for value in words if len(value) >= LONG]
