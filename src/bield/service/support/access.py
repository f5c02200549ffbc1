"""Access to support: the only way to get an episode, an account, a grant or a guardian's child for a user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404

from bield.service.accounts.access import can_work, colleagues_in, memberships_with, teams_with
from bield.service.accounts.models import Membership, Team, User
from bield.service.accounts.permissions import Permission, Role, allows, roles_with
from bield.service.cases.consents import consent_on
from bield.service.cases.models import Person
from bield.service.support.models import Account, AccountVersion, Entry, Episode, Grant, Guardianship
from bield.service.support.states import GIVEN, EpisodeState

GIVE = Permission.SUPPORT_GIVE
KINDS_THAT_SUPPORT = ("support_provider", "council", "guardian_service", "ngo")
"""The kinds of body with teams that may be asked for support."""


def episode_for(user: User, episode_id: UUID, permission: Permission = GIVE) -> Episode:
    """An episode of a team in which this user has the permission.

    Raises Http404 if it does not exist *or* the user may not see it; PermissionDenied if they may see it but not do
    this. The team that asked sees the state of its request on the person's record, and never an episode.
    """
    episode = (
        Episode.objects.select_related("person__team__organisation", "team__organisation", "worker", "asked_by")
        .filter(pk=episode_id, team__memberships__user=user, team__memberships__user__is_active=True)
        .annotate(role=F("team__memberships__role"))
        .first()
    )
    if episode is None or not allows(Role(episode.role), GIVE):
        raise Http404
    if not allows(Role(episode.role), permission):
        raise PermissionDenied
    return episode


def why_identity_closed(episode: Episode, *, on: date) -> Literal["", "not_taken_on", "not_agreed"]:
    """Why the team of an episode may not open the person's identity; empty if it may.

    No team opens it before it has taken the person on. A team of another organisation than the record's opens it only
    while the person agrees to support; a child, or somebody who may be one, is not asked to agree.
    """
    if episode.state not in GIVEN:
        return "not_taken_on"
    person = episode.person
    other_organisation = episode.team.organisation_id != person.team.organisation_id
    agrees = not person.is_adult or consent_on(person, "support", on=on).given
    return "not_agreed" if other_organisation and not agrees else ""


def episodes_of(user: User) -> QuerySet[Episode]:
    """The episodes that `episode_for` would return for this user."""
    teams = list(teams_with(user, GIVE).values_list("pk", flat=True))
    return Episode.objects.filter(team__in=teams)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a user supports with their teams, from their memberships. One query for all that a page asks about them."""

    user: User
    memberships: Sequence[Membership]

    def teams(self, permission: Permission = GIVE) -> list[UUID]:
        """The teams in which the user has a permission."""
        return [row.team_id for row in self.memberships if allows(Role(row.role), permission)]

    @property
    def episodes(self) -> QuerySet[Episode]:
        """The same as `episodes_of`, without asking for the teams again."""
        return Episode.objects.filter(team__in=self.teams())

    @property
    def organisations(self) -> list[UUID]:
        """The organisations whose episodes the user may see."""
        giving = self.teams()
        return sorted({row.team.organisation_id for row in self.memberships if row.team_id in giving})

    @property
    def workers(self) -> QuerySet[User]:
        """The colleagues in these teams, and those who have left but still have somebody in their name."""
        theirs = Exists(Episode.objects.filter(team__in=self.teams(), worker=OuterRef("pk"), state=EpisodeState.OPEN))
        able = colleagues_in(self.teams(), GIVE).order_by().values("pk")
        return User.objects.filter(theirs | Q(pk__in=able)).order_by("name", "id")


def reach_of(user: User) -> Reach:
    """What a user may do in support. Raises PermissionDenied if they support nobody."""
    return Reach(user, memberships_with(user, GIVE))


