"""The one error that a person who asked can mend: bad options, bad files, a design that cannot be estimated."""

from __future__ import annotations


class UserError(ValueError):
    """What was asked cannot be done as it is. The message names the value, the place and what was expected.

    option: how an option of the command mends it; a page, which has no options, shows `words` alone.
    """

    def __init__(self, words: str = "", *, option: str = "") -> None:
        super().__init__(words + option)
        self.words = words
