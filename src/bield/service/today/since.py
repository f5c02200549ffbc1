"""What others did since a user was last here, about the people that the user looks after or supports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from bield.service.accounts.actors import names_of
from bield.service.accounts.models import Organisation, User
from bield.service.accounts.permissions import Permission
from bield.service.audit.actions import SYSTEM
from bield.service.audit.kinds import Kind, in_words
from bield.service.audit.models import Event
from bield.service.notifications.models import Notification
from bield.service.support.models import Account
from bield.service.today.navigation import Mine, organisations_of, teams_of
from bield.service.today.of_records import open_records
from bield.service.today.of_support import open_episodes

OF_RECORDS: Final = (
    Kind.AGE_ASSESSED, Kind.AGE_CHANGED, Kind.CLOSED, Kind.CONSENT_ASKED, Kind.CONSENT_RESET, Kind.CONSENT_WITHDRAWN,
    Kind.DECISION_RECORDED, Kind.DECISION_UNDONE, Kind.ENCOUNTER_ADDED, Kind.HANDED_OVER, Kind.IDENTITY_CHANGED,
    Kind.MERGED, Kind.NOTIFICATION_ACKNOWLEDGED, Kind.NOTIFICATION_ASKED, Kind.NOTIFICATION_CLOSED,
    Kind.NOTIFICATION_UNASKED, Kind.PERSON_CHANGED, Kind.REFERRAL_HANDED_IN, Kind.REOPENED, Kind.REVIEW_DECIDED,
    Kind.REVIEW_LAPSED, Kind.SUPPORT_ANSWERED, Kind.SUPPORT_CLOSED, Kind.TAKEN_APART,
)  # fmt: skip
"""What matters to whoever looks after a record. Nothing that happens within support is among it."""

OF_EPISODES: Final = (
    Kind.GUARDIAN_AGREED, Kind.GUARDIAN_BEGAN, Kind.GUARDIAN_ENDED, Kind.SUPPORT_HANDED, Kind.SUPPORT_REOPENED,
)  # fmt: skip
"""What matters to whoever supports somebody, where their own organisation did it."""

OF_DECISIONS: Final = (Kind.DECISION_RECORDED, Kind.DECISION_UNDONE)
"""What is told to whoever supports somebody, whoever recorded it: the phases of support follow from it."""

OF_ACCOUNTS: Final = (Kind.GRANTED_READ, Kind.GRANTED_TAKEN)
"""What is told to the team that keeps somebody's account."""

MOST_SUBJECTS, MOST = 500, 8
LONGEST = timedelta(days=30)
"""How far back it looks, however long the user was away."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened, who did it, and about whom. url: the record, episode or notification."""

    at: datetime
    who: str
    what: str
    reference: str
    url: str


def since(user: User, mine: Mine, *, last: datetime | None, now: datetime) -> list[Told]:
    """What others did about the user's people since their last visit, newest first; empty on the first visit."""
    if last is None:
        return []
    home = [str(pk) for pk in _homes(mine)]
    kept, supported, with_account = _records(user, mine), _supported(user, mine), _with_account(user, mine)
    wanted = (
        Q(subject__in=kept, kind__in=OF_RECORDS)
        | Q(subject__in=supported, kind__in=OF_EPISODES, organisation__in=home)
        | Q(subject__in=supported, kind__in=OF_DECISIONS)
        | Q(subject__in=with_account, kind__in=OF_ACCOUNTS)
    )
    events = Event.objects.filter(wanted, at__gt=max(last, now - LONGEST), at__lte=now).exclude(actor=str(user.pk))
    return _told(list(events.order_by("-id")[:MOST]), supported | kept, home=home)


Subjects = Mapping[str, tuple[str, str]]
"""The reference and the address of each record or notification, by its id."""


def _supported(user: User, mine: Mine) -> dict[str, tuple[str, str]]:
    episodes = open_episodes(teams_of(mine[Permission.SUPPORT_GIVE])).filter(worker=user).select_related("person")
    return {
        str(row.person_id): (row.person.shown_reference, reverse("support", args=[row.pk]))
        for row in episodes.only("person__reference")[:MOST_SUBJECTS]
    }


def _with_account(user: User, mine: Mine) -> list[str]:
    """The people whom the user supports and whose account a team of the user keeps."""
    teams = teams_of(mine[Permission.SUPPORT_GIVE])
    accounts = Account.objects.filter(
        team__in=teams, person__in=open_episodes(teams).filter(worker=user).values("person")
    )
    return [str(pk) for pk in accounts.values_list("person", flat=True)[:MOST_SUBJECTS]]


def _records(user: User, mine: Mine) -> dict[str, tuple[str, str]]:
    """The records that the user looks after, and the open notifications that they sent."""
    kept = open_records(teams_of(mine[Permission.PERSON_SEE])).filter(worker=user).only("reference")
    sent = Notification.objects.filter(by=user, team__in=teams_of(mine[Permission.NOTIFICATION_SEND]), closed_at=None)
    return {str(row.pk): (row.shown_reference, reverse("person", args=[row.pk])) for row in kept[:MOST_SUBJECTS]} | {
        str(row.pk): (row.shown_reference, reverse("notification", args=[row.pk]))
        for row in sent.only("reference").order_by("-sent_at")[:MOST_SUBJECTS]
    }


def _homes(mine: Mine) -> Sequence[UUID]:
    return organisations_of({row.pk: row for rows in mine.values() for row in rows}.values())


def _told(events: Sequence[Event], subjects: Subjects, *, home: Sequence[str]) -> list[Told]:
    names = names_of(event.actor for event in events)
    others = {event.organisation for event in events} - {*home, ""}
    bodies = {str(pk): name for pk, name in Organisation.objects.filter(pk__in=others).values_list("pk", "name")}
    return [
        Told(
            event.at,
            names[event.actor]
            if event.actor == SYSTEM or event.organisation in (*home, "")
            else bodies.get(event.organisation, _("Another body")),
            in_words(event.kind),
            *subjects[event.subject],
        )
        for event in events
    ]
