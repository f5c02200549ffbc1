"""The parts of an episode of support, and their fields: data, so that a question changes without a migration."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield.disclosure import countries
from bield.indicators.lists import reactions
from bield.law.reading import LawError, build, check_parts, entries, no_repeats
from bield.law.support import support_of
from bield.service.cases.lists import CodeList
from bield.service.cases.lists import label as case_label
from bield.service.cases.lists import lists as case_lists
from bield.service.cases.lists import parse as parse_lists
from bield.service.days import When

Holds = Literal[
    "choice", "several", "day", "day_ahead", "day_any", "time", "short", "text", "way", "service", "country"
]

DAYS = ("day", "day_ahead", "day_any")
"""Kinds of fields that hold a day: one that has been, one to come, any."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to choose. open: for a state, whether something is still to be done."""

    key: str
    label: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A question.

    list: where its choices come from instead. summary: whether a list of entries shows it. paper: whether its words go
    on paper with the plan, which names nobody. of: for a time, the field with its day.
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
    """A clock of the law's files that a field with a day begins, and that ends once one of others is filled."""

    clock: str
    begins: str
    until: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of entry. code, due: the fields that are kept as a code and a day; under: the part it belongs below."""

    id: str
    title: str
    one: str
    lead: str
    source: str
    fields: tuple[Field, ...]
    states: tuple[Choice, ...] = ()
    code: str = ""
    due: str = ""
    under: str = ""
    single: bool = False
    path: Literal["all", "adult", "child"] = "all"
    order: tuple[tuple[str, str], ...] = ()
    """Pairs of fields with days: the second is never before the first."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """The field that a state cannot do without, by the state."""
    without: Mapping[str, str] = field(default_factory=dict)
    """The field that a state cannot have, by the state."""
    happened: Mapping[str, str] = field(default_factory=dict)
    """The field whose day is not to come, by the state that says so."""
    earlier: tuple[str, ...] = ()
    """Fields with days that may well lie before support began, and are not asked about."""
    runs: tuple[Runs, ...] = ()
    """The clocks that such an entry begins."""
    closes: tuple[str, ...] = ()
    """The steps of the pathway that are done once there is such an entry, or one in the state `closes_when`."""
    closes_when: str = ""
    answers_clock: tuple[str, ...] = ()
    """The codes of entries after which the end of the statutory period no longer waits to be looked at."""
    also: tuple[str, ...] = ()
    """What is stored with an entry and asked in another way than by a field."""

    def field(self, name: str) -> Field:
        """A field by its id. Raises LawError for one that it has not."""
        for item in self.fields:
            if item.id == name:
                return item
        raise LawError(f"part {self.id!r} has no field {name!r}")

    def when(self, name: str, details: Mapping[str, Any]) -> When | None:
        """The day that stands in a field of an entry, with its time; None where there is no day."""
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


def read(name: str) -> tuple[str, dict[str, Any]]:
    """The filename and decoded content of a data file of this room."""
    filename = f"{name}.v1.toml"
    text = (files("bield.service.support") / "data" / filename).read_text(encoding="utf-8")
    return filename, tomllib.loads(text)


@cache
def parts() -> Mapping[str, Part]:
    """Every part by its id, in the order of the file. Raises LawError saying what is wrong, and where."""
    return parse(*read("parts"))


def parse(filename: str, raw: Mapping[str, Any]) -> Mapping[str, Part]:
    """Turn the decoded file into parts, refusing anything unexpected."""
    check_parts(filename, raw, {"version", "parts"})
    found = []
    for where, body in entries(filename, "part", raw["parts"]):
        fields = tuple(_field(at, item) for at, item in entries(where, "field", body.pop("fields", None)))
        states = tuple(build(Choice, where, item) for item in body.pop("states", ()))
        path = body.pop("for", "all")
        if path not in ("all", "adult", "child"):
            raise LawError(f"{where}: for cannot be {path!r}")
        lists_of = {name: tuple(body.pop(name, ())) for name in ("also", "answers_clock", "closes", "earlier")}
        tables = {name: MappingProxyType(body.pop(name, {})) for name in ("needs", "without", "happened")}
        part = build(
            Part,
            where,
            body,
            fields=fields,
            states=states,
            path=path,
            order=tuple((first, last) for first, last in body.pop("order", ())),
            runs=tuple(build(Runs, where, item) for item in body.pop("runs", ())),
            **lists_of,
            **tables,
        )
        _check(where, part)
        no_repeats(where, "field", [item.id for item in fields])
        for name in filter(None, (part.code, part.due)):
            part.field(name)
        found.append(part)
    no_repeats(filename, "part", [item.id for item in found])
    known = {item.id: item for item in found}
    if lost := {item.under for item in found} - {""} - known.keys():
        raise LawError(f"{filename}: no part is called {sorted(lost)}")
    return MappingProxyType(known)


def _check(where: str, part: Part) -> None:
    """Refuse a rule about a field or a state that the part has not, and a day that is none. Raises LawError."""
    rules = (part.needs, part.without, part.happened)
    for name in (name for rule in rules for name in rule.values()):
        part.field(name)
    if unknown := {state for rule in rules for state in rule} - {item.key for item in part.states}:
        raise LawError(f"{where}: no state is called {sorted(unknown)}")
    days = [name for pair in part.order for name in pair]
    days += [*part.earlier, *part.happened.values(), *(item.of for item in part.fields if item.of)]
    days += [name for run in part.runs for name in (run.begins, *run.until)]
    if wrong := sorted(name for name in days if part.field(name).holds not in DAYS):
        raise LawError(f"{where}: {wrong} hold no days")


def _field(where: str, body: dict[str, Any]) -> Field:
    choices = tuple(build(Choice, where, item) for item in body.pop("choices", ()))
    field = build(Field, where, body, choices=choices)
    if field.list and field.list not in LISTS and field.list not in case_lists():
        raise LawError(f"{where}: no list is called {field.list!r}")
    if (field.holds == "time") is not bool(field.of):
        raise LawError(f"{where}: a time needs the field with its day, and nothing else has one")
    if (field.holds in ("choice", "several")) is not bool(field.choices or field.list):
        raise LawError(f"{where}: a choice needs its choices, and nothing else has any")
    return field


def _heads() -> list[tuple[str, str]]:
    return [(item.id, _(item.label)) for item in support_of(settings.PLACE).heads]


def _phases() -> list[tuple[str, str]]:
    return [
        (item.id, _(item.label)) for item in support_of(settings.PLACE).phases if not item.duty and item.id != "policy"
    ]


def _reactions() -> list[tuple[str, str]]:
    return [(item.id, _(item.name)) for item in reactions().reactions]


LISTS: Mapping[str, Callable[[], list[tuple[str, str]]]] = MappingProxyType(
    {"heads": _heads, "phases": _phases, "reactions": _reactions}
)
"""Lists that come from other data; every other one is a list of the records."""


def choices_of(field: Field) -> list[tuple[str, str]]:
    """What may be chosen in a field today, with its words."""
    if field.choices:
        return [(item.key, _(item.label)) for item in field.choices]
    if field.list in LISTS:
        return LISTS[field.list]()
    return case_lists()[field.list].choices(on=timezone.localdate())


def words_of(field: Field, value: Any) -> str:
    """A stored answer in words; empty where there is none."""
    if value in (None, "", []):
        return ""
    if field.holds in ("choice", "several"):
        known = dict(choices_of(field))
        keys = value if isinstance(value, list) else [value]
        return ", ".join(str(known.get(key, key)) for key in keys)
    if field.holds in DAYS:
        return date_format(date.fromisoformat(value))
    if field.holds == "country":
        return countries().label(value)
    if field.holds == "way":
        return WAYS_OF_THEIR_OWN.get(value) or case_label("channel", value)
    return str(value)


WAYS_OF_THEIR_OWN: Mapping[str, str] = MappingProxyType(
    {"agreed": "Met as arranged before", "they": "They came or rang by themselves"}
)
"""Contacts that use no way that could be unsafe."""


@cache
def lists() -> Mapping[str, CodeList]:
    """The lists of support by name."""
    return parse_lists(*read("lists"))


def label(name: str, key: str) -> str:
    """The words for a code of a list of support; a dash for none."""
    return lists()[name].label(key) if key else "–"


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
    filename, raw = read("outcomes")
    check_parts(filename, raw, {"version", "sets"})
    found = []
    for where, body in entries(filename, "set", raw["sets"]):
        own = tuple(build(Outcome, at, item) for at, item in entries(where, "outcome", body.pop("outcomes", None)))
        found.append(build(OutcomeSet, where, body, outcomes=own))
    no_repeats(filename, "outcome", [item.id for group in found for item in group.outcomes])
    return tuple(found)


@dataclass(frozen=True, slots=True)
class AccountPart:
    """A part of the account."""

    id: str
    label: str
    help: str
    source: str


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """Something to see to when an account is taken."""

    id: str
    label: str
    source: str


@cache
def account_parts() -> tuple[AccountPart, ...]:
    """The parts of an account, in order."""
    filename, raw = read("account")
    check_parts(filename, raw, {"version", "parts", "checklist"})
    return tuple(build(AccountPart, at, body) for at, body in entries(filename, "part", raw["parts"]))


@cache
def checklist() -> tuple[ChecklistItem, ...]:
    """What to see to when an account is taken."""
    filename, raw = read("account")
    return tuple(build(ChecklistItem, at, body) for at, body in entries(filename, "item", raw["checklist"]))


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Something that decides whether a service fits. from_record: the field of the record that answers it."""

    id: str
    label: str
    question: str
    source: str
    values: tuple[Choice, ...]
    from_record: str = ""


@cache
def circumstances() -> Mapping[str, Circumstance]:
    """Everything that decides whether a service fits, by its id."""
    filename, raw = read("circumstances")
    check_parts(filename, raw, {"version", "circumstances"})
    found = {}
    for where, body in entries(filename, "circumstance", raw["circumstances"]):
        values = tuple(build(Choice, where, item) for item in body.pop("values", ()))
        item = build(Circumstance, where, _renamed(body), values=values)
        found[item.id] = item
    return MappingProxyType(found)


def _renamed(body: dict[str, Any]) -> dict[str, Any]:
    """`from` of the file is `from_record` here: in the law's files it is a day."""
    return {("from_record" if key == "from" else key): value for key, value in body.items()}
