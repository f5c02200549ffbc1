"""Every decision record says when, whether it still holds, why, what else was considered and what follows."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

ADR = Path(__file__).parents[2] / "docs" / "adr"
RECORDS = sorted(ADR.glob("[0-9]*.md"))
HEADINGS = ["Context", "Decision", "Alternatives", "What follows"]
STATUS = re.compile(r"^Date: (\d{4}-\d{2}-\d{2})\. Status: (accepted|superseded by (\d{4}))\.$", re.MULTILINE)


def test_records_are_numbered_one_after_the_other() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_has_a_date_a_status_and_each_part(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(record.name[:4])}. ")
    found = STATUS.search(text)
    assert found, "no line with date and status"
    assert date.fromisoformat(found[1]) >= date(2026, 11, 24)  # when the project began
    assert found[3] is None or list(ADR.glob(f"{found[3]}-*.md"))
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    assert parts[1::2] == HEADINGS
    assert all(len(part.split()) >= 5 for part in parts[2::2])
