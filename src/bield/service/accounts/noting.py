"""Writes an event of what belongs to no one record, such as a list, into every organisation that it concerns."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bield.service.accounts.access import organisations_with
from bield.service.accounts.models import Organisation, User
from bield.service.accounts.permissions import Permission
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind


def note_in_each(
    kind: Kind,
    user: User,
    permission: Permission | None = None,
    *,
    organisations: Collection[object] = (),
    **facts: Any,
) -> None:
    """Write an event into each organisation in which somebody may do this, so that the auditors of each see it.

    permission: what they did it by; None for what needs none, in every organisation of theirs. organisations: those
    that it concerns, where they are known already, which saves a query. Who has left every organisation leaves an event
    without one.
    """
    if organisations:
        for organisation in organisations:
            record(kind, actor=user.pk, organisation=organisation, **facts)
        return
    if permission is None:
        found = Organisation.objects.filter(teams__memberships__user=user).distinct()
    else:
        found = organisations_with(user, permission)
    ids: list[object] = list(found.order_by("pk").values_list("pk", flat=True))
    for organisation in ids or [""]:
        record(kind, actor=user.pk, organisation=organisation, **facts)
