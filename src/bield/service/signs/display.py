"""Prepares an assessment for the result page and the printed result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from bield.indicators import Age, Answer, Assessment, Exploitation, explain
from bield.indicators.assessment import Sign
from bield.indicators.explain import DimensionExplanation, Explanation
from bield.law import Place, Service
from bield.service.signs.state import POLICY, Check
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
class ShownAnswer:
    """What the signs add up to: a sentence, what it leaves out, and the sets it is for if there are several."""

    heading: str
    answer: str
    more: tuple[str, ...]


@dataclass(frozen=True)
class ShownService:
    """A service to turn to, and whether its entry is due for a check."""

    service: Service
    stale: bool


@dataclass(frozen=True)
class Shown:
    """A whole result. act: whether it is enough to act on. otherwise: how it was worked out, if another way was chosen.

    about, act and without_police are sentences; the last is empty for a child.
    """

    about: str
    treated_as_child: bool
    act: str
    without_police: str
    otherwise: str
    made_with: str
    answers: tuple[ShownAnswer, ...]
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
        act=_act(check, assessments),
        without_police="" if check.person.treated_as_child else _without_police(check.gender),
        otherwise=_otherwise(check),
        made_with=_("Worked out with %(title)s, version %(version)s.")
        % {"title": check.codebook.title, "version": check.codebook.version},
        answers=_answers(sets),
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


def do_not_question(gender: str) -> str:
    """What nobody should do to fill in a check."""
    return {
        "woman": _("Do not question her to fill this in."),
        "man": _("Do not question him to fill this in."),
    }.get(gender, _("Do not question them to fill this in."))


def _without_police(gender: str) -> str:
    return {
        "woman": _("She can have help without going to the police."),
        "man": _("He can have help without going to the police."),
    }.get(gender, _("They can have help without going to the police."))


def _otherwise(check: Check) -> str:
    """That the result was worked out in another way than usual, and which; empty for the usual way."""
    child = check.person is not None and check.person.treated_as_child  # always assessed under the children's rule
    if (child or check.policy == POLICY) and not check.alternatives:
        return ""
    policy = check.codebook.policy(check.policy)
    words = _("Worked out another way than usual: ‘%(policy)s’, and the other reading of %(n)d strengths.")
    if not check.alternatives:
        words = _("Worked out another way than usual: ‘%(policy)s’.")
    return words % {"policy": _(policy.label), "n": len(check.alternatives)}


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


def _answers(sets: tuple[ShownSet, ...]) -> tuple[ShownAnswer, ...]:
    """The answer of each set, or one for both where they say the same."""
    said = [
        ShownAnswer(shown.heading, shown.words.answer, shown.words.more + shown.words.standing_alone) for shown in sets
    ]
    if len(said) == 2 and (said[0].answer, said[0].more) == (said[1].answer, said[1].more):
        return (replace(said[0], heading=_("As labour and as sexual exploitation")),)
    return tuple(said)


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
