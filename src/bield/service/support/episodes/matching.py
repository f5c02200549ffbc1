"""Finds which services fit a person, with reasons for and against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield import law
from bield.service.cases.models import Person
from bield.service.codelists import label
from bield.service.directory.access import is_checked
from bield.service.directory.circumstances import circumstances
from bield.service.directory.models import Service

Answer = Literal["yes", "no", "not_known"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A condition of a service, whether the person meets it, and the words for it."""

    answer: Answer
    words: str


@dataclass(frozen=True, slots=True)
class Match:
    """A service with its reasons. It fits if the person meets every condition; what is not known is not assumed."""

    service: Service
    reasons: tuple[Reason, ...]
    checked: bool

    @property
    def fits(self) -> Answer:
        answers = {item.answer for item in self.reasons}
        return "no" if "no" in answers else "not_known" if "not_known" in answers else "yes"

    @property
    def why(self) -> str:
        """Every condition that the person meets, in a few words."""
        return "; ".join(item.words for item in self.reasons if item.answer == "yes")

    @property
    def to_ask(self) -> str:
        """Every condition that is not known to be met, in a few words."""
        return "; ".join(item.words for item in self.reasons if item.answer == "not_known")

    @property
    def why_not(self) -> str:
        """Every condition that the person does not meet, in a few words."""
        return "; ".join(item.words for item in self.reasons if item.answer == "no")

    @property
    def how_far(self) -> str:
        """Where it works: everywhere, or the councils it names."""
        return _or([law.body(item).name for item in self.service.areas]) or _("Everywhere here")

    @property
    def meant(self) -> int:
        """How many conditions this person meets; it puts a service for women before one for anyone."""
        return sum(item.answer == "yes" for item in self.reasons)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known about a person that decides which services fit. None and empty mean not known."""

    least_age: int | None
    most_age: int | None
    council: str
    languages: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]


def asked_of(person: Person, known: Mapping[str, Any]) -> Asked:
    """What decides which services fit, from a person's record and the circumstances of an episode."""
    ages = {"under_18": (0, 17), "adult": (18, None)}
    least, most = ages.get(person.age, (None, None))
    values: dict[str, tuple[str, ...]] = {}
    for circumstance in circumstances().values():
        value = getattr(person, circumstance.from_record) if circumstance.from_record else known.get(circumstance.id)
        answers = tuple(value) if isinstance(value, list) else (value,) if value and value != "not_known" else ()
        values[circumstance.id] = answers
    return Asked(least, most, person.council, tuple(known.get("languages", ())), values)


def match(services: Sequence[Service], asked: Asked, *, head: str = "", today: date) -> list[Match]:
    """Every service with its reasons: those that fit first, then those where something is not known, then the others.
    Among each, those without a telephone number come last.

    head: a kind of support; services that do not give it are left out.
    """
    matches = [
        Match(item, tuple(_reasons(item, asked)), is_checked(item, today=today))
        for item in services
        if not head or head in item.heads
    ]
    order = {"yes": 0, "not_known": 1, "no": 2}
    return sorted(
        matches,
        key=lambda item: (order[item.fits], not item.service.numbers, -item.meant, not item.checked, item.service.name),
    )


def _reasons(service: Service, asked: Asked) -> list[Reason]:
    reasons = [*_age(service, asked), *_area(service, asked)]
    for key, circumstance in circumstances().items():
        accepted = service.for_whom.get(key)
        if not accepted:
            continue
        words = _("It is for %(people)s") % {
            "people": _or([_(value.label) for value in circumstance.values if value.key in accepted])
        }
        answers = asked.values[key]
        reasons.append(Reason("not_known" if not answers else "yes" if set(answers) & set(accepted) else "no", words))
    return [*reasons, *_languages(service, asked), *_room(service)]


def _age(service: Service, asked: Asked) -> list[Reason]:
    least, most = service.least_age, service.most_age
    if least is None and most is None:
        return []
    if least is not None and most is not None:
        words = _("It is for people from %(least)d to %(most)d years") % {"least": least, "most": most}
    elif least is not None:
        words = _("It is for people of %(least)d years or over") % {"least": least}
    else:
        words = _("It is for people up to %(most)d years") % {"most": most}
    if asked.least_age is None:
        return [Reason("not_known", words)]
    their_most = 200 if asked.most_age is None else asked.most_age
    least, most = least or 0, 200 if most is None else most
    if asked.least_age > most or their_most < least:
        return [Reason("no", words)]
    certain = asked.least_age >= least and (their_most <= most or asked.most_age is None)
    return [Reason("yes" if certain else "not_known", words)]


def _area(service: Service, asked: Asked) -> list[Reason]:
    if not service.areas:
        return []
    names = _or([law.body(item).name for item in service.areas])
    words = _("It works in %(areas)s") % {"areas": names}
    if not asked.council:
        return [Reason("not_known", words)]
    return [Reason("yes" if asked.council in service.areas else "no", words)]


def _languages(service: Service, asked: Asked) -> list[Reason]:
    """A language never rules a service out, because an interpreter can be found."""
    if not service.languages or not asked.languages:
        return []
    names = _or([label("language", item) for item in service.languages])
    if set(service.languages) & set(asked.languages):
        return [Reason("yes", _("They speak %(languages)s there") % {"languages": names})]
    return [Reason("not_known", _("They speak %(languages)s there: ask for an interpreter") % {"languages": names})]


def _room(service: Service) -> list[Reason]:
    if service.status != "active":
        return [Reason("no", _("It takes nobody at the moment"))]
    if service.free is None or service.counted_on is None:
        return []
    day = date_format(service.counted_on)
    if service.free:
        return [Reason("yes", _("%(free)d free places on %(day)s") % {"free": service.free, "day": day})]
    return [Reason("not_known", _("No free place on %(day)s: ask") % {"day": day})]


def _or(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s or %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