def entry_of(episode: Episode, part: str, entry_id: UUID) -> Entry:
    """An entry of an episode that was fetched through the gate. Raises Http404 for an entry of another episode."""
    entry = Entry.objects.select_related("by").filter(pk=entry_id, episode=episode, part=part).first()
    if entry is None:
        raise Http404
    return entry


def account_of(episode: Episode) -> Account | None:
    """The person's account if this episode's team keeps it; None if another team does, or nobody has taken it yet."""
    return Account.objects.filter(person=episode.person_id, team=episode.team_id).first()


def kept_elsewhere(episode: Episode) -> bool:
    """Whether another team keeps this person's account: a person has one account, and it is not taken twice."""
    return Account.objects.filter(person=episode.person_id).exclude(team=episode.team_id).exists()


def version_of(account: Account, number: int) -> AccountVersion:
    """A version of an account that was fetched through the gate. Raises Http404 if it has no such version."""
    version = account.versions.select_related("by").filter(number=number).first()
    if version is None:
        raise Http404
    return version


def grant_of(account: Account, grant_id: UUID) -> Grant:
    """A grant of an account that was fetched through the gate. Raises Http404 for a grant of another account."""
    grant = Grant.objects.select_related("version", "to").filter(pk=grant_id, version__account=account).first()
    if grant is None:
        raise Http404
    return grant


def _in_force(*, today: date) -> Q:
    return Q(ended_at__isnull=True, until__gte=today)


def grants_to(user: User, *, today: date) -> QuerySet[Grant]:
    """The grants that a user's organisations may read today, without those that are over or taken back."""
    return _grants_of(user).filter(_in_force(today=today))


def _grants_of(user: User) -> QuerySet[Grant]:
    organisations = teams_with(user, Permission.ACCOUNT_READ).values("organisation")
    return Grant.objects.filter(to__in=organisations).select_related(
        "version__account__person", "version__account__team__organisation", "to"
    )


class NoLongerGranted(Exception):
    """The user's organisation could read this once, and no longer can."""

    def __init__(self, grant: Grant) -> None:
        super().__init__("the grant is over")
        self.grant = grant


def grant_for(user: User, grant_id: UUID, *, today: date) -> Grant:
    """A grant that a user may read today.

    Raises NoLongerGranted for one that their organisation had and that is over, and Http404 for every other one.
    """
    grant = _grants_of(user).filter(pk=grant_id).first()
    if grant is None:
        raise Http404
    if not is_in_force(grant, today=today):
        raise NoLongerGranted(grant)
    return grant


def is_in_force(grant: Grant, *, today: date) -> bool:
    """Whether what a grant allows may still be read."""
    return grant.ended_at is None and grant.until >= today


def guarded_by(user: User) -> QuerySet[Guardianship]:
    """The children whose guardian this user is now, while they work as a guardian."""
    if not user.is_active:
        return Guardianship.objects.none()
    return Guardianship.objects.filter(
        guardian=user,
        ended_on__isnull=True,
        guardian__memberships__role__in=roles_with(Permission.CHILD_ACCOMPANY),
    ).distinct()


def child_for(user: User, person_id: UUID) -> Guardianship:
    """The guardianship that lets a user read about a child. Raises Http404 for every other person."""
    guardianship = guarded_by(user).filter(person_id=person_id).select_related("person__team__organisation").first()
    if guardianship is None:
        raise Http404
    return guardianship


def possible_guardians() -> QuerySet[User]:
    """The users who may be recorded as the guardian of a child."""
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
    """The members of a team who may support somebody."""
    return colleagues_in([team.pk], GIVE)


def left_behind(episodes: QuerySet[Episode]) -> QuerySet[Episode]:
    """The open episodes with a worker who has left or may no longer support anybody."""
    return episodes.filter(~can_work(GIVE), state=EpisodeState.OPEN)


def episodes_on(person: Person) -> QuerySet[Episode]:
    """The episodes of a person who was fetched through the gate of their record."""
    return Episode.objects.filter(person=person).select_related("team__organisation", "worker").order_by("-asked_at")
