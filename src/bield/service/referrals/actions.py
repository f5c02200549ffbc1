"""Changes to a referral. Each change records an event in the same transaction."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from bield.births import Birth, disagreement
from bield.law import NotRecorded, nrm_form, nrm_form_version
from bield.service.accounts.models import User
from bield.service.audit.kinds import Kind
from bield.service.cases import actions as cases
from bield.service.cases.consents import consent_on, consent_then
from bield.service.cases.events import lock, note
from bield.service.cases.models import Person
from bield.service.cases.situation import situation_of
from bield.service.cases.states import ConsentState, ReviewState
from bield.service.changes import Conflict, NotNow
from bield.service.days import day_of, order_error, out_of_order
from bield.service.drafts.actions import forget
from bield.service.referrals import files
from bield.service.referrals.decisions import first_out_of_order, kinds, running_clock
from bield.service.referrals.fill import filled, may_refer
from bield.service.referrals.fits import misfitting
from bield.service.referrals.models import Decision, Evidence, Referral
from bield.service.referrals.package import parts_of

CONSENT, COOPERATION = "nrm_referral", "police_cooperation"

NO_LONGER_AGREED = (ConsentState.REFUSED, ConsentState.WITHDRAWN, ConsentState.OVER)


@transaction.atomic
def begin(person: Person, *, by: User, at: datetime) -> Referral:
    """Begin a referral, filled from the record; or return the draft, if there is one already.

    Raises NotNow if the body may not refer, or the place has no referral form.
    """
    if not may_refer(person, today=day_of(at)):
        raise NotNow("your body may not refer: ask one that may, such as the police or social work")
    lock(person)
    draft = Referral.objects.filter(person=person, closed_at__isnull=True).first()
    if draft is not None:
        return draft
    try:
        form = nrm_form(settings.PLACE, on=day_of(at))
    except NotRecorded:
        raise NotNow("no referral form is recorded for this country") from None
    answers = filled(form, person, by, today=day_of(at))
    referral = Referral.objects.create(
        person=person, form=form.id, answers=answers, made_by=by, made_at=at, changed_at=at
    )
    note(Kind.REFERRAL_BEGUN, person, by, at=at, form=form.id)
    cases.lapse_review(person, by, at)  # nobody has reviewed this draft
    return referral


def _draft(referral: Referral) -> Referral:
    locked = Referral.objects.select_for_update().filter(pk=referral.pk).first()
    if locked is None:
        raise NotNow("somebody has deleted this draft")
    locked.person = referral.person
    if locked.closed_at:
        raise NotNow("the referral is closed, so it cannot be changed")
    return locked


@transaction.atomic
def answer(
    referral: Referral, *, expected: int, section: str, values: Mapping[str, Any], by: User, at: datetime
) -> tuple[str, ...]:
    """Save the answers of a section. Returns the fields that lost their answers because they are no longer asked.

    Raises Conflict if somebody else changed it since it was opened, and NotNow if it is closed.
    """
    locked = _draft(referral)
    if locked.version != expected:
        raise Conflict(locked)
    form = nrm_form_version(locked.form)
    before = form.counting(locked.answers)
    answers = {name: value for name, value in {**locked.answers, **values}.items() if value}
    locked.answers = form.counting(answers)
    locked.version += 1
    locked.changed_at = at
    locked.save(update_fields=["answers", "version", "changed_at"])
    note(Kind.REFERRAL_CHANGED, locked.person, by, at=at, section=section)
    cases.lapse_review(locked.person, by, at)
    section_fields = {item.id for item in form.section(section).fields}
    return tuple(name for name in before if name not in locked.answers and name not in section_fields)


@transaction.atomic
def discard(referral: Referral, *, by: User, at: datetime) -> None:
    """Delete a draft. Raises NotNow if it is closed."""
    locked = _draft(referral)
    note(Kind.REFERRAL_DISCARDED, locked.person, by, at=at)
    locked.delete()


@transaction.atomic
def add_evidence(referral: Referral, *, name: str, content: bytes, shows: str, by: User, at: datetime) -> Evidence:
    """Save a file of evidence, sealed. Raises NotEvidence if it is not accepted, NotNow if the referral is closed."""
    locked, form = _draft(referral), nrm_form_version(referral.form)
    if not content:
        raise files.NotEvidence("the file is empty")
    if len(content) > form.most_megabytes << 20:
        raise files.NotEvidence(f"the file is larger than {form.most_megabytes} MB: make it smaller")
    if locked.evidence.count() >= form.most_files:
        raise files.NotEvidence(f"there are {form.most_files} files already, and the form accepts no more")
    evidence = Evidence.objects.create(
        referral=locked,
        type=files.type_of(content, form.file_types),
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        name=files.plain_name(name),
        shows=shows,
        content=base64.b64encode(content).decode(),
        by=by,
        at=at,
    )
    note(Kind.EVIDENCE_ADDED, locked.person, by, at=at, evidence=str(evidence.pk), size=evidence.size)
    cases.lapse_review(locked.person, by, at)
    return evidence


@transaction.atomic
def remove_evidence(evidence: Evidence, *, referral: Referral, by: User, at: datetime) -> None:
    """Delete a file of evidence. Raises NotNow if the referral is closed, or somebody has deleted the file."""
    locked = _draft(referral)
    if not Evidence.objects.filter(pk=evidence.pk).exists():
        raise NotNow("somebody has deleted this file already")
    note(Kind.EVIDENCE_REMOVED, locked.person, by, at=at, evidence=str(evidence.pk))
    cases.lapse_review(locked.person, by, at)
    evidence.delete()


def hindrances(referral: Referral, *, today: date) -> tuple[str, ...]:
    """The reasons why a referral cannot be closed yet, in words; empty if it can."""
    form, person = nrm_form_version(referral.form), referral.person
    answers, reasons = referral.answers, []
    if referral.closed_at:
        reasons.append("it is closed already")
    if not may_refer(person, today=today):
        reasons.append("your body may not refer")
    if form.missing(answers):
        reasons.append("some questions are not answered yet")
    if misfits := misfitting(form, answers):
        reasons.append(gettext("these answers do not fit the form: %(labels)s") % {"labels": "; ".join(misfits)})
    child = answers.get("under_18") in ("yes", "not_sure")
    if child is not situation_of(person, None, {}, today=today).treated_as_child:
        reasons.append("the age here and the age in the record do not agree")
    born = answers.get("born")
    age_in_form = {"yes": "under_18", "no": "adult"}.get(answers.get("under_18", ""), "")
    if born and disagreement(age_in_form, Birth.read(str(born)), on=today):
        reasons.append("the date of birth and the age do not agree")
    if not child and answers.get("wants_referral") != "yes":
        reasons.append("an adult is referred only if they want to be: answer that question")
    if not agreed(referral, on=today):
        reasons.append("the record has no agreement to the referral: record it first, with what was explained")
    unwilling = consent_on(person, COOPERATION, on=today).state in NO_LONGER_AGREED
    if answers.get("willing") == "yes" and not child and unwilling:
        reasons.append(
            "the referral says that they are willing to talk to the police, but the record says they are not"
        )
    if person.review != ReviewState.APPROVED:
        reasons.append("a lead has not yet said that it may go ahead")
    return tuple(reasons)


def agreed(referral: Referral, *, on: date) -> bool:
    """Whether the record has an adult's agreement to the referral on a day. A child is not asked, so this is true."""
    child = referral.answers.get("under_18") in ("yes", "not_sure")
    return child or consent_then(referral.person, CONSENT, on=on).given


