"""Saves every form only once, and keeps what was typed if the session has ended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bield.service.accounts.access import user_of
from bield.service.drafts import actions
from bield.service.drafts.access import as_typed, drafts_of
from bield.service.drafts.keys import AGAIN, FIELD, KEPT, NOT_TYPED, user_of_key
from bield.service.drafts.models import Draft

View = TypeVar("View", bound=Callable[..., Any])
Next = Callable[[HttpRequest], HttpResponse]


def adds(view: View) -> View:
    """Mark a view whose form adds something: before the same content is added again, the user is asked."""
    view.adds = True  # type: ignore[attr-defined]  # read below
    return view


def made(request: HttpRequest, what: str) -> None:
    """Say what the form being answered made, for `actions.forget` to use when that is taken back."""
    request.made = what  # type: ignore[attr-defined]  # read by actions.answer_once


def page_with_form(request: HttpRequest) -> str:
    """The page that the form was on: the Referer if it is one of ours, else the address the form was sent to."""
    referrer = urlsplit(request.headers.get("Referer", ""))
    return referrer.path if referrer.netloc == request.get_host() and referrer.path else request.path


def keep_for_later(request: HttpRequest, why: str) -> Draft | None:
    """Keep a draft of a form that cannot be saved now, for the user it was made for."""
    owner = user_of_key(request.POST.get(FIELD, ""))
    if owner is None or request.path.startswith("/accounts/"):
        return None
    page, now = page_with_form(request), timezone.now()
    return actions.keep(owner, path=request.path, page=page, data=request.POST, why=why, at=now)


class KeepsWords:
    """Keeps a form that is sent after the session has ended; signing in brings back what was typed."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_rest: Any) -> HttpResponse | None:
        if request.method != "POST" or request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        if request.path == reverse("draft-keep"):
            return None  # sent by a script: what is typed is still on the page, and sending the form keeps all of it
        draft = keep_for_later(request, "signed_out")
        if draft is None:
            return None
        messages.info(request, _("You were signed out. What you wrote is kept: sign in to see it."))
        return redirect_to_login(f"{draft.page}?{KEPT}=1")


class CountsOnce:
    """Saves a form that is sent twice only once, and puts a draft into the form of its page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        if request.method == "GET" and "draft" in request.GET:
            _put_back(request)
        key = request.POST.get(FIELD, "") if request.method == "POST" else ""
        user, now = user_of(request), timezone.now()
        if not key or user_of_key(key) != user:
            return None
        if getattr(view, "adds", False) and AGAIN not in request.POST and not request.FILES:
            alike = actions.saved_alike(request, user, key, at=now)
            if alike is not None:
                return _ask_first(request, alike)
        return actions.answer_once(request, user, key, partial(view, request, *args, **kwargs), at=now)


def _put_back(request: HttpRequest) -> None:
    try:
        draft_id = UUID(request.GET["draft"])
    except ValueError:
        return
    draft = drafts_of(user_of(request), at=timezone.now()).filter(pk=draft_id, path=request.path).first()
    if draft is not None:
        request.draft = as_typed(draft)  # type: ignore[attr-defined]  # read by access.typed


def _ask_first(request: HttpRequest, alike: Any) -> HttpResponse:
    """Say that the same was saved a moment ago, and offer to open that or to save another."""
    carried = [(name, value) for name in request.POST if name not in NOT_TYPED for value in request.POST.getlist(name)]
    return render(request, "drafts/alike.html", {"alike": alike, "carried": carried, "again": AGAIN}, status=409)
