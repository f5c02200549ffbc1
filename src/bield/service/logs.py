"""What no line of a log may hold: tokens that open something, and whatever says who somebody is."""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
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


request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""What all lines of one request have in common. Made anew for each; the answer has it as X-Request-ID."""


class JsonLines(logging.Formatter):
    """One JSON object a line, for production, with nothing in it that says who somebody is.

    Only Bield's and the server's own messages are kept in words: those of other libraries quote addresses and what
    people typed, so the place they were written at stands for them. Of an exception its kind and its places are kept.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        if current := request_id.get():
            line["request"] = current
        ours = record.name.startswith(OURS)
        if ours and isinstance(record.args, Mapping):
            line |= record.args
        elif ours:
            line["message"] = record.getMessage().partition("\n")[0]
        else:
            line["place"] = f"{record.module}.{record.funcName}:{record.lineno}"
        if record.exc_info and record.exc_info[1]:
            line |= _kind_and_places(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


OURS: Final = ("bield.", "_granian")
"""The loggers whose messages hold codes and numbers only. Granian's quote an exception after their first line."""


def _kind_and_places(error: BaseException) -> dict[str, object]:
    """An exception without its words: what kind it is, what it came from, and where it went through our code."""
    cause = error.__cause__ or error.__context__
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    found: dict[str, object] = {"exception": type(error).__qualname__, "places": places}
    return found | {"because": type(cause).__qualname__} if cause else found
