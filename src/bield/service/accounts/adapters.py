"""Adapts allauth: accounts by invitation only, an event for every sign-in, secrets sealed."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from functools import lru_cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bield.service.accounts.models import Organisation, User
from bield.service.audit.actions import SYSTEM, record
from bield.service.audit.kinds import Kind
from bield.service.sealing import seal, unseal


def note(kind: Kind, user: User, **facts: Any) -> None:
    """Write an event about a user's own account."""
    organisation = user.memberships.values_list("team__organisation_id", flat=True).first() or ""
    with transaction.atomic():
        record(kind, actor=user.pk, organisation=organisation, subject=user.pk, **facts)


KNOWN_BROWSER = "known_browser"
"""The cookie of a browser that has signed in to an account. It does not sign anybody in."""

_signer = Signer(salt="bield.known-browser")


def known_browser(request: HttpRequest, email: str) -> str:
    """The id of a browser that has signed in to this account before; empty for any other browser."""
    try:
        browser = _signer.unsign(request.COOKIES.get(KNOWN_BROWSER, ""))
    except BadSignature:
        return ""
    user, _colon, _random = browser.partition(":")
    return browser if User.objects.filter(pk=user, email=email.lower()).exists() else ""


def remember_browser(response: HttpResponse, user: User) -> None:
    """Set the cookie by which the browser is known at its next sign-in."""
    response.set_cookie(
        KNOWN_BROWSER,
        _signer.sign(f"{user.pk}:{secrets.token_hex(8)}"),
        max_age=timedelta(days=settings.KNOWN_BROWSER_DAYS),
        path="/accounts/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


@lru_cache(maxsize=1)
def warn_about_proxies() -> None:
    """Log, once a process, that a request came through fewer proxies than PROXY_COUNT. No address is logged."""
    logging.getLogger(__name__).warning(
        "a request came with fewer addresses in X-Forwarded-For than PROXY_COUNT (%d). Either it came past a proxy, or "
        "PROXY_COUNT is too high: then failed attempts to sign in all count as one visitor's, and lock everybody out",
        settings.ALLAUTH_TRUSTED_PROXY_COUNT,
    )


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Lets nobody create an account for themselves; signing in, failing to, and signing out leave events."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """There are no usernames."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that failures are counted by. A request that came past the proxies is counted by its own.

        X-Forwarded-For is ignored in such a request: its sender can write anything into it.
        """
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:
            warn_about_proxies()
            return str(request.META["REMOTE_ADDR"])

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count an attempt: by browser if it has signed in to the account before, else by address and by account."""
        browser = known_browser(request, str(credentials.get("email", "")))
        if not browser:
            super().pre_authenticate(request, **credentials)
            return
        action = "login_failed_at_a_known_browser"
        self._login_failed_rl_usage = ratelimit.consume(request, app="allauth.account", action=action, key=browser)
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        note(Kind.SIGNED_IN, user)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_browser(response, user)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        with transaction.atomic():
            record(Kind.SIGN_IN_FAILED, actor=SYSTEM)
        super().authentication_failed(request, **credentials)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            note(Kind.SIGNED_OUT, request.user)
        super().logout(request)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Note that a way to sign in was changed, and tell the user. allauth calls this for every such change."""
        note(Kind.SECOND_FACTOR_CHANGED, user, what=template_prefix.rpartition("/")[2])
        super().send_notification_mail(template_prefix, user, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # as above
    """Seals the secrets of second factors, so that a copy of the database does not give them away."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return str(unseal(encrypted_text))


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # as above
    """Lets a body's identity provider sign in only people of that body who were invited."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Accept a provider only for work addresses of its own body, whatever it says about others."""
        body = sociallogin.provider.app.settings["body"]
        organisation = Organisation.objects.filter(body=body).first()
        domain = sociallogin.user.email.rpartition("@")[2].lower()
        if organisation is None or domain not in organisation.domains:
            with transaction.atomic():
                record(Kind.SIGN_IN_FAILED, actor=SYSTEM)
            raise ImmediateHttpResponse(render(request, "socialaccount/authentication_error.html", status=403))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False
