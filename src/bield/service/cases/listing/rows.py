"""The rows of a list of people: who, where they are on the way, what is next and by whom, and who looks after them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from bield import law
from bield.law.support import statutory_clock
from bield.service.accounts.access import can_work
from bield.service.accounts.permissions import Permission
from bield.service.cases.consents import Standing, consents_of_each
from bield.service.cases.listing.due import Due
from bield.service.cases.models import AgeAssessment, Assessment, Person, StepMark
from bield.service.cases.same_person.merged import belongs_to, of_records
from bield.service.cases.situation import situation_of
from bield.service.cases.states import ConsentState, ReviewState, SupportState
from bield.service.cases.who import child_words, exploitation_words, who
from bield.service.days import day_of
from bield.service.design.lists import short_day


@dataclass(frozen=True, slots=True)
class Stage:
    """How far things have come, in words, and since when or for how long."""

    words: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A person on a list, without a name. nobody: whether their worker can no longer work on the record."""

    person: Person
    who: str
    tag: str
    exploitation: str
    stage: Stage
    due: Due | None
    late: bool
    nobody: bool


def with_facts(people: QuerySet[Person]) -> QuerySet[Person]:
    """The same people with what their rows need, in the same query."""
    assessed = AgeAssessment.objects.filter(person=OuterRef("pk")).exclude(result="inconclusive")
    return people.select_related("worker", "team__organisation").annotate(
        has_worker=can_work(Permission.PERSON_EDIT), age_was_assessed=Exists(assessed)
    )


def rows_of(people: Sequence[Person], due: Mapping[UUID, Due], *, today: date) -> list[Row]:
    """The rows for some people who came `with_facts`. Three queries, one more if records were merged.

    due: what is due for those who have a day; for the others the next step of the pathway is found.
    """
    pks = {person.pk for person in people}
    last, consents, marks = _last_assessments(pks), consents_of_each(pks, on=today), _marks(pks)
    rows = []
    for person in people:
        agreed = consents.get(person.pk, {})
        found = due.get(person.pk)
        if found is None and person.closed_at is None:
            found = _next_step(person, last.get(person.pk), agreed, marks.get(person.pk, ()), today=today)
        rows.append(_row(person, last.get(person.pk), agreed, found, today=today))
    return rows


def _row(
    person: Person, last: Assessment | None, consents: Mapping[str, Standing], due: Due | None, *, today: date
) -> Row:
    return Row(
        person,
        who(person),
        child_words(person),
        exploitation_words(person),
        stage_of(person, last, consents, due, today=today),
        due,
        due is not None and due.late(today),
        not person.has_worker,  # type: ignore[attr-defined]  # set by with_facts
    )


def _last_assessments(people: Collection[UUID]) -> dict[UUID, Assessment]:
    """The last signed assessment of each person, in their own record or in one that was merged into it."""
    found = Assessment.objects.filter(of_records(people), superseded_by=None).select_related("person")
    found = found.only("check_file", "at", "person__same_as").order_by("at")
    return {belongs_to(assessment.person, people): assessment for assessment in found}


def _marks(people: Collection[UUID]) -> dict[UUID, list[str]]:
    """The steps that are done, by person."""
    done: dict[UUID, list[str]] = {}
    for person, step in StepMark.objects.filter(person__in=people).values_list("person", "step"):
        done.setdefault(person, []).append(step)
    return done


def _next_step(
    person: Person,
    last: Assessment | None,
    consents: Mapping[str, Standing],
    done: Sequence[str],
    *,
    today: date,
) -> Due | None:
    """The first step of the pathway that is not done; None if all are, or no pathway is recorded here."""
    assessed: bool = person.age_was_assessed  # type: ignore[attr-defined]  # set by with_facts
    situation = situation_of(person, last, consents, today=today, age_assessed=assessed)
    try:
        step = law.next_step(situation, on=today, place=settings.PLACE, done=done)
    except law.NotRecorded:
        return None
    return Due(_(step.title), step.due, by="" if step.who == YOU else _(step.who)) if step else None


YOU = "You"
"""What the pathway calls whoever looks after the person."""


def stage_of(
    person: Person, last: Assessment | None, consents: Mapping[str, Standing], due: Due | None, *, today: date
) -> Stage:
    """Where somebody is on the way: what happened last that matters, and since when."""
    if person.closed_at is not None:
        return Stage(_("Closed"), _since(day_of(person.closed_at), today=today))
    return (
        _within(person, due, today=today)
        or _referred(person, today=today)
        or _supported(person, today=today)
        or _before(person, last, consents, today=today)
    )


def _since(day: date | None, *, today: date) -> str:
    return _("since %(day)s") % {"day": short_day(day, today=today)} if day else ""


def _within(person: Person, due: Due | None, *, today: date) -> Stage | None:
    """What waits within the team before a referral can go."""
    since = _since(due.since, today=today) if due else ""
    if person.to_hand_in_since is not None:
        return Stage(_("Referral ready to hand in"), _since(person.to_hand_in_since, today=today))
    if person.review == ReviewState.ASKED:
        return Stage(_("Review asked"), since)
    if person.review == ReviewState.CHANGES:
        return Stage(_("Changes asked for"), since)
    return None


def _referred(person: Person, *, today: date) -> Stage | None:
    if person.referral == "none":
        return None
    if person.referral == "sent":
        return Stage(_("Referred, no decision yet"))
    words = {
        "reasonable_grounds": _("Reasonable grounds"),
        "conclusive_positive": _("Conclusive grounds"),
        "negative_reasonable": _("Reasonable grounds: negative"),
        "negative_conclusive": _("Conclusive grounds: negative"),
    }[person.referral]
    return Stage(words, day_of_support(person, today=today) or _since(person.decision_on, today=today))


def day_of_support(person: Person, *, today: date) -> str:
    """Which day of their support period it is, for an adult with a positive decision; empty once it is over."""
    if person.referral != "reasonable_grounds" or person.decision_on is None or not person.is_adult:
        return ""
    clock = statutory_clock(person.decision_on, place=settings.PLACE)
    ends = clock.ends(person.decision_on) if clock else None
    if ends is None or not person.decision_on <= today <= ends:
        return ""
    before = 1 if clock and clock.first_day == "event_day" else 0
    whole, day = (ends - person.decision_on).days + before, (today - person.decision_on).days + before
    return _("day %(day)d of %(whole)d") % {"day": day, "whole": whole}


def _supported(person: Person, *, today: date) -> Stage | None:
    if person.support == SupportState.OPEN:
        return Stage(_("Supported"))
    if person.support == SupportState.ASKED:
        return Stage(_("Support asked for"), _("no answer yet"))
    if person.support == SupportState.ENDED:
        return Stage(_("Support ended"), _since(person.support_ended_on, today=today))
    return None


def _before(person: Person, last: Assessment | None, consents: Mapping[str, Standing], *, today: date) -> Stage:
    referral = consents.get("nrm_referral")
    if person.is_adult and referral and referral.state in (ConsentState.REFUSED, ConsentState.WITHDRAWN):
        answered = referral.answer.on if referral.answer else None
        return Stage(_("Did not agree to referral"), _since(answered, today=today))
    if last is not None:
        return Stage(_("Signs signed"), _since(day_of(last.at), today=today))
    return Stage(_("Begun"), _since(day_of(person.opened_at), today=today))
