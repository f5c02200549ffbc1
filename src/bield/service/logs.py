"""What no line of a log may hold: the tokens that open something for whoever has them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

SECRET: Final = frozenset({"token", "key", "uidb36", "uidb64", "secret", "code", "signature"})
"""The names that parts of an address have which open something."""

NOT_SECRET: Final = frozenset({"demo-sign-in"})
"""The names of addresses in which such a part opens nothing: the made-up people of the demo."""

_PART: Final = re.compile(r"(?:\(\?P)?<(?:[^<>:]+:)?(?P<name>\w+)>")


class HidesTokens(logging.Filter):
    """Leaves a token out of whatever is written of its address. Which addresses have one, the addresses say."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not apps.ready:  # nobody can have asked for anything yet
            return True
        text = record.getMessage()
        hidden = tokens().sub(r"\1…", text)
        if hidden != text:
            record.msg, record.args = hidden, None
        return True


@lru_cache(maxsize=1)
def tokens() -> re.Pattern[str]:
    """What comes before the first token in each address that has one, and everything from there."""
    before = sorted({_as_expression(start) for start in _starts(get_resolver().url_patterns)})
    return re.compile(rf"(/(?:{'|'.join(before)}))[^\s?\"']+") if before else re.compile(r"(?!)()")


def _starts(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """The beginnings of all addresses with a token, up to the token."""
    for item in patterns:
        route = before + str(item.pattern).removeprefix("^")
        if isinstance(item, URLResolver):
            yield from _starts(item.url_patterns, route)
        elif item.name not in NOT_SECRET and any(part["name"] in SECRET for part in _PART.finditer(route)):
            yield route[: _secret_begins(route)]


def _secret_begins(route: str) -> int:
    """Where the first token begins, or the first part that is a regular expression: that hides more, never less."""
    return next(part.start() for part in _PART.finditer(route) if part["name"] in SECRET or part[0].startswith("("))


def _as_expression(start: str) -> str:
    """A beginning as a regular expression, in which every other part may be anything."""
    return r"[^/\s]+".join(re.escape(piece) for piece in re.split(_PART.pattern.replace("?P<name>", "?:"), start))
