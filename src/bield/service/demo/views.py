"""Signing in to the made-up country with one click. These addresses exist only where DEMO is on."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from bield.service.accounts.models import User
from bield.service.accounts.permissions import role_name
from bield.service.demo.country import cast


@login_not_required
@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """The cast, and what each of them may try."""
    there = set(User.objects.filter(email__in=[player.email for player in cast()]).values_list("email", flat=True))
    players = [(player, role_name(player.role)) for player in cast() if player.email in there]
    return render(request, "demo/cast.html", {"players": players})


@login_not_required
@require_POST
def sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """Be one of the cast."""
    player = next((player for player in cast() if player.key == key), None)
    user = User.objects.filter(email=player.email).first() if player else None
    if user is None:
        raise Http404
    login(request, user)
    return redirect("home")
