"""Finds the key that a request comes with, and the team that sends with it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from bield.service.accounts.models import Organisation, Team
from bield.service.audit.statements import first
from bield.service.notifications.access import digest_of
from bield.service.notifications.models import ApiKey

_KEY: Final = """
SELECT sender.id, sender.last_used_on, team.id, organisation.id, organisation.body, organisation.name
FROM notifications_apikey AS sender
JOIN accounts_team AS team ON team.id = sender.team_id
JOIN accounts_organisation AS organisation ON organisation.id = team.organisation_id
WHERE sender.digest = %s AND sender.expires_at > %s AND (sender.ended_at IS NULL OR sender.ended_at > %s)
"""


def key_for(text: str, *, at: datetime) -> ApiKey | None:
    """The API key with this text, if it is valid now; else None. Whatever else it has is read when it is asked for."""
    row = first(_KEY, digest_of(text), at, at)
    if row is None:
        return None
    key_id, used, *ids, body, name = row
    team_id, organisation_id = (UUID(str(item)) for item in ids)
    alias = connection.alias
    team = Team.from_db(alias, ["id", "organisation_id"], [team_id, organisation_id])
    team.organisation = Organisation.from_db(alias, ["id", "body", "name"], [organisation_id, body, name])
    key = ApiKey.from_db(alias, ["id", "team_id", "last_used_on"], [key_id, team_id, used])
    key.team = team
    return key
