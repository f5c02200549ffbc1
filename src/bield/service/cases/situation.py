"""Turns a record into the situation that the pathway of the law data asks about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from bield import law
from bield.indicators import Assessment, Status
from bield.service.cases.consents import Standing
from bield.service.cases.models import Assessment as SignedAssessment
from bield.service.cases.models import Person
from bield.service.signs.saved import from_dict
from bield.service.signs.state import Check


def what_signs_say(assessments: Iterable[Assessment]) -> str:
    """One word for several sets of signs: indicated if any is, none only if all are."""
    statuses = {assessment.conclusion.indicated for assessment in assessments}
    if not statuses:
        return "not_assessed"
    if Status.POSITIVE in statuses:
        return "indicated"
    return "undetermined" if Status.UNDETERMINED in statuses else "none"


def situation_of(
    person: Person,
    last: SignedAssessment | None,
    consents: Mapping[str, Standing],
    *,
    today: date,
    age_assessed: bool | None = None,
) -> law.Situation:
    """The situation of a record today. An agreement whose time is over has to be asked for again.

    age_assessed: whether a council has assessed their age, if the caller knows; None asks the database.
    """
    states = {kind: standing.state for kind, standing in consents.items()}
    if age_assessed is None:
        age_assessed = person.age_assessments.exclude(result="inconclusive").exists()
    turns_18, body = person.turns_18, law.body(person.team.organisation.body)
    return law.Situation(
        age=person.age,
        believed_under_18=person.believed_under_18,
        age_assessed=age_assessed,
        gender=person.gender,
        exploitation=frozenset(person.exploitation),
        danger=person.danger,
        signs="not_assessed" if last is None else signs_of(last),
        first_responder=body.may_refer_on(today),
        kind=body.kind,
        parental_rights_in_uk=person.parental_rights_in_uk,
        consents={kind: "not_asked" if state == "over" else state for kind, state in states.items()},
        referral=person.referral,
        decision_on=person.decision_on,
        accused_of_offence={"yes": True, "no": False}.get(person.offence),
        missing=person.missing,
        eighteen_on=turns_18[0] if turns_18 else None,
        eighteen_by=turns_18[1] if turns_18 else None,
        council=person.council or None,
    )


def read_check(assessment: SignedAssessment) -> Check:
    """The check as it was signed, replayed with its own version of the codebook."""
    return from_dict(assessment.check_file)


MOST_REMEMBERED: Final = 5_000
_said: dict[UUID, str] = {}


def signs_of(assessment: SignedAssessment) -> str:
    """What a signed assessment says, in one word. It never changes, so each is worked out once and remembered."""
    word = _said.get(assessment.pk)
    if word is None:
        word = what_signs_say(read_check(assessment).assessments())
        if len(_said) >= MOST_REMEMBERED:
            _said.clear()
        _said[assessment.pk] = word
    return word
