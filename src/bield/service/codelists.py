"""The lists of answers that people choose from: data, so that a list changes without a migration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from bield.datafiles import build_all, check_parts, read
from bield.errors import UserError
from bield.law import load_place

VERSION = "1"

ListName = Literal[
    "age", "gender", "exploitation", "known", "referral", "hand_in", "hand_in_wrong", "place_kind", "attention",
    "source", "channel", "safe", "interpreter", "language", "shared", "age_result", "closing", "other_provider",
    "support_refusal", "support_ending", "follow_up", "conclusive", "grant_purpose", "new_interview",
    "outcome_scale", "service_status",
]  # fmt: skip
"""The names of the lists, so that the type checker finds a wrong one. A test compares them with the file."""


class ListError(UserError):
    """There is no such list or code."""


@dataclass(frozen=True, slots=True)
class Code:
    """One answer. A retired one still has its label, but can no longer be chosen."""

    key: str
    label: str
    retired_on: date | None = None


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of answers, with the source it comes from."""

    name: str
    title: str
    source: str
    codes: Mapping[str, Code]

    def label(self, key: str) -> str:
        """The words for a stored code. Raises ListError for an unknown code."""
        try:
            return _(self.codes[key].label)
        except KeyError:
            raise ListError(f"{key!r} is not in the list {self.name!r}") from None

    def choices(self, *, on: date) -> list[tuple[str, str]]:
        """The codes that may be chosen on a day, with their words."""
        return [
            (code.key, _(code.label)) for code in self.codes.values() if code.retired_on is None or code.retired_on > on
        ]


@cache
def lists() -> Mapping[str, CodeList]:
    """Every list by its name."""
    filename = f"codelists.v{VERSION}.toml"
    return parse(filename, read("bield.service", filename))


def parse(filename: str, raw: Mapping[str, Any]) -> Mapping[str, CodeList]:
    """Turn the decoded file into lists, refusing anything unexpected. Raises DataError."""
    parsed = {}
    for name, body in raw.items():
        where = f"{filename}, {name}"
        check_parts(where, body, {"title", "source", "codes"})
        codes = {code.key: code for code in build_all(Code, where, "code", body["codes"], key="key")}
        parsed[name] = CodeList(name, body["title"], body["source"], MappingProxyType(codes))
    return MappingProxyType(parsed)


def mechanism_words(part: Literal["name", "body", "reference"]) -> str:
    """What this place calls its mechanism for referrals, the body that decides, or the reference it gives."""
    return _(getattr(load_place(settings.PLACE).mechanism, part))


lazy_mechanism = lazy(mechanism_words, str)


def label(name: ListName, key: str) -> str:
    """The words for a code of a list; a dash for an empty code."""
    return lists()[name].label(key) if key else "–"
