"""Which notifications are about the same person, as far as anybody said so. Nobody's name is needed for it."""

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
"""Hashes or ids looked for in one query."""


def hashes_of(what: Literal["person", "request", "content"], *parts: str) -> tuple[str, ...]:
    """Keyed hashes of somebody's own reference, the current key's first: they tell that two are the same, and no more.

    Spaces around the parts and capitals do not matter.
    """
    return keyed_hashes("\x1f".join((what, *(part.strip().casefold() for part in parts))).encode())


def joined(local: set[str]) -> set[str]:
    """Some hashes of references, with those of every reference that stands for the same person."""
    found = set(local)
    while True:
        rows = Joined.objects.filter(Q(one__in=found) | Q(other__in=found)).values_list("one", "other")
        more = found.union(*rows)
        if more == found:
            return found
        found = more


def same_person(*local: str) -> list[Notification]:
    """The notifications with these hashes of the sender's reference, oldest first; nothing for none."""
    rows = Notification.objects.filter(local__in=[item for item in local if item])
    return list(rows.select_related("to", "identity").prefetch_related("questions").order_by("sent_at", "pk"))


def linked(notification: Notification) -> list[Notification]:
    """Every notification about the same person, itself too, oldest first: by the sender's reference of them, by what
    the police marked as the same, by what a sender merged, and by any chain of these.
    """
    found = _Linked({notification.pk}, set())
    return [item for item in found.notifications() if found.are_one(item.pk, notification.pk)]


def said_before(team: Team, local_reference: str) -> list[Notification]:
    """Everything that was said about one person: by this body, and in what is linked to it. Oldest first."""
    return said_before_of(team, [local_reference])[local_reference]


def said_before_of(team: Team, local_references: Iterable[str]) -> Mapping[str, list[Notification]]:
    """The same for many people at once, by the sender's references; the number of queries does not grow with them."""
    body = team.organisation.body
    hashes = {item: hashes_of("person", body, item) if item.strip() else () for item in local_references}
    found = _Linked(set(), {item for several in hashes.values() for item in several})
    for several in hashes.values():
        for one, other in pairwise(several):
            found.unite(one, other)  # one reference under the present key and those before it
    people = found.people()
    return {name: people.get(found.of(several[0]), []) if several else [] for name, several in hashes.items()}


class _Linked:
    """Notifications and hashes of references that are linked to some, in groups: each group is one person.

    A union-find over both: https://en.wikipedia.org/wiki/Disjoint-set_data_structure
    """

    def __init__(self, notifications: set[UUID], local: set[str]) -> None:
        self._above: dict[UUID | str, UUID | str] = {}
        self._pks: set[UUID] = set()
        new: tuple[set[UUID], set[str]] = (notifications, local)
        known: set[str] = set()
        while new[0] or new[1]:
            self._pks |= new[0]
            known |= new[1]
            pks, hashes = self._next_to(*new)
            new = (pks - self._pks, hashes - known)

    def _next_to(self, pks: set[UUID], local: set[str]) -> tuple[set[UUID], set[str]]:
        """What is linked to some notifications and hashes by one step."""
        found, hashes = set[UUID](), set[str]()
        for several in _in_parts(pks):
            self._take(Q(pk__in=several) | Q(same_as__in=several), found, hashes)
        for some in _in_parts(local):
            self._take(Q(local__in=some), found, hashes)
            pairs = Joined.objects.filter(Q(one__in=some) | Q(other__in=some)).values_list("one", "other")
            for one, other in pairs:
                self.unite(one, other)
                hashes |= {one, other}
        return found, hashes

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
        """The item that stands for the group of another one."""
        while (above := self._above.get(item, item)) != item:
            self._above[item] = self._above.get(above, above)
            item = above
        return item

    def unite(self, one: UUID | str, other: UUID | str) -> None:
        self._above[self.of(one)] = self.of(other)

    def are_one(self, one: UUID, other: UUID) -> bool:
        return self.of(one) == self.of(other)

    def notifications(self) -> list[Notification]:
        """Every notification of every group, oldest first."""
        found: list[Notification] = []
        for some in _in_parts(self._pks):
            rows = Notification.objects.filter(pk__in=some).select_related("to", "identity")
            found += rows.prefetch_related("questions")
        return sorted(found, key=lambda item: (item.sent_at, str(item.pk)))

    def people(self) -> Mapping[UUID | str, list[Notification]]:
        """The notifications of each group, by what stands for it."""
        found: dict[UUID | str, list[Notification]] = defaultdict(list)
        for item in self.notifications():
            found[self.of(item.pk)].append(item)
        return found


T = TypeVar("T")


def _in_parts(items: set[T]) -> Iterator[list[T]]:
    whole = list(items)
    for first in range(0, len(whole), AT_ONCE):
        yield whole[first : first + AT_ONCE]
