"""Runs a batch on Spark, for files that are too big for one machine.

Spark distributes the pieces of the files; each worker runs the same code on its piece inside `mapInArrow`, writes its
people as a part of the result, and sends back only the totals. The parts are numbered in the order of the rows. Files
and target must be where every worker can reach them.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from bield.indicators.batch.plan import Plan, Request, result_schema
from bield.indicators.batch.problems import BatchError
from bield.indicators.batch.run import (
    Finished,
    Progress,
    aside_schema,
    assess_pieces,
    check_tally,
    prepare,
)
from bield.indicators.batch.source import Piece, count_rows, pieces
from bield.indicators.batch.tally import Tally
from bield.indicators.batch.target import Writer
from bield.whole import partial


def run_on_spark(request: Request, *, master: str = "local[*]", progress: Progress | None = None) -> Finished:
    """Assess the files on Spark. The target becomes a folder of Parquet parts in the order of the rows.

    master: a Spark master URL. Raises BatchError as `run` does, and if PySpark or Java is missing.
    """
    plan, schema = prepare(request)
    if request.out.suffix.lower() != ".parquet":
        raise BatchError(f"{request.out}: Spark writes .parquet; name the target so")
    if request.out.exists() and not request.out.is_dir():
        raise BatchError(f"{request.out}: is a file; Spark writes a folder, so choose another name")
    if request.id is not None:
        raise BatchError("--id: each worker sees a part of the people only; look for those given twice on one machine")
    total = count_rows(request.files)
    with ExitStack() as stack:
        folder = stack.enter_context(partial(request.out))
        folder.mkdir()
        asides = None
        if request.set_aside is not None:
            asides = folder / "_aside"
            asides.mkdir()
        work = _Work(
            plan,
            result_schema(plan, schema),
            folder,
            asides,
        )
        tally = Tally.empty(plan)
        for part in _tallies_from_spark(master, work, pieces(request.files)):
            tally.merge(part)
            if progress is not None:
                progress(tally.rows + tally.set_aside, total)
        check_tally(request, tally)
        if asides is not None and request.set_aside is not None:
            _join_asides(asides, request.set_aside)
        (folder / "_SUCCESS").touch()
    return Finished(plan, tally)


class _Work:
    """What a worker does with a piece; it is pickled and sent to the worker."""

    def __init__(self, plan: Plan, schema: pa.Schema, folder: Path, asides: Path | None) -> None:
        self.plan, self.schema, self.folder, self.asides = plan, schema, folder, asides

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number, packed in zip(
                batch.column("number").to_pylist(), batch.column("piece").to_pylist(), strict=True
            ):
                piece = pickle.loads(packed)  # noqa: S301  # our own driver packed it
                yield self._answer(number, piece)

    def _answer(self, number: int, piece: Piece) -> pa.RecordBatch:
        tally, problem = b"", ""
        try:
            tally = pickle.dumps(self._assess(number, piece))
        except BatchError as error:
            problem = str(error)
        return pa.RecordBatch.from_arrays(
            [pa.array([number]), pa.array([tally], pa.binary()), pa.array([problem])],
            names=["number", "tally", "problem"],
        )

    def _assess(self, number: int, piece: Piece) -> Tally:
        with ExitStack() as stack:
            target = self.folder / f"part-{number:06d}.parquet"
            results = stack.enter_context(Writer(stack.enter_context(partial(target)), target, self.schema))
            aside = None
            if self.asides is not None:
                rows = self.asides / f"part-{number:06d}.csv"
                aside = stack.enter_context(Writer(stack.enter_context(partial(rows)), rows, aside_schema(self.plan)))
            return assess_pieces(self.plan, [piece], results, aside)


def _tallies_from_spark(master: str, work: _Work, parts: list[Piece]) -> Iterator[Tally]:
    """The tallies of the pieces in order. Raises BatchError for the first problem in the order of the rows."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise BatchError("Spark is not installed; install bield[spark] and Java 17 or later") from error
    try:
        builder = (
            SparkSession.builder.master(master)
            .appName("bield assess")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
        )
        if master.startswith("local"):  # elsewhere the cluster has its own Python and addresses
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        spark = builder.getOrCreate()
    except Exception as error:
        raise BatchError(f"Spark at {master!r} cannot be started: {_short(error)}") from error
    rows = [(number, bytearray(pickle.dumps(part))) for number, part in enumerate(parts)]
    context = spark.sparkContext
    tasks = spark.createDataFrame(context.parallelize(rows, max(len(rows), 1)), "number bigint, piece binary")
    answers = tasks.mapInArrow(work, "number bigint, tally binary, problem string")
    try:
        results = sorted(answers.collect(), key=lambda row: row["number"])
    except Exception as error:
        raise BatchError(f"Spark stopped: {_short(error)}") from error
    for row in results:
        if row["problem"]:
            raise BatchError(row["problem"])
    for row in results:
        yield pickle.loads(bytes(row["tally"]))  # noqa: S301  # our own workers packed it


def _join_asides(folder: Path, target: Path) -> None:
    """Join the parts with rows set aside into one CSV file, in order."""
    with partial(target) as hidden, hidden.open("wb") as whole:
        for place, part in enumerate(sorted(folder.glob("part-*.csv"))):
            lines = part.read_bytes()
            whole.write(lines if place == 0 else lines.split(b"\n", 1)[1])
            part.unlink()
    folder.rmdir()


def _short(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
