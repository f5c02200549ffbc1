"""The command line: `bield assess`, `bield serve`, and the commands of those who run a service."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bield.errors import UserError
from bield.guard import Guard, say, stopping_cleanly
from bield.service.commands import add_to, set_up_django, update_database

if TYPE_CHECKING:
    from bield.indicators.batch.plan import Request
    from bield.indicators.batch.run import Finished
    from bield.standards import Cases

# What a command needs is imported when it runs: `bield --help` must not wait for Arrow and NumPy.

app = typer.Typer(
    cls=Guard,
    help="Bield: an open system for a country's work against human trafficking.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain words: quicker to print, and easier to listen to than a drawn box
    context_settings={"max_content_width": 120},
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
        from importlib.metadata import version as installed

        typer.echo(f"bield {installed('bield')}")
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
    fact: Annotated[
        str,
        typer.Option(
            help="For child_sexual: was the child used or offered for prostitution or pornography? yes, no, unknown, "
            "or the column that says it.",
        ),
    ] = "unknown",
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
    separator: Annotated[
        str | None,
        typer.Option(help="What separates the cells of a CSV file; found out from the headings unless you say."),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="The encoding of CSV files that are not UTF-8, such as cp1252 (Western Europe) or cp1250."),
    ] = None,
    decimal: Annotated[str, typer.Option(help="The decimal sign of weights: a point or a comma.")] = ".",
    other: Annotated[
        list[str] | None,
        typer.Option(help="A column that is no indicator although its name comes close."),
    ] = None,
    person_id: Annotated[
        str | None, typer.Option("--id", help="The column that tells people apart: nobody may stand in it twice.")
    ] = None,
    set_aside: Annotated[Path | None, typer.Option(help="Put rows with bad values in this CSV file and go on.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a result that is there already.")] = False,
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
    from bield.indicators.batch.asked import request_of
    from bield.indicators.batch.summary import summarise

    request = request_of(
        files,
        out=out,
        indicator_set=indicator_set,
        fact=fact,
        policy=policy,
        counts=counts,
        keep_answers=keep_answers,
        alternatives=alternative or (),
        answers=answers,
        separator=separator,
        encoding=encoding,
        decimal=decimal,
        other=other or (),
        set_aside=set_aside,
        force=force,
        weight=weight,
        strata=strata,
        cluster=cluster,
        by=by or (),
        person_id=person_id,
        single_unit=single_unit,
    )
    with stopping_cleanly() as check_stopped:
        finished = _run(request, engine, master, check_stopped)
    summary = summarise(finished, engine=engine.value)
    if as_json:
        typer.echo(json.dumps(summary, indent=2, ensure_ascii=True))
        return
    from bield.tables import show

    show(summary)


def _run(request: Request, engine: Engine, master: str, check_stopped: Callable[[], None]) -> Finished:
    """Run it with progress on a terminal, and silently otherwise."""
    import pyarrow

    # Arrow's own handlers lose a signal that comes while a file is opened.
    pyarrow.enable_signal_handlers(False)  # noqa: FBT003  # Arrow's parameter takes no name
    if engine is Engine.SPARK:
        from bield.indicators.batch.spark import run_on_spark

        with _progress(check_stopped) as tell:
            return run_on_spark(request, master=master, progress=tell)
    with _without_pandas():
        import pyarrow.dataset

        from bield.indicators.batch.run import run
    with _progress(check_stopped) as tell:
        return run(request, progress=tell)


class _NoPandas(MetaPathFinder):
    """Says that pandas is not installed."""

    def find_spec(self, name: str, *_where: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


@contextmanager
def _without_pandas() -> Iterator[None]:
    """Keeps Arrow from importing pandas, which takes a quarter of a second and is of no use here.

    Arrow looks for it once, when it makes its first value, to recognise a pandas Series handed to it.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextmanager
