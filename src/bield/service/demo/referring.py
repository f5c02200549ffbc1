"""Makes up referrals at every stage, for people with a record that says they were referred, and a few drafts."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from random import Random
from typing import Any

from django.conf import settings

from bield import law
from bield.law import NrmField, NrmForm, nrm_form
from bield.service.accounts.models import Membership
from bield.service.accounts.permissions import Permission, roles_with
from bield.service.audit.actions import record_many
from bield.service.audit.kinds import Kind
from bield.service.cases.consents import consent_on
from bield.service.cases.models import Person
from bield.service.days import day_of
from bield.service.demo.clock import working_time
from bield.service.referrals.decisions import running_clock
from bield.service.referrals.fill import filled, may_refer
from bield.service.referrals.models import Decision, HandIn, Referral

DRAFTS, READY = 8, 3
"""How many drafts there are, and how many closed referrals that wait to be handed in."""

HAPPENED = {
    "sent": ("received",),
    "reasonable_grounds": ("received", "rg_positive"),
    "conclusive_positive": ("received", "rg_positive", "cg_positive"),
    "negative_reasonable": ("received", "rg_negative"),
    "negative_conclusive": ("received", "rg_positive", "cg_negative"),
}
"""The decisions on a referral, by the state on the person's record."""

WORDS = {
    "birthplace": "A village near the coast. They left it at nineteen.",
    "family": "A mother and two younger sisters, who live together. They speak on Sundays.",
    "education": "Eight years of school, and a course in sewing that was not finished.",
    "employment": "Seasonal work in fields, then a shop. Nothing since they came.",
    "dates": "From the spring of last year until the week before we met them.",
    "how_it_began": "A friend of a cousin offered work, paid the ticket and kept the receipt as a debt.",
    "journey": "By bus and lorry, then a ferry at night. Somebody else held the papers throughout.",
    "had_to_do": "Work from six in the morning, every day, where they were taken by van.",
    "living": "Four people in one room above the workplace. The door was locked at night.",
    "treatment": "Shouted at, once struck. Told that the police would send them to prison.",
    "what_keeps_them": "The debt, and photographs of their sisters that were shown to them.",
    "how_they_left": "They walked out when the van did not come, and asked in a chemist's for help.",
    "last_contact_how": "A message that said where they would be found. It is kept on the telephone.",
    "interview": "In our office, alone, with a professional interpreter of the gender they chose, over two mornings.",
    "insight": "They answer fully and slowly, and tire after half an hour. They sit where they can see the door.",
    "credibility_evidence": "A bank card in another person's name, and the message on the telephone.",
    "others_who": "The health visitor and a housing officer, who both met them once.",
    "exploiters": "A man they call uncle, and a driver. Two other names are in the account.",
    "exploiters_where": "The driver was seen in the same town last week.",
    "types_other": "Made to open accounts in their name.",
    "future_why": "The man knows the family's address and has said that he will visit.",
    "reach_why": "They have no telephone of their own yet; ask through us.",
    "decision_post": "Care of our office, which is safe to write to.",
}
"""What a worker may have written, by question."""


