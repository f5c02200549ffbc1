"""Measure speed beside rivals in one run: ratios, rows a second and peak memory. `make bench`."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bield.indicators import assess, explain, load
from bield.indicators.packed import PackedAnswers, dimension_bounds, words_for
from tests import natasha
from tests.bench.rivals import RIVALS, SET

BIELD = str(Path(sys.executable).parent / "bield")
MARK = ("<!-- figures: begin -->", "<!-- figures: end -->")


def make_people(path: Path, rows: int) -> None:
    """Made-up people: 67 indicators with 10 % unknown, a number and a weight."""
    random, book, writer = np.random.default_rng(7), load(), None
    for start in range(0, rows, 1_000_000):
        size = min(1_000_000, rows - start)
        columns = {"person": pa.array(np.arange(start, start + size)), "weight": pa.array(random.uniform(0.5, 2, size))}
        for key in book.indicators:
            chance = random.random(size, np.float32)
            columns[key] = pa.array(chance < 0.12, mask=chance > 0.9)
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def best(work: Callable[[], object], times: int = 5) -> float:
    """The shortest of some runs, in seconds."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


WATCH = """
import resource, subprocess, sys, time
begun = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
sys.exit(code)
"""
"""Runs a command from a small process of its own: a large parent would lend the command its own peak of memory."""


def whole(command: Iterable[str], times: int = 2) -> tuple[float, float]:
    """A whole process: the shortest time in seconds, and the peak memory in MiB."""
    found = []
    for _ in range(times):
        watched = subprocess.run([sys.executable, "-c", WATCH, *command], capture_output=True, text=True, check=False)
        if watched.returncode:
            sys.exit(f"failed: {' '.join(command)}")
        seconds, memory = map(float, watched.stdout.split())
        found.append((seconds, memory))
    return min(found)


def in_memory(rows: int) -> list[str]:
    """The kernel against NumPy's sum over the same bytes; both on one thread."""
    book, words, random = load(), words_for(rows), np.random.default_rng(1)

    def bits() -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
        return random.integers(0, 2**64, words, dtype=np.uint64)

    answers = {key: PackedAnswers(bits() & bits() & bits(), bits() | bits() | bits()) for key in book.indicators}
    low, high = (np.empty((len(book.dimensions), words), np.uint64) for _ in range(2))
    kernel = best(lambda: dimension_bounds(book, SET, answers, words, lower=low, upper=high), 9)
    arrays = [part for item in answers.values() for part in (item.yes, item.known) if part is not None]
    sums = best(lambda: [array.sum() for array in arrays], 9)
    return [
        (
            f"| kernel in memory, six dimensions, both bounds | {kernel:.3f} s | {rows / kernel / 1e6:,.0f} M | "
            f"{sums / kernel:.2f} of NumPy's sum of the same bytes ({sums:.3f} s) | at least 0.25 | |"
        )
    ]


def one_person() -> list[str]:
    answers = dict.fromkeys(natasha.SIGNS, "yes")
    seconds = best(lambda: explain(assess(answers, "adult_sexual", policy="palermo")), 200)
    return [f"| one person, `assess()` with explanation | {seconds * 1000:.2f} ms | | | under 1 ms | |"]


def commands(source: Path, folder: Path, rows: int, rivals: Iterable[str]) -> list[str]:
    """The whole command against others on the same file."""
    ours = folder / "ours.parquet"
    command = [BIELD, "assess", str(source), "--set", SET, "--out", str(ours), "--json"]
    seconds, memory = whole(command)
    lines = [
        f"| `bield assess`, whole command | {seconds:.1f} s | {rows / seconds / 1e6:.2f} M | | | {memory:,.0f} MiB |"
    ]
    aims = {"pyarrow": "at most 1.5x its time", "pandas": "10x or more ahead"}
    for name in rivals:
        rival = [sys.executable, "-m", "tests.bench.rivals", name, str(source), str(folder / f"{name}.parquet")]
        other, used = whole([*rival, str(ours)] if name == "pyarrow" else rival, 1 if name == "pandas" else 2)
        if name == "pyarrow":  # it must have our result to write it; reading that is no part of the job
            other -= best(lambda: pq.read_table(ours), 3)
        lines.append(
            f"| {name} | {other:.1f} s | {rows / other / 1e6:.2f} M | ours takes {seconds / other:.2f}x its time | "
            f"{aims.get(name, 'ahead')} | {used:,.0f} MiB |"
        )
    return lines


def on_spark(source: Path, folder: Path, rows: int) -> list[str]:
    """Spark, ours with all it writes, theirs with counts alone."""
    seconds, _ = whole(
        [
            BIELD,
            "assess",
            str(source),
            "--set",
            SET,
            "--out",
            str(folder / "s.parquet"),
            "--json",
            "--engine",
            "spark",
            "--master",
            "local[2]",
        ],
        1,
    )
    rival, _ = whole([sys.executable, "-m", "tests.bench.rivals", "spark-sql", str(source), ""], 1)
    return [
        (
            f"| `bield assess --engine spark`, `local[2]`, written | {seconds:.1f} s | {rows / seconds / 1e6:.2f} M | "
            f"{seconds / rival:.2f}x the time of Spark SQL, which only counts ({rival:.1f} s) | ahead | |"
        )
    ]


def growth(source: Path, folder: Path, rows: int, most: int) -> list[str]:
    """Rows a second and memory as the rows grow: the same file under ten names is ten times as many."""
    lines = []
    for copies in (1, 3, 10):
        if rows * copies > most:
            break
        many = folder / f"many-{copies}"
        many.mkdir()
        for copy in range(copies):
            (many / f"{copy:02d}.parquet").hardlink_to(source)
        seconds, memory = whole(
            [BIELD, "assess", str(many), "--set", SET, "--out", str(folder / "grown.parquet"), "--json"], 1
        )
        lines.append(
            f"| growth: {rows * copies / 1e6:.0f} M rows | {seconds:.1f} s | {rows * copies / seconds / 1e6:.2f} M | | "
            f"flat, under 1 GiB | {memory:,.0f} MiB |"
        )
    return lines


def machine() -> str:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}, {platform.system()}"


def put_into(path: Path | None, mark: tuple[str, str], lines: Iterable[str]) -> None:
    """Print a table, and put it between the marks of a page where one is named."""
    table = "\n".join(lines)
    if path:
        page = path.read_text(encoding="utf-8")
        before, after = page.split(mark[0])[0], page.split(mark[1])[1]
        path.write_text(f"{before}{mark[0]}\n{table}\n{mark[1]}{after}", encoding="utf-8")
    print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--most", type=int, default=100_000_000, help="rows of the largest growth run")
    parser.add_argument("--rivals", nargs="*", default=[name for name in RIVALS if name != "spark-sql"])
    parser.add_argument("--no-spark", action="store_true")
    parser.add_argument("--write", type=Path, help="put the table into this page")
    asked = parser.parse_args()
    lines = [
        f"Measured with `make bench` ({asked.rows:,} rows, 67 indicators, 10 % unknown) on {machine()}.",
        "",
        "| measured | time | rows a second | ratio | aim | peak memory |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "people.parquet"
        make_people(source, asked.rows)
        lines += in_memory(asked.rows) + one_person()
        lines += commands(source, folder, asked.rows, asked.rivals)
        if not asked.no_spark:
            lines += on_spark(source, folder, asked.rows)
        lines += growth(source, folder, asked.rows, asked.most)
    put_into(asked.write, MARK, lines)


if __name__ == "__main__":
    main()
