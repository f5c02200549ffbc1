"""The same job as `bield assess`, written by hand in other tools as their users would; run one at a time.

Each reads the Parquet file, finds both bounds of the six dimensions, writes the other columns with a status for each
dimension, and prints how many are positive for sure and how many may be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from bield.indicators import Strength, load

SET = "adult_labour"
KEPT = ("person", "weight")
BOOK = load()
LEVELS = {
    dimension: {
        strength: [item.id for item in BOOK.signs(SET, dimension) if item.strength[SET] is strength]
        for strength in Strength
    }
    for dimension in BOOK.dimensions
}


def pyarrow_only(source: str, target: str, ours: str) -> None:
    """The floor: read all columns and write our result, with nothing in between."""
    import pyarrow.parquet as pq

    pq.read_table(source)
    del source
    pq.write_table(pq.read_table(ours), target)


def polars(source: str, target: str) -> None:
    import polars as pl

    frame = pl.scan_parquet(source)
    columns = [pl.col(name) for name in KEPT]
    for dimension, levels in LEVELS.items():
        bounds = []
        for unknown in (False, True):
            strong, medium, weak = (
                pl.sum_horizontal([pl.col(name).fill_null(unknown) for name in names] or [pl.lit(0)])
                for names in levels.values()
            )
            other = medium + weak
            bounds.append(
                (strong >= 2) | ((strong >= 1) & (other >= 1)) | (medium >= 3) | ((medium >= 2) & (weak >= 1))
            )
        status = pl.when(bounds[0]).then(pl.lit("positive")).when(bounds[1]).then(pl.lit("undetermined"))
        columns.append(status.otherwise(pl.lit("negative")).cast(pl.Categorical).alias(dimension))
    result = frame.select(columns).collect(engine="streaming")
    result.write_parquet(target, compression="snappy")
    print([int((result[name] == "positive").sum()) for name in LEVELS])


def _sql(levels: dict[Strength, list[str]], unknown: str) -> str:
    strong, medium, weak = (
        " + ".join(f"CAST(coalesce({name}, {unknown}) AS INT)" for name in names) or "0" for names in levels.values()
    )
    return (
        f"(({strong}) >= 2 OR (({strong}) >= 1 AND ({medium}) + ({weak}) >= 1) "
        f"OR ({medium}) >= 3 OR (({medium}) >= 2 AND ({weak}) >= 1))"
    )


def duckdb(source: str, target: str) -> None:
    import duckdb

    db: Any = duckdb

    statuses = ", ".join(
        f"CASE WHEN {_sql(levels, 'false')} THEN 'positive' WHEN {_sql(levels, 'true')} THEN 'undetermined' "
        f"ELSE 'negative' END AS {dimension}"
        for dimension, levels in LEVELS.items()
    )
    query = f"SELECT {', '.join(KEPT)}, {statuses} FROM '{source}'"
    db.sql(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION snappy)")
    counts = ", ".join(f"count(*) FILTER ({name} = 'positive')" for name in LEVELS)
    print(list(db.sql(f"SELECT {counts} FROM '{target}'").fetchall()[0]))


def pandas(source: str, target: str) -> None:
    """As most write it: sums along the rows of the frame."""
    _pandas(source, target, lambda frame, names, unknown: frame[names].fillna(unknown).sum(axis=1).to_numpy(dtype=int))


def pandas_numpy(source: str, target: str) -> None:
    """As somebody writes it who knows why the other is slow: a column at a time, through NumPy."""
    import numpy as np

    def total(frame: Any, names: list[str], unknown: bool) -> Any:
        none = np.zeros(len(frame), np.int8)
        return sum((frame[name].to_numpy(dtype=bool, na_value=unknown).astype(np.int8) for name in names), none)

    _pandas(source, target, total)


def _pandas(source: str, target: str, total: Callable[[Any, list[str], bool], Any]) -> None:
    import numpy as np
    import pandas as pd

    frame = pd.read_parquet(source, dtype_backend="numpy_nullable")
    result = frame[list(KEPT)].copy()
    for dimension, levels in LEVELS.items():
        bounds = []
        for unknown in (False, True):
            strong, medium, weak = (
                total(frame, names, unknown) if names else np.zeros(len(frame), int) for names in levels.values()
            )
            bounds.append(
                (strong >= 2) | ((strong >= 1) & (medium + weak >= 1)) | (medium >= 3) | ((medium >= 2) & (weak >= 1))
            )
        result[dimension] = pd.Categorical(np.select(bounds, ["positive", "undetermined"], "negative"))
    result.to_parquet(target)
    print([int((result[name] == "positive").sum()) for name in LEVELS])


def spark_sql(source: str, target: str) -> None:
    """Counts only: what an analyst on Spark would write for a table of how many."""
    import os

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.read.parquet(source).createOrReplaceTempView("people")
    counts = ", ".join(
        f"sum(CAST({_sql(levels, unknown)} AS INT))" for levels in LEVELS.values() for unknown in ("false", "true")
    )
    print(list(spark.sql(f"SELECT {counts} FROM people").first() or []))


RIVALS: dict[str, Callable[..., None]] = {
    "pyarrow": pyarrow_only,
    "polars": polars,
    "duckdb": duckdb,
    "pandas": pandas,
    "pandas-numpy": pandas_numpy,
    "spark-sql": spark_sql,
}

if __name__ == "__main__":
    RIVALS[sys.argv[1]](*sys.argv[2:])
