"""Works out what a user may do in which team, from their memberships. The gates of all rooms ask here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, Final, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from bield.service.accounts.models import Invitation, Membership, Organisation, RoleRequest, Team, User
from bield.service.accounts.permissions import Permission, Role, allows, roles_with, sees_people


def user_of(request: HttpRequest) -> User:
    """The user who is signed in. Every view that is not marked open has one."""
    return cast(User, request.user)


def role_in(team_id: UUID, user: User) -> Role | None:
    """The role that a user has in a team, if any; None for a closed account."""
    if not user.is_active:
        return None
    value = Membership.objects.filter(user=user, team_id=team_id).values_list("role", flat=True).first()
    return None if value is None else Role(value)


def roles_of(user: User) -> frozenset[Role]:
    """Every role that a user has in any team."""
    if not user.is_active:
        return frozenset()
    return frozenset(Role(value) for value in Membership.objects.filter(user=user).values_list("role", flat=True))


def may(user: User, permission: Permission) -> bool:
    """Whether a user has a permission in any team."""
    return any(allows(role, permission) for role in roles_of(user))


KNOWN: Final = "_known_memberships"
"""Where a page that has asked for the user's memberships leaves them for what stands around it."""


def memberships_with(user: User, permission: Permission) -> list[Membership]:
    """Every membership of a user with its team and organisation, for a page that asks much about them. One query.

    Raises PermissionDenied if none of them has the permission. Only for a page that changes no membership: what stands
    around it uses the same ones.
    """
    found: list[Membership] = []
    if user.is_active:
        found = list(user.memberships.select_related("team__organisation").order_by("pk"))
    setattr(user, KNOWN, found)
    if not any(allows(Role(row.role), permission) for row in found):
        raise PermissionDenied
    return found


def teams_with(user: User, permission: Permission) -> QuerySet[Team]:
    """The teams in which a user has a permission."""
    if not user.is_active:
        return Team.objects.none()
    return Team.objects.filter(memberships__user=user, memberships__role__in=roles_with(permission))


def organisations_with(user: User, permission: Permission) -> QuerySet[Organisation]:
    """The organisations that have a team in which a user has a permission."""
    return Organisation.objects.filter(teams__in=teams_with(user, permission)).distinct()


def member_for(user: User, membership_id: int) -> Membership:
    """A membership that this administrator looks after. Raises Http404 if it is not theirs or does not exist."""
    membership = (
        Membership.objects.select_related("user", "team__organisation")
        .filter(pk=membership_id, team__organisation__in=organisations_with(user, Permission.ACCOUNTS_MANAGE))
        .first()
    )
    if membership is None:
        raise Http404
    return membership


def invitation_for(user: User, invitation_id: UUID) -> Invitation:
    """An open invitation that this administrator looks after. Raises Http404 if it is not theirs or does not exist."""
    invitation = Invitation.objects.filter(
        pk=invitation_id,
        accepted_at__isnull=True,
        team__organisation__in=organisations_with(user, Permission.ACCOUNTS_MANAGE),
    ).first()
    if invitation is None:
        raise Http404
    return invitation


def confirmers(wanted: RoleRequest) -> QuerySet[User]:
    """Who may confirm a role: never the user who asked for it, nor the user who gets it.

    The leads of the team; if it has none, the leads of the organisation. If that has none either, the person who runs
    the server confirms it: `bield confirm-role`. Never another administrator: an administrator could invite a second
    one and remove the lead's role, and so get in without anybody else.
    """
    others = User.objects.filter(is_active=True).exclude(pk__in=[wanted.user_id, wanted.asked_by_id])
    organisation = wanted.team.organisation_id
    for lead_in in (
        {"memberships__team": wanted.team_id, "memberships__role": Role.LEAD},
        {"memberships__team__organisation": organisation, "memberships__role": Role.LEAD},
    ):
        leads = others.filter(**lead_in).distinct()
        if leads.exists():
            return leads
    return User.objects.none()


def role_requests_for(user: User) -> list[RoleRequest]:
    """The roles that this user may confirm."""
    organisations = organisations_with(user, Permission.ROLES_CONFIRM)
    waiting = RoleRequest.objects.filter(team__organisation__in=organisations)
    waiting = waiting.select_related("user", "team__organisation", "asked_by")
    return [wanted for wanted in waiting if confirmers(wanted).filter(pk=user.pk).exists()]


def role_request_for(user: User, request_id: int) -> RoleRequest:
    """A role that this user may confirm. Raises Http404 for any other."""
    wanted = next((waiting for waiting in role_requests_for(user) if waiting.pk == request_id), None)
    if wanted is None:
        raise Http404
    return wanted


def teams_seeing_people(user: User) -> list[str]:
    """The ids of the teams in which a user has a role that can see people."""
    memberships = Membership.objects.filter(user=user).values_list("team", "role")
    return sorted(str(team) for team, role in memberships if sees_people(role))


def colleagues(team: Team) -> QuerySet[User]:
    """The members of a team who can work on its records."""
    return colleagues_in([team.pk])


def colleagues_in(teams: Iterable[object], permission: Permission = Permission.PERSON_EDIT) -> QuerySet[User]:
    """The users who can do this in at least one of some teams, each once."""
    able = Membership.objects.filter(user=OuterRef("pk"), team__in=list(teams), role__in=roles_with(permission))
    return User.objects.filter(Exists(able), is_active=True).order_by("name", "id")


def can_work(permission: Permission) -> Exists:
    """A condition for rows with a worker and a team: that the worker can still do this in the team."""
    return Exists(
        Membership.objects.filter(
            user=OuterRef("worker"), user__is_active=True, team=OuterRef("team"), role__in=roles_with(permission)
        )
    )


def workload_of(membership: Membership) -> tuple[int, int]:
    """How many open records a user looks after in a team, and how many people they support in it.

    Counted through the user's relations, so that this room does not import the rooms above it.
    """
    user, team = membership.user, membership.team_id
    return (
        user.people.filter(team=team, closed_at__isnull=True).count(),
        user.episodes.filter(team=team, state="open").count(),
    )


View = Callable[Concatenate[HttpRequest, ...], HttpResponseBase]


def requires(permission: Permission) -> Callable[[View], View]:
    """Let only users through who have the permission in any team. Raises PermissionDenied for others.

    For pages that do not belong to one record. A record is fetched through the gate of its own room.
    """

    def guarded(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(user_of(request), permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return wrapped

    return guarded
