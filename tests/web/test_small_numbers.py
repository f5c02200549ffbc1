"""Small numbers: notifications that differ only in what is hidden give the same page and the same Word file."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from bield.disclosure import combination_rules, protected
from bield.service.days import day_of
from bield.service.notifications import report
from bield.service.notifications.forms import version_today
from bield.service.notifications.models import Notification
from tests.world import NOW, World

LEAST = combination_rules().threshold.people
KEYS = {
    "body": ["highland", "glasgow-city", "police-scotland", "fife"],
    "place": ["region_fife", "glasgow-city", "scotland", "abroad"],
    "type": ["sexual", "labour", "servitude", ""],
    "age": ["adult", "child", "uncertain"],
    "complete": ["0", "1", "3", "5"],
}
ALONE = {"type"}
"""Tables that do not add up to a known total."""


@st.composite
def _pairs(draw: st.DrawFn, name: str) -> tuple[dict[str, int], dict[str, int]]:
    """The counts of a table, and others that differ only in the small ones."""
    keys = draw(st.permutations(KEYS[name]))
    counts = {key: draw(st.sampled_from([0, 1, 2, 3, LEAST - 1, LEAST, LEAST + 1, 2 * LEAST, 40])) for key in keys}
    hidden = [key for key, count in counts.items() if 0 < count < LEAST]
    small = [counts[key] for key in hidden]
    if name in ALONE:
        other = draw(st.lists(st.integers(1, LEAST - 1), min_size=len(small), max_size=len(small)))
    else:
        other = draw(st.permutations(small))
        if len(small) > 1 and draw(st.booleans()) and other[0] > 1 and other[1] < LEAST - 1:
            other = [other[0] - 1, other[1] + 1, *other[2:]]
    changed = counts | dict(zip(hidden, other, strict=True))
    order = draw(st.permutations(list(changed)))
    return counts, {key: changed[key] for key in order}


@given(st.data())
def test_no_table_and_no_document_changes_with_a_number_that_it_hides(data: st.DataObject) -> None:
    drawn = {name: data.draw(_pairs(name)) for name in KEYS}
    before, after = ({name: Counter(pair[side]) for name, pair in drawn.items()} for side in (0, 1))
    first, second = report._tables(before, LEAST), report._tables(after, LEAST)
    assert first == second
    assert _document(first) == _document(second)


def _document(tables: tuple[report.TableOf, ...]) -> dict[str, bytes]:
    day = day_of(NOW)
    made = report.Report(day, day, "", "", LEAST, tables, "", "", in_force=False)
    return _members(report.word(made, made_on=day))


def _members(content: bytes) -> dict[str, bytes]:
    """What a Word file holds; its outer layer says the time at which it was packed."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {item.filename: file.read(item) for item in file.infolist()}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 30), max_size=6), st.data())
def test_without_a_total_a_number_shows_or_hides_whatever_the_others_are(
    counts: Mapping[str, int], data: st.DataObject
) -> None:
    changed = {key: data.draw(st.integers(1, LEAST - 1)) if 0 < n < LEAST else n for key, n in counts.items()}
    assert protected(counts, least=LEAST, adds_up=False) == protected(changed, least=LEAST, adds_up=False)


_CHANGING = re.compile(rb'name="(csrfmiddlewaretoken|form_key)" value="[^"]*"')
"""What is new each time a page is made: nothing of it comes from what is stored."""


def _stored(world: World, rows: list[dict[str, Any]]) -> None:
    Notification.objects.all().delete()
    like = {
        "team": world.team,
        "to": world.notify().to,
        "way": "page",
        "basis": "voluntary",
        "sent_at": NOW,
        "version": version_today().id,
        "identity_agreed": "refused",
    }
    Notification.objects.all().delete()
    Notification.objects.bulk_create(
        Notification(**like, reference=f"R{number:06d}", **values) for number, values in enumerate(rows)
    )


def _rows(numbers: Mapping[str, int], **changes: Any) -> list[dict[str, Any]]:
    same = {"age": "adult", "gender": "woman", "recovered_where": "fife", "type": "labour"} | changes
    return [same | {"body": body} for body, number in numbers.items() for _ in range(number)]


@pytest.fixture
def officer(world: World) -> Client:
    client = Client()
    client.force_login(world.officer)
    return client


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            _rows({"glasgow-city": 12, "highland": 1, "fife": 4}),
            _rows({"glasgow-city": 12, "highland": 4, "fife": 1}),
        ),
        (_rows({"fife": 1}), _rows({"fife": LEAST - 1})),
        (
            _rows({"fife": 9}) + _rows({"fife": 1}, acknowledged_at=NOW),
            _rows({"fife": 8}) + _rows({"fife": 2}, acknowledged_at=NOW),
        ),
        (
            _rows({"fife": 9}, type="") + _rows({"fife": 1}, type="sexual") + _rows({"fife": 4}, type="labour"),
            _rows({"fife": 9}, type="") + _rows({"fife": 4}, type="sexual") + _rows({"fife": 1}, type="labour"),
        ),
    ],
    ids=["order", "everything", "share", "type"],
)
def test_the_page_and_the_file_say_nothing_of_what_is_hidden(
    world: World, officer: Client, one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    query = {"first": "2020-01-01", "last": "2099-01-01"}
    seen = []
    for rows in (one, other):
        _stored(world, rows)
        page = officer.get(reverse("notifications-report"), query)
        file = officer.get(reverse("notifications-report"), query | {"document": "1"})
        assert (page.status_code, file.status_code) == (200, 200)
        seen.append((_CHANGING.sub(b"", page.content), _members(file.content)))
    assert seen[0] == seen[1]
