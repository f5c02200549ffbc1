"""Sends reminders before a clock ends, and while a closed referral waits to be handed in.

They name nobody, not even by reference, because others may read an e-mail.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bield.service.accounts.access import colleagues
from bield.service.audit.actions import SYSTEM, record
from bield.service.audit.kinds import Kind
from bield.service.referrals.access import to_hand_in
from bield.service.referrals.models import Referral

DAYS_BEFORE: Final = 7
DAYS_CLOSED: Final = 1
"""Days that a closed referral may wait to be handed in before the first reminder."""

DAYS_BETWEEN: Final = 3
"""Days between two reminders about the same closed referral."""


def remind(*, today: date, address: str) -> int:
    """Send a reminder for each clock that ends within the week, once for each clock. Returns how many were sent.

    Also for each closed referral, again and again until it is recorded as handed in. A reminder goes to the worker of
    the record, or to the whole team if the worker has left it. Each referral is marked in its own transaction before
    the e-mail is sent, so that a stopped run repeats nothing. address: of the page with the clocks.
    """
    ending = Referral.objects.filter(clock_ends__lte=today + timedelta(days=DAYS_BEFORE), reminded_on__isnull=True)
    subject, words = _("A clock ends soon"), _("A clock on a referral of your team ends within a week.")
    count = _send(ending, subject, _words(words, address), today=today)
    subject = _("A referral waits to be handed in")
    words = _("A referral of your team is closed, and nobody has recorded that it was handed in.")
    return count + _send(_waiting(today), subject, _words(words, address), today=today)


def _waiting(today: date) -> QuerySet[Referral]:
    """The closed referrals that are due for a reminder."""
    not_lately = Q(reminded_on__isnull=True) | Q(reminded_on__lte=today - timedelta(days=DAYS_BETWEEN))
    return to_hand_in(Referral.objects.filter(not_lately, closed_at__date__lte=today - timedelta(days=DAYS_CLOSED)))


def _send(due: QuerySet[Referral], subject: str, words: str, *, today: date) -> int:
    """Mark each due referral and send its reminder. Returns how many were sent."""
    count = 0
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            referral = Referral.objects.select_for_update().get(pk=pk)
            if not due.filter(pk=pk).exists():
                continue  # another run was quicker, or it was handed in meanwhile
            referral.reminded_on = today
            referral.save(update_fields=["reminded_on"])
            to = _readers(referral)
            organisation, reason = referral.person.team.organisation_id, referral.clock or "hand_in"
            record(Kind.REMINDED, actor=SYSTEM, organisation=organisation, subject=referral.person_id, clock=reason)
        for email in to:
            send_mail(subject, words, None, [email])
        count += 1
    return count


def _readers(row: Referral) -> list[str]:
    """The addresses to write to: the record's worker if they still work in the team, else everybody in the team."""
    team = colleagues(row.person.team)
    at_work = team.filter(pk=row.person.worker_id)
    return [user.email for user in (at_work if at_work.exists() else team)]


def _words(what: str, address: str) -> str:
    return what + "\n\n" + _("Sign in to see which: %(address)s") % {"address": address} + "\n"
