"""Prepares an assessment for the result page and the printed result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from bield.indicators import Age, Answer, Assessment, Exploitation, explain
from bield.indicators.assessment import Sign
from bield.indicators.explain import DimensionExplanation, Explanation
from bield.law import Place, Service
from bield.service.signs.state import Check
from bield.service.signs.stave import Stave, stave


@dataclass(frozen=True)
class ShownDimension:
    """One dimension of a set, ready to show."""

    number: int
    words: DimensionExplanation
    status: str
    stave: Stave
    signs: tuple[Sign, ...]


@dataclass(frozen=True)
class ShownSet:
    """One set's assessment, ready to show."""

    heading: str
    words: Explanation
    indicated: str
    dimensions: tuple[ShownDimension, ...]


@dataclass(frozen=True)
class ShownService:
    """A service to turn to, and whether its entry is due for a check."""

    service: Service
    stale: bool


@dataclass(frozen=True)
class Shown:
    """A whole result. `summary` and `act` are the two sentences at the top."""

    about: str
    treated_as_child: bool
    summary: tuple[str, ...]
    act: str
    sets: tuple[ShownSet, ...]
    services: tuple[ShownService, ...]
    anything_known: bool


def show(check: Check, place: Place, *, today: date) -> Shown:
    """A check in words and pictures. All three choices must have been made."""
    assert check.person is not None  # noqa: S101  # callers redirect to the questions first
    assessments = check.assessments()
    sets = tuple(_set(assessment, several=len(assessments) > 1) for assessment in assessments)
    services = place.services_for(
        age=check.person.age.value,
        gender=check.gender,
        exploitation=check.person.exploitation.value,
    )
    return Shown(
        about=_about(check),
        treated_as_child=check.person.treated_as_child,
        summary=tuple(
            f"{shown.heading}: {shown.words.summary}" if shown.heading else shown.words.summary for shown in sets
        ),
        act=_act(check, assessments),
        sets=sets,
        services=tuple(ShownService(service, place.is_stale(service, on=today)) for service in services),
        anything_known=bool(check.answers),
    )


def _about(check: Check) -> str:
    who = {
        (Age.ADULT, "woman"): _("A woman of 18 or over"),
        (Age.ADULT, "man"): _("A man of 18 or over"),
        (Age.ADULT, "not_known"): _("A person of 18 or over"),
        (Age.UNDER_18, "woman"): _("A girl under 18"),
        (Age.UNDER_18, "man"): _("A boy under 18"),
        (Age.UNDER_18, "not_known"): _("A child under 18"),
        (Age.NOT_SURE, "woman"): _("A young woman or girl, treated as under 18 because her age is not known"),
        (Age.NOT_SURE, "man"): _("A young man or boy, treated as under 18 because his age is not known"),
        (Age.NOT_SURE, "not_known"): _("A person treated as under 18 because their age is not known"),
    }
    what = {
        Exploitation.LABOUR: _("labour exploitation"),
        Exploitation.SEXUAL: _("sexual exploitation"),
        Exploitation.BOTH: _("labour and sexual exploitation"),
        Exploitation.NOT_SURE: _("kind of exploitation not known"),
    }
    assert check.age is not None and check.exploitation is not None  # noqa: S101, PT018  # as in `show`
    return f"{who[check.age, check.gender]}; {what[check.exploitation]}."


def _set(assessment: Assessment, *, several: bool) -> ShownSet:
    words = explain(assessment, translations=translation)
    form = assessment.codebook.indicator_set(assessment.indicator_set).exploitation
    heading = {"labour": _("As labour exploitation"), "sexual": _("As sexual exploitation")}[form]
    return ShownSet(
        heading=heading if several else "",
        words=words,
        indicated=assessment.conclusion.indicated.value,
        dimensions=tuple(
            ShownDimension(number, in_words, result.status.value, stave(result), result.signs)
            for number, (result, in_words) in enumerate(
                zip(assessment.dimensions, words.dimensions, strict=True), start=1
            )
        ),
    )


def _act(check: Check, assessments: tuple[Assessment, ...]) -> str:
    """A sentence on whether this is enough to act on. A worry always is; it does not need a finding."""
    if check.person is not None and check.person.treated_as_child:
        return _("A worry about a child is enough to act on. You do not need to be sure.")
    seen = any(answer is Answer.YES for answer in check.answers.values())
    if any(assessment.enough_to_act for assessment in assessments):
        return _("This is enough to act on.")
    if seen:
        return _("You do not need to be sure: what you saw is enough to ask for advice.")
    return _("No sign is recorded. If you are still worried, that is reason enough to ask for advice.")
