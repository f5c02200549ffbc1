"""Records that a referral was handed in, adds the Home Office's reference, or takes the hand-in back with a reason."""

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
from bield.service.referrals.actions import CONSENT, agreed, update_record, update_waiting_since
from bield.service.referrals.models import HandIn, Referral

COMPETENT_AUTHORITY = "sca"
"""The body that most referrals go to; it passes on those for the other authority."""


@transaction.atomic
def hand_in(referral: Referral, *, on: date, way: str, number: str, by: User, at: datetime) -> HandIn:
    """Record that a closed referral was handed in, on which day and how. Only now does it count as sent.

    number: the Home Office's reference; empty while it is not known. Raises NotNow if it is not closed or is handed in
    already, the day cannot be right, or the record has no agreement on that day.
    """
    locked = _locked(referral)
    if locked.handed_in_on is not None:
        raise NotNow("this referral is already recorded as handed in")
    recorded = _record(locked, on=on, way=way, number=number, by=by, at=at)
    update_record(locked.person, "sent", None, by, at)
    close_steps(locked.person, "referral", on=on, by=by, at=at)
    return recorded


@transaction.atomic
def correct(
    referral: Referral, *, on: date, way: str, number: str, reason: str, words: str, by: User, at: datetime
) -> HandIn:
    """Replace a hand-in that was recorded wrongly; the old one is kept, with the reason.

    Raises NotNow if there is no hand-in, the day is after a decision's letter, and when `hand_in` does.
    """
    locked = _locked(referral)
    _end(locked, reason=reason, words=words, by=by, at=at)
    first = locked.decisions.order_by("on").values_list("on", flat=True).first()
    if wrong := order_error(_("When it was handed in"), on, _("Date of the letter"), first):
        raise NotNow(wrong)
    return _record(locked, on=on, way=way, number=number, by=by, at=at)


@transaction.atomic
def take_back(referral: Referral, *, reason: str, words: str, by: User, at: datetime) -> None:
    """Record that it was not handed in after all, so it is ready again. Raises NotNow if it has a decision."""
    locked = _locked(referral)
    if locked.decisions.exists():
        raise NotNow("it has a decision on record: take the decision back first")
    _end(locked, reason=reason, words=words, by=by, at=at)
    update_record(locked.person, "none", None, by, at)
    open_steps(locked.person, "referral", by=by, at=at)


@transaction.atomic
def add_number(referral: Referral, *, number: str, by: User, at: datetime) -> None:
    """Add the Home Office's reference, which was not known before. Raises NotNow if there is one already."""
    current = _current(_locked(referral))
    if current.number:
        raise NotNow("there is a reference already: correct the hand-in instead")
    current.number = number
    current.save(update_fields=["number"])
    note(Kind.HAND_IN_NUMBERED, referral.person, by, at=at)


def _locked(referral: Referral) -> Referral:
    locked = Referral.objects.select_for_update().get(pk=referral.pk)
    locked.person = referral.person
    return locked


def _current(referral: Referral) -> HandIn:
    """The hand-in that is valid now. Raises NotNow if nobody has recorded one."""
    current = referral.hand_ins.filter(ended_at__isnull=True).first()
    if current is None:
        raise NotNow("nobody has recorded that the referral was handed in")
    return current


def _record(referral: Referral, *, on: date, way: str, number: str, by: User, at: datetime) -> HandIn:
    if referral.closed_at is None:
        raise NotNow("the referral is a draft: close it first")
    if wrong := order_error(_("The referral was closed"), day_of(referral.closed_at), _("When it was handed in"), on):
        raise NotNow(wrong)
    if on > day_of(at):
        raise NotNow("the day it was handed in is in the future: check it")
    if not agreed(referral, on=on):
        raise NotNow("the record has no agreement to the referral on that day: check the day, or record what they said")
    consent = CONSENT if referral.answers.get("under_18") == "no" else ""
    values = {"on": on, "what": "referral", "to": COMPETENT_AUTHORITY, "consent": consent, "note": ""}
    sharing = cases.share(person=referral.person, by=by, at=at, values=values)
    recorded = HandIn.objects.create(referral=referral, on=on, way=way, number=number, sharing=sharing, by=by, at=at)
    referral.handed_in_on, referral.reminded_on = on, None
    referral.save(update_fields=["handed_in_on", "reminded_on"])
    note(Kind.REFERRAL_HANDED_IN, referral.person, by, at=at, on=on.isoformat(), way=way)
    update_waiting_since(referral.person)
    return recorded


def _end(referral: Referral, *, reason: str, words: str, by: User, at: datetime) -> None:
    """End the valid hand-in, and delete its entry among the things that were shared."""
    current = _current(referral)
    current.ended_by, current.ended_at, current.reason, current.words = by, at, reason, words
    if current.sharing is not None:
        current.sharing.delete()
        current.sharing = None
    current.save()
    referral.handed_in_on = referral.reminded_on = None
    referral.save(update_fields=["handed_in_on", "reminded_on"])
    forget(f"hand_in:{referral.pk}")
    note(Kind.HAND_IN_TAKEN_BACK, referral.person, by, at=at, reason=reason)
    update_waiting_since(referral.person)
