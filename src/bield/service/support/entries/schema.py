"""The parts of an episode of support, and their fields: data, so that a question changes without a migration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield.datafiles import DataError, build, build_all, check_parts, entries, no_repeats, read
from bield.disclosure import countries
from bield.indicators.lists import reactions
from bield.law.support import support_of
from bield.service.codelists import label, lists
from bield.service.days import When
from bield.service.design.fields import heads

Holds = Literal[
    "choice", "several", "day", "day_ahead", "day_any", "time", "short", "text", "way", "service", "country", "worker"
]

DAYS = ("day", "day_ahead", "day_any")
"""Kinds of fields that hold a day: a past day, a future day, any day."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to choose. open: for a state, whether there is still something to do."""

    key: str
    label: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A question.

    list: the list its choices come from, if it has none of its own. summary: whether a list of entries shows it.
    paper: whether its words are printed with the plan, which names nobody. of: for a time, the field with its day.
    """

    id: str
    label: str
    holds: Holds
    choices: tuple[Choice, ...] = ()
    list: str = ""
    required: bool = False
    summary: bool = False
    help: str = ""
    paper: bool = False
    of: str = ""


@dataclass(frozen=True, slots=True)
class Runs:
    """A clock from the law's files: a day in one field starts it, and it stops when one of the others is filled in."""

    clock: str
    begins: str
    until: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of entry. code, due: the fields that are stored as a code and a day; under: the part it belongs below.

    task, button: what to do once the day has come, and the word on the button that leads there.
    """

    id: str
    title: str
    one: str
    lead: str
    source: str
    fields: tuple[Field, ...]
    states: tuple[Choice, ...] = ()
    code: str = ""
    due: str = ""
    task: str = ""
    button: str = ""
    under: str = ""
    single: bool = False
    path: Literal["all", "adult", "child"] = "all"
    order: tuple[tuple[str, str], ...] = ()
    """Pairs of fields with days: the second is never before the first."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """The field that a state needs, by state."""
    without: Mapping[str, str] = field(default_factory=dict)
    """The field that a state must leave empty, by state."""
    happened: Mapping[str, str] = field(default_factory=dict)
    """The field with a day that must not be in the future, by state."""
    earlier: tuple[str, ...] = ()
    """Fields with days that may well be before support began, so that nobody is asked about them."""
    runs: tuple[Runs, ...] = ()
    """The clocks that such an entry starts."""
    closes: tuple[str, ...] = ()
    """The steps of the pathway that are done once there is such an entry, or one in the state `closes_when`."""
    closes_when: str = ""
    answers_clock: tuple[str, ...] = ()
    """The codes of entries that answer the end of the statutory period, so that it no longer waits for a review."""
    also: tuple[str, ...] = ()
    """What is stored with an entry but has no field of its own."""

    def field(self, name: str) -> Field:
        """A field by its id. Raises DataError if this part has no such field."""
        for item in self.fields:
            if item.id == name:
                return item
        raise DataError(f"part {self.id!r} has no field {name!r}")

    def when(self, name: str, details: Mapping[str, Any]) -> When | None:
        """The day in a field of an entry, with its time; None if the field has no day."""
        if not details.get(name):
            return None
        at = next((details.get(item.id) for item in self.fields if item.of == name), None)
        return When(date.fromisoformat(details[name]), time.fromisoformat(at) if at else None)

    def known(self, details: Mapping[str, Any]) -> dict[str, Any]:
        """The details that are fields of this part; nothing else is ever stored."""
        return {name: details[name] for name in (*(item.id for item in self.fields), *self.also) if name in details}

    def state(self, key: str) -> Choice | None:
        """A state by its key; None for a part without states."""
        return next((item for item in self.states if item.key == key), None)


def _read(name: str) -> tuple[str, dict[str, Any]]:
    """The filename and decoded content of a data file of this room."""
    filename = f"{name}.v1.toml"
    return filename, read("bield.service.support", filename)


@cache
def parts() -> Mapping[str, Part]:
    """Every part by its id, in the order of the file. Raises DataError saying what is wrong, and where."""
    return parse(*_read("parts"))


def parse(filename: str, raw: Mapping[str, Any]) -> Mapping[str, Part]:
    """Turn the decoded file into parts, refusing anything unexpected."""
    check_parts(filename, raw, {"version", "parts"})
    all_parts = []
    for where, body in entries(filename, "part", raw["parts"]):
        part = build(Part, where, {("path" if name == "for" else name): value for name, value in body.items()})
        for question in part.fields:
            _check_field(f"{where}, field {question.id!r}", question)
        no_repeats(where, "field", [item.id for item in part.fields])
        _check(where, part)
        for name in filter(None, (part.code, part.due)):
            part.field(name)
        all_parts.append(part)
    no_repeats(filename, "part", [item.id for item in all_parts])
    by_id = {item.id: item for item in all_parts}
    if lost := {item.under for item in all_parts} - {""} - by_id.keys():
        raise DataError(f"{filename}: no part is called {sorted(lost)}")
    return MappingProxyType(by_id)


def _check(where: str, part: Part) -> None:
    """Check a part's rules. Raises DataError for an unknown field or state, or a day in a field that holds none."""
    rules = (part.needs, part.without, part.happened)
    for name in (name for rule in rules for name in rule.values()):
        part.field(name)
    if unknown := {state for rule in rules for state in rule} - {item.key for item in part.states}:
        raise DataError(f"{where}: no state is called {sorted(unknown)}")
    days = [name for pair in part.order for name in pair]
    days += [*part.earlier, *part.happened.values(), *(item.of for item in part.fields if item.of)]
    days += [name for run in part.runs for name in (run.begins, *run.until)]
    if wrong := sorted(name for name in days if part.field(name).holds not in DAYS):
        raise DataError(f"{where}: {wrong} hold no days")


