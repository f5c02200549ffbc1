"""Adds up a batch: how many people have each status, and the sums that survey estimates need."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bield.estimates.survey import DesignSums
from bield.indicators.batch.people import People
from bield.indicators.batch.plan import Plan
from bield.indicators.batch.problems import BadValue, BatchError

HEAVIEST = 1e15
"""More than any population, and small enough that sums of squares stay exact enough in a float."""

ENTIRE = "(all)"
"""The stratum of a survey without strata, and the cluster of rows without clusters."""


@dataclass
class Tally:
    """Running totals.

    found: shape (dimensions, 3), people by status. indicated: people by status of the conclusion.
    """

    found: NDArray[np.int64]
    indicated: NDArray[np.int64]
    survey: DesignSums | None
    conclusions: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    set_aside: int = 0
    empty_rows: int = 0

    @classmethod
    def empty(cls, plan: Plan) -> Tally:
        dimensions = len(plan.request.codebook.dimensions)
        survey = DesignSums(2 * (dimensions + 1), plan.request.cluster is not None) if plan.request.survey else None
        return cls(np.zeros((dimensions, 3), np.int64), np.zeros(3, np.int64), survey)

    def add(self, people: People, design: Design | None) -> None:
        self.rows += people.rows.num_rows
        self.found += np.stack([_by_status(row) for row in people.found])
        self.indicated += _by_status(people.indicated)
        totals = np.bincount(people.conclusion, minlength=len(people.conclusions))
        for name, total in zip(people.conclusions, totals, strict=True):
            self.conclusions[name] += int(total)
        if self.survey is not None and design is not None:
            statuses = np.vstack([people.found, people.indicated])
            measures = np.vstack([statuses == 2, statuses >= 1])
            self.survey.add(
                measures,
                design.weights,
                design.strata,
                design.clusters,
                design.groups,
                design.keys,
            )

    def merge(self, other: Tally) -> None:
        self.found += other.found
        self.indicated += other.indicated
        self.conclusions.update(other.conclusions)
        self.rows += other.rows
        self.set_aside += other.set_aside
        self.empty_rows += other.empty_rows
        if self.survey is not None and other.survey is not None:
            self.survey.merge(other.survey)


def _by_status(statuses: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How many are 0, 1 and 2. Faster than bincount, which first copies every byte into eight."""
    some, full = np.count_nonzero(statuses), np.count_nonzero(statuses == 2)
    return np.array([len(statuses) - some, some - full, full], np.int64)


@dataclass(frozen=True)
class Design:
    """The survey design of a batch of rows; see `DesignSums.add`."""

    weights: NDArray[np.float64]
    strata: list[str]
    clusters: list[str]
    groups: list[tuple[str, ...]]
    keys: NDArray[np.intp]


def weights_of(
    plan: Plan, rows: pa.RecordBatch, *, file: Path, first_row: int
) -> tuple[NDArray[np.float64], list[tuple[int, BadValue]]]:
    """The weight of each row, and the rows with a weight that is not a number of at least 0 (0 is used for them)."""
    name = plan.request.weight
    if name is None:
        return np.ones(rows.num_rows), []
    column = rows.column(name)
    comma = plan.request.dialect.decimal == ","
    try:
        numbers = pc.cast(column, pa.float64())
    except pa.ArrowInvalid:
        numbers = pa.array([_number(cell, comma=comma) for cell in column.to_pylist()], pa.float64())
    except pa.ArrowNotImplementedError as error:
        raise BatchError(f"{file}: the weight {name!r} is of type {column.type}, not a number") from error
    weights = np.nan_to_num(numbers.to_numpy(zero_copy_only=False).astype(np.float64), nan=-1.0, posinf=-1.0)
    wrong = np.flatnonzero((weights < 0) | (weights > HEAVIEST))
    bad = [
        (row, BadValue(file, first_row + row + 1, name, _expected(column[row], comma=comma))) for row in map(int, wrong)
    ]
    weights[wrong] = 0.0
    return weights, bad


def _expected(cell: pa.Scalar, *, comma: bool) -> str:
    words = f"a weight (a number from 0 to {HEAVIEST:.0e})"
    text = str(cell.as_py())
    if comma and "." in text:
        return f"{words}, written with a comma and no point, as --decimal , says"
    return f"{words}; if a comma is its decimal sign, say --decimal ," if "," in text and not comma else words


def _number(cell: object, *, comma: bool) -> float | None:
    text = str(cell)
    if comma:
        text = "" if "." in text else text.replace(",", ".")
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def design_of(plan: Plan, rows: pa.RecordBatch, weights: NDArray[np.float64]) -> Design:
    """The stratum, cluster and group of each row. Missing values form a stratum, cluster or group of their own."""
    request = plan.request
    names = [request.strata, request.cluster, *request.by]
    codes: list[NDArray[np.intp]] = []
    labels: list[list[str]] = []
    for name in names:
        if name is None:
            codes.append(np.zeros(rows.num_rows, np.intp))
            labels.append([ENTIRE])
            continue
        column = rows.column(name)
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        values = [_label(value) for value in encoded.dictionary.to_pylist()] + [_label(None)]
        indices = pc.fill_null(encoded.indices.cast(pa.int64()), len(values) - 1)
        codes.append(indices.to_numpy(zero_copy_only=False).astype(np.intp))
        labels.append(values)
    keys = np.zeros(rows.num_rows, np.intp)
    places = np.zeros((0, 1), np.intp)
    for column_codes, values in zip(codes, labels, strict=True):
        # One column at a time: the product of all their values may be larger than any integer.
        present, keys = np.unique(keys * len(values) + column_codes, return_inverse=True)
        places = np.vstack([places[:, present // len(values)], present % len(values)])
    chosen: list[list[str]] = [
        [values[int(place)] for place in column] for values, column in zip(labels, places, strict=True)
    ]
    groups: list[tuple[str, ...]] = [tuple(column[row] for column in chosen[2:]) for row in range(places.shape[1])]
    return Design(weights, chosen[0], chosen[1], groups, keys)


def _label(value: Any) -> str:
    return "(missing)" if value is None or value == "" else str(value)