def _progress(check_stopped: Callable[[], None]) -> Iterator[Callable[[int, int | None], None]]:
    """Gives a function that is told how many rows are done: shown on a terminal, and nowhere else."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: check_stopped()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} people"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Assessing", total=None)

        def tell(done: int, total: int | None) -> None:
            check_stopped()
            progress.update(task, completed=done, total=total)

        yield tell


CASES_HELP = "HTCDS 2.0 as JSON or as a CSV table, or a CSV file of CTDC."
ENCODING_HELP = "The encoding of a CSV file that is not UTF-8, such as cp1252."


@app.command()
def validate(
    file: Annotated[Path | None, typer.Argument(help=CASES_HELP)] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema and check nothing.")] = False,
    encoding: Annotated[str | None, typer.Option(help=ENCODING_HELP)] = None,
) -> None:
    """Check a file of cases against its standard. Ends with 1 if something does not fit.

    Problems of one kind are one line with their number. No value is printed: it may be somebody's.
    """
    if schema:
        from bield.standards import htcds_schema

        typer.echo(json.dumps(htcds_schema(), indent=2, ensure_ascii=False))
        return
    if file is None:
        raise UserError("name a file to check, or say --schema")
    found = _read_cases(file, encoding)
    _refuse_problems(file, found)
    count = len(found.cases) or len(found.rows)
    say(f"{file}: fits {found.label} ({count:,} {'case' if count == 1 else 'cases'})", error=False)


@app.command()
def convert(
    file: Annotated[Path, typer.Argument(help=CASES_HELP)],
    out: Annotated[Path, typer.Option(help="Where to write the result.")],
    to: Annotated[
        str, typer.Option(help="htcds (JSON), htcds-table (CSV), or of CTDC k_anonymised, synthetic or grouped.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
    encoding: Annotated[str | None, typer.Option(help=ENCODING_HELP)] = None,
) -> None:
    """Turn a file of cases into another form, and say what had no place in it. What is not known is never made a no."""
    from bield.standards import convert as converted
    from bield.standards import targets
    from bield.whole import check_new, partial

    ending = targets().get(to)
    if ending is None:
        raise UserError(f"--to {to!r}: expected one of {', '.join(targets())}")
    if out.suffix.lower() != ending:
        raise UserError(f"{out}: {to} is written as {ending}; name the file so")
    check_new(out, force=force)
    if out.resolve() == file.resolve():
        raise UserError(f"{out}: is the file to read; choose another name")
    found = _read_cases(file, encoding)
    _refuse_problems(file, found)
    text, lost = converted(found, to)
    with stopping_cleanly(), partial(out) as hidden:
        hidden.touch(mode=0o600)
        hidden.write_bytes(text.encode())
    say(f"{len(found.cases) or len(found.rows):,} of {found.label} written to {out}.", error=False)
    for name, count in sorted(lost.items()):
        say(f"no place for {name}: {count:,} times", error=False)


def _read_cases(file: Path, encoding: str | None) -> Cases:
    from datetime import date

    from bield.delimited import Dialect, known_encoding
    from bield.standards import read_cases

    dialect = Dialect(encoding=known_encoding(encoding))
    # A birth date to come is one after the day of whoever runs this, so the clock of this machine is right.
    return read_cases(str(file), file.read_bytes(), today=date.today(), dialect=dialect)  # noqa: DTZ011


def _refuse_problems(file: Path, found: Cases) -> None:
    from bield.standards import summarised

    if not found.problems:
        return
    for line in summarised(found.problems):
        say(str(line), error=False)
    say(f"{file}: {len(found.problems):,} problems, read as {found.label}", error=False)
    raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to answer on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to answer on.")] = 8000,
    workers: Annotated[int, typer.Option(min=0, help="Processes that answer; 0 is one for each core.")] = 0,
) -> None:
    """Serve the pages. Settings come from the environment; see docs/how-to/deploy.md.

    With none set, the database and files are in a folder of yours, or in var/ of the checkout you are in.
    """
    import os

    from granian import Granian
    from granian.constants import Interfaces

    with _counting_together():
        set_up_django()
        from django.conf import settings

        _refuse_taken(host, port)
        _begin_in_development()
        _show_metrics(settings.METRICS_PORT)
        typer.echo(f"Bield answers at http://{host}:{port} (stop it with Ctrl+C).")
        Granian(
            "bield.service.wsgi:counting",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers or os.cpu_count() or 1,
            log_dictconfig=settings.LOGGING,
        ).serve()


@contextmanager
def _counting_together() -> Iterator[None]:
    """With METRICS_PORT: a folder where the server's processes count, named before the metrics are imported."""
    import os
    from tempfile import TemporaryDirectory

    if os.environ.get("METRICS_PORT", "0") == "0":
        yield
        return
    with TemporaryDirectory(prefix="bield-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


def _show_metrics(port: int) -> None:
    if port:
        from bield.service.metrics import listen

        _refuse_taken("127.0.0.1", port)
        listen(port)


def _begin_in_development() -> None:
    """Make the folder and the tables that pages need, where nothing was set. In production that is the operator's."""
    from django.conf import settings
    from django.db import connections

    if not settings.PRODUCTION:
        update_database()
        connections.close_all()  # no worker may share a connection of this process


def _refuse_taken(host: str, port: int) -> None:
    """Raises UserError where nothing can answer at this address: the server's workers would say it less clearly."""
    import socket

    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except (OSError, UnicodeError) as error:
        reason = str(error.strerror).partition(" (")[0] if isinstance(error, OSError) else "no address"
        raise UserError(f"{host}:{port}: cannot answer there ({reason}); choose another --host or --port") from error


add_to(app)


def main() -> None:
    """The `bield` command."""
    app()
