"""Compares words in support with the person's identity, if this team may open it."""

from __future__ import annotations

from typing import cast

from django.utils import timezone

from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission, Role, allows
from bield.service.audit.kinds import Kind
from bield.service.cases.known import compared, known_about
from bield.service.design.leaving import Compare
from bield.service.support.access import why_identity_closed
from bield.service.support.episodes.actions import note
from bield.service.support.models import Episode


def words_of(episode: Episode, by: User) -> Compare | None:
    """As `cases.known.words_about`; None while this team or user may not open the person's identity."""
    role = Role(cast(str, episode.role))  # type: ignore[attr-defined]  # put there by episode_for
    if not allows(role, Permission.IDENTITY_OPEN) or why_identity_closed(episode, on=timezone.localdate()):
        return None
    return compared(
        lambda: known_about(episode.person),
        lambda count: note(Kind.SUPPORT_WORDS_MATCHED, episode, by, matches=count),
    )
