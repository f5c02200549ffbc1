"""What the overview of an episode shows at a glance: facts, the time of support, what is due, who is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from bield.service.cases.overview.head import Fact, met, reaching
from bield.service.cases.who import exploitation_words, who
from bield.service.days import day_of
from bield.service.design.births import months_words
from bield.service.design.past import due_words
from bield.service.support.entries.schema import parts, words_of
from bield.service.support.episodes.display import Shown
from bield.service.support.models import Episode
from bield.service.support.phases import Period, ShownPhase, eighteen_of

SPOKEN = ("seen", "spoke")
"""The results of a contact in which somebody was met or spoken with."""


def strip_of(
    episode: Episode, ways: Iterable[tuple[str, str]], interpreter: Shown | None, *, today: date
) -> list[Fact]:
    """Who is supported, how to reach them and with which interpreter, without a name. ways: kinds, and how safe."""
    person = episode.person
    facts = [
        Fact(_("Who"), who(person), exploitation_words(person) if person.exploitation else ""),
        reaching(ways),
        Fact(_("Interpreter"), _interpreter(interpreter)),
        Fact(_("Supported by"), episode.worker.name if episode.worker else _("Nobody yet")),
        met(episode.last_seen_on, _("Last contact"), today=today),
    ]
    if (eighteen := eighteen_of(episode)) is not None:
        facts.append(Fact(_("Turns 18 in"), months_words(*eighteen)))
    return facts


def _interpreter(row: Shown | None) -> str:
    """What they want of an interpreter, in a few words."""
    if row is None:
        return _("Not asked")
    details = row.entry.details
    if details.get("needed") == "no":
        return _("Not wanted")
    wanted = [words_of(row.part.field(name), details.get(name)) for name in ("language", "dialect", "sex")]
    return ", ".join(word for word in wanted if word) or words_of(row.part.field("needed"), details.get("needed"))


def review_fact(period: Period | None) -> Fact | None:
    """Until when the statutory period asks for a review."""
    if period is None:
        return None
    more = _("looked at on %(day)s") % {"day": date_format(period.looked_at)} if period.looked_at else ""
    words = capfirst(due_words(period.ends, today=period.today)) if period.past else date_format(period.ends)
    return Fact(_("Review by"), words, more, warns=period.past)


# The time of support


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the line: where it begins and how long it is, of 100, and whether it is over, now or ahead."""

    at: float
    length: float
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """The time of support as one line from its first day. today, contacts: where they are on it, of 100."""

    begins: date
    ends: date
    day: int
    """The number of today among the days of support; of the last day once it has ended."""
    today: float
    side: str
    """To which side the word for today is written, so that it stays on the picture."""
    pieces: tuple[Piece, ...]
    contacts: tuple[float, ...]


