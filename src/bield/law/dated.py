"""The law of a place on a day: what applied on 31 March 2018, and on 1 April?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bield.law.clocks import Clock, clock_of
from bield.law.places import jurisdictions
from bield.law.provisions import Provision, load_provisions
from bield.law.reading import LawError, NotRecorded, holds


@dataclass(frozen=True, slots=True)
class LawOn:
    """The recorded law of a place on a day. Made by `on`."""

    day: date
    place: str

    @property
    def provisions(self) -> tuple[Provision, ...]:
        """Every row that holds on the day, including those that say that something is not in force."""
        return tuple(row for row in self._of_place() if holds(row, self.day))

    def get(self, key: str) -> Provision | None:
        """The row of a key on the day, or None. Check its `in_force` before you rely on it."""
        return next((row for row in self.provisions if row.key == key), None)

    def in_force(self, key: str) -> bool:
        """Whether a row of the key holds on the day and is in force. Raises LawError for an unknown key."""
        self._check_key(key)
        row = self.get(key)
        return row is not None and row.in_force

    def value(self, key: str) -> str | int:
        """The value of a key on the day.

        Raises LawError for an unknown key, and, with another message, for a key that does not hold on the day.
        """
        self._check_key(key)
        row = self.get(key)
        if row is None:
            raise LawError(f"{key!r} is known, and nothing is recorded as holding in {self.place} on {self.day}")
        return row.value

    def history(self, key: str) -> tuple[Provision, ...]:
        """Every row of a key in this place, oldest first, whatever the day. Raises LawError for an unknown key."""
        self._check_key(key)
        return tuple(row for row in self._of_place() if row.key == key)

    def clock(self, clock_id: str) -> Clock:
        """A clock with the length it has on the day.

        Raises LawError for an unknown clock, and if the provision behind it does not hold on the day.
        """
        clock = clock_of(clock_id, self.place)
        if not clock.provision_key:
            return clock
        row = self.get(clock.provision_key)
        if row is None:
            raise NotRecorded(f"clock {clock_id!r} does not run in {self.place} on {self.day}")
        return clock.under(row)

    def _of_place(self) -> tuple[Provision, ...]:
        wanted = jurisdictions(self.place)
        return tuple(row for row in load_provisions().rows if row.place in wanted)

    def _check_key(self, key: str) -> None:
        if key not in load_provisions().keys:
            raise LawError(f"no provision is called {key!r}")


def on(day: date, place: str) -> LawOn:
    """The law of a place on a day. Raises LawError for a place that is not recorded.

    >>> on(date(2018, 3, 31), "scotland").value("adult_support_period")
    45
    >>> on(date(2018, 4, 1), "scotland").value("adult_support_period")
    90
    """
    jurisdictions(place)
    return LawOn(day=day, place=place)
