"""A check in progress, kept in the visitor's own browser and nowhere else.

The state is in one encrypted cookie that ends with the browser session. The server stores nothing. The cookie holds no
identity and no free text: only three choices and the answers to the signs.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from bield.errors import UserError
from bield.indicators import Answer, Assessment, Codebook, CodebookError, Person, assess_person, load
from bield.indicators.codebook import CURRENT
from bield.indicators.person import Age, Exploitation

COOKIE = "bield_check"
HOURS = 12
"""How many hours a check may be left alone before it counts as stale."""

GENDERS = ("woman", "man", "not_known")
POLICY = "palermo"

_LETTERS = {Answer.YES: "y", Answer.NO: "n"}
_ANSWERS = {letter: answer for answer, letter in _LETTERS.items()}


class StateError(UserError):
    """The cookie was changed, is too old, or was made by another version."""


@dataclass(frozen=True, slots=True)
class Check:
    """What somebody has told us so far about the person they worry about."""

    age: Age | None = None
    exploitation: Exploitation | None = None
    gender: str = "not_known"
    answers: Mapping[str, Answer] = field(default_factory=dict)
    policy: str = POLICY
    alternatives: tuple[str, ...] = ()
    version: str = ""
    """The codebook's version if the check was made with an older one; empty for the current version."""
    inherent: Answer = Answer.UNKNOWN
    """Whether the fact that makes something exploitation of a child by itself is known; asked with the signs."""

    @property
    def codebook(self) -> Codebook:
        book = load(version=self.version) if self.version else load()
        return book.with_alternatives(self.alternatives)

    @property
    def person(self) -> Person | None:
        if self.age is None or self.exploitation is None:
            return None
        return Person(self.age, self.exploitation, self.inherent)

    def with_answers(self, answers: Mapping[str, Answer]) -> Self:
        """The same check, with these answers replacing earlier ones to the same signs."""
        merged = {**self.answers, **answers}
        return replace(
            self,
            answers={key: value for key, value in merged.items() if value is not Answer.UNKNOWN},
        )

    def assessments(self) -> tuple[Assessment, ...]:
        """One for each set that applies; empty until the user has said who the check is about."""
        if self.person is None:
            return ()
        return assess_person(self.person, self.answers, policy=self.policy, codebook=self.codebook)


def _cipher() -> MultiFernet:
    """Keys derived from the secret key, and from former ones so that changing it does not end checks in progress."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"bield check cookie").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)


def read(request: HttpRequest) -> Check:
    """The check in this browser, or an empty one. Raises StateError if it cannot be trusted any more."""
    token = request.COOKIES.get(COOKIE)
    if not token:
        return Check()
    try:
        text = _cipher().decrypt(token.encode(), ttl=HOURS * 3600)
    except (InvalidToken, UnicodeEncodeError) as error:
        raise StateError("the cookie was changed or is too old") from error
    return _from_values(json.loads(text))


def _from_values(raw: Mapping[str, Any]) -> Check:
    book = _book_of(str(raw["book"]))
    letters = dict(zip(book.indicators, raw["answers"], strict=True))
    return Check(
        age=Age(raw["age"]) if raw["age"] else None,
        exploitation=Exploitation(raw["exploitation"]) if raw["exploitation"] else None,
        gender=raw["gender"],
        inherent=_ANSWERS.get(raw.get("inherent", "-"), Answer.UNKNOWN),
        answers={key: _ANSWERS[letter] for key, letter in letters.items() if letter in _ANSWERS},
        policy=raw["policy"],
        alternatives=tuple(raw["alternatives"]),
        version=older_version(book),
    )


def older_version(book: Codebook) -> str:
    """The version of a codebook that is not the current one; empty for the current one."""
    return "" if book.version == CURRENT.get(book.id) else book.version


def _book_of(name: str) -> Codebook:
    """The codebook that a check was begun with. A newer version that came since does not end the check."""
    key, _dot, version = name.partition(".v")
    try:
        return load(key, version)
    except CodebookError as error:
        raise StateError("the cookie was made with a codebook that is not here") from error


def keep(response: HttpResponse, check: Check) -> None:
    """Store the check in the visitor's browser."""
    book = check.codebook
    values = {
        "book": f"{book.id}.v{book.version}",
        "age": check.age.value if check.age else "",
        "exploitation": check.exploitation.value if check.exploitation else "",
        "gender": check.gender,
        "inherent": _LETTERS.get(check.inherent, "-"),
        "answers": "".join(_LETTERS.get(check.answers.get(key, Answer.UNKNOWN), "-") for key in book.indicators),
        "policy": check.policy,
        "alternatives": list(check.alternatives),
    }
    response.set_cookie(
        COOKIE,
        _cipher().encrypt(json.dumps(values).encode()).decode(),
        httponly=True,
        secure=settings.PRODUCTION,
        samesite="Strict",
    )


def forget(response: HttpResponse) -> None:
    """Delete the check from the visitor's browser."""
    response.delete_cookie(COOKIE, samesite="Strict")
