"""What changes a referral. Each change leaves an event in the same transaction."""

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
from bield.service.referrals.decisions import disorder, kinds, running
from bield.service.referrals.fill import filled, may_refer
from bield.service.referrals.fits import ill_fitting
from bield.service.referrals.models import Decision, Evidence, Referral
from bield.service.referrals.package import parts_of

CONSENT, COOPERATION = "nrm_referral", "police_cooperation"

NO_LONGER_AGREED = (ConsentState.REFUSED, ConsentState.WITHDRAWN, ConsentState.OVER)


@transaction.atomic
def begin(person: Person, *, by: User, at: datetime) -> Referral:
    """Begin a referral, filled from the record; the draft that there is, if there is one.

    Raises NotNow where the body may not refer.
    """
    if not may_refer(person, today=day_of(at)):
        raise NotNow("your body may not refer; ask one that may, such as the police or social work")
    lock(person)
    held = Referral.objects.filter(person=person, closed_at__isnull=True).first()
    if held is not None:
        return held
    try:
        form = nrm_form(settings.PLACE, on=day_of(at))
    except NotRecorded:
        raise NotNow("no referral form is recorded for this country") from None
    answers = filled(form, person, by, today=day_of(at))
    found = Referral.objects.create(person=person, form=form.id, answers=answers, made_by=by, made_at=at, changed_at=at)
    note(Kind.REFERRAL_BEGUN, person, by, at=at, form=form.id)
    cases.lapse_review(person, by, at)  # nobody has looked at this draft
    return found


def _draft(referral: Referral) -> Referral:
    row = Referral.objects.select_for_update().filter(pk=referral.pk).first()
    if row is None:
        raise NotNow("somebody threw this draft away")
    row.person = referral.person
    if row.closed_at:
        raise NotNow("the referral is closed, and is not changed")
    return row


@transaction.atomic
def answer(
    referral: Referral, *, expected: int, section: str, values: Mapping[str, Any], by: User, at: datetime
) -> tuple[str, ...]:
    """Keep the answers of one section. Returns the fields whose answers went, because they are no longer asked.

    Raises Conflict if somebody else changed it since it was opened, and NotNow if it is closed.
    """
    row = _draft(referral)
    if row.version != expected:
        raise Conflict(row)
    form = nrm_form_version(row.form)
    before = form.counting(row.answers)
    answers = {name: value for name, value in {**row.answers, **values}.items() if value}
    row.answers = form.counting(answers)
    row.version += 1
    row.changed_at = at
    row.save(update_fields=["answers", "version", "changed_at"])
    note(Kind.REFERRAL_CHANGED, row.person, by, at=at, section=section)
    cases.lapse_review(row.person, by, at)
    own = {item.id for item in form.section(section).fields}
    return tuple(name for name in before if name not in row.answers and name not in own)


@transaction.atomic
def discard(referral: Referral, *, by: User, at: datetime) -> None:
    """Throw a draft away. Raises NotNow if it is closed."""
    row = _draft(referral)
    note(Kind.REFERRAL_DISCARDED, row.person, by, at=at)
    row.delete()


@transaction.atomic
def add_evidence(referral: Referral, *, name: str, content: bytes, shows: str, by: User, at: datetime) -> Evidence:
    """Keep a file of evidence, sealed. Raises NotEvidence for a file that cannot be taken, NotNow if it is closed."""
    row, form = _draft(referral), nrm_form_version(referral.form)
    if not content:
        raise files.NotEvidence("the file is empty")
    if len(content) > form.most_megabytes << 20:
        raise files.NotEvidence(f"the file is larger than {form.most_megabytes} MB")
    if row.evidence.count() >= form.most_files:
        raise files.NotEvidence(f"there are {form.most_files} files already")
    found = Evidence.objects.create(
        referral=row,
        type=files.type_of(content, form.file_types),
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        name=files.plain_name(name),
        shows=shows,
        content=base64.b64encode(content).decode(),
        by=by,
        at=at,
    )
    note(Kind.EVIDENCE_ADDED, row.person, by, at=at, evidence=str(found.pk), size=found.size)
    cases.lapse_review(row.person, by, at)
    return found


