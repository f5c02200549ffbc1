"""Runs a batch: reads, assesses, writes and adds up, here or on Spark, with the same code for every piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bield.estimates.survey import SurveyError, check_design
from bield.indicators.batch.people import assess_people
from bield.indicators.batch.plan import Plan, Request, check_types, make_plan, result_schema
from bield.indicators.batch.problems import BadValue, BatchError
from bield.indicators.batch.source import (
    Piece,
    count_rows,
    is_csv,
    pieces,
    read,
    read_schema,
)
from bield.indicators.batch.tally import Tally, design_of, weights_of
from bield.indicators.batch.target import Writer, check_target
from bield.whole import partial

Progress = Callable[[int, int | None], None]
"""Called with how many rows are done, and the total if it is known."""


@dataclass(frozen=True)
class Finished:
    """A batch that was run, with its totals."""

    plan: Plan
    tally: Tally


def prepare(request: Request) -> tuple[Plan, pa.Schema]:
    """Check everything that can be checked before reading a row. Raises BatchError with what to put right."""
    if not request.files:
        raise BatchError("no files to assess")
    check_target(request.out, request)
    if request.set_aside is not None:
        check_target(request.set_aside, request)
        if request.set_aside.resolve() == request.out.resolve():
            raise BatchError(f"{request.set_aside}: is where the result goes; choose another name")
        if request.set_aside.suffix.lower() != ".csv":
            raise BatchError(f"{request.set_aside}: rows are set aside as .csv; name the file so")
    schema = read_schema(request.files[0], request.dialect)
    plan = make_plan(request, schema.names, request.files[0])
    check_types(plan, schema, request.files[0])
    for file in request.files[1:]:
        other = read_schema(file, request.dialect)
        if repeated := sorted({name for name in other.names if other.names.count(name) > 1}):
            raise BatchError(f"{file}: the column {repeated[0]!r} appears twice")
        if missing := [name for name in schema.names if name not in other.names]:
            raise BatchError(f"{file}: no column {missing[0]!r}, which {request.files[0]} has")
        if extra := [name for name in other.names if name not in schema.names]:
            raise BatchError(f"{file}: a column {extra[0]!r} that {request.files[0]} has not")
        check_types(plan, other, file)
        for name in plan.kept:
            if not is_csv(file) and other.field(name).type != schema.field(name).type:
                raise BatchError(
                    f"{file}: the column {name!r} is of type {other.field(name).type}; in "
                    f"{request.files[0]} it is {schema.field(name).type}"
                )
    kinds = {is_csv(file) for file in request.files}
    if len(kinds) > 1:
        raise BatchError("CSV and Parquet files cannot be assessed together; run them one after the other")
    return plan, schema


def run(request: Request, *, progress: Progress | None = None) -> Finished:
    """Assess the files here, a batch at a time, in the order of their rows.

    Raises BatchError, and leaves nothing at the target, if anything is wrong with the files or the target.
    """
    plan, schema = prepare(request)
    total = count_rows(request.files)
    with ExitStack() as stack:
        results = Writer(stack.enter_context(partial(request.out)), request.out, result_schema(plan, schema))
        aside = None
        if request.set_aside is not None:
            hidden = stack.enter_context(partial(request.set_aside))
            aside = Writer(hidden, request.set_aside, aside_schema(plan))
            stack.enter_context(aside)
        stack.enter_context(results)
        tally = assess_pieces(plan, pieces(request.files), results, aside, progress=progress, total=total)
        check_tally(request, tally)
    return Finished(plan, tally)


def check_tally(request: Request, tally: Tally) -> None:
    """Raises BatchError for what can only be known at the end, before the result gets its final name."""
    if not tally.rows and not tally.set_aside:
        raise BatchError(f"{request.files[0]}: no rows")
    if tally.survey is not None:
        try:
            check_design(tally.survey, single_unit=request.single_unit)
        except SurveyError as error:
            raise BatchError(str(error)) from error


def assess_pieces(
    plan: Plan,
    parts: Iterable[Piece],
    results: Writer,
    aside: Writer | None,
    *,
    progress: Progress | None = None,
    total: int | None = None,
) -> Tally:
    """Assess pieces and write their people. Bad rows go to `aside`; if it is None, the first raises BatchError."""
    tally = Tally.empty(plan)
    seen_ids: set[str] = set()
    done = 0
    for part in parts:
        for first_row, rows in read(part, plan.read, plan.request.dialect):
            people = assess_people(plan, rows, file=part.file, first_row=first_row)
            weights, wrong = weights_of(plan, rows, file=part.file, first_row=first_row)
            keep = ~_empty(rows) if is_csv(part.file) else np.ones(rows.num_rows, np.bool_)
            tally.empty_rows += int((~keep).sum())
            wrong += _repeated_ids(plan, rows, seen_ids, file=part.file, first_row=first_row)
            bad = sorted((item for item in [*people.bad, *wrong] if keep[item[0]]), key=lambda item: item[0])
            if bad:
                if aside is None:
                    raise BatchError(str(bad[0][1]))
                aside.write(_set_aside(plan, rows, bad))
                wrong_rows = {row for row, _ in bad}
                keep[list(wrong_rows)] = False
                tally.set_aside += len(wrong_rows)
            if not keep.all():
                people, weights = people.only(keep), weights[keep]
            design = design_of(plan, people.rows, weights) if plan.request.survey else None
            tally.add(people, design)
            results.write(people.written(plan))
            done += rows.num_rows
            if progress is not None:
                progress(done, total)
    return tally


def _repeated_ids(
    plan: Plan, rows: pa.RecordBatch, seen: set[str], *, file: Path, first_row: int
) -> list[tuple[int, BadValue]]:
    """The rows with an id that an earlier row has too, or without an id. Adds the ids of all rows to `seen`."""
    name = plan.request.id
    if name is None:
        return []
    bad = []
    for row, cell in enumerate(rows.column(name).to_pylist()):
        value = "" if cell is None else str(cell).strip()
        if not value or value in seen:
            expected = "an id of its own: an earlier row has the same" if value else "an id"
            bad.append((row, BadValue(file, first_row + row + 1, name, expected)))
        seen.add(value)
    return bad


def _empty(rows: pa.RecordBatch) -> NDArray[np.bool_]:
    """Which rows have no value at all, such as those Excel leaves below a table. One column usually tells."""
    empty = np.ones(rows.num_rows, np.bool_)
    for column in rows.columns:
        if not empty.any():
            break
        blank = pc.equal(pc.utf8_trim_whitespace(column), "")
        empty &= pc.fill_null(blank, pa.scalar(value=True)).to_numpy(zero_copy_only=False)
    return empty


ASIDE_COLUMNS = ("bield_file", "bield_row", "bield_problem")


def aside_schema(plan: Plan) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in (*plan.read, *ASIDE_COLUMNS)])


def _set_aside(plan: Plan, rows: pa.RecordBatch, bad: Sequence[tuple[int, BadValue]]) -> pa.RecordBatch:
    """The bad rows as text, each with its place and every problem it has."""
    problems: dict[int, list[BadValue]] = {}
    for row, problem in bad:
        problems.setdefault(row, []).append(problem)
    chosen = rows.take(pa.array(list(problems)))
    columns = [_as_text(chosen.column(name)) for name in plan.read]
    columns += [
        pa.array([str(row_problems[0].file) for row_problems in problems.values()], pa.string()),
        pa.array([str(row_problems[0].row) for row_problems in problems.values()], pa.string()),
        pa.array(
            [
                "; ".join(f"{item.column}: not {item.expected}" for item in row_problems)
                for row_problems in problems.values()
            ],
            pa.string(),
        ),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=aside_schema(plan))


def _as_text(column: pa.Array) -> pa.Array:
    return pa.array([None if cell is None else str(cell) for cell in column.to_pylist()], pa.string())
