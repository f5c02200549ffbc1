"""How every room refuses a change in words, and tells the second of two people who change the same thing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _


class NotNow(ValueError):
    """This cannot be done as things stand; the text says why, for the person to read."""


class Conflict(Exception):
    """Somebody else changed this since it was opened; `current` is what it is now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__("changed by somebody else")
        self.current = current


def changed_meanwhile(state: str) -> NotNow:
    """Somebody changed where something stands, so that it cannot be done any more. state: how it is now, in words."""
    words = _("somebody else changed this while you had it open. It is now ‘%(state)s’: check it below")
    return NotNow(words % {"state": state})
