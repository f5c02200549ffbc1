"""Compares ways to reach somebody: which are the same, and how safe each is, whatever kind it is entered as."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bield.disclosure.words import number_key
from bield.service.cases.models import Channel

SAFETY: Final = ("no", "not_known", "yes")
"""How safe a way to reach somebody is, the least safe first."""


def plain_way(value: str) -> str:
    """A form in which equal ways are equal: the end of a telephone number, an address without capitals."""
    number = "" if "@" in value else number_key(value)
    return number or " ".join(value.casefold().split())


def safety_of(channels: Iterable[Channel]) -> dict[str, str]:
    """How safe each way is, by `plain_way`: what is unsafe to ring is unsafe to text, so the least safe counts."""
    safety: dict[str, str] = {}
    for channel in channels:
        way = plain_way(channel.details["value"])
        safety[way] = min(safety.get(way, channel.safe), channel.safe, key=SAFETY.index)
    return safety
