"""Makes the key in every form, which says which user it was made for and lets it be saved only once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest

from bield.service.accounts.models import User
from bield.service.sealing import keyed_hashes

FIELD = "form_key"
AGAIN = "save_again"
"""Sent with a form by a user who was told that they saved the same a moment ago, and wants to save it again."""

KEPT = "kept"
"""In the address that signing in leads to, if a draft was kept meanwhile."""

NOT_TYPED = frozenset({FIELD, AGAIN, "csrfmiddlewaretoken"})
_signer = TimestampSigner(salt="bield.form-key")


def new_key(user: User) -> str:
    """A key for a form that is shown to this user."""
    return _signer.sign(f"{user.pk}:{secrets.token_urlsafe(12)}")


def user_of_key(key: str) -> User | None:
    """The user a key was made for; None if it is not one of ours, is too old, or their account is closed."""
    try:
        pk, _random = _signer.unsign(key, max_age=timedelta(days=settings.DRAFT_DAYS)).split(":")
    except (BadSignature, ValueError):
        return None
    return User.objects.filter(pk=pk, is_active=True).first()


def digest_of(request: HttpRequest) -> str:
    """A keyed hash of the address and content of a form, without its tokens."""
    fields = [(name, request.POST.getlist(name)) for name in sorted(request.POST) if name not in NOT_TYPED]
    files = [
        (name, file.name, hashlib.sha256(file.read()).hexdigest())
        for name in sorted(request.FILES)
        for file in request.FILES.getlist(name)
    ]
    for name in request.FILES:
        for file in request.FILES.getlist(name):
            file.seek(0)
    text = repr((request.path, fields, files)).encode("utf-8", "surrogatepass")
    return keyed_hashes(b"form:" + text)[0]
