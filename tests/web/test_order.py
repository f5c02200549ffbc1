"""In every part of support: days in order, states with what they need, and nothing stored that no field asks for."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bield.disclosure import NotMinimal
from bield.service.cases.actions import NotNow
from bield.service.statistics.models import SupportSpan
from bield.service.support import actions
from bield.service.support.models import Entry, Episode
from bield.service.support.order import mistakes
from bield.service.support.parts import Part, parts
from bield.service.support.push import push_all
from tests.supporting import DETAILS, TODAY, Service
from tests.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PAIRS = [(part.id, first, last) for part in parts().values() for first, last in part.order]
NEEDS = [(part.id, state, name) for part in parts().values() for state, name in part.needs.items()]
DAYS = ("day", "day_ahead", "day_any")


def sent(part: Part, details: dict[str, Any]) -> dict[str, Any]:
    """Details as a form sends them, days before support began said to be right."""
    found: dict[str, Any] = {"day_is_right": "on"}
    for item in part.fields:
        value = details.get(item.id)
        if value is None:
            continue
        if item.holds in DAYS:
            year, month, day = str(value).split("-")
            found |= {f"{item.id}_day": day, f"{item.id}_month": month, f"{item.id}_year": year}
        else:
            found[item.id] = value
    return found


def add(service: Service, episode: Episode, part: str, details: dict[str, Any], state: str = "") -> Entry:
    return actions.add_entry(episode, part=part, details=details, state=state, by=service.isla, at=NOW)


def test_every_part_with_two_days_of_one_thing_has_them_in_order() -> None:
    """A part with a beginning and an end names the pair; the list grows with the parts."""
    assert set(PAIRS) >= {
        ("accommodation", "from", "to"),
        ("missing", "since", "found_on"),
        ("missing", "since", "reported_on"),
        ("marac", "on", "heard_on"),
        ("decision", "on", "until"),
    }
    for part in parts().values():
        days = [item.id for item in part.fields if item.holds in DAYS]
        paired = {name for pair in part.order for name in pair}
        own = {part.due, "on"} if part.id == "return" else {part.due}
        assert len(set(days) - own - paired) <= 1, part.id


def whole(name: str, days: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Details of a part with some days, and the state that goes with them."""
    part = parts()[name]
    state = next((state for state, field in part.without.items() if field in days), "")
    if name == "missing" and set(days) & {"found_on", "arranged_on", "talked_on"}:
        return DETAILS[name] | {"since": "2026-01-02", "found_on": "2026-01-02"} | days, "back"
    assert not state
    return DETAILS[name] | days, part.states[0].key if part.states else ""


@pytest.mark.parametrize(("name", "first", "last"), PAIRS)
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_the_second_day_is_never_before_the_first(
    service: Service, isla: Client, name: str, first: str, last: str, days: int
) -> None:
    episode, begins = service.open(), TODAY - timedelta(days=5)
    later = begins + timedelta(days=days)
    part = parts()[name]
    if part.field(last).holds == "day_ahead":
        begins, later = TODAY, TODAY + timedelta(days=days)
    details, state = whole(name, {first: begins.isoformat(), last: later.isoformat()})
    words = f"‘{part.field(last).label}’ is before ‘{part.field(first).label}’: check both days"
    if part.field(last).holds != "day_ahead":  # a day that has to be ahead is refused by its own field
        address = reverse("support-entry-new", args=[episode.pk, name])
        answer = isla.post(address, sent(part, details) | {"state": state})
        assert answer.status_code == (200 if days < 0 else 302), answer.content.decode()[-3000:]
        assert Entry.objects.filter(part=name).exists() is (days >= 0)
        assert (words in unescape(answer.content.decode())) is (days < 0)
    if days < 0:
        with pytest.raises(NotNow, match="check both days"):
            add(service, episode, name, details, state)
    else:
        add(service, episode, name, details, state)


TIMES = {part.id: {item.of: item for item in part.fields if item.of} for part in parts().values()}
BY_THE_HOUR = [(name, first, last) for name, first, last in PAIRS if {first, last} <= TIMES[name].keys()]


