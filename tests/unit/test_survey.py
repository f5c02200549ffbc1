"""Survey estimates against the package svy, by hand, and on the awkward designs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import svy
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from tools import survey_coverage

from bield.estimates.survey import DesignSums, Estimate, SurveyError, estimate


def sample(seed: int, rows: int = 600, rare: float = 0.3) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "y": (random.random(rows) < rare).astype(int),
            "w": random.uniform(0.5, 4, rows),
            "stratum": random.integers(0, 6, rows),
            "psu": random.integers(0, 9, rows),
            "g": random.integers(0, 3, rows),
        }
    )


def sums_of(data: pl.DataFrame, *, strata: bool, clustered: bool, parts: int = 1) -> DesignSums:
    """The sums of a sample, read in several batches and merged."""
    whole = DesignSums(1, clustered)
    for part in np.array_split(np.arange(len(data)), parts):
        rows = data[part.tolist()]
        labels = [
            (str(row["stratum"]) if strata else "all", str(row["psu"]) if clustered else "all", (str(row["g"]),))
            for row in rows.to_dicts()
        ]
        distinct = sorted(set(labels))
        batch = DesignSums(1, clustered)
        batch.add(
            rows["y"].to_numpy()[None, :] == 1,
            rows["w"].to_numpy(),
            [item[0] for item in distinct],
            [item[1] for item in distinct],
            [item[2] for item in distinct],
            np.array([distinct.index(item) for item in labels], np.intp),
        )
        whole.merge(batch)
    return whole


@pytest.mark.parametrize("strata", [True, False])
@pytest.mark.parametrize("clustered", [True, False])
@pytest.mark.parametrize("rare", [0.3, 0.02])
def test_the_same_as_svy(strata: bool, clustered: bool, rare: float) -> None:
    data = sample(11, rare=rare)
    sums = sums_of(data, strata=strata, clustered=clustered, parts=3)
    design = svy.Design(stratum="stratum" if strata else None, psu="psu" if clustered else None, wgt="w")
    theirs: Any = svy.Sample(data, design).estimation
    weight = float(data["w"].sum())
    ours = estimate(sums)[0]
    _compare(ours, _only(theirs.prop("y")), theirs.total("y").estimates[0])
    assert ours.interval_of_total == pytest.approx([weight * end for end in ours.interval_of_share or ()], rel=1e-9)
    shares, totals = theirs.prop("y", by="g").estimates, theirs.total("y", by="g").estimates
    for group in ("0", "1", "2"):
        share = next(item for item in shares if str(item.by_level[0]) == group and str(item.y_level) == "1")
        total = next(item for item in totals if str(item.by_level[0]) == group)
        ours = estimate(sums, group=(group,))[0]
        _compare(ours, share, total)
        both = data.with_columns(both=((pl.col("g").cast(str) == group) & (pl.col("y") == 1)).cast(int))
        of_all: Any = _only(svy.Sample(both, design).estimation.prop("both"))
        ends = [weight * end for end in _logit_interval(of_all.est, of_all.se, share.df)]
        assert ours.interval_of_total == pytest.approx(ends, rel=1e-6)


def _logit_interval(share: float, error: float, freedom: float) -> list[float]:
    """With the group's degrees of freedom, which are fewer than everybody's."""
    spread = float(t.ppf(0.975, freedom)) * error / (share * (1 - share))
    return [1 / (1 + (1 / share - 1) * np.exp(side * spread)) for side in (1, -1)]


def _only(result: Any) -> Any:
    return next(item for item in result.estimates if str(item.y_level) == "1")


def _compare(ours: Estimate, share: Any, total: Any) -> None:
    assert ours.share == pytest.approx(share.est, rel=1e-9)
    assert ours.share_error == pytest.approx(share.se, rel=1e-9)
    assert ours.interval_of_share == pytest.approx((share.lci, share.uci), rel=1e-6)
    assert ours.total == pytest.approx(total.est, rel=1e-9)
    assert ours.total_error == pytest.approx(total.se, rel=1e-9)


def test_simple_random_sampling_by_hand() -> None:
    """Ten people of equal weight, three yes: the variance of a share is p(1-p)/(n-1)."""
    data = pl.DataFrame({"y": [1, 1, 1] + [0] * 7, "w": [5.0] * 10, "stratum": 0, "psu": 0, "g": 0})
    result = estimate(sums_of(data, strata=False, clustered=False))[0]
    assert result.share == pytest.approx(0.3)
    assert result.share_error == pytest.approx((0.3 * 0.7 / 9) ** 0.5)
    assert result.total == pytest.approx(15)
    assert result.people == 10


@pytest.mark.parametrize(("value", "low", "high"), [(0, 0.0, 0.3085), (1, 0.6915, 1.0)])
@pytest.mark.parametrize("people", [1, 7])
def test_a_share_of_none_or_all_is_as_sure_as_the_number_of_units(
    value: int, low: float, high: float, people: int
) -> None:
    """Clopper-Pearson for 0 of 10 (and 10 of 10): 1 - 0.025 ** (1 / 10), whether the ten are people or clusters."""
    rows = 10 * people
    data = pl.DataFrame({"y": [value] * rows, "w": [2.0] * rows, "stratum": 0, "psu": [*range(10)] * people, "g": 0})
    result = estimate(sums_of(data, strata=False, clustered=people > 1))[0]
    assert result.interval_of_share == pytest.approx((low, high), abs=1e-4)
    assert result.interval_of_total == pytest.approx((2 * rows * low, 2 * rows * high), abs=0.1)
    assert result.cautions == ("none_or_all",)


@pytest.mark.slow
def test_the_coverage_that_the_method_page_prints_is_what_the_script_gives() -> None:
    page = (Path(__file__).parents[2] / "docs" / "methods" / "survey-shares.md").read_text(encoding="utf-8")
    assert "\n".join(survey_coverage.tables()) in page


@pytest.mark.parametrize("design", survey_coverage.SHARES, ids=str)
def test_a_rare_outcome_in_few_clusters_is_covered(design: survey_coverage.Design) -> None:
    held, _ = survey_coverage.coverage_of_share(design, samples=300)
    assert held > 0.93


@pytest.mark.parametrize(("clusters", "few"), [(8, True), (9, False)])
def test_few_clusters_are_said(clusters: int, few: bool) -> None:
    """Clusters less one are the degrees of freedom; below eight the interval is called unsteady."""
    data = pl.DataFrame(
        {"y": [0, 1] * clusters, "w": 1.0, "stratum": 0, "psu": np.repeat(np.arange(clusters), 2), "g": 0}
    ).with_columns(w=pl.col("y") + pl.col("psu") + 1.0)
    assert ("few_units" in estimate(sums_of(data, strata=False, clustered=True))[0].cautions) is few


def test_a_stratum_of_one_unit() -> None:
    data = sample(3).with_columns(psu=pl.when(pl.col("stratum") == 2).then(0).otherwise(pl.col("psu")))
    sums = sums_of(data, strata=True, clustered=True)
    with pytest.raises(SurveyError, match="stratum '2' has only one"):
        estimate(sums)
    certain, centred = (estimate(sums, single_unit=rule)[0] for rule in ("certainty", "centre"))
    assert certain.share == centred.share
    assert certain.total_error is not None
    assert centred.total_error is not None
    assert certain.total_error < centred.total_error
    with pytest.raises(SurveyError, match="'guess'"):
        estimate(sums, single_unit="guess")


def test_no_degree_of_freedom_no_interval() -> None:
    data = pl.DataFrame({"y": [1], "w": [2.0], "stratum": [0], "psu": [0], "g": [0]})
    result = estimate(sums_of(data, strata=False, clustered=False), single_unit="certainty")[0]
    assert (result.share, result.share_error, result.interval_of_share) == (1.0, None, None)


@given(st.integers(0, 1000), st.integers(1, 6), st.booleans(), st.booleans())
def test_batches_do_not_matter_and_intervals_hold_the_share(
    seed: int, parts: int, strata: bool, clustered: bool
) -> None:
    data = sample(seed, rows=150)
    one = estimate(sums_of(data, strata=strata, clustered=clustered), single_unit="certainty")[0]
    many = estimate(sums_of(data, strata=strata, clustered=clustered, parts=parts), single_unit="certainty")[0]
    assert one.share == pytest.approx(many.share)
    assert one.share_error == pytest.approx(many.share_error)
    assert one.interval_of_share is not None
    assert one.share is not None
    assert 0 <= one.interval_of_share.low <= one.share <= one.interval_of_share.high <= 1


@given(st.integers(0, 1000), st.sampled_from([0.0, 0.02, 0.5, 1.0]), st.booleans(), st.booleans())
def test_a_total_is_never_below_nothing_nor_known_for_sure(
    seed: int, rare: float, strata: bool, clustered: bool
) -> None:
    sums = sums_of(sample(seed, rows=80, rare=rare), strata=strata, clustered=clustered)
    for group in (None, *sums.groups):
        one = estimate(sums, group=group, single_unit="certainty")[0]
        if one.interval_of_total is None:
            assert one.interval_of_share is None
            continue
        low, high = one.interval_of_total
        assert 0 <= low <= one.total * (1 + 1e-9)
        assert one.total <= high * (1 + 1e-9)
        assert low < high
