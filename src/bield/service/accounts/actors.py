"""Names who did something: a colleague, a system of an organisation, or Bield itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from bield.service.accounts.models import User
from bield.service.audit.actions import SYSTEM

KEY = "key:"
"""The prefix of the actor of an event, if a system did it with a key."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The name to show for each actor of some events, even if the account is gone. One query."""
    wanted = set(actors)
    users = User.objects.filter(pk__in={actor for actor in wanted if _UUID.fullmatch(actor)})
    names = {str(pk): name for pk, name in users.values_list("pk", "name")}
    return {actor: names.get(actor) or _other(actor) for actor in wanted}


def _other(actor: str) -> str:
    if actor == SYSTEM:
        return _("Bield itself")
    if actor.startswith(KEY):
        return _("A system, with key %(number)s") % {"number": actor.removeprefix(KEY)}
    return _("Somebody who has left")