@transaction.atomic
def close(referral: Referral, *, by: User, at: datetime) -> None:
    """Close the referral as it is, with a hash of each part, ready to hand in. Raises NotNow if it is not ready.

    This sends nothing: the Home Office takes referrals through its own page, and somebody hands it in there.
    """
    locked = _draft(referral)
    Person.objects.select_for_update().get(pk=locked.person_id)
    if reasons := hindrances(locked, today=day_of(at)):
        raise NotNow("; ".join(reasons))
    locked.answers = nrm_form_version(locked.form).counting(locked.answers)
    locked.closed_at, locked.closed_by = at, by
    locked.receipt = {name: hashlib.sha256(content).hexdigest() for name, content in parts_of(locked).items()}
    locked.save(update_fields=["answers", "closed_at", "closed_by", "receipt"])
    note(Kind.REFERRAL_CLOSED, locked.person, by, at=at, parts=len(locked.receipt))
    update_waiting_since(locked.person)


@transaction.atomic
def reopen(referral: Referral, *, by: User, at: datetime) -> None:
    """Make a closed referral a draft again. Raises NotNow if it was handed in, or there is another draft."""
    locked = Referral.objects.select_for_update().get(pk=referral.pk)
    locked.person = referral.person
    if locked.closed_at is None:
        raise NotNow("the referral is a draft already")
    if locked.handed_in_on is not None:
        raise NotNow("the referral was handed in, so it cannot be changed")
    if Referral.objects.filter(person=locked.person, closed_at__isnull=True).exists():
        raise NotNow("there is another draft for this person: delete it first")
    locked.closed_at, locked.closed_by, locked.receipt, locked.reminded_on = None, None, {}, None
    locked.save(update_fields=["closed_at", "closed_by", "receipt", "reminded_on"])
    note(Kind.REFERRAL_REOPENED, locked.person, by, at=at)
    update_waiting_since(locked.person)


