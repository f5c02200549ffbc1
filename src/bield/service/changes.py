"""What every change of a row shares: how it is refused, two users at once, and which columns a form may reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _

M = TypeVar("M", bound=models.Model)


class NotNow(ValueError):
    """This cannot be done now; the text says why, for the user to read."""


class Conflict(Exception):
    """Somebody else has changed this since it was opened."""

    def __init__(self, current: models.Model) -> None:
        super().__init__("changed by somebody else")
        self._current = current

    def row(self, model: type[M]) -> M:
        """The row as it is now. model: what the action that raised this locks; TypeError for another one."""
        if not isinstance(self._current, model):
            raise TypeError(f"the conflict is about a {type(self._current).__name__}, not a {model.__name__}")
        return self._current


def changed_meanwhile(state: str) -> NotNow:
    """The refusal after somebody else changed the state of something. state: what it is now, in words."""
    words = _("somebody else changed this while you had it open. It is now ‘%(state)s’: check it below")
    return NotNow(words % {"state": state})


def set_fields(row: models.Model, values: Mapping[str, Any], *, allowed: Collection[str]) -> list[str]:
    """Set columns of a row by name, without saving. Returns the names of those that changed.

    Raises TypeError for a column that is not allowed: what a form holds never reaches a team, a state or an owner.
    """
    if refused := sorted(values.keys() - set(allowed)):
        raise TypeError(f"{type(row).__name__}: {', '.join(refused)} cannot be set this way")
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed
