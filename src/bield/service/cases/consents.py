"""Works out the state of each of a person's consents on a day. Every use of a consent asks here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bield.service.cases.models import Consent, Merge, Person
from bield.service.cases.same_person.merged import belongs_to, of_record, of_records
from bield.service.cases.states import ConsentAnswer, ConsentState
from bield.service.days import order_error


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of one kind of consent on a day, and the last answer about it."""

    state: ConsentState
    answer: Consent | None = None

    @property
    def given(self) -> bool:
        """Whether they agree on that day. Every other state means that they do not."""
        return self.state == ConsentState.GIVEN

    @property
    def until(self) -> date | None:
        """The last day of an agreement; None if no end was set, or they do not agree."""
        return self.answer.until if self.answer and self.given else None


NOT_ASKED = Standing(ConsentState.NOT_ASKED)


def standing(answer: Consent | None, *, on: date) -> Standing:
    """The state of an answer on a day. An answer reset by a change of age counts as not asked."""
    if answer is None or answer.decision == ConsentAnswer.RESET:
        return NOT_ASKED
    over = answer.decision == ConsentAnswer.GIVEN and answer.until is not None and answer.until < on
    return Standing(ConsentState.OVER if over else ConsentState(answer.decision), answer)


def taken_back_too_early(standing: Standing, values: Mapping[str, Any]) -> str:
    """The error for an answer that takes an agreement back before it was given; empty if nothing is wrong."""
    if values.get("decision") != ConsentAnswer.WITHDRAWN or standing.answer is None:
        return ""
    return order_error(_("When they agreed"), standing.answer.on, _("When they answered"), values.get("on"))


def consents_on(person: Person, *, on: date) -> Mapping[str, Standing]:
    """The state on a day of every consent that was ever asked, by its kind. One query, two after a merge."""
    return _strictest(answers_of(person), person, on=on)


def consents_of_each(people: Collection[UUID], *, on: date) -> Mapping[UUID, Mapping[str, Standing]]:
    """As `consents_on`, for many people at once: the consents of each, by its primary key.

    One query, two if an answer was given in a record that was merged.
    """
    answers: dict[UUID, list[Consent]] = {}
    rows = Consent.objects.filter(of_records(people)).select_related("person").order_by("-pk")
    merged = set()
    for answer in rows.only("kind", "decision", "on", "until", "at", "person__same_as"):
        answers.setdefault(belongs_to(answer.person, people), []).append(answer)
        if answer.person_id not in people:
            merged.add(answer.person_id)
    keepers = _keepers(merged)
    return {person: _strictest_of(found, keepers, on=on) for person, found in answers.items()}


def answers_of(person: Person) -> QuerySet[Consent]:
    """Every answer of a person, in this record and in those merged into it; the latest first."""
    return Consent.objects.filter(of_record(person)).order_by("-pk")


STRICT = (
    ConsentState.REFUSED,
    ConsentState.WITHDRAWN,
    ConsentState.NOT_ASKED,
    ConsentState.OVER,
    ConsentState.GIVEN,
)
"""The states, from the one that allows least to the one that allows most."""


def _strictest(answers: Iterable[Consent], person: Person, *, on: date) -> dict[str, Standing]:
    """By kind, the strictest of the last answers in the merged records, unless they were asked again after the merge.

    answers: the latest first. A record in which nobody was ever asked does not count.
    """
    found = list(answers)
    keepers = _keepers({answer.person_id for answer in found} - {person.pk})
    return _strictest_of(found, keepers, on=on)


def _strictest_of(answers: Iterable[Consent], keepers: Keepers, *, on: date) -> dict[str, Standing]:
    last: dict[str, dict[UUID, Consent]] = {}
    for answer in answers:
        last.setdefault(answer.kind, {}).setdefault(answer.person_id, answer)
    return {kind: min(_counting(by_record, keepers, on=on), key=strictness) for kind, by_record in last.items()}


Keepers = Mapping[UUID, tuple[UUID, datetime]]
"""For each merged record, the record it was merged into, and when."""


def _keepers(merged: Collection[UUID]) -> Keepers:
    if not merged:
        return {}
    merges = Merge.objects.filter(other__in=merged, apart_at=None).values_list("other", "kept", "at")
    return {other: (kept, at) for other, kept, at in merges}


def _counting(by_record: Mapping[UUID, Consent], keepers: Keepers, *, on: date) -> list[Standing]:
    """The answers that count: an answer given after a merge replaces those from before it."""
    return [standing(answer, on=on) for answer in by_record.values() if not _asked_again(answer, by_record, keepers)]


def _asked_again(answer: Consent, by_record: Mapping[UUID, Consent], keepers: Keepers) -> bool:
    """Whether they were asked again after the answer's record was merged, in the record it was merged into."""
    record = answer.person_id
    while record in keepers:
        record, merged_at = keepers[record]
        if record in by_record and by_record[record].at >= merged_at:
            return True
    return False


def strictness(standing: Standing) -> tuple[int, date]:
    """A key that sorts the consent that allows least first."""
    return STRICT.index(standing.state), standing.until or date.max


def consent_on(person: Person, kind: str, *, on: date) -> Standing:
    """The state of one consent on a day."""
    return consents_on(person, on=on).get(kind, NOT_ASKED)


def consent_then(person: Person, kind: str, *, on: date) -> Standing:
    """The state of one consent on a past day: later answers do not count."""
    return _strictest(answers_of(person).filter(kind=kind, on__lte=on), person, on=on).get(kind, NOT_ASKED)
