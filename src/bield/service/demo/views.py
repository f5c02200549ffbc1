"""Signing in to the made-up country with one click. Where DEMO is off, nothing is here."""

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
    """Say that there is no such page, unless this is the made-up country."""

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
    """The cast, and what each of them may try."""
    there = set(User.objects.filter(email__in=[player.email for player in cast()]).values_list("email", flat=True))
    players = [(player, role_name(player.role)) for player in cast() if player.email in there]
    return render(request, "demo/cast.html", {"players": players})


@login_not_required
@require_POST
@only_in_the_demo
def sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """Be one of the cast."""
    player = next((player for player in cast() if player.key == key), None)
    user = User.objects.filter(email=player.email).first() if player else None
    if user is None:
        raise Http404
    login(request, user)
    return redirect("home")
