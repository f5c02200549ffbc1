"""The service navigation: the rooms that a user's roles open, and how much waits for them in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bield.service.accounts.access import KNOWN
from bield.service.accounts.models import Membership, RoleRequest, User
from bield.service.accounts.permissions import Permission, Role, allows
from bield.service.cases.models import Person
from bield.service.cases.states import ReviewState
from bield.service.notifications.models import Notification
from bield.service.referrals.access import to_hand_in
from bield.service.referrals.models import Referral
from bield.service.support.models import Episode
from bield.service.support.states import EpisodeState


@dataclass(frozen=True, slots=True)
class Room:
    """A link of the navigation. page: its URL name. needs: the permission that opens it; None if everybody may."""

    page: str
    label: str | Promise
    needs: Permission | None = None


ROOMS = (
    Room("home", _("Today")),
    Room("people", _("People"), Permission.PERSON_SEE),
    Room("referrals", _("Referrals"), Permission.REFERRAL_MAKE),
    Room("support-team", _("Support"), Permission.SUPPORT_GIVE),
    Room("guarded", _("Children"), Permission.CHILD_ACCOMPANY),
    Room("notifications-sent", _("Notifications"), Permission.NOTIFICATION_SEND),
    Room("notifications-inbox", _("Notifications received"), Permission.NOTIFICATION_RECEIVE),
    Room("granted-list", _("Accounts shared"), Permission.ACCOUNT_READ),
    Room("services", _("Services"), Permission.SUPPORT_ASK),
    Room("measures", _("Measures"), Permission.MEASURES_COUNT),
    Room("roles-waiting", _("Roles to confirm"), Permission.ROLES_CONFIRM),
    Room("colleagues", _("Colleagues"), Permission.ACCOUNTS_MANAGE),
    Room("api-keys", _("Keys"), Permission.KEYS_MANAGE),
    Room("events", _("Events"), Permission.EVENTS_SEE),
    Room("signs-start", _("Check the signs")),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A room as it is shown. waits: how much waits there for this user; 0 shows no number."""

    url: str
    label: str | Promise
    current: bool
    waits: int = 0


@dataclass(frozen=True, slots=True)
class Navigation:
    """What the frame shows a user who is signed in. finds: whether they may look for people."""

    links: Sequence[Link]
    role: str
    finds: bool


Mine = Mapping[Permission, Sequence[Membership]]
"""The memberships in which a user has each permission."""


def navigation_of(request: HttpRequest) -> Navigation:
    """The navigation for the user of a request. Two queries."""
    memberships = memberships_of(request.user)
    mine = by_permission(memberships)
    waits = waiting_counts(mine, request.user)
    rooms = [room for room in ROOMS if room.needs is None or mine[room.needs]]
    current = _current(request.path, rooms)
    links = [
        Link(reverse(room.page), room.label, current=room is current, waits=waits.get(room.page, 0)) for room in rooms
    ]
    role = "; ".join(f"{row.team.organisation.name} · {str(row.role_name).lower()}" for row in memberships)
    return Navigation(links, role, finds=bool(mine[Permission.PERSON_SEE] or mine[Permission.NOTIFICATION_RECEIVE]))


def by_permission(memberships: Sequence[Membership]) -> Mine:
    """The memberships in which a user has each permission."""
    return {permission: [row for row in memberships if allows(Role(row.role), permission)] for permission in Permission}


def memberships_of(user: Any) -> list[Membership]:
    """The memberships of a user with their teams and organisations; none for a closed account. One query at most."""
    if not isinstance(user, User) or not user.is_active:
        return []
    known: list[Membership] | None = getattr(user, KNOWN, None)
    if known is not None:
        return known
    return list(user.memberships.select_related("team__organisation").order_by("pk"))


def _current(path: str, rooms: Iterable[Room]) -> Room | None:
    """The room that a page belongs to: the one whose address is the longest beginning of the page's."""
    beginnings = [room for room in rooms if path.startswith(reverse(room.page))]
    return max(beginnings, key=lambda room: len(reverse(room.page)), default=None)


def waiting_counts(mine: Mine, user: Any) -> dict[str, int]:
    """How much waits for a user in each room, by the room's page. One query, counted from indexes."""
    queries = [
        rows.order_by().annotate(page=Value(page)).values("page").annotate(number=Count("pk"))
        for page, (permission, count) in COUNTS.items()
        if mine[permission]
        for rows in [count(mine[permission], user)]
    ]
    if not queries:
        return {}
    first, *others = queries
    return {row["page"]: row["number"] for row in first.union(*others, all=True)}


def teams_of(rows: Iterable[Membership]) -> list[UUID]:
    """The teams of some memberships."""
    return [row.team_id for row in rows]


def organisations_of(rows: Iterable[Membership]) -> list[UUID]:
    """The organisations of some memberships, each once."""
    return sorted({row.team.organisation_id for row in rows})


def _reviews(rows: Sequence[Membership], _user: Any) -> QuerySet[Any]:
    return Person.objects.filter(team__in=teams_of(rows), review=ReviewState.ASKED)


def _to_hand_in(rows: Sequence[Membership], _user: Any) -> QuerySet[Any]:
    return to_hand_in(Referral.objects.filter(person__team__in=teams_of(rows)))


def _requests(rows: Sequence[Membership], _user: Any) -> QuerySet[Any]:
    return Episode.objects.filter(team__in=teams_of(rows), state=EpisodeState.ASKED)


def _questions(rows: Sequence[Membership], _user: Any) -> QuerySet[Any]:
    return Notification.objects.filter(team__in=teams_of(rows), waits="sender")


def _new_notifications(rows: Sequence[Membership], _user: Any) -> QuerySet[Any]:
    return Notification.objects.filter(to__in=organisations_of(rows), acknowledged_at__isnull=True)


def _roles(rows: Sequence[Membership], user: Any) -> QuerySet[Any]:
    waiting = RoleRequest.objects.filter(team__organisation__in=organisations_of(rows))
    return waiting.exclude(user=user).exclude(asked_by=user)


COUNTS: Mapping[str, tuple[Permission, Callable[[Sequence[Membership], Any], QuerySet[Any]]]] = {
    "people": (Permission.RECORD_REVIEW, _reviews),
    "referrals": (Permission.REFERRAL_MAKE, _to_hand_in),
    "support-team": (Permission.SUPPORT_GIVE, _requests),
    "notifications-sent": (Permission.NOTIFICATION_SEND, _questions),
    "notifications-inbox": (Permission.NOTIFICATION_RECEIVE, _new_notifications),
    "roles-waiting": (Permission.ROLES_CONFIRM, _roles),
}
"""What waits in a room, by its page: for whom, and the rows to count."""
