"""Chooses the sets that apply to a person when not everything is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bield.indicators.assessment import Answer, Assessment, assess
from bield.indicators.codebook import Codebook


class Age(StrEnum):
    """Age when the events took place. ‘Not sure’ is treated as a child."""

    UNDER_18 = "under_18"
    ADULT = "adult"
    NOT_SURE = "not_sure"


class Exploitation(StrEnum):
    """The kind of exploitation that is suspected."""

    LABOUR = "labour"
    SEXUAL = "sexual"
    BOTH = "both"
    NOT_SURE = "not_sure"


@dataclass(frozen=True, slots=True)
class Person:
    """What decides the sets. Nothing here says who somebody is.

    inherent: whether the fact that a set is about is established; see `assess`. A worry about a kind of exploitation
    does not establish it.
    """

    age: Age
    exploitation: Exploitation
    inherent: Answer = Answer.UNKNOWN

    @property
    def treated_as_child(self) -> bool:
        return self.age is not Age.ADULT

    @property
    def sets(self) -> tuple[str, ...]:
        """The sets to assess, each separately, to show side by side."""
        age = "child" if self.treated_as_child else "adult"
        if self.exploitation in (Exploitation.LABOUR, Exploitation.SEXUAL):
            return (f"{age}_{self.exploitation.value}",)
        return (f"{age}_labour", f"{age}_sexual")


def assess_person(
    person: Person,
    answers: Mapping[str, Answer | str],
    *,
    policy: str,
    codebook: Codebook | None = None,
    act: Answer | str = Answer.UNKNOWN,
) -> tuple[Assessment, ...]:
    """One assessment for each set that applies; see `assess` for the arguments and errors."""
    return tuple(
        assess(answers, key, policy=policy, codebook=codebook, inherent=person.inherent, act=act) for key in person.sets
    )
