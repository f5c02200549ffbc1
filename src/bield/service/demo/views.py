"""Signs a visitor in to the made-up country with one click. With DEMO off, these pages do not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from bield.service.accounts.models import User
from bield.service.accounts.permissions import role_name
from bield.service.demo.country import cast

View = Callable[Concatenate[HttpRequest, ...], HttpResponse]


def only_in_the_demo(view: View) -> View:
    """Answer 404 unless DEMO is on."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@login_not_required
@require_safe
@only_in_the_demo
def demo(request: HttpRequest) -> HttpResponse:
    """The users to sign in as, and what to try as each of them."""
    existing = set(User.objects.filter(email__in=[player.email for player in cast()]).values_list("email", flat=True))
    players = [(player, role_name(player.role)) for player in cast() if player.email in existing]
    return render(request, "demo/cast.html", {"players": players})


@login_not_required
@require_POST
@only_in_the_demo
def sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """Sign in as one of the made-up users."""
    player = next((player for player in cast() if player.key == key), None)
    user = User.objects.filter(email=player.email).first() if player else None
    if user is None:
        raise Http404
    login(request, user)
    return redirect("home")
