"""What can be wrong with a batch, each said in one line that names the place and what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bield.errors import UserError


class BatchError(UserError):
    """The files cannot be assessed as asked. The message is one line for the person who asked."""


@dataclass(frozen=True, slots=True)
class BadValue:
    """A cell that is not an answer, a set or a number where one is needed. `row` counts people from 1 in the file.

    It does not hold the cell: what a person answered belongs in no message and no log.
    """

    file: Path
    row: int
    column: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}, column {self.column!r}: the cell is not {self.expected}"
