"""The only way to fetch a person's record for a user: permission is checked here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404

from bield.names import asked, covers, fold
from bield.service import reference
from bield.service.accounts.access import can_work, memberships_with, teams_with
from bield.service.accounts.models import Membership, User
from bield.service.accounts.permissions import Permission, Role, allows
from bield.service.cases.events import MergedAway
from bield.service.cases.models import Fingerprint, Person
from bield.service.sealing import digests

LEAST_NAMES, MOST_ALIKE = 2, 25
"""How many names two records must share to be shown as perhaps one person, and how many such records to show."""

MOST_NAMED, MOST_WORDS = 500, 6
"""How many people with the same name a search goes through, and how many of its words it uses."""


def person_for(user: User, person_id: UUID, permission: Permission) -> Person:
    """A person's record, if this user may do this with it.

    Raises Http404 if there is no such record *or* the user may not even see it, so that an outsider learns nothing;
    both take the same single query. Raises PermissionDenied if they may see it but not do this. Raises MergedAway if
    they may do this but the record was merged into another one, so that the old reference leads to that one.
    """
    person = (
        Person.objects.select_related("team__organisation", "worker", "same_as")
        .filter(pk=person_id, team__memberships__user=user, team__memberships__user__is_active=True)
        .annotate(role=F("team__memberships__role"))
        .first()
    )
    if person is None or not allows(role_on(person), Permission.PERSON_SEE):
        raise Http404
    if not allows(role_on(person), permission):
        raise PermissionDenied
    if person.merged_at is not None and person.same_as is not None:
        raise MergedAway(person, person.same_as)
    return person


def role_on(person: Person) -> Role:
    """The role that the user who fetched the person has in the record's team."""
    return Role(cast(str, person.role))  # type: ignore[attr-defined]  # set by person_for


def people_visible_to(user: User) -> QuerySet[Person]:
    """The people that `person_for` would let this user see."""
    # Ids rather than a subquery: knowing how few teams there are, PostgreSQL walks the index of each list in order.
    teams = list(teams_with(user, Permission.PERSON_SEE).values_list("pk", flat=True))
    return Person.objects.filter(team__in=teams)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a user may do with records, from their memberships: for pages that ask many things about it."""

    user: User
    memberships: Sequence[Membership]

    def teams(self, permission: Permission) -> list[UUID]:
        """The teams in which the user has a permission."""
        return [row.team_id for row in self.memberships if allows(Role(row.role), permission)]

    def may(self, permission: Permission) -> bool:
        """Whether the user has a permission in any team."""
        return bool(self.teams(permission))

    @property
    def people(self) -> QuerySet[Person]:
        """The same as `people_visible_to`, without asking for the teams again; no merged record among them."""
        return Person.objects.filter(team__in=self.teams(Permission.PERSON_SEE), merged_at=None)

    @property
    def organisations(self) -> list[UUID]:
        """The organisations whose people the user may see."""
        seen = self.teams(Permission.PERSON_SEE)
        return sorted({row.team.organisation_id for row in self.memberships if row.team_id in seen})


def reach_of(user: User) -> Reach:
    """What a user may do with records. One query. Raises PermissionDenied if they may see none."""
    return Reach(user, memberships_with(user, Permission.PERSON_SEE))


def left_behind(user: User) -> QuerySet[Person]:
    """Open records of the teams that a user leads, where the worker has left or can no longer work on them."""
    teams = list(teams_with(user, Permission.RECORD_REVIEW).values_list("pk", flat=True))
    return Person.objects.filter(~can_work(Permission.PERSON_EDIT), team__in=teams, closed_at__isnull=True)


def people_matching(user: User, words: str) -> tuple[QuerySet[Person], bool]:
    """The people a user finds by a reference or by names, and whether it was by name.

    By name only in teams where the user may open identities. Every name typed must be in the record; order, capitals,
    accents, strokes and hyphens do not matter.
    """
    if code := reference.read(words):
        return people_visible_to(user).filter(reference=code), False
    teams = teams_with(user, Permission.IDENTITY_OPEN)
    mine = people_visible_to(user).filter(team__in=teams)
    return mine.filter(pk__in=_following_merges(_ids_named(mine, words))), True


def alike(person: Person, names: Mapping[str, str]) -> list[Person]:
    """Other records of the team with the same names: perhaps of the same person.

    Uses the blind index, so no identity is opened. Leaves out records closed as duplicates.
    """
    others = with_same_names(Person.objects.filter(team=person.team_id), names)
    return list(others.exclude(pk__in=[person.pk, person.same_as_id])[:MOST_ALIKE])


def with_same_names(people: QuerySet[Person], names: Mapping[str, str]) -> QuerySet[Person]:
    """Those of some records that have all of these names; none if fewer than two names are known."""
    words = f"{names.get('given_names', '')} {names.get('family_name', '')}"
    if len(fold(words)) < LEAST_NAMES:
        return Person.objects.none()
    candidates = people.exclude(same_as__isnull=False, merged_at=None)
    matching = Person.objects.filter(pk__in=_following_merges(_ids_named(candidates, words)))
    return matching.select_related("worker", "team").order_by("-changed_at", "pk")


def _following_merges(pks: list[UUID]) -> list[UUID]:
    """The ids of records, where a merged one is replaced by the record that it was merged into."""
    merged = Person.objects.filter(pk__in=pks, merged_at__isnull=False)
    kept_by_merged = dict(merged.values_list("pk", "same_as"))
    return [kept_by_merged.get(pk) or pk for pk in pks]


def _ids_named(people: QuerySet[Person], words: str) -> list[UUID]:
    """The ids of those people who have every name in the words in their blind index, last changed first."""
    parts = fold(words)[:MOST_WORDS]
    for number, part in enumerate(parts):
        spellings = {part, "".join(parts[number : number + 2]), "".join(parts[max(number - 1, 0) : number + 1])}
        people = people.filter(fingerprints__digest__in=[digest for form in spellings for digest in digests(form)])
    candidates = list(people.order_by("-changed_at").values_list("pk", flat=True).distinct()[:MOST_NAMED])
    form_of = {digest: form for form in asked(words) for digest in digests(form)}
    forms_held: dict[UUID, set[str]] = defaultdict(set)
    fingerprints = Fingerprint.objects.filter(person__in=candidates, digest__in=form_of)
    for person, digest in fingerprints.values_list("person", "digest"):
        forms_held[person].add(form_of[digest])
    return [person for person in candidates if covers(words, forms_held[person].__contains__)]