@transaction.atomic
def remove_evidence(evidence: Evidence, *, referral: Referral, by: User, at: datetime) -> None:
    """Take a file out again. Raises NotNow if the referral is closed."""
    row = _draft(referral)
    if not Evidence.objects.filter(pk=evidence.pk).exists():
        raise NotNow("somebody took this file out already")
    note(Kind.EVIDENCE_REMOVED, row.person, by, at=at, evidence=str(evidence.pk))
    cases.lapse_review(row.person, by, at)
    evidence.delete()


def hindrances(referral: Referral, *, today: date) -> tuple[str, ...]:
    """Why a referral cannot be closed yet, in words; nothing if it can."""
    form, person = nrm_form_version(referral.form), referral.person
    answers, found = referral.answers, []
    if referral.closed_at:
        found.append("it is closed already")
    if not may_refer(person, today=today):
        found.append("your body may not refer")
    if form.missing(answers):
        found.append("some questions are not answered yet")
    if ill := ill_fitting(form, answers):
        found.append(gettext("these answers do not fit the form: %(labels)s") % {"labels": "; ".join(ill)})
    child = answers.get("under_18") in ("yes", "not_sure")
    if child is not situation_of(person, None, {}, today=today).treated_as_child:
        found.append("the age here and the age in the record do not agree")
    born = answers.get("born")
    said = {"yes": "under_18", "no": "adult"}.get(answers.get("under_18", ""), "")
    if born and disagreement(said, Birth.read(str(born)), on=today):
        found.append("the date of birth and the age do not agree")
    if not child and answers.get("wants_referral") != "yes":
        found.append("an adult is referred only if they want it")
    if not agreed(referral, on=today):
        found.append("the record holds no agreement to the referral: record it first, with what was explained")
    unwilling = consent_on(person, COOPERATION, on=today).state in NO_LONGER_AGREED
    if answers.get("willing") == "yes" and not child and unwilling:
        found.append("it says that they are willing to talk with the police, and the record says that they are not")
    if person.review != ReviewState.APPROVED:
        found.append("a lead has not said yet that it may go ahead")
    return tuple(found)


def agreed(referral: Referral, *, on: date) -> bool:
    """Whether the record holds on a day what the referral rests on: an adult's agreement. A child is not asked."""
    child = referral.answers.get("under_18") in ("yes", "not_sure")
    return child or consent_then(referral.person, CONSENT, on=on).given


@transaction.atomic
def close(referral: Referral, *, by: User, at: datetime) -> None:
    """Close the referral as it stands, with a hash of each part: it is ready to hand in. Raises NotNow if it may not.

    Nothing leaves by this: the Home Office takes referrals through its own page, and somebody hands it in there.
    """
    row = _draft(referral)
    Person.objects.select_for_update().get(pk=row.person_id)
    if found := hindrances(row, today=day_of(at)):
        raise NotNow("; ".join(found))
    row.answers = nrm_form_version(row.form).counting(row.answers)
    row.closed_at, row.closed_by = at, by
    row.receipt = {name: hashlib.sha256(content).hexdigest() for name, content in parts_of(row).items()}
    row.save(update_fields=["answers", "closed_at", "closed_by", "receipt"])
    note(Kind.REFERRAL_CLOSED, row.person, by, at=at, parts=len(row.receipt))
    tell_of_waiting(row.person)


@transaction.atomic
def reopen(referral: Referral, *, by: User, at: datetime) -> None:
    """Make a closed referral a draft again. Raises NotNow if it was handed in, or another draft was begun."""
    row = Referral.objects.select_for_update().get(pk=referral.pk)
    row.person = referral.person
    if row.closed_at is None:
        raise NotNow("the referral is a draft already")
    if row.handed_in_on is not None:
        raise NotNow("the referral was handed in, and is never changed")
    if Referral.objects.filter(person=row.person, closed_at__isnull=True).exists():
        raise NotNow("another draft of this person was begun: throw that away first")
    row.closed_at, row.closed_by, row.receipt, row.reminded_on = None, None, {}, None
    row.save(update_fields=["closed_at", "closed_by", "receipt", "reminded_on"])
    note(Kind.REFERRAL_REOPENED, row.person, by, at=at)
    tell_of_waiting(row.person)


