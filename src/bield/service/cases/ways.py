"""Ways to reach somebody: which of them are the same, and how safe each is, whatever it stands under."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bield.disclosure.words import number_key
from bield.service.cases.models import Channel

SAFETY: Final = ("no", "not_known", "yes")
"""How safe a way to reach somebody is, the least first."""


def plain_way(value: str) -> str:
    """What two ways have in common that are the same: the end of a telephone number, an address without capitals."""
    number = "" if "@" in value else number_key(value)
    return number or " ".join(value.casefold().split())


def safety_of(channels: Iterable[Channel]) -> dict[str, str]:
    """How safe each way is, by `plain_way`: what is unsafe to ring is unsafe to text, so the least safe counts."""
    found: dict[str, str] = {}
    for item in channels:
        value = plain_way(item.details["value"])
        found[value] = min(found.get(value, item.safe), item.safe, key=SAFETY.index)
    return found