def fill(random: Random, *, today: date) -> None:
    """Make the referrals. The same random numbers and day make the same referrals."""
    makers = {
        item.team_id: item
        for item in Membership.objects.filter(role__in=roles_with(Permission.REFERRAL_MAKE))
        .select_related("user")
        .order_by("-user__email")
    }
    form = nrm_form(settings.PLACE, on=today)
    people = Person.objects.filter(team__in=makers).select_related("team__organisation").order_by("reference")
    drafts, ready = 0, 0
    referrals: list[Referral] = []
    hand_ins: list[HandIn] = []
    decisions: list[Decision] = []
    events: list[dict[str, Any]] = []
    for person in people[:400]:
        maker = makers[person.team_id]
        draft = person.referral == "none"
        if (draft and (drafts == DRAFTS or random.random() < 0.8)) or not may_refer(person, today=today):
            continue
        waits = draft and ready < READY and _agreed(person, today)
        draft = draft and not waits
        drafts, ready = drafts + draft, ready + waits
        person.role = maker.role  # type: ignore[attr-defined]  # as the gate sets it
        begun = working_time(random, min(day_of(person.opened_at) + timedelta(days=2), today))
        referral = Referral(
            id=uuid.UUID(int=random.getrandbits(128), version=4),
            person=person,
            form=form.id,
            answers=filled(form, person, maker.user, today=today),
            made_by=maker.user,
            made_at=begun,
            changed_at=begun,
        )
        if not draft:
            referral.answers = _complete(form, referral.answers)
            referral.closed_at, referral.closed_by = begun, maker.user
        if waits:
            Person.objects.filter(pk=person.pk).update(to_hand_in_since=day_of(begun))
        elif not draft:
            referral.handed_in_on = day_of(begun)
            hand_ins.append(HandIn(referral=referral, on=referral.handed_in_on, way="page", by=maker.user, at=begun))
            decisions += _decisions(random, referral, person, today)
        referrals.append(referral)
        kind = Kind.REFERRAL_BEGUN if draft else Kind.REFERRAL_CLOSED
        organisation = person.team.organisation_id
        events.append(
            {
                "kind": kind.value,
                "actor": maker.user_id,
                "organisation": organisation,
                "subject": person.pk,
                "at": begun,
            }
        )
        if referral.handed_in_on is not None:
            facts = {"on": referral.handed_in_on.isoformat(), "way": "page"}
            events.append(events[-1] | {"kind": Kind.REFERRAL_HANDED_IN.value, "facts": facts})
    Referral.objects.bulk_create(referrals)
    HandIn.objects.bulk_create(hand_ins)
    Decision.objects.bulk_create(decisions)
    record_many(events)


def _agreed(person: Person, today: date) -> bool:
    """Whether a made-up person may be referred: an adult who agreed, or a child."""
    return not person.is_adult or consent_on(person, "nrm_referral", on=today).given


def _decisions(random: Random, referral: Referral, person: Person, today: date) -> list[Decision]:
    """The decisions up to the state on the record, the last on the record's own day."""
    assert referral.handed_in_on is not None  # noqa: S101  # only a referral that was handed in gets decisions
    assert referral.closed_by is not None  # noqa: S101
    first = referral.handed_in_on
    last = max(person.decision_on or first, first)
    keys = HAPPENED[person.referral]
    days = [first, *(first + (last - first) * step // max(len(keys) - 1, 1) for step in range(1, len(keys)))]
    if person.referral == "negative_conclusive" and random.random() < 0.5 and last < today:
        keys, days = (*keys, "reconsideration_asked"), [*days, last + timedelta(days=1)]
    clock = running_clock(list(zip(keys, days, strict=True)), place=settings.PLACE, child=not person.is_adult)
    referral.clock, referral.clock_ends = (clock.clock, clock.ends) if clock else ("", None)
    by, at = referral.closed_by, working_time(random, min(last + timedelta(days=1), today))
    return [Decision(referral=referral, kind=key, on=on, by=by, at=at) for key, on in zip(keys, days, strict=True)]


def _complete(form: NrmForm, answers: dict[str, object]) -> dict[str, object]:
    """The answers, with something made up for every question that is still missing."""
    complete = dict(answers)
    while missing := form.missing(complete):
        for fields in missing.values():
            for question in fields:
                complete[question.id] = _something(question)
    return form.counting(complete)


def _something(question: NrmField) -> object:
    """A made-up answer to a question."""
    if question.holds == "several":
        return [question.choices[0].key]
    if question.choices:
        return question.choices[-1].key if question.id == "credibility" else question.choices[0].key
    if question.holds == "council":
        return law.councils(settings.PLACE)[0].id
    if question.holds == "long":
        return WORDS.get(question.id, "Not known yet; asked again at the next meeting.")
    made_up = {"day": "1998-04-01", "lines": "Glasgow", "phone": "0141 496 0123", "email": "worker@council.example"}
    return made_up.get(question.holds, "Not known")
