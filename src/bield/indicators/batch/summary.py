"""Summarises a batch as JSON values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bield.estimates.survey import Estimate, estimate
from bield.indicators.batch.run import Finished
from bield.indicators.codebook import Dimension

FORMAT = "bield-assess-summary-2"
"""Described by schemas/assess-summary-2.schema.json."""

INDICATED = "trafficking_indicated"
"""The measure of the conclusion: the signs point to trafficking."""


def summarise(finished: Finished, *, engine: str) -> dict[str, Any]:
    """The summary as JSON values. `lower` and `upper` count unknown answers as no and as yes."""
    plan, tally = finished.plan, finished.tally
    request, book = plan.request, plan.request.codebook
    return {
        "format": FORMAT,
        "codebook": {
            "id": book.id,
            "version": book.version,
            "alternatives": list(book.alternatives),
        },
        "set": request.indicator_set,
        "set_is_column": plan.set_column is not None,
        "policy": request.policy,
        "engine": engine,
        "files": [str(file) for file in request.files],
        "out": str(request.out),
        "rows": tally.rows,
        "set_aside": tally.set_aside,
        "empty_rows": tally.empty_rows,
        "fact": _fact(finished),
        "absent_indicators": list(plan.absent),
        "dimensions": [
            {"id": key, "label": _label(finished, item)} | _counts(counts)
            for (key, item), counts in zip(book.dimensions.items(), tally.found, strict=True)
        ],
        "conclusion": {
            "outcomes": {name: count for name, count in tally.conclusions.items() if count},
            "indicated": _counts(tally.indicated),
        },
        "estimates": list(_estimates(finished)) if tally.survey is not None else [],
    }


def _fact(finished: Finished) -> dict[str, str] | None:
    """The fact that a set in use is about, and what --fact said: yes, no, unknown or a column. None without one."""
    request, sets = finished.plan.request, finished.plan.sets
    sets_with_fact = [request.codebook.sets[key] for key in sets if request.codebook.sets[key].inherent]
    return {"words": sets_with_fact[0].inherent_fact, "given": request.fact} if sets_with_fact else None


def _label(finished: Finished, dimension: Dimension) -> str:
    """The label of a dimension in the sets in use, which may have different labels for it."""
    names = {key: dimension.label_in(key) for key in finished.plan.sets}
    common = dimension.label if dimension.label in names.values() else next(iter(names.values()))
    others = [f"{key}: {name}" for key, name in names.items() if name != common]
    return f"{common} ({'; '.join(others)})" if others else common


def _counts(counts: Any) -> dict[str, int]:
    negative, undetermined, positive = (int(count) for count in counts)
    return {
        "positive": positive,
        "undetermined": undetermined,
        "negative": negative,
        "lower": positive,
        "upper": positive + undetermined,
    }


def _estimates(finished: Finished) -> Iterator[dict[str, Any]]:
    """An object for each group, measure and bound; the whole survey comes first, as a group without names."""
    sums = finished.tally.survey
    assert sums is not None  # noqa: S101  # only called for a survey
    request = finished.plan.request
    groups: list[tuple[str, ...] | None] = [None]
    if request.by:
        groups += list(sums.groups)
    for group in groups:
        named = dict(zip(request.by, group, strict=True)) if group is not None else {}
        results = estimate(sums, group=group, single_unit=request.single_unit)
        names = [*request.codebook.dimensions, INDICATED]
        for place, result in enumerate(results):
            yield {
                "group": named,
                "measure": names[place % len(names)],
                "bound": "lower" if place < len(names) else "upper",
            } | _as_values(result)


def _as_values(result: Estimate) -> dict[str, Any]:
    return {
        "people": result.people,
        "total": result.total,
        "total_error": result.total_error,
        "total_interval": list(result.interval_of_total) if result.interval_of_total else None,
        "share": result.share,
        "share_error": result.share_error,
        "share_interval": list(result.interval_of_share) if result.interval_of_share else None,
        "cautions": list(result.cautions),
    }
