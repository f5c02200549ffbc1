"""How each consent of a person stands on a day: the one answer on which every use of a consent rests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bield.service.cases.merged import of_record
from bield.service.cases.models import Consent, Merge, Person
from bield.service.cases.states import ConsentAnswer, ConsentState
from bield.service.days import ordered


@dataclass(frozen=True, slots=True)
class Standing:
    """The last answer about one kind of consent, and how it stands on a day."""

    state: ConsentState
    answer: Consent | None = None

    @property
    def given(self) -> bool:
        """Whether they agree, on that day. Every other state is no agreement."""
        return self.state == ConsentState.GIVEN

    @property
    def until(self) -> date | None:
        """The last day on which an agreement holds; None where no end was set, or nobody agrees."""
        return self.answer.until if self.answer and self.given else None


NOT_ASKED = Standing(ConsentState.NOT_ASKED)


def standing(answer: Consent | None, *, on: date) -> Standing:
    """How an answer stands on a day. One that fell with the age is as if nobody had asked."""
    if answer is None or answer.decision == ConsentAnswer.RESET:
        return NOT_ASKED
    over = answer.decision == ConsentAnswer.GIVEN and answer.until is not None and answer.until < on
    return Standing(ConsentState.OVER if over else ConsentState(answer.decision), answer)


def taken_back_too_early(held: Standing, values: Mapping[str, Any]) -> str:
    """What is wrong with an answer that takes an agreement back before it was given; else empty."""
    if values.get("decision") != ConsentAnswer.WITHDRAWN or held.answer is None:
        return ""
    return ordered(_("When they agreed"), held.answer.on, _("When they answered"), values.get("on"))


def consents_on(person: Person, *, on: date) -> Mapping[str, Standing]:
    """How each consent that was ever asked stands on a day, by its kind. One query, two after a merge."""
    return _strictest(answers_of(person), person, on=on)


def answers_of(person: Person) -> QuerySet[Consent]:
    """Every answer of a person, in this record and in those that were merged into it; the last first."""
    return Consent.objects.filter(of_record(person)).order_by("-pk")


STRICT = (
    ConsentState.REFUSED,
    ConsentState.WITHDRAWN,
    ConsentState.NOT_ASKED,
    ConsentState.OVER,
    ConsentState.GIVEN,
)
"""How much an answer lets happen, the least first."""


def _strictest(answers: Iterable[Consent], person: Person, *, on: date) -> dict[str, Standing]:
    """Of each kind the last answer of every record; of two the stricter, until they were asked again together.

    answers: the last first. A record in which nobody was ever asked says nothing about the others.
    """
    last: dict[str, dict[UUID, Consent]] = {}
    for item in answers:
        last.setdefault(item.kind, {}).setdefault(item.person_id, item)
    keepers = _keepers({pk for found in last.values() for pk in found} - {person.pk})
    return {kind: min(_counting(found, keepers, on=on), key=strictness) for kind, found in last.items()}


Keepers = Mapping[UUID, tuple[UUID, datetime]]
"""Of each record that was merged into another one, that one and when."""


def _keepers(merged: Collection[UUID]) -> Keepers:
    if not merged:
        return {}
    rows = Merge.objects.filter(other__in=merged, apart_at=None).values_list("other", "kept", "at")
    return {other: (kept, at) for other, kept, at in rows}


def _counting(found: Mapping[UUID, Consent], keepers: Keepers, *, on: date) -> list[Standing]:
    """The answers that count: an answer that was given after a merge takes the place of those from before it."""
    return [standing(item, on=on) for item in found.values() if not _asked_again(item, found, keepers)]


def _asked_again(answer: Consent, found: Mapping[UUID, Consent], keepers: Keepers) -> bool:
    """Whether they were asked again in a record into which that of an answer was merged."""
    record = answer.person_id
    while record in keepers:
        record, merged_at = keepers[record]
        if record in found and found[record].at >= merged_at:
            return True
    return False


def strictness(found: Standing) -> tuple[int, date]:
    """Sorts by how much an answer lets happen, the least first."""
    return STRICT.index(found.state), found.until or date.max


def consent_on(person: Person, kind: str, *, on: date) -> Standing:
    """How one consent stands on a day."""
    return consents_on(person, on=on).get(kind, NOT_ASKED)


def consent_then(person: Person, kind: str, *, on: date) -> Standing:
    """How one consent stood on a day that has been: an answer of a later day changes nothing of it."""
    return _strictest(answers_of(person).filter(kind=kind, on__lte=on), person, on=on).get(kind, NOT_ASKED)
