"""A moment becomes a day in one place only, so that between midnight and one in summer no day is yesterday's."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bield.service.days import day_of

SERVICE = Path(__file__).parents[2] / "src" / "bield" / "service"
SOURCES = [path for path in SERVICE.rglob("*.py") if path.name != "days.py"]


def days_taken(tree: ast.AST) -> list[int]:
    """The lines where a day is taken of a moment without our helper. Ruff refuses date.today() and the like."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, arguments = node.func.attr, node.args
            if (name == "date" and not arguments and not node.keywords) or (name == "localdate" and arguments):
                found.append(node.lineno)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(SERVICE)))
def test_no_day_is_taken_of_a_moment_but_by_the_helper(path: Path) -> None:
    assert days_taken(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("line", ["at.date()", "row.closed_at.date()", "timezone.localdate(at)"])
def test_the_rule_sees_each_way_of_getting_it_wrong(line: str) -> None:
    assert days_taken(ast.parse(line)) == [1]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2027, 6, 14, 22, 59, 59, tzinfo=UTC), date(2027, 6, 14)),
        (datetime(2027, 6, 14, 23, 0, tzinfo=UTC), date(2027, 6, 15)),
        (datetime(2027, 6, 14, 23, 30, tzinfo=UTC), date(2027, 6, 15)),
        (datetime(2027, 1, 14, 23, 30, tzinfo=UTC), date(2027, 1, 14)),
        (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), date(2027, 3, 28)),  # half an hour before the clock goes forward
        (datetime(2027, 3, 28, 23, 30, tzinfo=UTC), date(2027, 3, 29)),
        (datetime(2027, 10, 30, 23, 30, tzinfo=UTC), date(2027, 10, 31)),  # before it goes back
        (datetime(2027, 10, 31, 23, 30, tzinfo=UTC), date(2027, 10, 31)),
    ],
)
def test_the_day_is_the_local_one(moment: datetime, day: date) -> None:
    assert day_of(moment) == day


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        day_of(datetime(2027, 6, 15, 0, 30))  # noqa: DTZ001  # the point
