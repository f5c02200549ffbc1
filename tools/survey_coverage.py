"""How often the 95 % intervals of survey shares and totals hold the truth: the tables of docs/methods/survey-shares.md.

Run `python tools/survey_coverage.py`; the numbers are the same each time. Samples are drawn from made-up populations of
very many clusters, with the same number of people from each cluster drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bield.estimates.survey import DesignSums, estimate

SAMPLES = 1000
GROUPS = [("other",), ("member",)]


@dataclass(frozen=True)
class Design:
    """clusters drawn, people in each; the share of clusters that are affected, and of people within those."""

    clusters: int
    people: int
    affected: float
    within: float

    @property
    def truth(self) -> float:
        return self.affected * self.within


SHARES = (
    Design(10, 50, 0.05, 0.2),
    Design(20, 50, 0.05, 0.2),
    Design(40, 25, 0.05, 0.2),
    Design(100, 20, 0.02, 0.25),
    Design(6, 50, 0.3, 0.1),
    Design(20, 50, 0.2, 0.1),
    Design(20, 50, 1.0, 0.01),
    Design(40, 25, 0.5, 0.6),
)
TOTALS = (Design(20, 50, 0.05, 0.2), Design(20, 50, 0.5, 0.6), Design(40, 25, 1.0, 0.3), Design(100, 20, 0.02, 0.25))


def coverage_of_share(design: Design, samples: int = SAMPLES) -> tuple[float, float]:
    """The share of samples whose interval holds the truth, and the share of samples in which nobody is positive."""
    random = np.random.default_rng(2015)
    held = nobody = 0
    for _ in range(samples):
        _, found = _draw(design, random)
        result = estimate(_sums(found, np.zeros_like(found)))[0]
        held += _holds(result.interval_of_share, design.truth)
        nobody += result.share == 0.0
    return held / samples, nobody / samples


def coverage_of_total(design: Design, samples: int = SAMPLES) -> float:
    """The same for the total of a group to which 1 to 79 % of a cluster belong, in a population of known size."""
    random = np.random.default_rng(2015)
    held = 0
    for _ in range(samples):
        member, found = _draw(design, random)
        result = estimate(_sums(found, member), group=("member",))[0]
        held += _holds(result.interval_of_total, design.truth * 0.4 * found.size)
    return held / samples


def _draw(design: Design, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Who belongs to the group, and who is positive; each of shape (clusters, people)."""
    shape = (design.clusters, design.people)
    member = random.random(shape) < random.uniform(0.01, 0.79, (design.clusters, 1))
    chance = np.where(random.random(design.clusters) < design.affected, design.within, 0.0)
    return member, random.random(shape) < chance[:, None]


def _sums(found: np.ndarray, member: np.ndarray) -> DesignSums:
    clusters, people = found.shape
    labels = [str(number) for number in range(clusters)]
    keys = np.repeat(np.arange(clusters) * 2, people) + member.ravel()
    sums = DesignSums(1, clustered=True)
    sums.add(
        found.reshape(1, -1),
        np.ones(found.size),
        ["all"] * (2 * clusters),
        [label for label in labels for _ in GROUPS],
        GROUPS * clusters,
        keys,
    )
    return sums


def _holds(interval: tuple[float, float] | None, truth: float) -> bool:
    return interval is not None and interval[0] <= truth <= interval[1]


def tables() -> Iterator[str]:
    """The lines of both tables, as they stand in the page of the method."""
    yield "| Clusters | People in each | Clusters affected | Positive in those | Truth | Nobody found | Coverage |"
    yield "| --: | --: | --: | --: | --: | --: | --: |"
    for item in SHARES:
        held, nobody = coverage_of_share(item)
        yield f"| {_design(item)} | {item.truth:.1%} | {nobody:.0%} | {held:.1%} |"
    yield ""
    yield "The total of a group to which 1 to 79 % of a cluster belong:"
    yield ""
    yield "| Clusters | People in each | Clusters affected | Positive in those | Coverage of the group's total |"
    yield "| --: | --: | --: | --: | --: |"
    for item in TOTALS:
        yield f"| {_design(item)} | {coverage_of_total(item):.1%} |"


def _design(item: Design) -> str:
    return f"{item.clusters} | {item.people} | {item.affected:.0%} | {item.within:.0%}"


if __name__ == "__main__":
    print("\n".join(tables()))  # what it is for
