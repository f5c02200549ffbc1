"""Writes an event about something other than one record, such as a list, for every organisation concerned."""

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
    """Write an event for each organisation in which the user may do this, so that the auditors of each see it.

    permission: the permission they used; None if none is needed: then for each of their organisations. organisations:
    the organisations concerned, if already known, which saves a query. A user who has left every organisation leaves
    one event without an organisation.
    """
    if organisations:
        for organisation in organisations:
            record(kind, actor=user.pk, organisation=organisation, **facts)
        return
    if permission is None:
        concerned = Organisation.objects.filter(teams__memberships__user=user).distinct()
    else:
        concerned = organisations_with(user, permission)
    ids: list[object] = list(concerned.order_by("pk").values_list("pk", flat=True))
    for organisation in ids or [""]:
        record(kind, actor=user.pk, organisation=organisation, **facts)
