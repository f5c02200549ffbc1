"""Finds records, episodes and notifications by a reference, and records by name, for one user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from bield.service import reference
from bield.service.accounts.access import may
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases.access import people_matching
from bield.service.cases.events import note
from bield.service.cases.models import Person
from bield.service.notifications.access import received_by, sent_by
from bield.service.notifications.models import Notification
from bield.service.support.access import episodes_of
from bield.service.support.models import Episode

MOST = 25


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. by_name: whether the words were a name and not a reference."""

    people: Sequence[Person]
    episodes: Sequence[Episode]
    notifications: Sequence[Notification]
    by_name: bool

    @property
    def number(self) -> int:
        return len(self.people) + len(self.episodes) + len(self.notifications)

    @property
    def only(self) -> str:
        """The address of the only thing found by its reference; empty if there is a choice."""
        if self.by_name or self.number != 1:
            return ""
        if self.people:
            return reverse("person", args=[self.people[0].pk])
        if self.episodes:
            return reverse("support", args=[self.episodes[0].pk])
        return reverse("notification", args=[self.notifications[0].pk])


def find(user: User, words: str) -> Found:
    """What a user finds by some words. Call it in a transaction: it notes the search, and each record found by name."""
    matching, by_name = people_matching(user, words)
    people = list(matching.select_related("worker", "team__organisation").order_by("-changed_at")[:MOST])
    code = reference.read(words)
    found = Found(people, _episodes(user, code), _notifications(user, code), by_name)
    permission = Permission.PERSON_SEE if may(user, Permission.PERSON_SEE) else None
    note_in_each(Kind.SEARCHED, user, permission, by="name" if by_name else "reference", count=found.number)
    if by_name:
        for person in people:
            note(Kind.FOUND_BY_NAME, person, user)
    return found


def _episodes(user: User, code: str | None) -> list[Episode]:
    if not code:
        return []
    return list(episodes_of(user).filter(person__reference=code).select_related("person", "worker")[:MOST])


def _notifications(user: User, code: str | None) -> list[Notification]:
    if not code:
        return []
    rows = [row for mine in (received_by(user), sent_by(user)) for row in mine.filter(reference=code)]
    return list({row.pk: row for row in rows}.values())
