"""That a referral was handed in: recorded, completed with the Home Office's reference, or taken back with a reason."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bield.service.accounts.models import User
from bield.service.audit.kinds import Kind
from bield.service.cases import actions as cases
from bield.service.cases.events import note
from bield.service.cases.steps import close_steps, open_steps
from bield.service.changes import NotNow
from bield.service.days import day_of, order_error
from bield.service.drafts.actions import forget
from bield.service.referrals.actions import CONSENT, agreed, tell_of_waiting, tell_record
from bield.service.referrals.models import HandIn, Referral

COMPETENT_AUTHORITY = "sca"
"""The body that most referrals go to; it passes on those of the other authority."""


@transaction.atomic
def hand_in(referral: Referral, *, on: date, way: str, number: str, by: User, at: datetime) -> HandIn:
    """Record that a closed referral was handed in, on what day and which way. Only now is it sent.

    number: the Home Office's reference; empty while it is not known. Raises NotNow where it is not closed, the day
    cannot be, or the record holds no agreement on that day.
    """
    row = _locked(referral)
    if row.handed_in_on is not None:
        raise NotNow("it is recorded already that this referral was handed in")
    found = _record(row, on=on, way=way, number=number, by=by, at=at)
    tell_record(row.person, "sent", None, by, at)
    close_steps(row.person, "referral", on=on, by=by, at=at)
    return found


@transaction.atomic
def correct(
    referral: Referral, *, on: date, way: str, number: str, reason: str, words: str, by: User, at: datetime
) -> HandIn:
    """Put another hand-in in the place of one that was recorded wrongly; the first is kept, with why it ended.

    Raises NotNow where there is none, and where `hand_in` does.
    """
    row = _locked(referral)
    _end(row, reason=reason, words=words, by=by, at=at)
    first = row.decisions.order_by("on").values_list("on", flat=True).first()
    if wrong := order_error(_("When it was handed in"), on, _("Date of the letter"), first):
        raise NotNow(wrong)
    return _record(row, on=on, way=way, number=number, by=by, at=at)


@transaction.atomic
def take_back(referral: Referral, *, reason: str, words: str, by: User, at: datetime) -> None:
    """It was not handed in after all: it is ready to hand in again. Raises NotNow where a decision was recorded."""
    row = _locked(referral)
    if row.decisions.exists():
        raise NotNow("a decision on it is recorded: take the decision back first")
    _end(row, reason=reason, words=words, by=by, at=at)
    tell_record(row.person, "none", None, by, at)
    open_steps(row.person, "referral", by=by, at=at)


@transaction.atomic
def add_number(referral: Referral, *, number: str, by: User, at: datetime) -> None:
    """Put down the Home Office's reference, which was not known before. Raises NotNow where there is one."""
    standing = _standing(_locked(referral))
    if standing.number:
        raise NotNow("there is a reference already: correct the hand-in instead")
    standing.number = number
    standing.save(update_fields=["number"])
    note(Kind.HAND_IN_NUMBERED, referral.person, by, at=at)


def _locked(referral: Referral) -> Referral:
    row = Referral.objects.select_for_update().get(pk=referral.pk)
    row.person = referral.person
    return row


def _standing(row: Referral) -> HandIn:
    found = row.hand_ins.filter(ended_at__isnull=True).first()
    if found is None:
        raise NotNow("nobody has recorded that the referral was handed in")
    return found


def _record(row: Referral, *, on: date, way: str, number: str, by: User, at: datetime) -> HandIn:
    if row.closed_at is None:
        raise NotNow("the referral is a draft: close it first")
    if wrong := order_error(_("The referral was closed"), day_of(row.closed_at), _("When it was handed in"), on):
        raise NotNow(wrong)
    if on > day_of(at):
        raise NotNow("it cannot have been handed in on a day to come")
    if not agreed(row, on=on):
        raise NotNow(
            "the record holds no agreement to the referral on that day: check the day, or record what they said"
        )
    consent = CONSENT if row.answers.get("under_18") == "no" else ""
    values = {"on": on, "what": "referral", "to": COMPETENT_AUTHORITY, "consent": consent, "note": ""}
    sharing = cases.share(person=row.person, by=by, at=at, values=values)
    found = HandIn.objects.create(referral=row, on=on, way=way, number=number, sharing=sharing, by=by, at=at)
    row.handed_in_on, row.reminded_on = on, None
    row.save(update_fields=["handed_in_on", "reminded_on"])
    note(Kind.REFERRAL_HANDED_IN, row.person, by, at=at, on=on.isoformat(), way=way)
    tell_of_waiting(row.person)
    return found


def _end(row: Referral, *, reason: str, words: str, by: User, at: datetime) -> None:
    """End the hand-in that stands; what the record says of it among what was shared goes too."""
    standing = _standing(row)
    standing.ended_by, standing.ended_at, standing.reason, standing.words = by, at, reason, words
    if standing.sharing is not None:
        standing.sharing.delete()
        standing.sharing = None
    standing.save()
    row.handed_in_on = row.reminded_on = None
    row.save(update_fields=["handed_in_on", "reminded_on"])
    forget(f"hand_in:{row.pk}")
    note(Kind.HAND_IN_TAKEN_BACK, row.person, by, at=at, reason=reason)
    tell_of_waiting(row.person)
