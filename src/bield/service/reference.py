"""Makes and reads references of records: short enough for the phone, with a check digit that finds mistakes."""

from __future__ import annotations

import secrets
from random import Random

ALPHABET = "2346789CDFGHJKMPQRTVWXY"
"""Twenty-three letters and digits: a prime number, no vowels (so no words), and none that look alike."""

LENGTH = 6
"""Characters before the check digit: 148 million references."""


def check_digit(body: str) -> str:
    """The last character of a reference: the others weighted 1, 2, 3 and so on by place, modulo 23.

    Because 23 is prime, it finds any one wrong character and any two that were swapped.
    """
    return ALPHABET[
        sum(place * ALPHABET.index(character) for place, character in enumerate(body, start=1)) % len(ALPHABET)
    ]


def new(random: Random | None = None) -> str:
    """A random reference, which says nothing about anyone. random: for made-up people only."""
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
    plain = "".join(character for character in text.upper() if character.isalnum())
    if len(plain) != LENGTH + 1 or any(character not in ALPHABET for character in plain):
        return None
    return plain if check_digit(plain[:-1]) == plain[-1] else None