def line_of(episode: Episode, phases: Sequence[ShownPhase], rows: Iterable[Shown], *, today: date) -> Line | None:
    """The time of support; None before it begins."""
    if episode.began_on is None:
        return None
    begins, until = episode.began_on, episode.ended_on or today
    known = [until, *(item.phase.ends for item in phases if item.phase.ends)]
    eighteen = eighteen_of(episode)
    last = max([*known, *([eighteen[0]] if eighteen else [])])
    ends = last + timedelta(days=max(14, (last - begins).days // 12)) if episode.is_open else last

    def at(day: date) -> float:
        return round(100 * (min(max(day, begins), ends) - begins).days / max(1, (ends - begins).days), 1)

    spans = [(item.phase.begins, item.phase.ends or ends) for item in phases] or [(begins, until)]
    pieces = tuple(_pieces(spans, at, today))
    contacts = tuple(sorted({at(row.entry.due) for row in rows if _was_contact(row) and row.entry.due}))
    place = at(until)
    side = "start" if place < 10 else "end" if place > 90 else "middle"
    return Line(begins, ends, (until - begins).days + 1, place, side, pieces, contacts)


def _pieces(spans: Iterable[tuple[date, date]], at: Callable[[date], float], today: date) -> Iterator[Piece]:
    """The pieces of the line. The one that holds today is cut there: what is still ahead of it is pale."""
    for first, end in spans:
        cuts = [first, today, end] if first < today < end else [first, end]
        for one, other in pairwise(cuts):
            state = "ahead" if one >= today else "now" if end >= today else "done"
            yield Piece(at(one), round(at(other) - at(one), 1), state)


def _was_contact(row: Shown) -> bool:
    return row.part.id == "contact" and row.entry.code in SPOKEN


# What is due, who is around, what happened


def all_rows(rows: Iterable[Shown]) -> list[Shown]:
    """Entries and the steps below them, in one list."""
    return [item for row in rows for item in (row, *row.steps)]


@dataclass(frozen=True, slots=True)
class DueRow:
    """Something to do in this episode: by when, what, and the word on its button."""

    on: date
    late: bool
    row: Shown
    what: str
    button: str
    words: str
    """When in words: for a clock, with its hour."""


def due_rows(rows: Iterable[Shown], *, today: date) -> list[DueRow]:
    """What has a day and is still open, the soonest first."""
    found = []
    for row in all_rows(rows):
        for clock in (clock for clock in row.clocks if clock.waits):
            found.append(DueRow(clock.ends.day, clock.past, row, clock.title, _("Record"), clock.words))
        if row.entry.open and row.entry.due and not row.part.runs:
            words = due_words(row.entry.due, today=today) if row.late else ""
            found.append(DueRow(row.entry.due, row.late, row, _(row.part.task), _(row.part.button), words))
    return sorted(found, key=lambda item: (item.on, item.what))


def next_appointment(rows: Iterable[Shown], *, today: date) -> Shown | None:
    """The appointment that is planned next."""
    planned = [row for row in rows if row.part.id == "appointment" and row.entry.open and row.entry.due]
    return min(
        (row for row in planned if row.entry.due and row.entry.due >= today),
        key=lambda row: (row.entry.due, str(row.entry.details.get("time", ""))),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact in words."""

    row: Shown
    on: date
    way: str
    result: str
    interpreter: str
    worker: str


def contacts_of(rows: Iterable[Shown], *, most: int) -> list[Contact]:
    """The last contacts and attempts, the latest first."""
    part = parts()["contact"]
    found = [
        Contact(
            row,
            row.entry.due,
            words_of(part.field("way"), row.entry.details.get("way")),
            words_of(part.field("result"), row.entry.code),
            words_of(part.field("interpreter"), row.entry.details.get("interpreter")),
            row.entry.by.name,
        )
        for row in rows
        if row.part.id == "contact" and row.entry.due
    ]
    return sorted(found, key=lambda item: (item.on, item.row.entry.at), reverse=True)[:most]


def people_around(episode: Episode, rows: Sequence[Shown], guardian: str) -> list[tuple[str, str]]:
    """Who is there for the person, each with what they do. guardian: the name of a child's guardian, or empty."""
    asked = f"{episode.asked_by.name}, {episode.person.team.organisation.name}"
    found = [(_("Supports them"), episode.worker.name if episode.worker else ""), (_("Asked for support"), asked)]
    found.append((_("Guardian"), guardian))
    found += [(_("Solicitor"), row.answer("lawyer")) for row in rows if row.part.id == "matter" and row.entry.open]
    found += [(row.head, row.answer("service")) for row in rows if row.part.id == "need" and row.entry.open]
    found += [(_("They can ring"), row.answer("people")) for row in rows if row.part.id == "safety"]
    return list(dict.fromkeys((what, name) for what, name in found if name))


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry in the order of time, by the day it is about."""

    on: date
    row: Shown


def history_of(rows: Iterable[Shown], *, part: str = "") -> list[Happened]:
    """Everything that was recorded, the latest day first. part: only the entries of one part."""
    found = [Happened(_day_of(row), row) for row in all_rows(rows) if part in ("", row.part.id)]
    return sorted(found, key=lambda item: (item.on, item.row.entry.at), reverse=True)


def _day_of(row: Shown) -> date:
    """The day that an entry is about: the first day among its answers, else the day it was recorded."""
    for name in ("on", "since", "from"):
        if row.entry.details.get(name):
            return date.fromisoformat(row.entry.details[name])
    return day_of(row.entry.at)
