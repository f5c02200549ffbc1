"""The gates of support: the only way to get an episode, an account, a grant or a guardian's child for somebody."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import Http404

from bield.service.accounts.access import can_work, colleagues_in, teams_with
from bield.service.accounts.models import Team, User
from bield.service.accounts.permissions import Permission, Role, allows, roles_with
from bield.service.cases.consents import consent_on
from bield.service.cases.models import Person
from bield.service.support.models import Account, AccountVersion, Entry, Episode, Grant, Guardianship
from bield.service.support.states import GIVEN, EpisodeState

GIVE = Permission.SUPPORT_GIVE
KINDS_THAT_SUPPORT = ("support_provider", "council", "guardian_service", "ngo")
"""Kinds of body whose teams may be asked for support."""


def episode_for(user: User, episode_id: UUID, permission: Permission = GIVE) -> Episode:
    """An episode of a team in which this user may do this.

    Raises Http404 if there is none *or* the user may not even see it; PermissionDenied if they may see it but not do
    this. The team that asked sees where it stands on the person's own record, and never an episode.
    """
    found = (
        Episode.objects.select_related("person__team__organisation", "team__organisation", "worker", "asked_by")
        .filter(pk=episode_id, team__memberships__user=user, team__memberships__user__is_active=True)
        .annotate(role=F("team__memberships__role"))
        .first()
    )
    if found is None or not allows(Role(found.role), GIVE):
        raise Http404
    if not allows(Role(found.role), permission):
        raise PermissionDenied
    return found


def who_is_closed(episode: Episode, *, on: date) -> Literal["", "not_taken_on", "not_agreed"]:
    """Why a team that supports somebody may not open who they are; empty where it may.

    Nobody opens it before they took the person on. Another organisation than the record's opens it only while they
    agree to support; a child, or somebody who may be one, is not asked.
    """
    if episode.state not in GIVEN:
        return "not_taken_on"
    person = episode.person
    elsewhere = episode.team.organisation_id != person.team.organisation_id
    agrees = not person.is_adult or consent_on(person, "support", on=on).given
    return "not_agreed" if elsewhere and not agrees else ""


def episodes_of(user: User) -> QuerySet[Episode]:
    """The episodes that `episode_for` would return to this user."""
    teams = list(teams_with(user, GIVE).values_list("pk", flat=True))
    return Episode.objects.filter(team__in=teams)


def entry_of(episode: Episode, part: str, entry_id: UUID) -> Entry:
    """An entry of an episode that was fetched through the gate. Raises Http404 for another's."""
    found = Entry.objects.select_related("by").filter(pk=entry_id, episode=episode, part=part).first()
    if found is None:
        raise Http404
    return found


def account_of(episode: Episode) -> Account | None:
    """The account of the person, if this episode's team keeps it, or there is none yet."""
    return Account.objects.filter(person=episode.person_id, team=episode.team_id).first()


def kept_elsewhere(episode: Episode) -> bool:
    """Whether another team keeps the account of this person: there is one account, and it is not taken twice."""
    return Account.objects.filter(person=episode.person_id).exclude(team=episode.team_id).exists()


def version_of(account: Account, number: int) -> AccountVersion:
    """A version of an account that was fetched through the gate. Raises Http404 for one that there is not."""
    found = account.versions.select_related("by").filter(number=number).first()
    if found is None:
        raise Http404
    return found


def grant_of(account: Account, grant_id: UUID) -> Grant:
    """A grant of an account that was fetched through the gate. Raises Http404 for another's."""
    found = Grant.objects.select_related("version", "to").filter(pk=grant_id, version__account=account).first()
    if found is None:
        raise Http404
    return found


def _standing(*, today: date) -> Q:
    return Q(ended_at__isnull=True, until__gte=today)


def grants_to(user: User, *, today: date) -> QuerySet[Grant]:
    """The grants that the organisations of a user may read today: none that is over or taken back."""
    return _grants_of(user).filter(_standing(today=today))


def _grants_of(user: User) -> QuerySet[Grant]:
    organisations = teams_with(user, Permission.ACCOUNT_READ).values("organisation")
    return Grant.objects.filter(to__in=organisations).select_related(
        "version__account__person", "version__account__team__organisation", "to"
    )


class NoLongerGranted(Exception):
    """One's organisation could read it, and can no longer."""

    def __init__(self, grant: Grant) -> None:
        super().__init__("the grant is over")
        self.grant = grant


def grant_for(user: User, grant_id: UUID, *, today: date) -> Grant:
    """A grant that a user may read today.

    Raises NoLongerGranted for one that their organisation had and that is over, and Http404 for every other one.
    """
    found = _grants_of(user).filter(pk=grant_id).first()
    if found is None:
        raise Http404
    if not stands(found, today=today):
        raise NoLongerGranted(found)
    return found


def stands(grant: Grant, *, today: date) -> bool:
    """Whether what a grant allows may still be read."""
    return grant.ended_at is None and grant.until >= today


def guarded_by(user: User) -> QuerySet[Guardianship]:
    """The children whose guardian somebody is now, while they work as one."""
    if not user.is_active:
        return Guardianship.objects.none()
    return Guardianship.objects.filter(
        guardian=user,
        ended_on__isnull=True,
        guardian__memberships__role__in=roles_with(Permission.CHILD_ACCOMPANY),
    ).distinct()


def child_for(user: User, person_id: UUID) -> Guardianship:
    """The guardianship by which somebody may read about a child. Raises Http404 for every other person."""
    found = guarded_by(user).filter(person_id=person_id).select_related("person__team__organisation").first()
    if found is None:
        raise Http404
    return found


def may_guard() -> QuerySet[User]:
    """Those who may be recorded as the guardian of a child."""
    roles = roles_with(Permission.CHILD_ACCOMPANY)
    return User.objects.filter(is_active=True, memberships__role__in=roles).distinct().order_by("name", "id")


def providers() -> QuerySet[Team]:
    """The teams that may be asked for support."""
    return (
        Team.objects.filter(organisation__kind__in=KINDS_THAT_SUPPORT, memberships__role__in=roles_with(GIVE))
        .select_related("organisation")
        .distinct()
        .order_by("organisation__name", "name", "id")
    )


def supporters(team: Team) -> QuerySet[User]:
    """Those of a team who can support somebody."""
    return colleagues_in([team.pk], GIVE)


def left_behind(episodes: QuerySet[Episode]) -> QuerySet[Episode]:
    """Those still open whose worker has left, or can no longer support anybody."""
    return episodes.filter(~can_work(GIVE), state=EpisodeState.OPEN)


def episodes_on(person: Person) -> QuerySet[Episode]:
    """The episodes of a person who was fetched through the gate of their record."""
    return Episode.objects.filter(person=person).select_related("team__organisation", "worker").order_by("-asked_at")
