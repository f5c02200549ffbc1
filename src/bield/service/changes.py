"""The exceptions for a change that is refused, and for two users who change the same thing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _


class NotNow(ValueError):
    """This cannot be done now; the text says why, for the user to read."""


class Conflict(Exception):
    """Somebody else has changed this since it was opened; `current` is how it is now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__("changed by somebody else")
        self.current = current


def changed_meanwhile(state: str) -> NotNow:
    """The refusal after somebody else changed the state of something. state: what it is now, in words."""
    words = _("somebody else changed this while you had it open. It is now ‘%(state)s’: check it below")
    return NotNow(words % {"state": state})