def tell_of_waiting(person: Person) -> None:
    """The record says since when a referral waits to be handed in, if one does."""
    waiting = Referral.objects.filter(person=person, closed_at__isnull=False, handed_in_on__isnull=True)
    first = waiting.order_by("closed_at").values_list("closed_at", flat=True).first()
    since = day_of(first) if first else None
    Person.objects.filter(pk=person.pk).update(to_hand_in_since=since)
    person.to_hand_in_since = since


def tell_record(person: Person, state: str, on: date | None, by: User, at: datetime) -> None:
    """The record says where its referral stands."""
    current = Person.objects.get(pk=person.pk)
    current.team = person.team
    values = {"referral": state, "decision_on": on if state not in ("none", "sent") else None}
    cases.change_about(person=current, expected=current.version, by=by, at=at, values=values)


@transaction.atomic
def decide(referral: Referral, *, kind: str, on: date, by: User, at: datetime) -> Decision:
    """Record a decision with the date of its letter. Raises NotNow where nobody recorded the hand-in, or it was later.

    NotNow also for a letter of a day to come: no clock runs from it.
    """
    row = Referral.objects.select_for_update().get(pk=referral.pk)
    row.person = referral.person
    if row.handed_in_on is None:
        raise NotNow("nobody has recorded that the referral was handed in: record that first")
    if wrong := order_error(gettext("When it was handed in"), row.handed_in_on, gettext("Date of the letter"), on):
        raise NotNow(wrong)
    if on > day_of(at):
        raise NotNow("the letter cannot be of a day to come")
    if pair := disorder([*row.decisions.values_list("kind", "on"), (kind, on)]):
        raise NotNow(out_of_order(*(gettext(kinds()[item].label) for item in pair)))
    found = Decision.objects.create(referral=row, kind=kind, on=on, by=by, at=at)
    note(Kind.DECISION_RECORDED, row.person, by, at=at, decision=kind)
    _set_clock(row, at)
    _tell_of_last(row, by, at)
    return found


@transaction.atomic
def take_decision_back(decision: Decision, *, by: User, at: datetime, why: str) -> None:
    """Say that a decision was recorded wrongly, and why. Raises NotNow if somebody has said so.

    Whatever rested on it is counted anew from those that stand: the clock, and where the record says the referral is.
    """
    row = Referral.objects.select_for_update().get(pk=decision.referral_id)
    row.person = decision.referral.person
    found = Decision.objects.filter(pk=decision.pk).first()
    if found is None:
        raise NotNow("this decision was taken back already")
    found.taken_back_at, found.taken_back_by, found.why = at, by, why
    found.save(update_fields=["taken_back_at", "taken_back_by", "why"])
    forget(f"decision:{found.pk}")
    note(Kind.DECISION_UNDONE, row.person, by, at=at, decision=found.kind)
    _set_clock(row, at)
    _tell_of_last(row, by, at)


def _set_clock(row: Referral, at: datetime) -> None:
    happened = list(row.decisions.values_list("kind", "on"))
    child = situation_of(row.person, None, {}, today=day_of(at)).treated_as_child
    now = running(happened, place=settings.PLACE, child=child)
    row.clock, row.clock_ends, row.reminded_on = (now.clock, now.ends, None) if now else ("", None, None)
    row.save(update_fields=["clock", "clock_ends", "reminded_on"])


def tell_of_last(person: Person, *, by: User, at: datetime) -> None:
    """The record says where the last referral that was handed in stands, if any was."""
    row = Referral.objects.filter(person=person, handed_in_on__isnull=False).order_by("handed_in_on", "made_at").last()
    if row is not None:
        row.person = person
        _tell_of_last(row, by, at)


def _tell_of_last(row: Referral, by: User, at: datetime) -> None:
    for item in row.decisions.order_by("-on", "-pk"):
        state = kinds()[item.kind].record
        if state:
            tell_record(row.person, state, item.on, by, at)
            return
    tell_record(row.person, "sent", None, by, at)
