"""The yearly measures: counted from facts, and the same as a count of the records they came from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bield.disclosure import Span, SupportFact
from bield.service.accounts.permissions import Role
from bield.service.statistics import intake, measures
from bield.service.statistics.measures import Year, year_of, years
from bield.service.support.models import Entry, Episode
from tests.world import World

LATER = date(2030, 1, 1)
"""A day on which every year of these tests is over."""

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def put(*spans: Span, band: str = "25_34", provider: str = "tara", sex: str = "woman") -> None:
    fact = SupportFact(provider=provider, sex=sex, band=band, world="", direction="not_known", spans=spans)
    intake.put_support(uuid4(), fact)


def count(year: Year, *, today: date, provider: str = "", sex: str = "") -> dict[str, int | float | None]:
    """The measures of a year, of one provider or sex only if given."""
    return measures.count(measures.counted_spans(provider=provider, sex=sex), year, today=today)


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


def random_facts(random: Random, number: int) -> list[SupportFact]:
    """Facts as they may be: stays that overlap, touch or leave gaps, continue, or are of somebody who is no adult."""

    def span(kind: str) -> Span:
        first = random.randrange(2020 * 12, 2027 * 12)
        last = first if kind == "returned" else first + random.choice([0, 1, 3, 20, 70])
        still = kind != "returned" and random.random() < 0.3
        first_month, last_month = (f"{month // 12}-{month % 12 + 1:02d}" for month in (first, last))
        return Span(kind, first_month, "" if still else last_month)

    kinds = ("support", "support", "support", "crisis", "returned", "health")
    return [
        SupportFact(
            provider=random.choice(["tara", "migrant-help"]),
            sex=random.choice(["woman", "man"]),
            band=random.choice(["18_24", "adult", "under_18", "not_known"]),
            world="",
            direction="not_known",
            spans=tuple(span(random.choice(kinds)) for _span in range(random.randrange(7))),
        )
        for _fact in range(number)
    ]


def plainly_counted(facts: list[SupportFact], year: Year, *, today: date) -> dict[str, int | float | None]:
    """The measures as their definitions say, one fact after the other."""
    begin, end = f"{year.first:%Y-%m}", f"{year.counted_to(today=today):%Y-%m}"

    def months(first: str, last: str) -> int:
        (year, month), (year_after, month_after) = (map(int, day.split("-")) for day in (first, last))
        return (year_after - year) * 12 + month_after - month

    def of(fact: SupportFact, kind: str) -> list[tuple[str, str]]:
        return [(item.first, item.last or "9999-12") for item in fact.spans if item.kind == kind]

    def somebody(kind: str, which: Callable[[str, str], bool]) -> int:
        return sum(any(which(*span) for span in of(fact, kind)) for fact in adults)

    adults = [fact for fact in facts if fact.band in ("18_24", "adult")]
    every = [span for fact in adults for span in of(fact, "support")]
    starts = [min((first for first, _last in of(fact, "support")), default="") for fact in adults]
    return {
        "supported": somebody("support", lambda first, last: first <= end and last >= begin),
        "new": sum(begin <= start <= end for start in starts),
        "crisis": somebody("crisis", lambda first, last: first <= end and last >= begin),
        "returned": somebody("returned", lambda first, _last: begin <= first <= end),
        "open": somebody("support", lambda first, last: first <= end < last),
        "months_open": _mean([months(first, end) for first, last in every if first <= end < last]),
        "months_ended": _mean([months(first, last) for first, last in every if begin <= last <= end]),
    }


@pytest.mark.parametrize("seed", range(6))
def test_the_measures_are_those_of_a_plain_count(seed: int) -> None:
    facts = random_facts(Random(seed), 80)
    for fact in facts:
        intake.put_support(uuid4(), fact)
    for today in (LATER, date(2024, 7, 20)):
        for begins in range(2019, 2028):
            year = Year(begins)
            assert count(year, today=today) == plainly_counted(facts, year, today=today), (today, begins)
            own = [fact for fact in facts if fact.provider == "tara" and fact.sex == "man"]
            narrowed = count(year, today=today, provider="tara", sex="man")
            assert narrowed == plainly_counted(own, year, today=today), (today, begins)


def test_the_page_asks_the_database_as_often_for_many_years_as_for_one(at_work: Callable[[Role], Client]) -> None:
    client = at_work(Role.STATISTICIAN)
    this = year_of(timezone.localdate()).begins

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("measures"))
        return len(queries)

    put(Span("support", f"{this}-04"))
    first = asked()
    for begins in range(this - 8, this):
        put(Span("support", f"{begins}-05", f"{begins}-09"), Span("crisis", f"{begins}-05", f"{begins}-06"))
    assert asked() == first


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


@pytest.mark.slow
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
    assert "No support has been recorded yet" in client.get(reverse("measures")).content.decode()
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
