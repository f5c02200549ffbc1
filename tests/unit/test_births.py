"""A date of birth as far as it is known: calendars against ICU's, what is stored, what is read, and turning 18."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.ages import years_on
from bield.births import Birth, birth_written, disagreement, month_number
from bield.calendars import CALENDARS, Calendar, span

# First and last days of years, as ICU 78.2 (CLDR 48, ethiopic, persian, islamic-civil) gives them for 1900 to 2050.
ICU = list(csv.DictReader((Path(__file__).parent / "data" / "calendars.csv").read_text("utf-8").splitlines()))
DAYS = st.dates(date(1910, 1, 1), date(2026, 11, 26))
FAR = dict(zip(CALENDARS, (1950, 1942, 1328, 1369), strict=True))


@st.composite
def births(draw: st.DrawFn) -> Birth:
    first = draw(DAYS)
    return Birth(first, first + timedelta(days=draw(st.sampled_from([0, 1, 30, 365, 400]))), draw(st.booleans()))


@pytest.mark.parametrize("calendar", [item for item in CALENDARS if item != "gregorian"])
def test_calendars_agree_with_icu(calendar: Calendar) -> None:
    rows = [row for row in ICU if row["calendar"] == calendar]
    assert len(rows) >= 100
    for row in rows:
        found = span(calendar, int(row["year"]), int(row["month"]), int(row["day"]))
        assert found == (date.fromisoformat(row["gregorian"]),) * 2


@pytest.mark.parametrize("calendar", CALENDARS)
def test_the_days_of_a_calendar_follow_each_other(calendar: Calendar) -> None:
    before = span(calendar, FAR[calendar] - 1)[1]
    for year in range(FAR[calendar], FAR[calendar] + 60):
        first, last = span(calendar, year)
        assert first == before + timedelta(days=1)
        before = first - timedelta(days=1)
        for month in range(1, 14 if calendar == "ethiopian" else 13):
            start, end = span(calendar, year, month)
            assert start == before + timedelta(days=1)
            assert span(calendar, year, month, (end - start).days + 1) == (end, end)
            before = end
        assert before == last


@pytest.mark.parametrize(
    "wrong", [("gregorian", 2000, 13, 7), ("persian", 1377, 12, 30), ("ethiopian", 2000, 13, 6), ("hijri", 1420, 0, 1)]
)
def test_days_that_a_calendar_has_not_are_refused(wrong: tuple[Calendar, int, int, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        span(*wrong)


@given(births())
def test_what_is_stored_is_read_back(birth: Birth) -> None:
    assert Birth.read(birth.stored) == birth


@given(births(), DAYS)
def test_ages_and_turning_18_are_ranges_that_hold_every_day_of_it(birth: Birth, on: date) -> None:
    least, most = birth.ages_on(on)
    first, last = birth.turns()
    for day in (birth.earliest, birth.latest, birth.earliest + (birth.latest - birth.earliest) // 2):
        assert least <= years_on(day, on) <= most
    assert (most < 18) is (on < first)
    assert (least >= 18) is (on >= last)


@given(st.integers(0, 100), st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_an_age_alone_is_every_day_that_fits_it_and_no_other(years: int, on: date) -> None:
    birth = Birth.aged(years, on=on)
    assert birth.estimated
    assert birth.ages_on(on) == (years, years)
    assert years_on(birth.latest + timedelta(days=1), on) == years - 1
    assert years_on(birth.earliest - timedelta(days=1), on) == years + 1


@given(births(), DAYS)
def test_nobody_is_an_adult_by_a_guess(birth: Birth, on: date) -> None:
    least, most = birth.ages_on(on)
    said = disagreement("adult", birth, on=on)
    assert said == ("" if least >= 18 else "birth_says_child" if most < 18 else "birth_leaves_open")
    assert disagreement("under_18", birth, on=on) == ("birth_says_adult" if least >= 18 else "")
    assert disagreement("uncertain", birth, on=on) == disagreement("adult", None, on=on) == ""


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2008-03-31", "2008-03-31"),
        ("31/3/2008", "2008-03-31"),
        ("3.4.2008", "2008-04-03"),
        ("31 March 2008", "2008-03-31"),
        ("1 mar 2008", "2008-03-01"),
        ("1 Sept. 2008", "2008-09-01"),
        ("March 2008", "2008-03"),
        ("3/2008", "2008-03"),
        ("2008-03", "2008-03"),
        ("2008", "2008"),
        ("about 2010", "2010~"),
        ("c. 2010", "2010~"),
        ("~2010", "2010~"),
        ("2010?", "2010~"),
        ("circa March 2010", "2010-03~"),
        ("31 2 2008", ""),
        ("1 Mar 99", ""),
        ("1 Ma 2008", ""),
        ("1 Smarch 2008", ""),
        ("7 13 2000", ""),
        ("", ""),
    ],
)
def test_births_as_people_write_them(text: str, stored: str) -> None:
    found = birth_written(text)
    assert (found.stored if found else "") == stored


@pytest.mark.parametrize("text", ["", "~", "1999-3", "1999-13", "1999-02-30", "99", "1999/1998", "0000", "soon"])
def test_what_nobody_stored_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Birth.read(text)


@pytest.mark.parametrize("word", ["", "ma", "ju", "0x3", "marchy"])
def test_what_is_no_month_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="not a month"):
        month_number(word)
