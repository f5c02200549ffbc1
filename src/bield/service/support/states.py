"""The states of an episode of support, and the state that each action leads to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EpisodeState(TextChoices):
    """The state of an episode."""

    ASKED = "asked", _("Waits for an answer")
    OPEN = "open", _("Open")
    DECLINED = "declined", _("Not possible there")
    TAKEN_BACK = "taken_back", _("Taken back")
    CLOSED = "closed", _("Ended")


RUNNING: Final = (EpisodeState.ASKED, EpisodeState.OPEN)
"""A person has at most one episode in these states with a team."""

GIVEN: Final = (EpisodeState.OPEN, EpisodeState.CLOSED)
"""Support was given: the episode has a first day."""


class Move(NamedTuple):
    """An action leads from one state to another, or leaves the state as it is."""

    start: EpisodeState
    end: EpisodeState


MOVES: Final[Mapping[str, Move]] = MappingProxyType(
    {
        "accept": Move(EpisodeState.ASKED, EpisodeState.OPEN),
        "decline": Move(EpisodeState.ASKED, EpisodeState.DECLINED),
        "take_back": Move(EpisodeState.ASKED, EpisodeState.TAKEN_BACK),
        "hand_over": Move(EpisodeState.OPEN, EpisodeState.OPEN),
        "close": Move(EpisodeState.OPEN, EpisodeState.CLOSED),
        "reopen": Move(EpisodeState.CLOSED, EpisodeState.OPEN),
    }
)
