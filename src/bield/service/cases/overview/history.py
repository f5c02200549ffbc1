"""The history of a record as a picture over time: a lane for each kind of thing that happens, with a mark for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bield.service.cases.display import ShownEvent
from bield.service.days import day_of

RECORD: Final = "record"
LANES: Final = {
    RECORD: gettext_lazy("The record"),
    "met": gettext_lazy("Encounters"),
    "signs": gettext_lazy("Signs"),
    "consents": gettext_lazy("Consents and sharing"),
    "police": gettext_lazy("Notifications"),
    "referral": gettext_lazy("Referral and decisions"),
    "support": gettext_lazy("Support"),
}
"""The lanes in order, with their words."""

BEGINS: Final = {
    "encounter": "met",
    "signs": "signs",
    "assessment": "signs",
    "consent": "consents",
    "person.shared": "consents",
    "notification": "police",
    "referral": "referral",
    "evidence": "referral",
    "decision": "referral",
    "support": "support",
    "plan": "support",
    "account": "support",
    "interview": "support",
    "guardian": "support",
}
"""The lane of an event by what its kind begins with; every other event is about the record itself."""

MOST: Final = 100
"""How many events one page lists."""


def lane_of(kind: str) -> str:
    """The lane of a kind of event."""
    return BEGINS.get(kind) or BEGINS.get(kind.partition(".")[0], RECORD)


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of the picture: its words, how many events it has, and where they are on it, of 100."""

    id: str
    words: str
    number: int
    marks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A history over time, from the day of the first event to today. Lanes without an event are left out."""

    begins: date
    ends: date
    lanes: tuple[Lane, ...]
    words: str


def picture_of(events: Sequence[ShownEvent], *, today: date) -> Picture | None:
    """The events as a picture; None if nothing happened."""
    if not events:
        return None
    days: dict[str, list[date]] = {}
    for event in events:
        days.setdefault(lane_of(event.kind), []).append(day_of(event.at))
    begins = min(min(of_lane) for of_lane in days.values())
    length = max(1, (today - begins).days)

    def at(day: date) -> float:
        return round(98 * (min(day, today) - begins).days / length + 1, 1)

    lanes = tuple(
        Lane(name, str(words), len(days[name]), tuple(sorted({at(day) for day in days[name]})))
        for name, words in LANES.items()
        if name in days
    )
    counts = ", ".join(f"{lane.words} {lane.number}" for lane in lanes)
    return Picture(begins, today, lanes, _("How often something happened, by kind: %(counts)s.") % {"counts": counts})


def chosen(events: Sequence[ShownEvent], lane: str) -> list[ShownEvent]:
    """The events of a lane; every event if there is no such lane."""
    return [event for event in events if lane not in LANES or lane_of(event.kind) == lane]
