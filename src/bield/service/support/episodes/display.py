"""What the pages of support show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield.births import Birth
from bield.disclosure import countries
from bield.service.accounts.models import User
from bield.service.cases.models import Identity, Person
from bield.service.codelists import lists
from bield.service.design.births import birth_words
from bield.service.directory.models import Service
from bield.service.support.clocks import EntryClock, entry_clocks
from bield.service.support.entries.schema import DAYS, Part, outcome_sets, parts, words_of
from bield.service.support.models import Entry, Episode
from bield.service.support.states import EpisodeState


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A step on the way from a need to what came of it, and whether it was taken."""

    words: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in words. head: what it is about; brief: its summary; lines: each question with its answer."""

    entry: Entry
    part: Part
    head: str
    brief: str
    lines: tuple[tuple[str, str], ...]
    state: str
    late: bool
    steps: tuple[Shown, ...] = ()
    clocks: tuple[EntryClock, ...] = ()

    def answer(self, name: str) -> str:
        """The answer to one question, in words; empty if it has none."""
        return dict(self.lines).get(_(self.part.field(name).label), "")

    @property
    def worker(self) -> str:
        """The name of the colleague who makes sure of a step; empty if nobody is named."""
        return self.answer("worker")

    @property
    def flow(self) -> tuple[FlowStep, ...]:
        """How far a need has come: the service, the referral, its answer, help received, what came of it."""
        details, state = self.entry.details, self.entry.state
        service = self.answer("service")
        said = self.answer("answer") if details.get("answer") in ("helps", "cannot") else ""
        referred, helped = (details.get(name) for name in ("referred_on", "helped_from"))
        return (
            FlowStep(service or _("A service"), bool(service)),
            FlowStep(_("Referred %(day)s") % {"day": _day(referred)} if referred else _("Referred"), bool(referred)),
            FlowStep(said or _("Its answer"), bool(said)),
            FlowStep(_("Helped from %(day)s") % {"day": _day(helped)} if helped else _("Help received"), bool(helped)),
            FlowStep(_("Met") if self.entry.open else self.state, state == "met"),
        )

    @property
    def all_done(self) -> bool:
        """Whether it has steps and none of them is open, so that somebody asks what comes next."""
        return bool(self.steps) and not any(step.entry.open for step in self.steps)


def _day(stored: str) -> str:
    """A stored day in words."""
    return date_format(date.fromisoformat(stored))


def shown(entries: Sequence[Entry], *, today: date) -> list[Shown]:
    """Entries in words, each step under the goal it belongs to."""
    names = _names_in(entries)
    below: dict[object, list[Shown]] = {}
    for entry in entries:
        if entry.under_id is not None:
            below.setdefault(entry.under_id, []).append(_shown(entry, names, (), today))
    return [
        _shown(entry, names, tuple(reversed(below.get(entry.pk, []))), today)
        for entry in entries
        if entry.under_id is None
    ]


def _shown(entry: Entry, names: dict[str, str], steps: tuple[Shown, ...], today: date) -> Shown:
    part = parts()[entry.part]
    lines = []
    brief = []
    for field in part.fields:
        value = entry.details.get(field.id)
        if field.of:
            continue  # shown with its day
        words = names.get(str(value), "") if field.holds in NAMED else words_of(field, value)
        if field.holds in DAYS and (when := part.when(field.id, entry.details)):
            words = str(when)
        if words:
            lines.append((_(field.label), words))
            if field.summary:
                brief.append(words)
    state = part.state(entry.state)
    clocks = tuple(entry_clocks(part, entry.details, now=timezone.now()))
    late = entry.open and entry.due is not None and entry.due < today
    late = any(clock.past for clock in clocks) if part.runs else late
    words = _(state.label) if state else ""
    return Shown(entry, part, _head(entry, part), " ".join(brief), tuple(lines), words, late, steps, clocks)


def _head(entry: Entry, part: Part) -> str:
    """What an entry is about in a few words: its code, else its day, else its part."""
    if part.code and entry.code:
        words = words_of(part.field(part.code), entry.code)
        day = entry.details.get("on") or entry.details.get("from")
        return f"{words}, {date_format(date.fromisoformat(day))}" if day else words
    if entry.details.get("country"):
        return _(countries().label(entry.details["country"]))
    for name in ("on", "since"):
        if entry.details.get(name):
            return date_format(date.fromisoformat(entry.details[name]))
    return str(entry.details.get("words") or entry.details.get("what") or _(part.title))


NAMED: Mapping[str, type[Service] | type[User]] = {"service": Service, "worker": User}
"""Kinds of fields that hold the key of a row with a name."""


def _names_in(entries: Iterable[Entry]) -> dict[str, str]:
    """The names of the services and workers that entries mention, by their keys."""
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        for field in parts()[entry.part].fields:
            if field.holds in NAMED and entry.details.get(field.id):
                wanted.setdefault(field.holds, set()).add(entry.details[field.id])
    names: dict[str, str] = {}
    for holds, keys in wanted.items():
        rows = NAMED[holds]._default_manager.filter(pk__in=keys).values_list("pk", "name")
        names |= {str(pk): name for pk, name in rows}
    return names


@dataclass(frozen=True, slots=True)
class PartCount:
    """A part of an episode with how many entries it has, and how many of these are open."""

    part: Part
    number: int
    open: int


def parts_for(episode: Episode) -> list[Part]:
    """The parts that apply: those of a child only for a child, those of an adult only for an adult."""
    path = "adult" if episode.person.is_adult else "child"
    return [item for item in parts().values() if item.path in ("all", path) and not item.under and item.id != "outcome"]


def counts(episode: Episode, entries: Iterable[Entry]) -> list[PartCount]:
    """Each part that applies, with how many entries it has and how many of these are open."""
    all_entries = list(entries)
    totals, open_ones = (
        Counter(entry.part for entry in all_entries),
        Counter(entry.part for entry in all_entries if entry.open),
    )
    return [PartCount(part, totals[part.id], open_ones[part.id]) for part in parts_for(episode)]


def state_words(episode: Episode) -> str:
    """The state of an episode in words."""
    return str(EpisodeState(episode.state).label)


def names_of(person: Person) -> dict[str, str]:
    """A person's names, with the day of birth in words. Only for a page that records an event when it is opened."""
    identity = Identity.objects.filter(person=person).first()
    names: dict[str, str] = dict(identity.names) if identity else {}
    if names.get("born"):
        names["born"] = birth_words(Birth.read(names["born"]))
    return names


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What the person said about an outcome, oldest first; empty for a day on which they left it out."""

    title: str
    said: tuple[str, ...]
    points: tuple[OutcomePoint, ...]

    @property
    def joins(self) -> list[tuple[OutcomePoint, OutcomePoint]]:
        """The points that a line joins: each with the next one."""
        return list(pairwise(self.points))


@dataclass(frozen=True, slots=True)
class OutcomePoint:
    """An answer in a chart: how far along the line of days it is, of 100, and how high from its top, in pixels."""

    at: float
    y: int


STEP, TOP = 14, 10
"""How far apart the steps of the scale are drawn, and where the highest is, in pixels."""


@dataclass(frozen=True, slots=True)
class OutcomeTable:
    """A set of outcomes over time, as a table and as charts of the same figures on one scale.

    best, worst: the words at the ends of the scale; height: how high each chart is.
    """

    title: str
    source: str
    days: tuple[date, ...]
    rows: tuple[OutcomeRow, ...]
    best: str
    worst: str
    height: int


def outcomes(entries: Sequence[Entry]) -> list[OutcomeTable]:
    """What the person said over time, without sets they said nothing about. Never shown beside anybody else's."""
    reports = sorted(entries, key=lambda item: (item.details["on"], item.pk))
    days = tuple(date.fromisoformat(item.details["on"]) for item in reports)
    scale = lists()["outcome_scale"]
    ends = [scale.label(key) for key in scale.codes]
    height = TOP * 2 + STEP * (len(ends) - 1)
    tables = []
    for group in outcome_sets():
        rows = []
        for outcome in group.outcomes:
            steps = [item.details["answers"].get(outcome.id) for item in reports]
            if any(steps):
                said = tuple(scale.label(str(step)) if step else "" for step in steps)
                rows.append(OutcomeRow(_(outcome.title), said, _points(days, steps, height)))
        if rows:
            tables.append(OutcomeTable(_(group.title), group.source, days, tuple(rows), ends[-1], ends[0], height))
    return tables


def _points(days: Sequence[date], steps: Sequence[int | None], height: int) -> tuple[OutcomePoint, ...]:
    """The answers as points; days on which they left it out have none."""
    length = max(1, (days[-1] - days[0]).days)
    return tuple(
        OutcomePoint(round(2 + 96 * (day - days[0]).days / length, 1), height - TOP - STEP * (step - 1))
        for day, step in zip(days, steps, strict=True)
        if step
    )
