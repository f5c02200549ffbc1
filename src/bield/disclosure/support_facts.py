"""Makes anonymous facts about support: months instead of days, bands instead of ages, parts of the world."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

from bield.births import Birth
from bield.datafiles import check_parts, entries, read
from bield.disclosure.ladders import NOT_SAID, countries
from bield.disclosure.minimisation import NotMinimal
from bield.law.bodies import load_bodies
from bield.law.places import known_places, load_place
from bield.law.reading import cached
from bield.law.support import load_support, support_of

Direction = Literal["better", "same", "worse", "not_known"]
SEXES: Final = ("woman", "man", "other", "not_known")
DIRECTIONS: Final = ("better", "same", "worse", "not_known")
ADULTS: Final = ("18_24", "25_34", "35_44", "45_over", "adult")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@cache
def _lists() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    filename = "facts.v1.toml"
    raw = read("bield.disclosure", filename)
    check_parts(filename, raw, {"version", "source", "confidence", "bands", "kinds"})
    by_name = {
        name: {body["id"]: body for _at, body in entries(filename, name, raw[name])} for name in ("bands", "kinds")
    }
    return MappingProxyType(by_name)


def bands() -> Mapping[str, str]:
    """Each band of ages with its label."""
    return {key: body["label"] for key, body in _lists()["bands"].items()}


def kinds(place: str) -> Mapping[str, str]:
    """Each kind of support that a fact may count, with its label: the heads of the law, and three of our own."""
    our_kinds = {key: body["label"] for key, body in _lists()["kinds"].items()}
    return our_kinds | {item.id: item.label for item in support_of(place).heads}


@cached
def _any_kind() -> frozenset[str]:
    return frozenset({*_lists()["kinds"], *(item.id for item in load_support().heads)})


@cached
def _any_part() -> frozenset[str]:
    return frozenset(key for place in known_places() for key in parts_of_the_world(place))


def parts_of_the_world(place: str) -> Mapping[str, str]:
    """Each group of nationalities with its label; empty is not known. The place's own country is a group by itself."""
    home = load_place(place).home
    parts, ladder = {home: countries().label(home)}, countries()
    for code in ladder.parents:
        if ladder.parents[code] == NOT_SAID:
            parts[code] = ladder.label(code)
    return parts | {"": "Not known"}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A time from one month to another, both included, such as 2026-04. last: empty while it continues."""

    kind: str
    first: str
    last: str = ""

    def __post_init__(self) -> None:
        if self.kind not in _any_kind():
            raise NotMinimal("a kind of support is not from its closed list")
        if not all(_MONTH.fullmatch(item) for item in (self.first, self.last or self.first)):
            raise NotMinimal("a span has months such as 2026-04, and nothing finer")
        if self.last and self.last < self.first:
            raise NotMinimal("a span ends before it begins")


@dataclass(frozen=True, slots=True)
class SupportFact:
    """What may be counted about a person's support by a provider. It cannot contain an identity or a day.

    Every value is from a closed list; it raises NotMinimal for anything else when it is made.
    """

    provider: str
    sex: str
    band: str
    world: str
    direction: str
    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        allowed: Mapping[str, tuple[object, object]] = {
            "provider": (self.provider, load_bodies()),
            "sex": (self.sex, SEXES),
            "band": (self.band, bands()),
            "world": (self.world, _any_part()),
            "direction": (self.direction, DIRECTIONS),
        }
        for name, (value, known) in allowed.items():
            if value not in known:  # type: ignore[operator]  # every one of them is a collection
                raise NotMinimal(f"{name} is not from its closed list")


def support_fact(
    *,
    place: str,
    provider: str,
    gender: str,
    age: str,
    born: Birth | None,
    nationality: str,
    given: Sequence[tuple[str, date, date | None]],
    reports: Sequence[Mapping[str, int]],
) -> SupportFact:
    """A person's support, made so coarse that it can be counted and names nobody.

    age: under_18, adult or uncertain, as in the record. born: gives the band of ages on the first day of support.
    nationality: an ISO code or empty. given: kind, first day, and last day or None. reports: the answers for each
    outcome, oldest report first.
    """
    began = min((first for kind, first, _last in given if kind == "support"), default=None)
    spans = {Span(kind, _month(first), _month(last) if last else "") for kind, first, last in given}
    return SupportFact(
        provider=provider,
        sex=gender,
        band=_band(age, born, began),
        world=_part_of_world(nationality, load_place(place).home),
        direction=direction(reports),
        spans=tuple(sorted(spans)),
    )


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _band(age: str, born: Birth | None, on: date | None) -> str:
    if born is None or on is None:
        return {"under_18": "under_18", "adult": "adult"}.get(age, "not_known")
    low, high = (_band_of(years) for years in born.ages_on(on))
    # If the birth leaves two bands open, count only what the record says about the age.
    return low if low == high else _band(age, None, on)


def _band_of(years: int) -> str:
    fitting = [body for body in _lists()["bands"].values() if body["from"] <= max(years, 0)]
    return str(max(fitting, key=lambda body: int(body["from"]))["id"])


def _part_of_world(code: str, home: str) -> str:
    ladder = countries()
    if code == home or code not in ladder:
        return code if code == home else ""
    return ladder.up(code)[-2]


def direction(reports: Sequence[Mapping[str, int]]) -> Direction:
    """Whether a person's own reports became better or worse: what most outcomes did that the first and last both have.

    Never a number, because steps on a scale of words cannot be added up.
    """
    if len(reports) < 2:
        return "not_known"
    first, last = reports[0], reports[-1]
    both = first.keys() & last.keys()
    up, down = (sum(test(last[key], first[key]) for key in both) for test in (int.__gt__, int.__lt__))
    if not both:
        return "not_known"
    return "better" if up > down else "worse" if down > up else "same"
