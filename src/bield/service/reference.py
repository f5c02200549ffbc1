"""References of records: short enough to say on the phone, with a check digit that finds what was misheard."""

from __future__ import annotations

import secrets
from random import Random

ALPHABET = "2346789CDFGHJKMPQRTVWXY"
"""Twenty-three letters and digits: a prime number, no vowels (so no words), none that is taken for another."""

LENGTH = 6
"""Signs before the check digit: 148 million references."""


def check_digit(body: str) -> str:
    """The sign that makes a reference whole: places weighted 1, 2, 3 and so on, modulo 23.

    Because 23 is prime, every single wrong sign and every two that changed places are found.
    """
    return ALPHABET[sum(place * ALPHABET.index(sign) for place, sign in enumerate(body, start=1)) % len(ALPHABET)]


def new(random: Random | None = None) -> str:
    """A reference that says nothing of anyone. random: for made-up people only."""
    choose = random.choice if random else secrets.choice
    body = "".join(choose(ALPHABET) for _ in range(LENGTH))
    return body + check_digit(body)


def shown(reference: str) -> str:
    """A reference as people read it out.

    >>> shown("K7M4PXC")
    'K7M4-PXC'
    """
    return f"{reference[:4]}-{reference[4:]}"


def read(text: str) -> str | None:
    """The reference that somebody typed, or None if it is not one or was mistyped.

    >>> read("hello") is None
    True
    """
    plain = "".join(sign for sign in text.upper() if sign.isalnum())
    if len(plain) != LENGTH + 1 or any(sign not in ALPHABET for sign in plain):
        return None
    return plain if check_digit(plain[:-1]) == plain[-1] else None