def _check_field(where: str, field: Field) -> None:
    """Check a field's choices and day against what it holds. Raises DataError."""
    if field.list and field.list not in LISTS and field.list not in lists():
        raise DataError(f"{where}: no list is called {field.list!r}")
    if (field.holds == "time") is not bool(field.of):
        raise DataError(f"{where}: a time needs ‘of’, the field with its day, and no other field may have it")
    if (field.holds in ("choice", "several")) is not bool(field.choices or field.list):
        raise DataError(f"{where}: a choice needs its choices or a list, and no other field may have them")


def _phases() -> list[tuple[str, str]]:
    return [
        (item.id, _(item.label)) for item in support_of(settings.PLACE).phases if not item.duty and item.id != "policy"
    ]


def _reactions() -> list[tuple[str, str]]:
    return [(item.id, _(item.name)) for item in reactions().reactions]


LISTS: Mapping[str, Callable[[], list[tuple[str, str]]]] = MappingProxyType(
    {"heads": heads, "phases": _phases, "reactions": _reactions}
)
"""Lists that come from other data; every other list is in the code lists."""


def choices_of(field: Field) -> list[tuple[str, str]]:
    """The choices of a field today: each key with its words."""
    if field.choices:
        return [(item.key, _(item.label)) for item in field.choices]
    if field.list in LISTS:
        return LISTS[field.list]()
    return lists()[field.list].choices(on=timezone.localdate())


def words_of(field: Field, value: Any) -> str:
    """A stored answer in words; empty if unanswered."""
    if value in (None, "", []):
        return ""
    if field.holds in ("choice", "several"):
        labels = dict(choices_of(field))
        keys = value if isinstance(value, list) else [value]
        return ", ".join(str(labels.get(key, key)) for key in keys)
    if field.holds in DAYS:
        return date_format(date.fromisoformat(value))
    if field.holds == "country":
        return _(countries().label(value))
    if field.holds == "way":
        return WAYS_OF_THEIR_OWN.get(value) or label("channel", value)
    return str(value)


WAYS_OF_THEIR_OWN: Mapping[str, str] = MappingProxyType(
    {"agreed": "Met as arranged before", "they": "They came or rang by themselves"}
)
"""Contacts that need no telephone, address or other way of contact that could be unsafe."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something a survivor may be asked about."""

    id: str
    title: str
    question: str


@dataclass(frozen=True, slots=True)
class OutcomeSet:
    """Outcomes of one source."""

    id: str
    title: str
    source: str
    confidence: str
    outcomes: tuple[Outcome, ...]


@cache
def outcome_sets() -> tuple[OutcomeSet, ...]:
    """Every set of outcomes."""
    filename, raw = _read("outcomes")
    check_parts(filename, raw, {"version", "sets"})
    sets = build_all(OutcomeSet, filename, "set", raw["sets"])
    no_repeats(filename, "outcome", [item.id for group in sets for item in group.outcomes])
    return sets


@dataclass(frozen=True, slots=True)
class AccountPart:
    """A part of the account."""

    id: str
    label: str
    help: str
    source: str


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """Something to check when an account is taken."""

    id: str
    label: str
    source: str


@cache
def account_parts() -> tuple[AccountPart, ...]:
    """The parts of an account, in order."""
    filename, raw = _read("account")
    check_parts(filename, raw, {"version", "parts", "checklist"})
    return build_all(AccountPart, filename, "part", raw["parts"])


@cache
def checklist() -> tuple[ChecklistItem, ...]:
    """The checklist for taking an account."""
    filename, raw = _read("account")
    return build_all(ChecklistItem, filename, "item", raw["checklist"])
