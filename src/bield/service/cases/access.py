"""The gate of the record: the only way to get one for somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404

from bield.names import asked, covers, fold
from bield.service import reference
from bield.service.accounts.access import can_work, teams_with
from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission, Role, allows
from bield.service.cases.events import MergedAway
from bield.service.cases.models import Fingerprint, Person
from bield.service.sealing import digests

LEAST_NAMES, MOST_ALIKE = 2, 25
"""How many names two records must share to be looked at as of one person, and how many such records are shown."""

MOST_NAMED, MOST_WORDS = 500, 6
"""How many people of one name are looked through, and how many names of one search."""


def person_for(user: User, person_id: UUID, permission: Permission) -> Person:
    """A person's record, if this user may do this with it.

    Raises Http404 if there is none *or* the user may not even see it, so that an outsider learns nothing; both are the
    same one query. Raises PermissionDenied if they may see it but not do this, and MergedAway where they may, and it
    was merged into another one: whoever follows the old reference is led on.
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
    """The role, in the team that holds the record, of the user who fetched the person."""
    return Role(cast(str, person.role))  # type: ignore[attr-defined]  # put there by person_for


def people_visible_to(user: User) -> QuerySet[Person]:
    """The people that `person_for` would return to this user for seeing."""
    # Ids rather than a subquery: told how few teams there are, PostgreSQL walks the index of each list in order.
    teams = list(teams_with(user, Permission.PERSON_SEE).values_list("pk", flat=True))
    return Person.objects.filter(team__in=teams)


def left_behind(user: User) -> QuerySet[Person]:
    """The open records of the teams that a user leads whose worker has left, or can no longer work on them."""
    teams = list(teams_with(user, Permission.RECORD_REVIEW).values_list("pk", flat=True))
    return Person.objects.filter(~can_work(Permission.PERSON_EDIT), team__in=teams, closed_at__isnull=True)


def found_by(user: User, words: str) -> tuple[QuerySet[Person], bool]:
    """The user's own people that a reference or names find, and whether it was by name.

    By name only where one may open identities. Every single name that is asked for must be in the record; their order,
    capitals, accents, strokes and hyphens do not matter.
    """
    if code := reference.read(words):
        return people_visible_to(user).filter(reference=code), False
    teams = teams_with(user, Permission.IDENTITY_OPEN)
    mine = people_visible_to(user).filter(team__in=teams)
    return mine.filter(pk__in=_that_go_on(_named(mine, words))), True


def alike(person: Person, names: Mapping[str, str]) -> list[Person]:
    """Other records of the team that have every name of somebody, where two at least are known: perhaps of one person.

    From the blind index: nobody's identity is opened. Those that were closed as the same person are left out.
    """
    others = named_alike(person.team_id, names).exclude(pk__in=[person.pk, person.same_as_id])
    return list(others[:MOST_ALIKE])


def named_alike(team: UUID, names: Mapping[str, str]) -> QuerySet[Person]:
    """The records of a team that have every name of somebody, where two at least are known."""
    return named_alike_in(Person.objects.filter(team=team), names)


def named_alike_in(people: QuerySet[Person], names: Mapping[str, str]) -> QuerySet[Person]:
    """The same among some records, whichever team has them."""
    words = f"{names.get('given_names', '')} {names.get('family_name', '')}"
    if len(fold(words)) < LEAST_NAMES:
        return Person.objects.none()
    there = people.exclude(same_as__isnull=False, merged_at=None)
    found = Person.objects.filter(pk__in=_that_go_on(_named(there, words)))
    return found.select_related("worker", "team").order_by("-changed_at", "pk")


def _that_go_on(found: Iterable[UUID]) -> list[UUID]:
    """Some records, each that was merged into another as that one."""
    pks = list(found)
    moved = Person.objects.filter(pk__in=pks, merged_at__isnull=False)
    leads = dict(moved.values_list("pk", "same_as"))
    return [leads.get(pk) or pk for pk in pks]


def _named(people: QuerySet[Person], words: str) -> list[UUID]:
    """Those of some people in whose blind index every single name of some words stands, last changed first."""
    parts = fold(words)[:MOST_WORDS]
    for number, part in enumerate(parts):
        ways = {part, "".join(parts[number : number + 2]), "".join(parts[max(number - 1, 0) : number + 1])}
        people = people.filter(fingerprints__digest__in=[digest for form in ways for digest in digests(form)])
    found = list(people.order_by("-changed_at").values_list("pk", flat=True).distinct()[:MOST_NAMED])
    form_of = {digest: form for form in asked(words) for digest in digests(form)}
    there: dict[UUID, set[str]] = defaultdict(set)
    rows = Fingerprint.objects.filter(person__in=found, digest__in=form_of).values_list("person", "digest")
    for person, digest in rows:
        there[person].add(form_of[digest])
    return [person for person in found if covers(words, there[person].__contains__)]
