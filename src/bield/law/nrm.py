"""The Home Office's referral form in its versions: its sections, and what each asks and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from bield.datafiles import DataError, build, check_parts, entries, no_repeats
from bield.law.forms import Choice
from bield.law.places import jurisdictions
from bield.law.reading import Confidence, LawError, NotRecorded, cached, holds, no_overlaps, read

Conditions = Mapping[str, tuple[str, ...]]
Answers = Mapping[str, Any]
"""Answers by field: a text, or several texts in a list."""


@dataclass(frozen=True, slots=True)
class NrmField:
    """A question of the form, in our words.

    holds: what an answer is. when: it is asked only if every field named here has one of the values. fill: the name of
    what fills it from a record; the room `referrals` knows how.
    """

    id: str
    label: str
    holds: Literal["choice", "several", "long", "short", "lines", "day", "body", "council", "phone", "email"]
    required: bool = True
    help: str = ""
    fill: str = ""
    choices: tuple[Choice, ...] = ()
    when: Conditions = field(default_factory=dict)

    def in_words(self, key: str) -> str:
        """The words for one of the choices; the key itself if there is no such choice."""
        return next((item.label for item in self.choices if item.key == key), key)


@dataclass(frozen=True, slots=True)
class NrmSection:
    """A part of the form. when: the answers that make it asked; unless: the answers that leave it out."""

    id: str
    title: str
    asks: str
    fields: tuple[NrmField, ...]
    when: Conditions = field(default_factory=dict)
    unless: Conditions = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NrmForm:
    """A version of the Home Office's referral form. sections_known: whether we have read what this version asks."""

    id: str
    title: str
    most_characters: int
    most_files: int
    most_megabytes: int
    file_types: tuple[str, ...]
    hand_in: str
    """How a referral written here reaches whoever takes referrals."""
    source: str
    confidence: Confidence
    sections_known: bool
    place: str
    sections: tuple[NrmSection, ...] = ()
    note: str = ""
    from_day: date | None = None
    to_day: date | None = None

    @property
    def fields(self) -> tuple[NrmField, ...]:
        """Every question, in order."""
        return tuple(item for section in self.sections for item in section.fields)

    def section(self, section_id: str) -> NrmSection:
        """A section by its id. Raises LawError if it does not exist."""
        for item in self.sections:
            if item.id == section_id:
                return item
        raise LawError(f"the form of {self.id} has no section {section_id!r}")

    def asked(self, answers: Answers) -> Mapping[str, tuple[NrmField, ...]]:
        """The questions asked after these answers, by section, without sections that ask nothing.

        A question that depends on another is asked only if the other is asked too, so that an answer that no longer
        counts has no effect.
        """
        by_section: dict[str, tuple[NrmField, ...]] = {}
        counting_answers: dict[str, Any] = {}
        for section in self.sections:
            if not _met(section.when, counting_answers) or (section.unless and _met(section.unless, counting_answers)):
                continue
            fields = []
            for question in section.fields:
                if _met(question.when, counting_answers):
                    fields.append(question)
                    counting_answers[question.id] = answers.get(question.id)
            if fields:
                by_section[section.id] = tuple(fields)
        return MappingProxyType(by_section)

    def missing(self, answers: Answers) -> Mapping[str, tuple[NrmField, ...]]:
        """The required questions that are asked and not answered, by section; empty when the form is complete."""
        unanswered = {
            section: tuple(item for item in fields if item.required and not answers.get(item.id))
            for section, fields in self.asked(answers).items()
        }
        return MappingProxyType({section: fields for section, fields in unanswered.items() if fields})

    def counting(self, answers: Answers) -> dict[str, Any]:
        """The answers to questions that are asked, without earlier answers to questions that no longer are."""
        asked = {item.id for fields in self.asked(answers).values() for item in fields}
        return {name: value for name, value in answers.items() if name in asked and value}


