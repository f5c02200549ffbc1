"""Who did something, in words: a colleague, a system of an organisation, or Bield itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from bield.service.accounts.models import User
from bield.service.audit.actions import SYSTEM

KEY = "key:"
"""How the actor begins of what a system did with a key."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The words for each actor of some events. One query. Every actor has some, also one whose account is gone."""
    wanted = set(actors)
    users = User.objects.filter(pk__in={item for item in wanted if _UUID.fullmatch(item)})
    names = {str(pk): name for pk, name in users.values_list("pk", "name")}
    return {item: names.get(item) or _other(item) for item in wanted}


def _other(actor: str) -> str:
    if actor == SYSTEM:
        return _("Bield itself")
    if actor.startswith(KEY):
        return _("A system, with key %(number)s") % {"number": actor.removeprefix(KEY)}
    return _("Somebody who has left")
