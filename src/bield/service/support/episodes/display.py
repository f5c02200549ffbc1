"""What the pages of support show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield.births import Birth
from bield.disclosure import countries
from bield.service.cases.models import Identity, Person
from bield.service.charts import over_time
from bield.service.codelists import lists
from bield.service.design.births import birth_words
from bield.service.directory.models import Service
from bield.service.support.clocks import Stands, standing
from bield.service.support.entries.schema import DAYS, Part, outcome_sets, parts, words_of
from bield.service.support.models import Entry, Episode
from bield.service.support.states import EpisodeState


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in words. head: what it is about; lines: each question with its answer."""

    entry: Entry
    part: Part
    head: str
    brief: str
    lines: tuple[tuple[str, str], ...]
    state: str
    late: bool
    steps: tuple[Shown, ...] = ()
    clocks: tuple[Stands, ...] = ()


def shown(entries: Sequence[Entry], *, today: date) -> list[Shown]:
    """Entries in words, those of a lower part under the one they belong to."""
    names = _service_names(entries)
    below: dict[object, list[Shown]] = {}
    for item in entries:
        if item.under_id is not None:
            below.setdefault(item.under_id, []).append(_shown(item, names, (), today))
    return [
        _shown(item, names, tuple(reversed(below.get(item.pk, []))), today) for item in entries if item.under_id is None
    ]


def _shown(item: Entry, names: dict[str, str], steps: tuple[Shown, ...], today: date) -> Shown:
    part = parts()[item.part]
    lines = []
    brief = []
    for field in part.fields:
        value = item.details.get(field.id)
        if field.of:
            continue  # shown with its day
        words = names.get(str(value), "") if field.holds == "service" else words_of(field, value)
        if field.holds in DAYS and (when := part.when(field.id, item.details)):
            words = str(when)
        if words:
            lines.append((_(field.label), words))
            if field.summary:
                brief.append(words)
    state = part.state(item.state)
    clocks = tuple(standing(part, item.details, now=timezone.now()))
    late = item.open and item.due is not None and item.due < today
    late = any(clock.past for clock in clocks) if part.runs else late
    words = _(state.label) if state else ""
    return Shown(item, part, _head(item, part), " ".join(brief), tuple(lines), words, late, steps, clocks)


def _head(item: Entry, part: Part) -> str:
    """What an entry is about in a few words: its code, else its day, else its part."""
    if part.code and item.code:
        words = words_of(part.field(part.code), item.code)
        day = item.details.get("on") or item.details.get("from")
        return f"{words}, {date_format(date.fromisoformat(day))}" if day else words
    if item.details.get("country"):
        return _(countries().label(item.details["country"]))
    for name in ("on", "since"):
        if item.details.get(name):
            return date_format(date.fromisoformat(item.details[name]))
    return str(item.details.get("words") or item.details.get("what") or _(part.title))


def _service_names(entries: Iterable[Entry]) -> dict[str, str]:
    wanted = {item.details["service"] for item in entries if item.details.get("service")}
    if not wanted:
        return {}
    return {str(pk): name for pk, name in Service.objects.filter(pk__in=wanted).values_list("pk", "name")}


@dataclass(frozen=True, slots=True)
class PartCount:
    """A part of an episode with how much stands in it, and how much of that is open."""

    part: Part
    number: int
    open: int


def parts_for(episode: Episode) -> list[Part]:
    """The parts that apply: those of a child only for a child, those of an adult only for an adult."""
    path = "adult" if episode.person.is_adult else "child"
    return [item for item in parts().values() if item.path in ("all", path) and not item.under and item.id != "outcome"]


def counts(episode: Episode, entries: Iterable[Entry]) -> list[PartCount]:
    """Each part that applies, with how much stands in it."""
    rows = list(entries)
    every, still = Counter(item.part for item in rows), Counter(item.part for item in rows if item.open)
    return [PartCount(part, every[part.id], still[part.id]) for part in parts_for(episode)]


def state_words(episode: Episode) -> str:
    """Where an episode stands, in words."""
    return str(EpisodeState(episode.state).label)


def names_of(person: Person) -> dict[str, str]:
    """Who somebody is, with the day of birth as people write it; for a page whose opening leaves an event."""
    held = Identity.objects.filter(person=person).first()
    names: dict[str, str] = dict(held.names) if held else {}
    if names.get("born"):
        names["born"] = birth_words(Birth.read(names["born"]))
    return names


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What somebody said of one outcome, oldest first; empty where they left it out that day."""

    title: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutcomeTable:
    """One set of outcomes over time, as a table and as a picture of the same."""

    title: str
    source: str
    days: tuple[date, ...]
    rows: tuple[OutcomeRow, ...]
    picture: str


def outcomes(entries: Sequence[Entry]) -> list[OutcomeTable]:
    """What somebody said over time; sets of which they said nothing are left out. Never beside anybody else's."""
    said = sorted(entries, key=lambda item: (item.details["on"], item.pk))
    days = tuple(date.fromisoformat(item.details["on"]) for item in said)
    scale = lists()["outcome_scale"]
    found = []
    for group in outcome_sets():
        rows, series = [], {}
        for outcome in group.outcomes:
            steps = [item.details["answers"].get(outcome.id) for item in said]
            if not any(steps):
                continue
            rows.append(OutcomeRow(_(outcome.title), tuple(scale.label(str(s)) if s else "" for s in steps)))
            series[_(outcome.title)] = [(day, step) for day, step in zip(days, steps, strict=True) if step]
        if rows:
            words = [scale.label(key) for key in scale.codes]
            picture = over_time(series, steps=words)
            found.append(OutcomeTable(_(group.title), group.source, days, tuple(rows), picture))
    return found
