"""Reminders before a clock ends. They name nobody, not even by reference: an e-mail may be read by others."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from bield.service.accounts.access import colleagues
from bield.service.audit.actions import SYSTEM, record
from bield.service.audit.kinds import Kind
from bield.service.referrals.models import Referral

DAYS_BEFORE: Final = 7


def remind(*, today: date, address: str) -> int:
    """Write to whoever looks after each record whose clock ends within the week, once a clock. Returns how many.

    Where they no longer work in the team, to the team. Each is marked in a transaction of its own before it is
    written, so that a stopped run repeats nothing. address: of the page with the clocks.
    """
    count = 0
    due = Referral.objects.filter(clock_ends__lte=today + timedelta(days=DAYS_BEFORE), reminded_on__isnull=True)
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            row = Referral.objects.select_for_update().select_related("person__team", "person__worker").get(pk=pk)
            if row.reminded_on is not None or row.clock_ends is None:
                continue
            row.reminded_on = today
            row.save(update_fields=["reminded_on"])
            team = colleagues(row.person.team)
            at_work = team.filter(pk=row.person.worker_id)
            to = [user.email for user in (at_work if at_work.exists() else team)]
            record(
                Kind.REMINDED,
                actor=SYSTEM,
                organisation=row.person.team.organisation_id,
                subject=row.person_id,
                clock=row.clock,
            )
        for email in to:
            send_mail(_("A clock ends soon"), _words(address), None, [email])
        count += 1
    return count


def _words(address: str) -> str:
    return _("A clock on a referral of your team ends within a week.\n\nSign in to see which: %(address)s\n") % {
        "address": address
    }
