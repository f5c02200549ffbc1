"""What waits for a user's answer: requests for support, reviews, police questions, notifications received, roles."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bield.service.accounts.access import role_requests_for
from bield.service.accounts.models import User
from bield.service.cases.access import left_behind as records_left
from bield.service.cases.models import Review
from bield.service.cases.states import ReviewState
from bield.service.cases.who import WHO, child_words, who
from bield.service.days import day_of
from bield.service.notifications.models import Notification
from bield.service.support.access import episodes_of
from bield.service.support.access import left_behind as episodes_left
from bield.service.support.models import Episode
from bield.service.support.states import EpisodeState
from bield.service.today.work import Work

MOST = 50


def requests(teams: Sequence[UUID]) -> list[Work]:
    """Requests for support that nobody has answered, the longest waiting first."""
    rows = Episode.objects.filter(team__in=teams, state=EpisodeState.ASKED).select_related("person__team__organisation")
    rows = rows.only("asked_at", *(f"person__{name}" for name in WHO), "person__team__organisation__name")
    return [
        Work(
            _("Answer a request from %(body)s") % {"body": row.person.team.organisation.name},
            reverse("support", args=[row.pk]),
            _("Answer"),
            reference=row.person.shown_reference,
            record=reverse("support", args=[row.pk]),
            on=day_of(row.asked_at),
            who=who(row.person),
            tag=child_words(row.person),
        )
        for row in rows.order_by("asked_at", "id")[:MOST]
    ]


def reviews(teams: Sequence[UUID], user: User) -> list[Work]:
    """Reviews that colleagues asked for. Nobody reviews what they asked for themselves."""
    rows = Review.objects.filter(person__team__in=teams, person__review=ReviewState.ASKED, decided_at=None)
    rows = rows.exclude(asked_by=user).select_related("person", "asked_by")
    rows = rows.only("asked_at", "asked_by__name", *(f"person__{name}" for name in WHO))
    return [
        Work(
            _("Review a record for %(name)s") % {"name": row.asked_by.name},
            reverse("person-review", args=[row.person_id]),
            _("Review"),
            reference=row.person.shown_reference,
            record=reverse("person", args=[row.person_id]),
            on=day_of(row.asked_at),
            who=who(row.person),
            tag=child_words(row.person),
        )
        for row in rows.order_by("asked_at", "pk")[:MOST]
    ]


def questions(teams: Sequence[UUID]) -> list[Work]:
    """Questions that the police asked about notifications of some teams, the longest waiting first."""
    still_open = Min("questions__asked_at", filter=Q(questions__answered_at=None))
    rows = Notification.objects.filter(team__in=teams, waits="sender").annotate(asked_at=still_open)
    return [
        Work(
            _("Answer a question from the police"),
            reverse("notification", args=[row.pk]),
            _("Answer"),
            reference=row.shown_reference,
            record=reverse("notification", args=[row.pk]),
            on=day_of(row.asked_at),
            tag=_("urgent") if row.urgent else "",
        )
        for row in rows.filter(asked_at__isnull=False).order_by("asked_at", "pk")[:MOST]
    ]


def received(organisations: Sequence[UUID]) -> list[Work]:
    """Notifications that nobody has acknowledged: urgent ones first, then the longest waiting."""
    rows = Notification.objects.filter(to__in=organisations, acknowledged_at=None).select_related("team__organisation")
    return [
        Work(
            _("Read a notification from %(body)s") % {"body": row.team.organisation.name},
            reverse("notification", args=[row.pk]),
            _("Read"),
            reference=row.shown_reference,
            record=reverse("notification", args=[row.pk]),
            on=day_of(row.sent_at),
            tag=_("urgent") if row.urgent else "",
        )
        for row in rows.order_by("-urgent", "sent_at", "pk")[:MOST]
    ]


def left(user: User) -> list[Work]:
    """Records and people supported that nobody can work on, in the teams that a user leads."""
    records, episodes = records_left(user).count(), episodes_left(episodes_of(user)).count()
    words = _("They were in the name of somebody who has left or has another role.")
    rows = []
    if records:
        what = ngettext("Hand over %(n)d record", "Hand over %(n)d records", records) % {"n": records}
        rows.append(Work(what, reverse("people-left"), _("Hand over"), why=words))
    if episodes:
        what = ngettext("Hand over %(n)d person supported", "Hand over %(n)d people supported", episodes)
        rows.append(Work(what % {"n": episodes}, reverse("support-left"), _("Hand over"), why=words))
    return rows


def roles(user: User) -> list[Work]:
    """Roles that a user may confirm, and that nobody has confirmed yet."""
    return [
        Work(
            _("Confirm a role for %(name)s") % {"name": wanted.user.name},
            reverse("roles-waiting"),
            _("Decide"),
            on=day_of(wanted.asked_at),
            why=_("%(role)s, %(team)s: this role can see people, so a second person decides.")
            % {"role": wanted.role_name, "team": wanted.team},
        )
        for wanted in role_requests_for(user)[:MOST]
    ]
