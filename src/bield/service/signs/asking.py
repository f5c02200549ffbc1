"""Which signs a page asks first and which it folds away, how far somebody has come, and how long it may take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bield.indicators import Answer, Codebook, Strength
from bield.indicators.codebook import Indicator
from bield.indicators.explain import number_in_words
from bield.indicators.rule import STRENGTHS

FEWEST_FIRST = 3
"""How many signs a part shows before the others, if it has as many."""

WORDS_A_MINUTE, SECONDS_A_QUESTION = 200, 4
"""How fast people are taken to read and to decide: slow rather than fast, and measured by nobody."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """The signs of a part: those asked first, and those folded away."""

    first: tuple[Indicator, ...]
    more: tuple[Indicator, ...]
    weighs_less: bool
    """Whether each sign that is folded away is weaker than each that is asked first."""

    @property
    def more_words(self) -> str:
        """The words on the fold, such as ‘Seven more signs’."""
        count = number_in_words(len(self.more), translations=_).capitalize()
        if self.weighs_less:
            words = ngettext(
                "%(count)s more sign, which weighs less", "%(count)s more signs, which weigh less", len(self.more)
            )
        else:
            words = ngettext("%(count)s more sign", "%(count)s more signs", len(self.more))
        return words % {"count": count}


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the check, as the list of parts and the bar show it."""

    number: int
    title: str
    seen: int
    answered: bool
    current: bool
    reached: bool


@dataclass(frozen=True, slots=True)
class Effort:
    """How many questions some signs are, and the minutes that reading and answering them may take."""

    questions: int
    minutes: int


def weight(sign: Indicator, sets: Iterable[str]) -> int:
    """The place of a sign's greatest strength in any of the sets: 0 is strong."""
    return min((STRENGTHS.index(sign.strength[key]) for key in sets if key in sign.strength), default=len(STRENGTHS))


def signs_of_part(book: Codebook, sets: Sequence[str], dimension: str) -> list[Indicator]:
    """The signs of a dimension that any of the sets uses, in the order of the codebook."""
    return [
        sign
        for sign in book.indicators.values()
        if sign.dimension == dimension and any(key in sign.strength for key in sets)
    ]


def arrange(signs: Sequence[Indicator], sets: Sequence[str]) -> Arranged:
    """The strong signs and those that the codebook asks first, the heaviest at the top; then the others."""
    ordered = sorted(signs, key=lambda sign: (weight(sign, sets), sign.first or len(signs)))
    strong = STRENGTHS.index(Strength.STRONG)
    first = [sign for sign in ordered if sign.first or weight(sign, sets) == strong]
    if len(first) < FEWEST_FIRST:
        first = ordered[:FEWEST_FIRST]
    more = [sign for sign in ordered if sign not in first]
    lightest = max((weight(sign, sets) for sign in first), default=0)
    return Arranged(tuple(first), tuple(more), all(weight(sign, sets) > lightest for sign in more))


def steps(
    book: Codebook, answers: Mapping[str, Answer], *, sets: Sequence[str], gender: str, current: int
) -> list[Step]:
    """The parts, with how many signs were seen in each."""
    made = []
    for number, dimension in enumerate(book.dimensions.values(), start=1):
        given = [answer for key, answer in answers.items() if book.indicators[key].dimension == dimension.id]
        seen = sum(answer is Answer.YES for answer in given)
        title = _(dimension.title(sets, gender))
        made.append(Step(number, title, seen, bool(given), number == current, number <= current))
    return made


def effort(book: Codebook, sets: Sequence[str], *, first_only: bool) -> Effort:
    """The questions about the signs of these sets, and the minutes worked out from their number and their words."""
    asked = [
        sign
        for dimension in book.dimensions
        for sign in _asked(arrange(signs_of_part(book, sets, dimension), sets), first_only=first_only)
    ]
    words = sum(len(f"{_(sign.ask(sets, ''))} {_(sign.label)}".split()) for sign in asked)
    return Effort(len(asked), ceil(words / WORDS_A_MINUTE + len(asked) * SECONDS_A_QUESTION / 60))


def _asked(arranged: Arranged, *, first_only: bool) -> tuple[Indicator, ...]:
    return arranged.first if first_only else arranged.first + arranged.more
