"""Finds the notifications that somebody said are about the same person. It needs nobody's name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Literal, TypeVar
from uuid import UUID

from django.db.models import Q

from bield.service.accounts.models import Team
from bield.service.notifications.models import Joined, Notification
from bield.service.sealing import keyed_hashes

AT_ONCE = 5_000
"""How many hashes or ids one query looks for."""


def hashes_of(what: Literal["person", "request", "content"], *parts: str) -> tuple[str, ...]:
    """Keyed hashes of a sender's own reference, the current key's first: they show that two are the same, and no more.

    Capitals and spaces around the parts do not matter.
    """
    return keyed_hashes("\x1f".join((what, *(part.strip().casefold() for part in parts))).encode())


def joined(local: set[str]) -> set[str]:
    """Hashes of references, with those of every reference that means the same person."""
    hashes = set(local)
    while True:
        pairs = Joined.objects.filter(Q(one__in=hashes) | Q(other__in=hashes)).values_list("one", "other")
        wider = hashes.union(*pairs)
        if wider == hashes:
            return hashes
        hashes = wider


def same_person(*local: str) -> list[Notification]:
    """The notifications with these hashes of the sender's reference, oldest first."""
    notifications = Notification.objects.filter(local__in=[item for item in local if item])
    return list(notifications.select_related("to", "identity").prefetch_related("questions").order_by("sent_at", "pk"))


def linked(notification: Notification) -> list[Notification]:
    """Every notification about the same person, including this one, oldest first.

    They are linked by the sender's reference, by what the police marked as the same, by a merge of records, or by any
    chain of these.
    """
    groups = _Linked({notification.pk}, set())
    return [item for item in groups.notifications() if groups.are_one(item.pk, notification.pk)]


def said_before(team: Team, local_reference: str) -> list[Notification]:
    """Everything that was said about a person, by this body and in linked notifications. Oldest first."""
    return said_before_of(team, [local_reference])[local_reference]


def said_before_of(team: Team, local_references: Iterable[str]) -> Mapping[str, list[Notification]]:
    """As `said_before` for many people, by the sender's references. The number of queries does not grow with them."""
    body = team.organisation.body
    hashes = {item: hashes_of("person", body, item) if item.strip() else () for item in local_references}
    groups = _Linked(set(), {item for several in hashes.values() for item in several})
    for several in hashes.values():
        for one, other in pairwise(several):
            groups.unite(one, other)  # the same reference, hashed with the current key and with earlier ones
    people = groups.people()
    return {name: people.get(groups.of(several[0]), []) if several else [] for name, several in hashes.items()}


class _Linked:
    """Groups of linked notifications and hashes of references: each group is one person.

    A union-find over both: https://en.wikipedia.org/wiki/Disjoint-set_data_structure
    """

    def __init__(self, notifications: set[UUID], local: set[str]) -> None:
        self._above: dict[UUID | str, UUID | str] = {}
        self._pks: set[UUID] = set()
        unseen: tuple[set[UUID], set[str]] = (notifications, local)
        seen_hashes: set[str] = set()
        while unseen[0] or unseen[1]:
            self._pks |= unseen[0]
            seen_hashes |= unseen[1]
            pks, hashes = self._next_to(*unseen)
            unseen = (pks - self._pks, hashes - seen_hashes)

    def _next_to(self, pks: set[UUID], local: set[str]) -> tuple[set[UUID], set[str]]:
        """What is linked directly to some notifications and hashes."""
        linked_pks, hashes = set[UUID](), set[str]()
        for pk_batch in _in_parts(pks):
            self._take(Q(pk__in=pk_batch) | Q(same_as__in=pk_batch), linked_pks, hashes)
        for batch in _in_parts(local):
            self._take(Q(local__in=batch), linked_pks, hashes)
            pairs = Joined.objects.filter(Q(one__in=batch) | Q(other__in=batch)).values_list("one", "other")
            for one, other in pairs:
                self.unite(one, other)
                hashes |= {one, other}
        return linked_pks, hashes

    def _take(self, which: Q, found: set[UUID], hashes: set[str]) -> None:
        for pk, local, same_as in Notification.objects.filter(which).values_list("pk", "local", "same_as"):
            found.add(pk)
            if local:
                self.unite(pk, local)
                hashes.add(local)
            if same_as:
                self.unite(pk, same_as)
                found.add(same_as)

    def of(self, item: UUID | str) -> UUID | str:
        """The representative of the group that an item is in."""
        while (above := self._above.get(item, item)) != item:
            self._above[item] = self._above.get(above, above)
            item = above
        return item

    def unite(self, one: UUID | str, other: UUID | str) -> None:
        """Put two items, and their groups, into one group."""
        self._above[self.of(one)] = self.of(other)

    def are_one(self, one: UUID, other: UUID) -> bool:
        """Whether two notifications are in the same group."""
        return self.of(one) == self.of(other)

    def notifications(self) -> list[Notification]:
        """Every notification of every group, oldest first."""
        notifications: list[Notification] = []
        for batch in _in_parts(self._pks):
            in_batch = Notification.objects.filter(pk__in=batch).select_related("to", "identity")
            notifications += in_batch.prefetch_related("questions")
        return sorted(notifications, key=lambda item: (item.sent_at, str(item.pk)))

    def people(self) -> Mapping[UUID | str, list[Notification]]:
        """The notifications of each group, by its representative."""
        by_group: dict[UUID | str, list[Notification]] = defaultdict(list)
        for notification in self.notifications():
            by_group[self.of(notification.pk)].append(notification)
        return by_group


T = TypeVar("T")


def _in_parts(items: set[T]) -> Iterator[list[T]]:
    whole = list(items)
    for first in range(0, len(whole), AT_ONCE):
        yield whole[first : first + AT_ONCE]
