"""Works out the picture of a dimension: a line of marks, one for each sign. Size shows strength, fill the answer.

It is geometry without colours, so that the page and the printed document draw the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from bield.indicators import Answer, Strength
from bield.indicators.assessment import DimensionResult

RADIUS = {Strength.STRONG: 11.0, Strength.MEDIUM: 7.5, Strength.WEAK: 5.0}
DOT = 2.0
STEP = 26.0
MIDDLE = 26.0
HEIGHT = 44.0
BRACKET_TOP, BRACKET_FOOT = 4.0, 11.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One sign on the line. `kind` is yes, unknown or no."""

    x: float
    radius: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Stave:
    """A dimension as marks, with the x of the marks that satisfy its rule."""

    width: float
    marks: tuple[Mark, ...]
    satisfying: tuple[float, ...]

    height = HEIGHT
    middle = MIDDLE

    @property
    def bracket(self) -> str:
        """An SVG path: a line over the satisfying signs with a foot down to each; empty if no sign satisfies it."""
        if not self.satisfying:
            return ""
        first, last = min(self.satisfying), max(self.satisfying)
        feet = "".join(f"M{x:g} {BRACKET_FOOT:g}V{BRACKET_TOP:g}" for x in self.satisfying)
        return f"M{first:g} {BRACKET_TOP:g}H{last:g}{feet}"


def stave(result: DimensionResult) -> Stave:
    """The picture of a dimension, with its signs in the order of the codebook."""
    satisfying = {sign.id for sign in result.clause_signs}
    marks, satisfying_x = [], []
    for place, sign in enumerate(result.signs):
        x = STEP / 2 + place * STEP
        radius = DOT if sign.answer is Answer.NO else RADIUS[sign.strength]
        marks.append(Mark(x, radius, sign.answer.value, _(sign.label)))
        if sign.id in satisfying:
            satisfying_x.append(x)
    return Stave(STEP * len(result.signs), tuple(marks), tuple(satisfying_x))
