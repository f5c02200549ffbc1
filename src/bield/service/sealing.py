"""What turns identity into something that a copy of the database does not give away.

Values are sealed with MultiFernet (AES-CBC with HMAC, package cryptography): the first key of IDENTITY_KEYS seals,
every key opens, so keys can be rotated while the service runs. A name is found through a blind index: a keyed
hash that says only whether two names are the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from bield.errors import UserError


class SealError(UserError):
    """A sealed value cannot be opened with the keys at hand."""


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("IDENTITY_KEYS: make each key with `bield keys new`") from error


def cipher() -> MultiFernet:
    return _cipher(tuple(settings.IDENTITY_KEYS))


def seal(value: Any) -> str:
    """A value that JSON can hold, sealed with the current key."""
    return cipher().encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()


def unseal(token: str) -> Any:
    """The value again. Raises SealError if no key fits or the token was changed."""
    try:
        return json.loads(cipher().decrypt(token.encode()))
    except InvalidToken as error:
        raise SealError("no key in IDENTITY_KEYS opens this value, or it was changed") from error


def seal_again(token: str) -> str:
    """The same value sealed with the current key; the time it was first sealed stays."""
    try:
        return cipher().rotate(token.encode()).decode()
    except InvalidToken as error:
        raise SealError("no key in IDENTITY_KEYS opens this value, or it was changed") from error


if TYPE_CHECKING:  # Django's fields take types from the stubs only
    _Text = models.Field[Any, Any]
else:
    _Text = models.TextField


class SealedField(_Text):
    """A JSON value that is sealed on its way into the database, and opened on its way out."""

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else seal(value)

    def from_db_value(self, value: str | None, *_rest: Any) -> Any:
        return None if value is None else unseal(value)

    def to_python(self, value: Any) -> Any:
        return value


def keyed_hashes(text: bytes) -> tuple[str, ...]:
    """Hashes under every key of INDEX_KEYS, the current one first: they tell that two are the same, and no more.

    text: begins with the kind of thing it is, so that equal words of two kinds have different hashes.
    """
    return tuple(hmac.new(key.encode(), text, hashlib.sha256).hexdigest() for key in settings.INDEX_KEYS)


def digests(form: str) -> tuple[str, ...]:
    """The blind index of one form of a name under every index key, the current one first."""
    return keyed_hashes(b"name:" + form.encode())
