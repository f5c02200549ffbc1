"""Estimates weighted totals and shares of a survey with strata and clusters, by Taylor linearisation.

The sums that the variance needs are added up a batch at a time, so a survey of any length fits in memory: one small
record for each cluster, or for each stratum if there are no clusters. See docs/methods/survey-shares.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bield.errors import UserError
from bield.estimates.rules import SINGLE_UNIT_RULES, Caution

CONFIDENCE = 0.95
FEW_DEGREES = 8
"""Below this many degrees of freedom an interval is called unsteady, as in Parker and others (2017), National Center
for Health Statistics Data Presentation Standards for Proportions, Vital and Health Statistics 2(175)."""

Floats = NDArray[np.float64]
Group = tuple[str, ...]


class SurveyError(UserError):
    """The survey's design does not allow an estimate."""


class Interval(NamedTuple):
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A weighted total and share of a measure in a group, with 95 % intervals.

    people: rows of the group, unweighted. share: between 0 and 1, of the group's weight; None if the group has none.
    Standard errors and intervals are None if the design leaves no degree of freedom. `interval_of_share` is a
    logit interval with Student's t; if the share is 0 or 1, or has no variance, the Clopper-Pearson interval on the
    effective number of sampling units. `interval_of_total` follows from shares and the sum of weights, so that it
    is never below 0. cautions: why the intervals may be unsteady.
    """

    people: int
    total: float
    total_error: float | None
    interval_of_total: Interval | None
    share: float | None
    share_error: float | None
    interval_of_share: Interval | None
    cautions: tuple[Caution, ...] = ()


@dataclass
class _Unit:
    """Sums over the members of a group in a cluster (or in a stratum without clusters)."""

    rows: int
    weight: float
    weight_squared: float
    measures: Floats
    measures_squared: Floats


Units = Mapping[tuple[str, str], _Unit]
"""Sums by stratum and cluster."""


@dataclass
class DesignSums:
    """What has been read of a survey so far.

    measures: how many yes-or-no measures each row has. clustered: whether rows are in clusters; if not, each row is a
    unit of its own.
    """

    measures: int
    clustered: bool
    units: dict[tuple[str, str, Group], _Unit] = field(default_factory=dict)
    clusters: dict[str, set[str]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        measures: NDArray[np.bool_],
        weights: Floats,
        strata: Sequence[str],
        clusters: Sequence[str],
        groups: Sequence[Group],
        keys: NDArray[np.intp],
    ) -> None:
        """Add a batch of rows.

        measures: shape (measures, rows). weights: one for each row, not negative. keys: for each row, the index of its
        combination of stratum, cluster and group in `strata`, `clusters` and `groups`.
        """
        size = len(strata)
        rows = np.bincount(keys, minlength=size)
        weight = np.bincount(keys, weights, minlength=size)
        squared = weights * weights
        weight_squared = np.bincount(keys, squared, minlength=size)
        sums, squares = (
            np.array([np.bincount(keys, values * row, minlength=size) for row in measures], np.float64)
            for values in (weights, squared)
        )
        for index in map(int, np.flatnonzero(rows)):
            self._put(
                (strata[index], clusters[index], groups[index]),
                _Unit(
                    int(rows[index]),
                    float(weight[index]),
                    float(weight_squared[index]),
                    sums[:, index],
                    squares[:, index],
                ),
            )

    def _put(self, key: tuple[str, str, Group], unit: _Unit) -> None:
        stratum, cluster, _ = key
        self.clusters.setdefault(stratum, set()).add(cluster)
        self.rows[stratum] = self.rows.get(stratum, 0) + unit.rows
        existing = self.units.get(key)
        if existing is None:
            self.units[key] = unit
            return
        existing.rows += unit.rows
        existing.weight += unit.weight
        existing.weight_squared += unit.weight_squared
        existing.measures = existing.measures + unit.measures
        existing.measures_squared = existing.measures_squared + unit.measures_squared

    def merge(self, other: DesignSums) -> None:
        """Add sums that were read elsewhere from the same survey."""
        for key, unit in other.units.items():
            self._put(key, unit)

    @property
    def groups(self) -> tuple[Group, ...]:
        return tuple(sorted({group for _, _, group in self.units}))

    def units_in(self, stratum: str) -> int:
        """How many sampling units the stratum has."""
        return len(self.clusters[stratum]) if self.clustered else self.rows[stratum]


def check_design(sums: DesignSums, *, single_unit: str) -> None:
    """Raises SurveyError for a stratum of one unit under `refuse`, or an unknown rule."""
    if single_unit not in SINGLE_UNIT_RULES:
        raise SurveyError(f"{single_unit!r} is not a rule for single units; use {SINGLE_UNIT_RULES}")
    single = sorted(name for name in sums.clusters if sums.units_in(name) == 1)
    if single and single_unit == "refuse":
        raise SurveyError(
            f"stratum {single[0]!r} has only one sampling unit, so its variance cannot be known: join it to another "
            "stratum in the file, or choose --single-unit centre or certainty"
        )


def estimate(sums: DesignSums, *, group: Group | None = None, single_unit: str = "refuse") -> list[Estimate]:
    """The total and share of every measure, for everybody or for one group.

    A group is estimated as a domain: units without members count as zero, so that its variance is right. Degrees of
    freedom are the units less the strata that have members, as in R's survey and in svy.

    single_unit: what to do with a stratum of one unit, which has no variance of its own: `refuse`; `centre` (take its
    distance from the mean of all units); `certainty` (it adds no variance, as if it was sure to be chosen).

    Raises SurveyError for a stratum of one unit under `refuse`, or an unknown rule.

    Source: Wolter, K. M. (2007), Introduction to Variance Estimation, 2nd ed., ch. 6; logit interval as in Korn, E. L.
    and Graubard, B. I. (1998), Survey Methodology 24(2), 193-201.
    """
    check_design(sums, single_unit=single_unit)
    everybody = _members(sums, None)
    members = everybody if group is None else _members(sums, group)
    return [_estimate_one(sums, everybody, members, measure, single_unit) for measure in range(sums.measures)]


def _members(sums: DesignSums, group: Group | None) -> Units:
    """The sums of the group's members, by stratum and cluster; of everybody if group is None."""
    if group is not None:
        return {(s, c): unit for (s, c, name), unit in sums.units.items() if name == group}
    together = DesignSums(sums.measures, sums.clustered)
    for (stratum, cluster, _), unit in sums.units.items():
        copy = _Unit(
            unit.rows,
            unit.weight,
            unit.weight_squared,
            unit.measures,
            unit.measures_squared,
        )
        together._put((stratum, cluster, ()), copy)
    return {(s, c): unit for (s, c, _), unit in together.units.items()}


