"""What to call the subjects of events: each room says it of its own, as a reference or a colleague's name.

An event only holds ids, and this room knows no other: so each room registers a function, once, when it starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from django.utils.translation import gettext as _

Namer = Callable[[Collection[str]], Mapping[str, str]]
"""Gives a name for those of some ids that a room knows. Never the name of somebody with a record."""

_namers: Final[list[Namer]] = []
AN_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def register(namer: Namer) -> None:
    """Add a room's function."""
    if namer not in _namers:
        _namers.append(namer)


def names_for(ids: Iterable[str]) -> dict[str, str]:
    """What to call each of some ids; what nobody knows any more is said to be gone. One query for each room."""
    wanted = {text for text in ids if AN_ID.fullmatch(text)}
    found: dict[str, str] = {}
    for namer in _namers:
        left = wanted - found.keys()
        found.update(namer(left) if left else {})
    return {text: found.get(text) or _("something that is no longer kept") for text in wanted}
