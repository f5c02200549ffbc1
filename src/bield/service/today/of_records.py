"""What waits for somebody who looks after records: reviews answered, referrals to hand in, and clocks that end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from bield.law.clocks import clock_of
from bield.service.accounts.models import User
from bield.service.cases.models import Person
from bield.service.cases.states import ReviewState
from bield.service.cases.who import WHO, who
from bield.service.days import day_of
from bield.service.referrals.models import Referral
from bield.service.referrals.reminders import DAYS_CLOSED
from bield.service.today.work import Work

AHEAD = timedelta(days=14)
MOST = 100


def open_records(teams: Sequence[UUID]) -> QuerySet[Person]:
    """The open records of some teams."""
    return Person.objects.filter(team__in=teams, closed_at=None, merged_at=None)


def record_work(
    user: User, teams: Sequence[UUID], referring: Sequence[UUID], leading: Sequence[UUID], *, today: date
) -> list[Work]:
    """What is due for the people whom a user looks after. Two queries.

    referring, leading: the teams in which they may refer, and those that they lead.
    """
    mine = open_records(teams).filter(worker=user)
    changes = mine.filter(review=ReviewState.CHANGES).order_by("changed_at").only(*WHO, "changed_at")[:MOST]
    return [*(_changes(person) for person in changes), *_referrals(user, referring, leading, today=today)]


def _changes(person: Person) -> Work:
    return Work(
        _("Change what the review asks for"),
        reverse("person-review", args=[person.pk]),
        _("Read it"),
        reference=person.shown_reference,
        record=reverse("person", args=[person.pk]),
        who=who(person),
        why=_("Your lead looked at the record and asked for something to change before the referral."),
    )


def _referrals(user: User, teams: Sequence[UUID], leading: Sequence[UUID], *, today: date) -> list[Work]:
    """Referrals that wait to be handed in, or with a clock that ends soon or ended lately.

    Of the user's own people and those that the user wrote; a lead sees every one of the team that waits to be handed
    in, because whoever looks after the person may not be able to.
    """
    to_hand_in = Q(closed_at__isnull=False, handed_in_on__isnull=True)
    ending = Q(clock_ends__range=(today - AHEAD, today + AHEAD))
    mine = Q(person__worker=user) | Q(made_by=user) | Q(closed_by=user)
    wanted = ((to_hand_in | ending) & mine) | (to_hand_in & Q(person__team__in=leading))
    rows = Referral.objects.filter(wanted, person__team__in=teams)
    rows = rows.select_related("person").only("person__reference", "closed_at", "handed_in_on", "clock", "clock_ends")
    return [_referral(row, today=today) for row in rows.order_by("pk")[:MOST]]


def _referral(referral: Referral, *, today: date) -> Work:
    record = reverse("person", args=[referral.person_id])
    if referral.closed_at and referral.handed_in_on is None:
        closed = day_of(referral.closed_at)
        return Work(
            _("Hand in the referral"),
            reverse("referral-hand-in", args=[referral.pk]),
            _("Record it"),
            reference=referral.person.shown_reference,
            record=record,
            who=who(referral.person),
            on=closed + timedelta(days=DAYS_CLOSED),
            late=closed + timedelta(days=DAYS_CLOSED) < today,
            why=_("It is closed and ready, and nobody has recorded that it was handed in."),
        )
    ends = referral.clock_ends
    return Work(
        _(clock_of(referral.clock, settings.PLACE).title),
        reverse("referral", args=[referral.pk]),
        _("Open"),
        reference=referral.person.shown_reference,
        record=record,
        who=who(referral.person),
        on=ends,
        late=ends is not None and ends < today,
        why=_("A clock of the referral."),
    )
