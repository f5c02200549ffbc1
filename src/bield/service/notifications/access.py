"""Access to notifications: only the team that sent one and the body that receives it can see it."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from bield.service.accounts.access import organisations_with, teams_with
from bield.service.accounts.models import Team, User
from bield.service.accounts.permissions import Permission
from bield.service.notifications.models import ApiKey, Notification


def sent_by(user: User) -> QuerySet[Notification]:
    """The notifications that the user's teams have sent."""
    return Notification.objects.filter(team__in=list(teams_with(user, Permission.NOTIFICATION_SEND)))


def received_by(user: User) -> QuerySet[Notification]:
    """The notifications that the user's organisation has received."""
    return Notification.objects.filter(to__in=list(organisations_with(user, Permission.NOTIFICATION_RECEIVE)))


def notification_for(user: User, notification_id: UUID, *permissions: Permission) -> Notification:
    """A notification for which this user has one of the permissions.

    Raises Http404 if it does not exist *or* they may not see it; PermissionDenied if they may see it but have none of
    the permissions, such as a sender who asks for what only the police may do.
    """
    sending = Q(team__in=teams_with(user, Permission.NOTIFICATION_SEND))
    receiving = Q(to__in=organisations_with(user, Permission.NOTIFICATION_RECEIVE))
    notification = (
        Notification.objects.select_related("team__organisation", "to", "by")
        .filter(sending | receiving, pk=notification_id)
        .first()
    )
    if notification is None:
        raise Http404
    if not any(may_with(user, notification, permission) for permission in permissions):
        raise PermissionDenied
    return notification


def may_with(user: User, notification: Notification, permission: Permission) -> bool:
    """Whether a user has a permission on its side of a notification: the sending team, or else the recipient."""
    if permission is Permission.NOTIFICATION_SEND:
        return teams_with(user, permission).filter(pk=notification.team_id).exists()
    return organisations_with(user, permission).filter(pk=notification.to_id).exists()


def digest_of(key: str) -> str:
    """The hash of an API key, which is all that is stored. A key has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def keys_of(user: User) -> QuerySet[ApiKey]:
    """The API keys of the organisations that this user administers."""
    teams = Team.objects.filter(organisation__in=organisations_with(user, Permission.KEYS_MANAGE))
    return ApiKey.objects.select_related("team__organisation", "made_by").filter(team__in=teams)