def update_waiting_since(person: Person) -> None:
    """Show on the person's record since when a closed referral waits to be handed in, if one does."""
    waiting = Referral.objects.filter(person=person, closed_at__isnull=False, handed_in_on__isnull=True)
    first = waiting.order_by("closed_at").values_list("closed_at", flat=True).first()
    since = day_of(first) if first else None
    Person.objects.filter(pk=person.pk).update(to_hand_in_since=since)
    person.to_hand_in_since = since


def update_record(person: Person, state: str, on: date | None, by: User, at: datetime) -> None:
    """Show the state of the referral on the person's record. on: the day of the decision."""
    current = Person.objects.get(pk=person.pk)
    current.team = person.team
    values = {"referral": state, "decision_on": on if state not in ("none", "sent") else None}
    cases.change_about(person=current, expected=current.version, by=by, at=at, values=values)


@transaction.atomic
def decide(referral: Referral, *, kind: str, on: date, by: User, at: datetime) -> Decision:
    """Record a decision with the date of its letter.

    Raises NotNow if nobody has recorded the hand-in, or the letter is dated before it, in the future, or before a
    decision that it follows.
    """
    locked = Referral.objects.select_for_update().get(pk=referral.pk)
    locked.person = referral.person
    if locked.handed_in_on is None:
        raise NotNow("nobody has recorded that the referral was handed in: record that first")
    if problem := order_error(gettext("When it was handed in"), locked.handed_in_on, gettext("Date of the letter"), on):
        raise NotNow(problem)
    if on > day_of(at):
        raise NotNow("the date of the letter is in the future: check it")
    if out_of_sequence := first_out_of_order([*locked.decisions.values_list("kind", "on"), (kind, on)]):
        raise NotNow(out_of_order(*(gettext(kinds()[item].label) for item in out_of_sequence)))
    decision = Decision.objects.create(referral=locked, kind=kind, on=on, by=by, at=at)
    note(Kind.DECISION_RECORDED, locked.person, by, at=at, decision=kind)
    _set_clock(locked, at)
    _update_record_from(locked, by, at)
    return decision


@transaction.atomic
def take_decision_back(decision: Decision, *, by: User, at: datetime, why: str) -> None:
    """Mark a decision as recorded wrongly, with the reason. Raises NotNow if it is marked already.

    The clock and the state on the person's record are worked out again from the remaining decisions.
    """
    locked = Referral.objects.select_for_update().get(pk=decision.referral_id)
    locked.person = decision.referral.person
    stored = Decision.objects.filter(pk=decision.pk).first()
    if stored is None:
        raise NotNow("this decision was taken back already")
    stored.taken_back_at, stored.taken_back_by, stored.why = at, by, why
    stored.save(update_fields=["taken_back_at", "taken_back_by", "why"])
    forget(f"decision:{stored.pk}")
    note(Kind.DECISION_UNDONE, locked.person, by, at=at, decision=stored.kind)
    _set_clock(locked, at)
    _update_record_from(locked, by, at)


def _set_clock(referral: Referral, at: datetime) -> None:
    happened = list(referral.decisions.values_list("kind", "on"))
    child = situation_of(referral.person, None, {}, today=day_of(at)).treated_as_child
    clock = running_clock(happened, place=settings.PLACE, child=child)
    referral.clock, referral.clock_ends, referral.reminded_on = (
        (clock.clock, clock.ends, None) if clock else ("", None, None)
    )
    referral.save(update_fields=["clock", "clock_ends", "reminded_on"])


def update_record_from_last(person: Person, *, by: User, at: datetime) -> None:
    """Show on the person's record the state of the referral that was handed in last, if any was."""
    referral = (
        Referral.objects.filter(person=person, handed_in_on__isnull=False).order_by("handed_in_on", "made_at").last()
    )
    if referral is not None:
        referral.person = person
        _update_record_from(referral, by, at)


def _update_record_from(referral: Referral, by: User, at: datetime) -> None:
    for decision in referral.decisions.order_by("-on", "-pk"):
        state = kinds()[decision.kind].record
        if state:
            update_record(referral.person, state, decision.on, by, at)
            return
    update_record(referral.person, "sent", None, by, at)
