"""Shows the summary of a batch as words and tables on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bield.indicators.batch.summary import INDICATED

POINT = "Signs point to trafficking"
CAUTIONS = {
    "none_or_all": "*: nobody or everybody. The interval is a bound by the number of sampling units, and not exact.",
    "few_units": "†: fewer than 8 degrees of freedom, so the interval is unsteady. Do not publish it alone.",
}
MARKS = {"none_or_all": "*", "few_units": "†"}


def show(summary: dict[str, Any]) -> None:
    """Print a summary. Names of files, columns and groups come from the user, so none of them is read as markup."""
    console = Console(markup=False, highlight=False)
    console.print(f"{summary['rows']:,} people assessed with {plain(summary['set'])}, policy {summary['policy']}.")
    for line in _remarks(summary):
        console.print(line)
    console.print(_table_of_counts(summary))
    for table in _tables_of_estimates(summary):
        console.print(table)
    console.print(f"Written to {plain(summary['out'])}.")


def plain(words: str) -> str:
    """Words without control characters, because a terminal would act on them."""
    printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in words)
    return printable.encode("utf-8", "replace").decode()


def _remarks(summary: dict[str, Any]) -> Iterator[str]:
    if summary["set_aside"]:
        yield f"{summary['set_aside']:,} rows set aside because of a bad value."
    if summary["empty_rows"]:
        yield f"{summary['empty_rows']:,} rows without a single value left out: they are nobody."
    if fact := summary["fact"]:
        meanings = {
            "unknown": "taken as not known for every child: say --fact if you know",
            "yes": "taken as true of every child",
            "no": "taken as not true of any child",
        }
        meaning = meanings.get(fact["given"], f"read from the column {plain(fact['given'])}")
        yield f"That {fact['words']}: {meaning}."
    if absent := summary["absent_indicators"]:
        yield f"{len(absent)} indicators have no column and are unknown for everybody: {', '.join(absent)}."


def _table_of_counts(summary: dict[str, Any]) -> Table:
    table = Table(title="How many people", title_justify="left")
    values = ("positive", "undetermined", "negative", "lower", "upper")
    for heading in ("", *values):
        table.add_column(heading, justify="right" if heading else "left")
    rows = [(item["label"], item) for item in summary["dimensions"]]
    for label, item in [*rows, (POINT, summary["conclusion"]["indicated"])]:
        table.add_row(label, *(f"{item[name]:,}" for name in values))
    table.caption = "Lower takes what is not known as no, upper as yes. They differ by the undetermined."
    return table


def _tables_of_estimates(summary: dict[str, Any]) -> Iterator[Table]:
    """A table for each group: the share and the total, with the unknown as no and as yes, each with its interval."""
    labels = {item["id"]: item["label"] for item in summary["dimensions"]} | {INDICATED: POINT}
    groups: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for item in summary["estimates"]:
        group = ", ".join(f"{name} {value}" for name, value in item["group"].items()) or "Everybody"
        groups.setdefault(group, {})[item["measure"], item["bound"]] = item
    for group, items in groups.items():
        people = next(iter(items.values()))["people"]
        table = Table(title=Text(f"{plain(group)}: estimates from {people:,} people"), title_justify="left")
        table.add_column("")
        for heading in ("share, unknown as no", "share, unknown as yes", "total, as no", "total, as yes"):
            table.add_column(heading, justify="right")
        for measure, label in labels.items():
            bounds = [items[measure, "lower"], items[measure, "upper"]]
            shares = [_cell(item, "share", _share) for item in bounds]
            table.add_row(label, *shares, *(_cell(item, "total", _total) for item in bounds))
        table.caption = "\n".join(_captions(items.values()))
        yield table


def _captions(items: Any) -> Iterator[str]:
    yield "Below each: its 95 % interval. Small groups can single people out: check before you publish."
    given = {name for item in items for name in item["cautions"]}
    yield from (words for name, words in CAUTIONS.items() if name in given)


def _cell(item: dict[str, Any], name: str, show_value: Callable[[float], str]) -> str:
    value, interval = item[name], item[f"{name}_interval"]
    if value is None or interval is None:
        return "–" if value is None else show_value(value)
    marks = "".join(MARKS[caution] for caution in item["cautions"])
    low, high = map(show_value, interval)
    return f"{show_value(value)}{marks}\n{low.removesuffix('%')}–{high}"


def _total(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.1f}"


def _share(value: float) -> str:
    return "<0.1%" if 0 < value < 0.0005 else f"{value:.1%}"
