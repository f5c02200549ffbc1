"""Seals identity, so that a copy of the database does not give it away.

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
    """A sealed value cannot be opened with the configured keys."""


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("IDENTITY_KEYS: make each key with `bield keys new`") from error


def cipher() -> MultiFernet:
    """The cipher with the keys in IDENTITY_KEYS: the first one seals, all of them open."""
    return _cipher(tuple(settings.IDENTITY_KEYS))


def seal(value: Any) -> str:
    """A value that JSON can store, sealed with the current key."""
    return cipher().encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()


def unseal(token: str) -> Any:
    """The value of a token from `seal`. Raises SealError if no key opens it or it was changed."""
    try:
        return json.loads(cipher().decrypt(token.encode()))
    except InvalidToken as error:
        raise SealError("no key in IDENTITY_KEYS opens this value, or it was changed") from error


def seal_again(token: str) -> str:
    """The same value sealed with the current key. It keeps the time when it was first sealed."""
    try:
        return cipher().rotate(token.encode()).decode()
    except InvalidToken as error:
        raise SealError("no key in IDENTITY_KEYS opens this value, or it was changed") from error


if TYPE_CHECKING:  # Django's fields are generic only in the stubs
    _Text = models.Field[Any, Any]
else:
    _Text = models.TextField


class SealedField(_Text):
    """A field for a JSON value that is sealed in the database."""

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else seal(value)

    def from_db_value(self, value: str | None, *_rest: Any) -> Any:
        return None if value is None else unseal(value)

    def to_python(self, value: Any) -> Any:
        return value


def keyed_hashes(text: bytes) -> tuple[str, ...]:
    """Hashes of a text under every key in INDEX_KEYS, the current one first. They show only if two texts are equal.

    text: must begin with the kind of thing it is, so that equal words of two kinds have different hashes.
    """
    return tuple(hmac.new(key.encode(), text, hashlib.sha256).hexdigest() for key in settings.INDEX_KEYS)


def digests(form: str) -> tuple[str, ...]:
    """The blind index of one form of a name under every index key, the current one first."""
    return keyed_hashes(b"name:" + form.encode())
