"""The gate of this room: a notification is seen by the team that sent it and by the body that receives it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from bield.service.accounts.access import organisations_with, teams_with
from bield.service.accounts.models import Team, User
from bield.service.accounts.permissions import Permission
from bield.service.notifications.models import ApiKey, Notification


def sent_by(user: User) -> QuerySet[Notification]:
    """What the teams of this user have sent."""
    return Notification.objects.filter(team__in=list(teams_with(user, Permission.NOTIFICATION_SEND)))


def received_by(user: User) -> QuerySet[Notification]:
    """What the body of this user has received."""
    return Notification.objects.filter(to__in=list(organisations_with(user, Permission.NOTIFICATION_RECEIVE)))


def notification_for(user: User, notification_id: UUID, *permissions: Permission) -> Notification:
    """A notification that this user may do one of these things with.

    Raises Http404 if there is none *or* they may not even see it; PermissionDenied if they see it from the other side.
    """
    sending = Q(team__in=teams_with(user, Permission.NOTIFICATION_SEND))
    receiving = Q(to__in=organisations_with(user, Permission.NOTIFICATION_RECEIVE))
    found = (
        Notification.objects.select_related("team__organisation", "to", "by")
        .filter(sending | receiving, pk=notification_id)
        .first()
    )
    if found is None:
        raise Http404
    if not any(may_with(user, found, permission) for permission in permissions):
        raise PermissionDenied
    return found


def may_with(user: User, notification: Notification, permission: Permission) -> bool:
    """Whether a user carries a permission on the side of a notification that it belongs to."""
    if permission is Permission.NOTIFICATION_SEND:
        return teams_with(user, permission).filter(pk=notification.team_id).exists()
    return organisations_with(user, permission).filter(pk=notification.to_id).exists()


def digest_of(key: str) -> str:
    """What is kept of an API key. It holds 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def key_for(text: str, *, at: datetime) -> ApiKey | None:
    """The API key that a text is, if it is one that holds now."""
    found = ApiKey.objects.select_related("team__organisation").filter(digest=digest_of(text)).first()
    if found is None or found.expires_at <= at or (found.ended_at and found.ended_at <= at):
        return None
    return found


def keys_of(user: User) -> QuerySet[ApiKey]:
    """The API keys of the organisations that this administrator looks after."""
    teams = Team.objects.filter(organisation__in=organisations_with(user, Permission.KEYS_MANAGE))
    return ApiKey.objects.select_related("team__organisation", "made_by").filter(team__in=teams)
