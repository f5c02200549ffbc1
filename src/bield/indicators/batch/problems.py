"""The errors of a batch: each is one line that names the place and what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bield.errors import UserError


class BatchError(UserError):
    """The files cannot be assessed as requested. The message is one line for the user."""


@dataclass(frozen=True, slots=True)
class BadValue:
    """A cell that is not the answer, set or number it should be. row: counts people from 1 in the file.

    It does not contain the cell, because a person's answer must not get into a message or log.
    """

    file: Path
    row: int
    column: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}, column {self.column!r}: the cell is not {self.expected}"