def _estimate_one(sums: DesignSums, everybody: Units, members: Units, measure: int, single_unit: str) -> Estimate:
    people = sum(unit.rows for unit in members.values())
    weight = sum(unit.weight for unit in members.values())
    total = float(sum(unit.measures[measure] for unit in members.values()))
    units = len(members) if sums.clustered else people
    freedom = units - len({stratum for stratum, _ in members})
    total_error = sqrt(_variance(sums, members, measure, 0.0, single_unit)) if freedom > 0 else None
    if weight <= 0:
        return Estimate(people, total, total_error, None, None, None, None)
    share = min(max(total / weight, 0.0), 1.0)
    if total_error is None:
        return Estimate(people, total, None, None, share, None, None)
    margin = _student(freedom)
    share_error = sqrt(_variance(sums, members, measure, share, single_unit)) / weight
    of_share = _interval_of_share(share, share_error, margin, _effective_units(sums, members.values()))
    of_total = _interval_of_total(sums, everybody, members, measure, margin, single_unit)
    of_total = of_total or Interval(weight * of_share.low, weight * of_share.high)
    cautions = _cautions(freedom, settled=share in (0.0, 1.0) or share_error == 0.0)
    return Estimate(people, total, total_error, of_total, share, share_error, of_share, cautions)


