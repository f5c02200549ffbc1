"""The bodies of a place: councils, health boards, police and others, and what each may and must do on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Literal

from bield.datafiles import DataError, build, check_parts, entries, no_repeats
from bield.law.places import jurisdictions
from bield.law.provisions import load_provisions
from bield.law.reading import Confidence, LawError, cached, folders, holds, read

Kind = Literal[
    "council",
    "health_board",
    "emergency_service",
    "prison_service",
    "police",
    "support_provider",
    "guardian_service",
    "government",
    "ngo",
    "law_enforcement",
    "regulator",
]


@dataclass(frozen=True, slots=True)
class Body:
    """A body that works in a place.

    first_responder: whether it may refer to the National Referral Mechanism, between its two dates if they are known.
    under_duty: what was said about its duty to notify: "proposed_2019", "voluntary", "no".
    region: for councils, a grouping of our own, coarse enough to say where without saying who.
    """

    id: str
    name: str
    kind: Kind
    place: str
    source: str
    confidence: Confidence
    region: str = ""
    first_responder: bool = False
    first_responder_from: date | None = None
    first_responder_until: date | None = None
    duty_in: tuple[str, ...] = ()
    """The places with a duty to notify that names this body."""
    panel: str = ""
    """The provision under which a local panel decides about children here; empty if there is no panel."""
    under_duty: Literal["proposed_2019", "voluntary", "no"] = "no"
    from_day: date | None = None
    to_day: date | None = None

    def may_refer_on(self, day: date) -> bool:
        """Whether it is a first responder on a day. Nobody is before there was a National Referral Mechanism."""
        since, until = self.first_responder_from or date.min, self.first_responder_until or date.max
        return (
            self.first_responder and since <= day <= until and any(_in_force("nrm", place, day) for place in folders())
        )

    def under_duty_on(self, day: date, place: str) -> bool:
        """Whether a place's duty to notify applies to it on a day: the duty is in force and names it."""
        return place in self.duty_in and _in_force("duty_to_notify", place, day)


@cached
def load_bodies() -> Mapping[str, Body]:
    """Every body by its id. Raises DataError saying what is wrong, and where."""
    return parse_bodies(*read("bodies"))


def parse_bodies(filename: str, raw: Mapping[str, Any]) -> Mapping[str, Body]:
    """Turn the decoded file into bodies. What a group of them shares is written once, above its list."""
    check_parts(filename, raw, {"groups"})
    all_bodies, group_ids = [], []
    for where, group in entries(filename, "group", raw["groups"]):
        members, group_id = group.pop("bodies", None), group.pop("id", None)
        if group_id is None:
            raise DataError(f"{where}: missing id")
        group_ids.append(group_id)
        for at, body in entries(where, "body", members):
            parsed = build(Body, at, {**group, **body})
            if (parsed.first_responder_from or date.min) > (parsed.first_responder_until or date.max):
                raise DataError(f"{at}: first_responder_until is before first_responder_from")
            all_bodies.append(parsed)
    no_repeats(filename, "group", group_ids)
    no_repeats(filename, "body", [parsed.id for parsed in all_bodies])
    return MappingProxyType({parsed.id: parsed for parsed in all_bodies})


def bodies(place: str, *, on: date, kind: str | None = None) -> tuple[Body, ...]:
    """The bodies of a place on a day, by name, including those it shares with other places."""
    wanted = jurisdictions(place)
    matching = [
        item
        for item in load_bodies().values()
        if item.place in wanted and (kind is None or item.kind == kind) and holds(item, on)
    ]
    return tuple(sorted(matching, key=lambda item: item.name))


def body(body_id: str) -> Body:
    """A body by its id, whatever the day. Raises LawError if it is not recorded."""
    try:
        return load_bodies()[body_id]
    except KeyError:
        near = get_close_matches(body_id.lower(), load_bodies(), n=3, cutoff=0.4)
        hint = f"; near it: {', '.join(near)}" if near else ""
        raise LawError(f"no body is called {body_id!r}{hint}") from None


def first_responders(place: str, *, on: date) -> tuple[Body, ...]:
    """The bodies that may refer to the National Referral Mechanism on a day."""
    return tuple(item for item in bodies(place, on=on) if item.may_refer_on(on))


@cached
def councils(place: str) -> tuple[Body, ...]:
    """The councils of a place by name, whatever the day."""
    wanted = jurisdictions(place)
    matching = (item for item in load_bodies().values() if item.kind == "council" and item.place in wanted)
    return tuple(sorted(matching, key=lambda item: item.name))


def _in_force(key: str, place: str, day: date) -> bool:
    provisions = [provision for provision in load_provisions().rows if (provision.key, provision.place) == (key, place)]
    return any(provision.in_force and holds(provision, day) for provision in provisions)
