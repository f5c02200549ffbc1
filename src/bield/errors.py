"""The error that a user can put right: bad options, bad files, a survey design that cannot be estimated."""

from __future__ import annotations


class UserError(ValueError):
    """What the user asked for cannot be done. The message names the value, the place and what was expected.

    option: the command-line option that puts it right; a page, which has no options, shows only `words`.
    """

    def __init__(self, words: str = "", *, option: str = "") -> None:
        super().__init__(words + option)
        self.words = words
