"""The one error that a person who asked can mend: bad options, bad files, a design that cannot be estimated."""

from __future__ import annotations


class UserError(ValueError):
    """What was asked cannot be done as it is. The message names the value, the place and what was expected."""
