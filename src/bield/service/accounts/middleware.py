"""Requires a sign-in before every view, and a second factor before views that can show a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from bield.service.accounts.access import roles_of
from bield.service.accounts.models import User
from bield.service.accounts.permissions import needs_second_factor

SIGN_IN_PAGES = frozenset(
    {
        "account_login",
        "account_logout",
        "account_signup",
        "account_inactive",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "mfa_trust",
        "openid_connect_login",
        "openid_connect_callback",
        "socialaccount_login_error",
        "socialaccount_login_cancelled",
        "socialaccount_signup",
    }
)
"""The URL names of allauth that a user needs before they are signed in."""


class ClosedUnlessOpen(LoginRequiredMiddleware):
    """Requires users to be signed in, unless a view is marked open or is part of signing in."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if request.resolver_match and request.resolver_match.url_name in SIGN_IN_PAGES:
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class SecondFactor:
    """Redirects users who can see people, or change who can, to set up a second factor before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_rest: Any) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        if settings.DEMO or not isinstance(user, User) or not getattr(view, "login_required", True):
            return None
        if (
            match
            and match.url_name
            and (match.url_name in SIGN_IN_PAGES or match.url_name.startswith(("mfa_", "account_")))
        ):
            return None
        if not needs_second_factor(roles_of(user)) or is_mfa_enabled(user):
            return None
        return redirect("mfa_index")
