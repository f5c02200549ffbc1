"""The gate before every view of an episode of support."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse

from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases.same_person.merged_away import leads_on
from bield.service.gates import Gate, View
from bield.service.support.access import GIVE, episode_for
from bield.service.support.episodes import actions
from bield.service.support.models import Episode


def on_episode(
    reading: Kind = Kind.SUPPORT_READ, permission: Permission = GIVE
) -> Callable[[View[Episode]], Callable[..., HttpResponse]]:
    """Give the view the episode if the user has the permission. reading: the event that opening the page records."""
    gate = Gate("episode_id", lambda user, pk: episode_for(user, pk, permission), actions.note).before(reading)
    return lambda view: leads_on(gate(view))