def _cautions(freedom: int, *, settled: bool) -> tuple[Caution, ...]:
    few: tuple[Caution, ...] = ("few_units",) if freedom < FEW_DEGREES else ()
    return (*few, "none_or_all") if settled else few


def _effective_units(sums: DesignSums, members: Iterable[_Unit]) -> float:
    """How many units of equal weight would be as precise (Kish): clusters, or people if there are no clusters.

    People in a cluster may all be alike, so a share of none or all is only as sure as the number of clusters.
    """
    weights = [(unit.weight, unit.weight**2 if sums.clustered else unit.weight_squared) for unit in members]
    return sum(weight for weight, _ in weights) ** 2 / sum(squared for _, squared in weights)


def _interval_of_share(share: float, error: float, margin: float, units: float) -> Interval:
    """The interval of a share. units: the effective number of sampling units."""
    if 0.0 < share < 1.0 and error > 0.0:
        centre, spread = log(share / (1 - share)), margin * error / (share * (1 - share))
        return Interval(_inverse_logit(centre - spread), _inverse_logit(centre + spread))
    seen, tail = share * units, (1 - CONFIDENCE) / 2
    low = 0.0 if share == 0.0 else _beta(seen, units - seen + 1, tail)
    high = 1.0 if share == 1.0 else _beta(seen + 1, units - seen, 1 - tail)
    return Interval(low, high)


def _interval_of_total(
    sums: DesignSums, everybody: Units, members: Units, measure: int, margin: float, single_unit: str
) -> Interval | None:
    """The interval of the members' share of everybody, times everybody's weight; None if that share has no error.

    The size of a group is thus as uncertain as the sample makes it; the size of the population counts as known.
    """
    weight = sum(unit.weight for unit in everybody.values())
    share = float(sum(unit.measures[measure] for unit in members.values())) / weight
    within = {key: _counting(unit, members.get(key), measure) for key, unit in everybody.items()}
    error = sqrt(_variance(sums, within, 0, share, single_unit)) / weight
    if not 0.0 < share < 1.0 or not error > 0.0:
        return None
    low, high = _interval_of_share(share, error, margin, 1.0)
    return Interval(weight * low, weight * high)


def _counting(everybody: _Unit, members: _Unit | None, measure: int) -> _Unit:
    """A unit with everybody's weight, in which only members count as yes."""
    sums = np.array([members.measures[measure] if members else 0.0])
    squares = np.array([members.measures_squared[measure] if members else 0.0])
    return _Unit(everybody.rows, everybody.weight, everybody.weight_squared, sums, squares)


def _student(freedom: int) -> float:
    from scipy.special import stdtrit  # imported here: it takes a tenth of a second, which only surveys need

    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))


def _beta(first: float, second: float, tail: float) -> float:
    from scipy.special import betaincinv

    return float(betaincinv(first, second, tail))


def _inverse_logit(value: float) -> float:
    return 1 / (1 + exp(-value)) if value > -700 else 0.0


def _variance(
    sums: DesignSums,
    members: Units,
    measure: int,
    centre: float,
    single_unit: str,
) -> float:
    """The variance of the sum of w (y - centre) over the members, between the units of each stratum."""
    by_stratum = dict.fromkeys(sums.clusters, (0.0, 0.0))
    for (stratum, _), unit in members.items():
        first, second = by_stratum[stratum]
        value = float(unit.measures[measure]) - centre * unit.weight
        if sums.clustered:
            square = value * value
        else:
            square = (1 - 2 * centre) * float(unit.measures_squared[measure]) + centre**2 * unit.weight_squared
        by_stratum[stratum] = (first + value, second + square)
    all_units = sum(sums.units_in(name) for name in by_stratum)
    middle = sum(first for first, _ in by_stratum.values()) / all_units if all_units else 0.0
    variance = 0.0
    for stratum, (first, second) in by_stratum.items():
        units = sums.units_in(stratum)
        if units > 1:
            variance += units / (units - 1) * max(second - first**2 / units, 0.0)
        elif single_unit == "centre":
            variance += (first - middle) ** 2
    return variance