@pytest.mark.parametrize(("name", "first", "last"), BY_THE_HOUR)
def test_hours_are_in_order(service: Service, isla: Client, name: str, first: str, last: str) -> None:
    episode, part, day = service.open(), parts()[name], (TODAY - timedelta(days=2)).isoformat()
    details, state = whole(name, {first: day, last: day})
    at, to = TIMES[name][first], TIMES[name][last]
    wrong = details | {at.id: "14:30", to.id: "14:29"}
    page = isla.post(reverse("support-entry-new", args=[episode.pk, name]), sent(part, wrong) | {"state": state})
    assert page.status_code == 200
    words = unescape(page.content.decode())
    assert f"‘{to.label}’ (14:29) is before ‘{at.label}’ (14:30)" in words
    assert f'href="#id_{to.id}"' in words
    with pytest.raises(NotNow, match="check both times"):
        add(service, episode, name, wrong, state)
    for begins, ends in (("14:30", "14:30"), ("14:30", ""), ("", "09:00"), ("09:00", "14:30")):
        assert mistakes(part, details | {at.id: begins, to.id: ends}, state, now=NOW) == {}


@pytest.mark.parametrize(("name", "state", "field"), NEEDS)
def test_a_state_has_the_day_it_needs(service: Service, isla: Client, name: str, state: str, field: str) -> None:
    episode = service.open()
    details = {key: value for key, value in DETAILS[name].items() if key != field} | {"state": state}
    address = reverse("support-entry-new", args=[episode.pk, name])
    answer = isla.post(address, sent(parts()[name], details) | {"state": state})
    assert answer.status_code == 200
    assert "Enter ‘" in answer.content.decode()
    with pytest.raises(NotNow):
        add(service, episode, name, details, state)


@pytest.mark.parametrize("name", parts())
def test_nothing_is_stored_that_no_field_asks_for(service: Service, name: str) -> None:
    entry = service.put(service.open(age="under_18"), name, intruder="Zdravka", csrf="x")
    entry.refresh_from_db()
    assert set(entry.details) <= {item.id for item in parts()[name].fields} | set(parts()[name].also)
    actions.change_entry(
        entry,
        episode=entry.episode,
        expected=entry.version,
        details=entry.details | {"intruder": "Zdravka"},
        state=entry.state,
        by=service.isla,
        at=NOW,
    )
    entry.refresh_from_db()
    assert "intruder" not in entry.details


def test_support_that_ended_before_a_need_was_written_down_is_counted_all_the_same(service: Service) -> None:
    episode = service.open(days=40)
    service.put(episode, "need", "being_met")
    actions.close(episode, ending="planned", on=TODAY - timedelta(days=35), follow_up="no", by=service.isla, at=NOW)
    spans = SupportSpan.objects.filter(kind="accommodation")
    assert [(item.first, item.last) for item in spans] == [
        ((TODAY - timedelta(days=35)).replace(day=1), (TODAY - timedelta(days=35)).replace(day=1))
    ]


def test_old_rows_whose_days_are_turned_round_do_not_stop_the_count(service: Service) -> None:
    episode = service.open(days=40)
    entry = service.put(episode, "accommodation")
    details = entry.details | {"from": TODAY.isoformat(), "to": (TODAY - timedelta(days=70)).isoformat()}
    Entry.objects.filter(pk=entry.pk).update(details=details)
    assert push_all(at=NOW) == 1
    span = SupportSpan.objects.get(kind="crisis")
    assert span.first == span.last


def test_a_time_in_words_is_refused_whole(service: Service, isla: Client) -> None:
    episode = service.open()
    details = sent(parts()["appointment"], DETAILS["appointment"]) | {"time": "half past two in the afternoon"}
    answer = isla.post(reverse("support-entry-new", args=[episode.pk, "appointment"]), details)
    page = answer.content.decode()
    assert "“half past two in the afternoon” is not a time of day" in page
    assert 'value="half past two in the afternoon"' in page


def test_errors_name_the_field_as_a_person_would(service: Service, isla: Client) -> None:
    episode = service.open(age="under_18")
    for name, part in parts().items():
        if part.under or name == "outcome":  # asked on the page of a goal, and on a page of its own
            continue
        page = isla.post(reverse("support-entry-new", args=[episode.pk, name]), {"state": ""}).content.decode()
        assert ": this is needed" not in page
        for item in part.fields:
            if item.required:
                assert f"‘{item.label}’" in page.replace("&#x27;", "'"), (name, item.id)


def test_a_fact_that_is_out_of_order_is_still_refused_where_it_is_made() -> None:
    from bield.disclosure import Span

    with pytest.raises(NotMinimal):
        Span("support", "2026-05", "2026-04")


def test_an_episode_never_ends_before_it_begins(service: Service) -> None:
    episode = service.open(days=3)
    with pytest.raises(NotNow, match="before it began"):
        actions.close(episode, ending="planned", on=TODAY - timedelta(days=4), follow_up="no", by=service.isla, at=NOW)
    assert Episode.objects.get(pk=episode.pk).state == "open"
