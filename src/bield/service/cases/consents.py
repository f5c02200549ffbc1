"""How each consent of a person stands on a day: the one answer on which every use of a consent rests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bield.service.cases.models import Consent, Person
from bield.service.cases.together import of_record
from bield.service.days import ordered


@dataclass(frozen=True, slots=True)
class Standing:
    """The last answer about one kind of consent, and how it stands on a day.

    state: not_asked, given, refused, withdrawn, or over once the last day of an agreement has passed.
    """

    state: str
    answer: Consent | None = None

    @property
    def given(self) -> bool:
        """Whether they agree, on that day. Every other state is no agreement."""
        return self.state == "given"

    @property
    def until(self) -> date | None:
        """The last day on which an agreement holds; None where no end was set, or nobody agrees."""
        return self.answer.until if self.answer and self.given else None


NOT_ASKED = Standing("not_asked")


def standing(answer: Consent | None, *, on: date) -> Standing:
    """How an answer stands on a day. One that fell with the age is as if nobody had asked."""
    if answer is None or answer.decision == "reset":
        return NOT_ASKED
    over = answer.decision == "given" and answer.until is not None and answer.until < on
    return Standing("over" if over else answer.decision, answer)


def taken_back_too_early(held: Standing, values: Mapping[str, Any]) -> str:
    """What is wrong with an answer that takes an agreement back before it was given; else empty."""
    if values.get("decision") != "withdrawn" or held.answer is None:
        return ""
    return ordered(_("When they agreed"), held.answer.on, _("When they answered"), values.get("on"))


def consents_on(person: Person, *, on: date) -> Mapping[str, Standing]:
    """How each consent that was ever asked stands on a day, by its kind. One query."""
    return _strictest(answers_of(person), person, on=on)


def answers_of(person: Person) -> QuerySet[Consent]:
    """Every answer of a person, in this record and in those that were brought together with it; the last first."""
    return Consent.objects.filter(of_record(person)).select_related("person").order_by("-pk")


STRICT = ("refused", "withdrawn", "not_asked", "over", "given")
"""How much an answer lets happen, the least first."""


def _strictest(answers: Iterable[Consent], person: Person, *, on: date) -> dict[str, Standing]:
    """Of each kind the last answer of every record; of two the stricter, until they were asked again together.

    answers: the last first. A record in which nobody was ever asked says nothing about the others.
    """
    last: dict[str, dict[object, Consent]] = {}
    for item in answers:
        last.setdefault(item.kind, {}).setdefault(item.person_id, item)
    return {kind: min(_counting(found, person, on=on), key=_strictness) for kind, found in last.items()}


def _counting(found: Mapping[object, Consent], person: Person, *, on: date) -> list[Standing]:
    """The answers that count: one that was given in the record that goes on after the merge stands alone."""
    own = found.get(person.pk)
    return [
        standing(item, on=on)
        for item in found.values()
        if item is own or own is None or item.person.merged_at is None or own.at < item.person.merged_at
    ]


def _strictness(found: Standing) -> tuple[int, date]:
    return STRICT.index(found.state), found.until or date.max


def consent_on(person: Person, kind: str, *, on: date) -> Standing:
    """How one consent stands on a day."""
    return consents_on(person, on=on).get(kind, NOT_ASKED)


def consent_then(person: Person, kind: str, *, on: date) -> Standing:
    """How one consent stood on a day that has been: an answer of a later day changes nothing of it."""
    return _strictest(answers_of(person).filter(kind=kind, on__lte=on), person, on=on).get(kind, NOT_ASKED)
