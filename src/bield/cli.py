"""The command line: `bield assess`, `bield serve`, and the commands of those who run a service."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from bield import __version__
from bield.estimates.survey import SINGLE_UNIT_RULES
from bield.indicators.batch.columns import read_spellings, usual_spellings
from bield.indicators.batch.plan import Request
from bield.indicators.batch.problems import BatchError
from bield.indicators.batch.run import Finished, run
from bield.indicators.batch.source import find_files
from bield.indicators.batch.spark import run_on_spark
from bield.indicators.batch.summary import INDICATED, summarise
from bield.indicators.codebook import CodebookError, load
from bield.service.commands import add_to

WRONG_INPUT = 2
"""Exit status for something the person who asked can mend."""

app = typer.Typer(
    help="Bield: an open system for a country's work against human trafficking.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Engine(StrEnum):
    """Where the work is done."""

    LOCAL = "local"
    SPARK = "spark"


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"bield {__version__}")
        raise typer.Exit


@app.command()
def assess(
    files: Annotated[list[str], typer.Argument(help="CSV or Parquet files, folders or globs.", metavar="FILE…")],
    indicator_set: Annotated[
        str,
        typer.Option(
            "--set",
            help="adult_labour, adult_sexual, child_labour, child_sexual, or the column that says which.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where to write the result: .parquet or .csv.")],
    policy: Annotated[
        str,
        typer.Option(help="How dimensions combine: palermo, three_part or published_table."),
    ] = "palermo",
    counts: Annotated[bool, typer.Option("--counts", help="Write the number of signs of each strength.")] = False,
    keep_answers: Annotated[bool, typer.Option("--keep-answers", help="Write the indicator columns as well.")] = False,
    alternative: Annotated[
        list[str] | None,
        typer.Option(help="A disputed indicator for which to use the other strength."),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(help="A TOML file of lists yes, no and unknown with other spellings."),
    ] = None,
    other: Annotated[
        list[str] | None,
        typer.Option(help="A column that is no indicator although its name comes close."),
    ] = None,
    set_aside: Annotated[Path | None, typer.Option(help="Put rows with bad values in this CSV file and go on.")] = None,
    weight: Annotated[str | None, typer.Option(help="The column of survey weights.")] = None,
    strata: Annotated[str | None, typer.Option(help="The column of survey strata.")] = None,
    cluster: Annotated[str | None, typer.Option(help="The column of first-stage clusters (sampling units).")] = None,
    by: Annotated[list[str] | None, typer.Option(help="A column to estimate by; more than one crosses them.")] = None,
    single_unit: Annotated[
        str,
        typer.Option(help="A stratum of one unit: refuse, centre or certainty."),
    ] = "refuse",
    engine: Annotated[Engine, typer.Option(help="Where to work.")] = Engine.LOCAL,
    master: Annotated[str, typer.Option(help="The Spark master's URL.")] = "local[*]",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Assess survey files of any size: one row a person, one column an indicator.

    Every row is written in order with its other columns, the status of each dimension and the conclusion.
    """
    with _one_clear_line():
        if single_unit not in SINGLE_UNIT_RULES:
            raise BatchError(f"--single-unit {single_unit!r}: expected {', '.join(SINGLE_UNIT_RULES)}")
        request = Request(
            files=find_files(files),
            out=out,
            indicator_set=indicator_set,
            policy=policy,
            codebook=load().with_alternatives(alternative or ()),
            spellings=read_spellings(answers) if answers else usual_spellings(),
            counts=counts,
            keep_answers=keep_answers,
            set_aside=set_aside,
            other=frozenset(other or ()),
            weight=weight,
            strata=strata,
            cluster=cluster,
            by=tuple(by or ()),
            single_unit=single_unit,
        )
        finished = _run(request, engine, master)
        summary = summarise(finished, engine=engine.value)
    if as_json:
        typer.echo(json.dumps(summary, indent=2, ensure_ascii=False))
    else:
        _print(summary)


@contextmanager
def _one_clear_line() -> Iterator[None]:
    """Mistakes that the person can mend are said in one line, without a traceback."""
    try:
        yield
    except (BatchError, CodebookError) as error:
        typer.echo(f"bield: {error}", err=True)
        raise typer.Exit(WRONG_INPUT) from error


