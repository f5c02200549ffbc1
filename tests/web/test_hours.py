"""Hours of somebody who was missing, and the clocks that follow when they are back: counted, shown, and never late."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.datafiles import DataError
from bield.law.clocks import clock_of, parse_clocks
from bield.service.changes import NotNow
from bield.service.days import When, moments
from bield.service.support import calendar_feed
from bield.service.support.access import episode_for
from bield.service.support.clocks import entry_clocks, next_clock
from bield.service.support.entries.order import mistakes
from bield.service.support.entries.schema import parts
from bield.service.support.episodes import actions
from bield.service.support.models import Entry, Episode
from bield.times import time_written
from tests.supporting import DETAILS, TODAY, Service
from tests.web.test_order import sent
from tests.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MISSING = parts()["missing"]
BEGUN = TODAY - timedelta(days=1)


def signed_in(service: Service) -> Client:
    """A browser in which Isla has signed in now, whatever the clock says."""
    client = Client()
    client.force_login(service.isla)
    return client


def back(**more: Any) -> dict[str, Any]:
    """Somebody who was missing for two days and came back yesterday at a quarter past three."""
    since = (BEGUN - timedelta(days=2)).isoformat()
    return DETAILS["missing"] | {"since": since, "found_on": BEGUN.isoformat(), "found_time": "15:15"} | more


# Times of day as people write them


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("14:30", "14:30"), ("14.30", "14:30"), ("9.30", "09:30"), ("09:30", "09:30"), ("0930", "09:30"),
        ("9:30 pm", "21:30"), ("9.30PM", "21:30"), ("9pm", "21:00"), ("9 a.m.", "09:00"), ("14h30", "14:30"),
        ("12:05 am", "00:05"), ("12 pm", "12:00"), ("noon", "12:00"), ("00:00", "00:00"), ("  7:05  ", "07:05"),
        ("13:30 pm", "13:30"),
    ],
)  # fmt: skip
def test_a_time_is_understood(written: str, meant: str) -> None:
    assert time_written(written) == time.fromisoformat(meant)


@pytest.mark.parametrize(
    "written",
    ["", "9", "24:00", "25:00", "12:60", "9:3", "half past two", "13:30 am", "0:30 pm", "14:30:15", "-1:30", "midnight",
     "9:30 or 10", "٩:٣", "14:30" * 40],
)  # fmt: skip
def test_what_is_no_time_or_may_be_two_is_not_guessed(written: str) -> None:
    assert time_written(written) is None


@pytest.mark.parametrize("written", ["half past two in the afternoon, or a bit later", "9", "25:10"])
def test_a_time_that_is_refused_stands_whole_in_its_field(service: Service, isla: Client, written: str) -> None:
    address = reverse("support-entry-new", args=[service.open().pk, "contact"])
    page = unescape(
        isla.post(address, sent(parts()["contact"], DETAILS["contact"] | {"time": written})).content.decode()
    )
    assert f"“{written}” is not a time of day" in page
    assert "such as 14:30 or 2:30 pm" in page
    assert f'value="{written}"' in page
    assert 'href="#id_time"' in page


def test_a_contact_keeps_its_time_and_needs_none(service: Service, isla: Client) -> None:
    episode = service.open()
    address = reverse("support-entry-new", args=[episode.pk, "contact"])
    yesterday = DETAILS["contact"] | {"on": BEGUN.isoformat()}
    assert isla.post(address, sent(parts()["contact"], yesterday | {"time": "9:30 pm"})).status_code == 302
    assert isla.post(address, sent(parts()["contact"], yesterday)).status_code == 302
    assert sorted(row.details.get("time", "") for row in Entry.objects.all()) == ["", "21:30"]
    entry = next(row for row in Entry.objects.all() if row.details.get("time"))
    page = isla.get(reverse("support-entry", args=[episode.pk, "contact", entry.pk])).content.decode()
    assert 'value="21:30"' in page


# Days and hours that cannot be


def test_a_time_needs_its_day() -> None:
    details = DETAILS["missing"] | {"reported_time": "10:00"}
    found = mistakes(MISSING, details, "missing", now=NOW)
    assert found == {"reported_on": "Enter the day for ‘Time of the report’, or leave the time empty"}


@pytest.mark.parametrize("part", [part for part in parts().values() if any(f.holds == "day" for f in part.fields)])
def test_what_has_been_is_never_still_to_come(part: Any) -> None:
    """Each day that has been, in each part, whoever writes it: a day too late, and an hour too late where hours are."""
    now = datetime(2027, 6, 14, 23, 20, tzinfo=UTC)  # 00:20 on 15 June for those who are there
    for item in (item for item in part.fields if item.holds == "day"):
        assert item.id in mistakes(part, {item.id: "2027-06-16"}, "", now=now)
        assert item.id not in mistakes(part, {item.id: "2027-06-15"}, "", now=now)
        at = next((other for other in part.fields if other.of == item.id), None)
        if at is not None:
            assert at.id in mistakes(part, {item.id: "2027-06-15", at.id: "00:21"}, "", now=now)
            assert at.id not in mistakes(part, {item.id: "2027-06-15", at.id: "00:20"}, "", now=now)


def test_an_hour_that_is_still_to_come_is_refused_by_the_form(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    episode = service.open()
    noon = datetime.combine(TODAY, time(12), timezone.get_current_timezone())
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon)
    isla = signed_in(service)
    address = reverse("support-entry-new", args=[episode.pk, "contact"])
    page = isla.post(address, sent(parts()["contact"], DETAILS["contact"] | {"time": "12:01"}))
    assert "is in the future. Enter what has happened" in page.content.decode()
    assert not Entry.objects.exists()


HAPPENED = [(part.id, state, name) for part in parts().values() for state, name in part.happened.items()]


@pytest.mark.parametrize(("name", "state", "field"), HAPPENED)
def test_what_is_said_to_have_happened_has_no_day_to_come(service: Service, name: str, state: str, field: str) -> None:
    details = DETAILS[name] | {field: (TODAY + timedelta(days=3)).isoformat()}
    with pytest.raises(NotNow, match="means it has happened"):
        actions.add_entry(service.open(), part=name, details=details, state=state, by=service.isla, at=NOW)


def test_nobody_is_missing_and_found_at_once() -> None:
    found = mistakes(MISSING, back(), "missing", now=NOW)
    assert found == {"found_on": "‘Found or back on’ has a date, but this is marked ‘Missing’: change one of them"}


def test_a_time_that_clocks_skip_is_refused_and_one_that_comes_twice_is_not() -> None:
    now = datetime(2027, 12, 1, tzinfo=UTC)
    forward = {"since": "2027-03-28", "since_time": "01:30", "noticed": "x"}
    assert list(mistakes(MISSING, forward, "missing", now=now)) == ["since_time"]
    twice = {"since": "2027-10-31", "since_time": "01:50", "reported_on": "2027-10-31", "reported_time": "01:10"}
    assert mistakes(MISSING, twice, "missing", now=now) == {}  # the report may be of the second 01:10
    assert "reported_time" in mistakes(MISSING, twice | {"reported_time": "00:59"}, "missing", now=now)


def test_the_two_moments_of_an_hour_that_comes_again() -> None:
    first, last = moments(date(2027, 10, 31), time(1, 30))
    assert last - first == timedelta(hours=1)
    assert moments(date(2027, 6, 15), time(1, 30))[0] == datetime(2027, 6, 15, 0, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="clocks skip 01:30"):
        moments(date(2027, 3, 28), time(1, 30))


def test_an_entry_that_cannot_be_read_is_refused_and_not_a_traceback(service: Service) -> None:
    with pytest.raises(NotNow, match="cannot be read"):
        actions.add_entry(
            service.open(), part="missing", details=DETAILS["missing"] | {"since": "yesterday"}, by=service.isla, at=NOW
        )


# The clocks of the return discussion


@pytest.mark.parametrize(
    ("day", "at", "ends"),
    [
        ("2027-06-14", "15:15", "2027-06-17 15:15"),
        ("2027-03-27", "12:00", "2027-03-30 13:00"),  # clocks go forward on the 28th: 72 hours that pass
        ("2027-10-30", "12:00", "2027-11-02 11:00"),  # and back on the 31st
        ("2027-06-14", "", "2027-06-16 "),  # counted from the midnight before, so to the end of the 16th
    ],
)
def test_seventy_two_hours_are_hours_that_pass(day: str, at: str, ends: str) -> None:
    details = {"since": day, "found_on": day, "found_time": at}
    arrange = entry_clocks(MISSING, details, now=datetime(2027, 6, 15, tzinfo=UTC))[0]
    day, _space, hour = ends.partition(" ")
    assert arrange.clock.id == "return_arranged"
    assert arrange.ends == When(date.fromisoformat(day), time.fromisoformat(hour) if hour else None)


def test_a_clock_is_past_to_the_minute_and_by_the_day_where_no_hour_is_known() -> None:
    details = {"since": "2027-06-13", "found_on": "2027-06-14", "found_time": "15:15"}
    for minute, past in ((15, False), (16, True)):
        now = datetime(2027, 6, 17, 14, minute, tzinfo=UTC)
        assert entry_clocks(MISSING, details, now=now)[0].past is past
    for now, past in (
        (datetime(2027, 6, 16, 22, 59, tzinfo=UTC), False),
        (datetime(2027, 6, 16, 23, 0, tzinfo=UTC), True),
    ):
        assert entry_clocks(MISSING, details | {"found_time": ""}, now=now)[0].past is past


def test_each_clock_ends_with_what_it_waits_for() -> None:
    now = NOW
    assert [item.clock.id for item in entry_clocks(MISSING, back(), now=now) if item.waits] == [
        "return_arranged",
        "return_discussion",
    ]
    arranged = back(arranged_on=BEGUN.isoformat())
    assert (found := next_clock(MISSING, arranged, now=now)) is not None
    assert found.clock.id == "return_discussion"
    assert next_clock(MISSING, back(talked_on=BEGUN.isoformat()), now=now) is None
    assert entry_clocks(MISSING, DETAILS["missing"], now=now) == []


def test_what_was_done_late_is_said_to_be_late() -> None:
    details = {"since": "2027-06-01", "found_on": "2027-06-02", "found_time": "10:00", "talked_on": "2027-06-12"}
    arrange, hold = entry_clocks(MISSING, details, now=datetime(2027, 7, 1, tzinfo=UTC))
    assert arrange.words == "done 12 Jun 2027, after 5 Jun 2027, 10:00"
    assert hold.words == "done 12 Jun 2027, after 9 Jun 2027"


def test_the_lengths_are_data_with_their_source_and_are_not_called_sure() -> None:
    for name, length in (("return_arranged", "72 hours"), ("return_discussion", "7 calendar days")):
        clock = clock_of(name, "scotland")
        assert clock.length == length
        assert "Missing People" in clock.source
        assert clock.confidence == "secondary"
        assert "not in the Framework itself" in clock.note


def test_a_clock_of_hours_is_checked_where_it_is_read() -> None:
    row = {"id": "x", "title": "X", "counts_from": "it", "first_day": "event_day", "source": "ours", "place": "uk",
           "confidence": "unconfirmed", "counting": "working", "hours": 3}  # fmt: skip
    with pytest.raises(DataError, match="hours are counted onwards"):
        parse_clocks("clocks.v1.toml", {"clocks": [row]})
    with pytest.raises(DataError, match="its length comes from one of"):
        parse_clocks("clocks.v1.toml", {"clocks": [row | {"counting": "calendar", "days": 1}]})


@pytest.fixture
def returned(service: Service) -> Episode:
    """A child who came back yesterday."""
    episode = service.open(age="under_18")
    actions.add_entry(episode, part="missing", details=back(), state="back", by=service.isla, at=NOW)
    return episode_for(service.isla, episode.pk)


def test_the_clock_stands_on_every_page_in_the_same_words(returned: Episode, isla: Client) -> None:
    entry = Entry.objects.get(part="missing")
    ends = When(BEGUN + timedelta(days=3), time(15, 15))
    clock = entry_clocks(MISSING, entry.details, now=NOW)[0]
    if clock.ends.at == time(15, 15):  # no clock was changed in these days
        assert clock.ends == ends
    for address in (
        reverse("support", args=[returned.pk]),
        reverse("support-part", args=[returned.pk, "missing"]),
        reverse("support-entry", args=[returned.pk, "missing", entry.pk]),
        reverse("support-child", args=[returned.pk]),
    ):
        page = unescape(isla.get(address).content.decode())
        assert "Arrange the return discussion with them" in page, address
        assert clock.words in page, address
    page = isla.get(reverse("support-entry", args=[returned.pk, "missing", entry.pk])).content.decode()
    assert "How sure:" in page
    assert "72 hours, counted from" in page


def test_the_team_sees_it_among_the_clocks_and_once(returned: Episode, isla: Client) -> None:
    clock = entry_clocks(MISSING, Entry.objects.get(part="missing").details, now=NOW)[0]
    page = isla.get(reverse("support-team")).content.decode()
    assert page.count("Arrange the return discussion with them") == 1
    assert f"{clock.ends.at:%H:%M}" in page
    assert "A time when they are missing" not in page


def test_an_overdue_discussion_is_late_everywhere_and_over_once_it_is_held(
    returned: Episode, service: Service, isla: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = NOW + timedelta(days=20)
    entry = Entry.objects.get(part="missing")
    with monkeypatch.context() as patched:
        patched.setattr("django.utils.timezone.now", lambda: later)
        then = signed_in(service)
        team = then.get(reverse("support-team")).content.decode()
        overview = then.get(reverse("support", args=[returned.pk])).content.decode()
        assert "17 days late" in team or "18 days late" in team
        assert "was due by" in overview
        assert "is not recorded" in overview
    details = entry.details | {"talked_on": TODAY.isoformat()}
    actions.change_entry(
        entry, episode=returned, expected=1, details=details, state="back", by=service.isla, at=NOW
    )  # fmt: skip
    assert "Arrange the return discussion" not in isla.get(reverse("support-team")).content.decode()
    entry.refresh_from_db()
    assert (entry.open, entry.due) == (False, None)


def test_the_calendar_has_each_clock_at_its_hour(returned: Episode, service: Service) -> None:
    found = calendar_feed.clocks_of(service.isla, now=NOW)
    text = calendar_feed.as_icalendar(
        calendar_feed.events_of(service.isla, today=TODAY), clocks=found, now=NOW
    ).decode()
    assert text.count("BEGIN:VEVENT") == 2
    start = found[0][1].ends.first
    assert f"DTSTART:{start:%Y%m%dT%H%M%SZ}" in text
    assert "Zdravka" not in text


def test_somebody_who_is_back_is_not_called_missing_while_the_clock_runs(returned: Episode, isla: Client) -> None:
    page = isla.get(reverse("support", args=[returned.pk])).content.decode()
    assert '<span class="ds_tag ds_tag--red">missing</span>' not in page


# Days that can be and are unlikely


ASKED = [
    (part.id, item.id)
    for part in parts().values()
    for item in part.fields
    if item.holds == "day" and item.required and item.id not in part.earlier and part.id != "outcome"
]


@pytest.mark.parametrize(("name", "field"), ASKED)
def test_a_day_before_support_began_is_asked_about_and_taken_with_a_tick(
    service: Service, isla: Client, name: str, field: str
) -> None:
    episode = service.open(age="under_18" if parts()[name].path == "child" else "adult", days=3)
    early = DETAILS[name] | {field: (TODAY - timedelta(days=9)).isoformat()}
    data = sent(parts()[name], early)
    del data["day_is_right"]
    address = reverse("support-entry-new", args=[episode.pk, name])
    page = unescape(isla.post(address, data).content.decode())
    assert "is before support began on" in page
    assert "If the date is right, tick the box" in page
    assert 'href="#id_day_is_right"' in page
    assert 'id="id_day_is_right"' in page
    assert not Entry.objects.filter(part=name).exists()
    assert isla.post(address, data | {"day_is_right": "on"}).status_code == 302
    entry = Entry.objects.get(part=name)
    assert entry.details[field] == early[field]
    again = isla.post(reverse("support-entry", args=[episode.pk, name, entry.pk]), data | {"version": 1})
    assert again.status_code == 302, "a day that was said to be right is not asked about again"


def test_a_day_since_support_began_is_not_asked_about(service: Service, isla: Client) -> None:
    episode = service.open(days=3)
    data = sent(parts()["contact"], DETAILS["contact"] | {"on": (TODAY - timedelta(days=3)).isoformat()})
    del data["day_is_right"]
    assert isla.post(reverse("support-entry-new", args=[episode.pk, "contact"]), data).status_code == 302