def _met(conditions: Conditions, answers: Answers) -> bool:
    """Whether every field has one of its values; one is enough for a field with several answers."""
    for name, values in conditions.items():
        given = answers.get(name)
        if not any(item in values for item in (given if isinstance(given, list | tuple) else [given])):
            return False
    return True


@cached
def load_nrm_forms() -> tuple[NrmForm, ...]:
    """Every version, oldest first. Raises DataError saying what is wrong, and where."""
    return parse_nrm_forms(*read("nrm_form"))


def parse_nrm_forms(filename: str, raw: Mapping[str, Any]) -> tuple[NrmForm, ...]:
    """Turn the decoded file into versions, refusing anything unexpected."""
    check_parts(filename, raw, {"versions"})
    versions = [_version(where, body) for where, body in entries(filename, "version", raw["versions"])]
    no_repeats(filename, "version", [item.id for item in versions])
    no_overlaps(filename, "version", versions, lambda one, other: one.place == other.place)
    return tuple(versions)


def _version(where: str, body: dict[str, Any]) -> NrmForm:
    """A version with its own sections, so that another version never changes what this one asked."""
    raw_sections = body.pop("sections", None)
    if (body.get("sections_known") is True) != (raw_sections is not None):
        raise DataError(f"{where}: sections go with, and only with, a version whose sections are known")
    choices_so_far: dict[str, frozenset[str]] = {}
    section_rows = [] if raw_sections is None else entries(where, "section", raw_sections)
    sections = tuple(_section(at, row, choices_so_far) for at, row in section_rows)
    no_repeats(where, "section", [item.id for item in sections])
    no_repeats(where, "field", [item.id for section in sections for item in section.fields])
    return build(NrmForm, where, body, sections=sections)


def _section(where: str, body: dict[str, Any], known: dict[str, frozenset[str]]) -> NrmSection:
    """A section. known: the fields with choices so far, which alone a condition may name; it grows."""
    listed = body.pop("fields", None)
    when, unless = (_conditions(where, body.pop(name, {}), known) for name in ("when", "unless"))
    fields = tuple(_field(at, row, known) for at, row in entries(where, "field", listed))
    return build(NrmSection, where, body, fields=fields, when=when, unless=unless)


def _field(where: str, row: dict[str, Any], known: dict[str, frozenset[str]]) -> NrmField:
    when, listed = _conditions(where, row.pop("when", {}), known), row.pop("choices", None)
    choices = () if listed is None else tuple(build(Choice, at, item) for at, item in entries(where, "choice", listed))
    question = build(NrmField, where, row, choices=choices, when=when)
    if (question.holds in ("choice", "several")) != bool(choices):
        raise DataError(f"{where}: choices go with, and only with, a field that holds a choice or several")
    if choices:
        known[question.id] = frozenset(item.key for item in choices)
    return question


def _conditions(where: str, raw: object, known: Mapping[str, frozenset[str]]) -> Conditions:
    """Conditions on earlier fields; a condition on any other could never be met."""
    if not isinstance(raw, dict):
        raise DataError(f"{where}: expected a table of conditions")
    for name, values in raw.items():
        if name not in known:
            raise DataError(f"{where}: rests on {name!r}, which is not an earlier question with choices")
        if not isinstance(values, list) or not values or not set(values) <= known[name]:
            raise DataError(f"{where}: {name} cannot be {values!r}; expected some of {sorted(known[name])}")
    return MappingProxyType({name: tuple(values) for name, values in raw.items()})


def nrm_form(place: str, *, on: date) -> NrmForm:
    """The referral form of a place on a day. Raises LawError if the place has no form, or had none on that day."""
    wanted = jurisdictions(place)
    for item in load_nrm_forms():
        if item.place in wanted and holds(item, on):
            return item
    raise NotRecorded(f"no referral form is recorded for {place!r} on {on}")


def nrm_form_version(form_id: str) -> NrmForm:
    """A version by its id, whatever the day. Raises LawError if it does not exist."""
    for item in load_nrm_forms():
        if item.id == form_id:
            return item
    raise LawError(f"no version of the referral form is called {form_id!r}")