def _run(request: Request, engine: Engine, master: str) -> Finished:
    """Run it with progress on a terminal, and silently otherwise."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} people"),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns,
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as progress:
        task = progress.add_task("Assessing", total=None)

        def tell(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total)

        if engine is Engine.SPARK:
            return run_on_spark(request, master=master, progress=tell)
        return run(request, progress=tell)


def _print(summary: dict[str, Any]) -> None:
    console = Console()
    console.print(f"{summary['rows']:,} people assessed with {summary['set']}, policy {summary['policy']}.")
    if summary["set_aside"]:
        console.print(f"{summary['set_aside']:,} rows set aside because of a bad value.")
    if summary["absent_indicators"]:
        console.print(f"{len(summary['absent_indicators'])} indicators have no column and are unknown for everybody.")
    console.print(_table_of_counts(summary))
    for table in _tables_of_estimates(summary):
        console.print(table)
    console.print(f"Written to {summary['out']}.")


def _table_of_counts(summary: dict[str, Any]) -> Table:
    table = Table(title="How many people", title_justify="left")
    for heading in ("", "positive", "undetermined", "negative", "lower", "upper"):
        table.add_column(heading, justify="left" if not heading else "right")
    rows = [(item["label"], item) for item in summary["dimensions"]]
    rows.append(("Signs point to trafficking", summary["conclusion"]["indicated"]))
    for label, item in rows:
        values = ("positive", "undetermined", "negative", "lower", "upper")
        table.add_row(label, *(f"{item[name]:,}" for name in values))
    table.caption = "Lower takes what is not known as no, upper as yes. They differ by the undetermined."
    return table


def _tables_of_estimates(summary: dict[str, Any]) -> Iterator[Table]:
    """A table for each group: what share and how many, with the unknown as no and as yes, each with its interval."""
    labels = {item["id"]: item["label"] for item in summary["dimensions"]} | {INDICATED: "Signs point to trafficking"}
    found: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for item in summary["estimates"]:
        group = ", ".join(f"{name} {value}" for name, value in item["group"].items()) or "Everybody"
        found.setdefault(group, {})[item["measure"], item["bound"]] = item
    for group, items in found.items():
        people = next(iter(items.values()))["people"]
        table = Table(title=f"{group}: estimates from {people:,} people", title_justify="left")
        table.add_column("")
        for heading in ("share, unknown as no", "share, unknown as yes", "total, as no", "total, as yes"):
            table.add_column(heading, justify="right")
        for measure, label in labels.items():
            bounds = [items[measure, "lower"], items[measure, "upper"]]
            shares = [f"{_share(item['share'])}\n{_between(item['share_interval'], _share)}" for item in bounds]
            totals = [f"{_total(item['total'])}\n{_between(item['total_interval'], _total)}" for item in bounds]
            table.add_row(label, *shares, *totals)
        table.caption = "Below each: its 95 % interval. Small groups can single people out: check before you publish."
        yield table


def _total(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _between(interval: list[float] | None, show: Any) -> str:
    return "–" if interval is None else f"{show(interval[0])}–{show(interval[1])}"


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="A JSON file in the form of HTCDS 2.0.")],
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema and check nothing.")] = False,
) -> None:
    """Check a file of cases against the Human Trafficking Case Data Standard. Ends with 1 if something does not fit."""
    from bield.standards import StandardsError, htcds_schema, validate_file

    if schema:
        typer.echo(json.dumps(htcds_schema(), indent=2, ensure_ascii=False))
        return
    try:
        problems = validate_file(file)
    except StandardsError as error:
        typer.echo(f"bield: {error}", err=True)
        raise typer.Exit(2) from error
    for item in problems:
        typer.echo(str(item))
    typer.echo(f"{file}: {len(problems)} problems" if problems else f"{file}: fits HTCDS 2.0")
    if problems:
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to answer on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to answer on.")] = 8000,
    workers: Annotated[int, typer.Option(min=0, help="Processes that answer; 0 is one for each core.")] = 0,
) -> None:
    """Serve the pages. Settings come from the environment; see docs/how-to/deploy.md."""
    import os

    from granian import Granian
    from granian.constants import Interfaces

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bield.service.settings")
    typer.echo(f"Bield answers at http://{host}:{port} (stop it with Ctrl+C).")
    Granian(
        "bield.service.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or os.cpu_count() or 1,
    ).serve()


add_to(app)


def main() -> None:
    """The `bield` command."""
    app()
