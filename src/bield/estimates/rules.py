"""The names of rules and cautions, apart from the arithmetic so that the command line can check options at once."""

from __future__ import annotations

from typing import Final, Literal

SINGLE_UNIT_RULES: Final = ("refuse", "centre", "certainty")

Caution = Literal["few_units", "none_or_all"]
"""few_units: fewer than 8 degrees of freedom. none_or_all: a share of none or all, or the same share in every unit."""
