"""The bodies of a place: councils, health boards, police and others, and what each is under the law of a day."""

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
from bield.law.reading import Confidence, LawError, folders, holds, kept, read

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
    """A body at work in a place.

    first_responder: whether it may refer to the National Referral Mechanism, between its two dates where known.
    under_duty: what was said of the duty to notify: "proposed_2019", "voluntary", "no".
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
    """The places whose duty to notify names it."""
    panel: str = ""
    """The provision under which a local panel decides about children here; empty where none does."""
    under_duty: Literal["proposed_2019", "voluntary", "no"] = "no"
    from_day: date | None = None
    to_day: date | None = None

    def may_refer_on(self, day: date) -> bool:
        """Whether it is a first responder on a day. Before there was a National Referral Mechanism nobody is."""
        since, until = self.first_responder_from or date.min, self.first_responder_until or date.max
        return (
            self.first_responder and since <= day <= until and any(_in_force("nrm", place, day) for place in folders())
        )

    def under_duty_on(self, day: date, place: str) -> bool:
        """Whether the duty to notify of a place binds it on a day: where one is in force, and names it."""
        return place in self.duty_in and _in_force("duty_to_notify", place, day)


@kept
def load_bodies() -> Mapping[str, Body]:
    """Every body by its id. Raises DataError saying what is wrong, and where."""
    return parse_bodies(*read("bodies"))


def parse_bodies(filename: str, raw: Mapping[str, Any]) -> Mapping[str, Body]:
    """Turn the decoded file into bodies. What a group of them shares stands once, above its list."""
    check_parts(filename, raw, {"groups"})
    found, group_ids = [], []
    for where, group in entries(filename, "group", raw["groups"]):
        members, group_id = group.pop("bodies", None), group.pop("id", None)
        if group_id is None:
            raise DataError(f"{where}: missing id")
        group_ids.append(group_id)
        for at, body in entries(where, "body", members):
            item = build(Body, at, {**group, **body})
            if (item.first_responder_from or date.min) > (item.first_responder_until or date.max):
                raise DataError(f"{at}: a first responder no longer before it is one")
            found.append(item)
    no_repeats(filename, "group", group_ids)
    no_repeats(filename, "body", [item.id for item in found])
    return MappingProxyType({item.id: item for item in found})


def bodies(place: str, *, on: date, kind: str | None = None) -> tuple[Body, ...]:
    """The bodies of a place on a day, by name; those that it shares with others among them."""
    wanted = jurisdictions(place)
    found = [
        item
        for item in load_bodies().values()
        if item.place in wanted and (kind is None or item.kind == kind) and holds(item, on)
    ]
    return tuple(sorted(found, key=lambda item: item.name))


def body(body_id: str) -> Body:
    """A body by its id, whatever the day. Raises LawError for one that is not recorded."""
    try:
        return load_bodies()[body_id]
    except KeyError:
        near = get_close_matches(body_id.lower(), load_bodies(), n=3, cutoff=0.4)
        hint = f"; near it: {', '.join(near)}" if near else ""
        raise LawError(f"no body is called {body_id!r}{hint}") from None


def first_responders(place: str, *, on: date) -> tuple[Body, ...]:
    """The bodies that may refer to the National Referral Mechanism on a day."""
    return tuple(item for item in bodies(place, on=on) if item.may_refer_on(on))


@kept
def councils(place: str) -> tuple[Body, ...]:
    """The councils of a place by name, whatever the day."""
    wanted = jurisdictions(place)
    found = (item for item in load_bodies().values() if item.kind == "council" and item.place in wanted)
    return tuple(sorted(found, key=lambda item: item.name))


def _in_force(key: str, place: str, day: date) -> bool:
    rows = [row for row in load_provisions().rows if (row.key, row.place) == (key, place)]
    return any(row.in_force and holds(row, day) for row in rows)
