"""The kinds of row on the page of what waits for a user."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do, and the page that does it.

    reference, record: of the person it is about, and the address of their record or episode; empty if it is about
    nobody. who: that person without a name, such as "Woman, adult". on, at: by when; None if no day is set. why: why
    it matters, or what is known. tag: a word to see first. also: what else is due for the same person.
    """

    what: str
    url: str
    button: str
    reference: str = ""
    record: str = ""
    on: date | None = None
    at: time | None = None
    late: bool = False
    who: str = ""
    why: str = ""
    tag: str = ""
    also: tuple[Work, ...] = ()

    @property
    def order(self) -> tuple[date, time, str]:
        """The longest late first, then by the hour; what has no day comes last."""
        return self.on or date.max, self.at or time.max, self.what


@dataclass(frozen=True, slots=True)
class ClockBar:
    """A period that runs. share: how much of it is over, in hundredths; left: the days that are left."""

    reference: str
    url: str
    what: str
    ends: date
    share: int
    left: int


@dataclass(frozen=True, slots=True)
class Unseen:
    """Somebody nobody has spoken with for too long. on: the last contact, or the day on which support began."""

    reference: str
    url: str
    contact: str
    who: str
    what: str
    on: date


@dataclass(frozen=True, slots=True)
class Load:
    """What a colleague has in hand: open records, people supported, and how many things are late.

    share: the length of their bar, in hundredths of the longest.
    """

    name: str
    records: int
    supported: int
    late: int
    share: int
    records_url: str
    supported_url: str


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one part of the page, and how many more there are than it shows."""

    rows: Sequence[Work] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """Everything on the page. people: how many the user looks after or supports; late: how many things are late.

    do: late, or due today; coming: due within a fortnight; waiting: somebody waits for the user's answer. children:
    those the user is the guardian of.
    """

    people: int = 0
    late: int = 0
    do: Section = field(default_factory=Section)
    coming: Section = field(default_factory=Section)
    waiting: Section = field(default_factory=Section)
    unseen: Sequence[Unseen] = ()
    more_unseen: int = 0
    clocks: Sequence[ClockBar] = ()
    children: Sequence[Work] = ()
    loads: Sequence[Load] = ()

    @property
    def quiet(self) -> bool:
        """Whether nothing waits."""
        return not (self.do.rows or self.waiting.rows or self.unseen)


def by_person(rows: Iterable[Work]) -> list[Work]:
    """One row a person, the first of theirs, with the others under it. What is about nobody stays by itself."""
    people: dict[str, list[Work]] = {}
    for row in rows:
        people.setdefault(row.record or f"{row.url} {row.what}", []).append(row)
    return [replace(first, also=tuple(others)) for first, *others in people.values()]


def section(rows: Sequence[Work], most: int, hidden: int = 0) -> Section:
    """The first of some rows. hidden: how many more there are that were not even collected."""
    return Section(rows[:most], max(len(rows) - most, 0) + hidden)
