"""The yearly measures: counted from facts, and the same as a count of the records they came from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.disclosure import Span, SupportFact
from bield.service.accounts.permissions import Role
from bield.service.statistics import intake
from bield.service.statistics.measures import Year, count, year_of, years
from bield.service.support.models import Entry, Episode
from tests.world import World

LATER = date(2030, 1, 1)
"""A day on which every year of these tests is over."""

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def put(*spans: Span, band: str = "25_34", provider: str = "tara", sex: str = "woman") -> None:
    from uuid import uuid4

    fact = SupportFact(provider=provider, sex=sex, band=band, world="", direction="not_known", spans=spans)
    intake.put_support(uuid4(), fact)


def test_each_measure_by_hand() -> None:
    put(Span("support", "2024-11", "2025-06"), Span("crisis", "2024-11", "2024-12"))
    put(Span("support", "2025-05"), Span("crisis", "2025-05"))
    put(Span("support", "2025-04", "2025-04"), Span("support", "2026-03"), Span("returned", "2025-04", "2025-04"))
    put(Span("support", "2026-04"))
    put(Span("support", "2025-05"), band="under_18")
    put(Span("support", "2025-05"), band="not_known")
    put(Span("support", "2025-06", "2026-03"), provider="migrant-help", sex="man")
    assert count(Year(2025), today=LATER) == {
        "supported": 4,
        "new": 3,
        "crisis": 1,
        "returned": 1,
        "open": 2,
        "months_open": 5.0,  # ten months and none
        "months_ended": 5.3,  # seven, none and nine
    }
    assert count(Year(2025), today=LATER, provider="migrant-help")["supported"] == 1
    assert count(Year(2025), today=LATER, sex="woman")["supported"] == 3
    before = count(Year(2020), today=LATER)
    assert before == dict.fromkeys(before, 0) | {"months_open": None, "months_ended": None}
    assert [str(item) for item in years(today=date(2026, 11, 24))] == ["2026-27", "2025-26", "2024-25"]


def test_a_year_that_still_runs_is_counted_to_today_and_not_to_its_end() -> None:
    put(Span("support", "2026-05"))
    put(Span("support", "2026-04", "2026-12"))  # an end that is still to come: open today
    put(Span("support", "2027-02"))  # and a beginning that is still to come
    so_far = count(Year(2026), today=date(2026, 11, 24))
    assert (so_far["supported"], so_far["new"], so_far["open"], so_far["months_open"]) == (2, 2, 2, 6.5)
    assert so_far["months_ended"] is None
    over = count(Year(2026), today=LATER)
    assert (over["supported"], over["open"], over["months_open"], over["months_ended"]) == (3, 2, 5.5, 8.0)


def test_the_page_and_the_file_say_which_year_still_runs(world: World, at_work: Callable[[Role], Client]) -> None:
    this, last = year_of(timezone.localdate()), Year(year_of(timezone.localdate()).begins - 1)
    put(Span("support", f"{last.begins}-05"))
    client = at_work(Role.STATISTICIAN)
    page = client.get(reverse("measures")).content.decode()
    file = client.get(reverse("measures-file")).content.decode()
    for text in (page, file):
        assert f"{this} so far" in text
        assert f"{last} so far" not in text


@pytest.mark.parametrize(("day", "begins"), [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026)])
def test_a_year_runs_from_april_to_march(day: date, begins: int) -> None:
    assert year_of(day) == Year(begins)


def test_the_measures_of_the_made_up_country_agree_with_its_records(db: None) -> None:
    from bield.service.demo import country

    today = date(2026, 11, 24)
    country.fill(people=300, seed=7, today=today)
    episodes = list(Episode.objects.filter(began_on__isnull=False).select_related("person", "team__organisation"))
    assert Episode.objects.count() == 120
    assert {item.state for item in Episode.objects.all()} == {"asked", "open", "closed", "declined", "taken_back"}
    adults = [item for item in episodes if item.person.age == "adult"]
    assert adults
    for begins in (2024, 2025, 2026):
        year, end = Year(begins), min(date(begins + 1, 3, 31), today)
        inside = [item for item in adults if item.began_on and item.began_on <= end]
        running = [item for item in inside if item.ended_on is None or item.ended_on >= year.first]
        still = [item for item in inside if item.ended_on is None or _month(item.ended_on) > _month(end)]
        over = [item for item in adults if item.ended_on and year.first <= item.ended_on <= end]
        crisis = {
            entry.episode_id
            for entry in Entry.objects.filter(part="accommodation", code="crisis", episode__in=adults)
            if entry.details["from"] <= end.isoformat() and _last(entry) >= year.first.isoformat()
        }
        returned = [
            entry
            for entry in Entry.objects.filter(part="return", state="travelled", episode__in=adults)
            if year.first.isoformat() <= entry.details["on"] <= end.isoformat()
        ]
        assert count(year, today=today) == {
            "supported": len(running),
            "new": sum(item.began_on >= year.first for item in inside if item.began_on),
            "crisis": len(crisis),
            "returned": len(returned),
            "open": len(still),
            "months_open": _mean([_month(end) - _month(item.began_on) for item in still]),
            "months_ended": _mean([_month(item.ended_on) - _month(item.began_on) for item in over]),
        }, begins
        for body in ("tara", "migrant-help"):
            own = [item for item in running if item.team.organisation.body == body]
            assert count(year, today=today, provider=body)["supported"] == len(own)


def _month(day: date | None) -> int:
    assert day is not None
    return day.year * 12 + day.month


def _last(entry: Entry) -> str:
    return str(entry.details.get("to") or entry.episode.ended_on or "9999")


def _mean(values: list[int]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None


def test_the_page_and_the_file_say_the_same_and_that_it_is_not_for_publication(
    at_work: Callable[[Role], Client], world: World
) -> None:
    client = at_work(Role.STATISTICIAN)
    assert "No support was written down yet" in client.get(reverse("measures")).content.decode()
    put(Span("support", "2025-05"))
    page = " ".join(client.get(reverse("measures")).content.decode().split())
    assert "Not for publication." in page
    assert "Adults supported in the year" in page
    assert "The definitions are ours." in page
    lines = client.get(reverse("measures-file") + "?provider=tara").content.decode().splitlines()
    assert lines[0].endswith("2025-26,2026-27 so far")
    assert lines[1].startswith("Adults supported in the year,people,")
    assert lines[1].endswith(",1,1")
    unknown = client.get(reverse("measures") + "?provider=nobody")
    assert unknown.status_code == 200


def test_facts_are_made_anew_where_a_record_was_put_right(world: World) -> None:
    from typer.testing import CliRunner

    from bield.cli import app
    from bield.service.cases.models import Person
    from bield.service.statistics.models import SupportFact as Row
    from tests.supporting import make_service

    service = make_service(world)
    episode = service.open()
    Person.objects.filter(pk=episode.person_id).update(gender="man")
    assert Row.objects.get().sex == "woman"
    answer = CliRunner().invoke(app, ["recount"])
    assert answer.exit_code == 0, answer.output
    assert "1 facts" in answer.output
    assert Row.objects.get().sex == "man"
    assert "services." in CliRunner().invoke(app, ["services", "begin"]).output
    assert "nothing was changed" in CliRunner().invoke(app, ["services", "begin"]).output
