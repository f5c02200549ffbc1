"""In every part of support: days in order, states with what they need, and nothing stored that no field asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from bield.disclosure import NotMinimal
from bield.service.accounts.permissions import Role
from bield.service.cases import actions as cases
from bield.service.changes import NotNow
from bield.service.design.day_forms import OrderedForm
from bield.service.design.fields import DayField, codes
from bield.service.referrals.decisions import first_out_of_order, kinds
from bield.service.statistics.models import SupportSpan
from bield.service.support.children import guardians
from bield.service.support.entries.order import mistakes
from bield.service.support.entries.schema import Part, parts
from bield.service.support.episodes import actions
from bield.service.support.facts import publish_all_facts
from bield.service.support.models import Entry, Episode
from bield.service.support.testimony import testimony
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
    if (
        name == "missing"
        and set(days) & {"found_on", "arranged_on", "talked_on"}
        and ("since" not in days or "found_on" in days)
    ):
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
    assert publish_all_facts(at=NOW) == 1
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
    with pytest.raises(NotNow, match="‘Last day’ is before ‘Support begins on’"):
        actions.close(episode, ending="planned", on=TODAY - timedelta(days=4), follow_up="no", by=service.isla, at=NOW)
    assert Episode.objects.get(pk=episode.pk).state == "open"


# Days in every other form


def every(kind: type[forms.Form]) -> list[type[forms.Form]]:
    return [kind, *(found for below in kind.__subclasses__() for found in every(below))]


ONE_PAST_ONE_AHEAD = ("GrantForm",)


def test_every_form_with_two_days_has_them_in_order() -> None:
    found = [
        form
        for form in dict.fromkeys(every(forms.Form))
        if form.__module__.startswith("bield.") and sum(isinstance(f, DayField) for f in form.base_fields.values()) > 1
    ]
    assert {form.__name__ for form in found} == {"ConsentForm", "DatesForm", *ONE_PAST_ONE_AHEAD}
    for form in found:
        if form.__name__ in ONE_PAST_ONE_AHEAD:
            continue
        assert issubclass(form, OrderedForm)
        days = {name for name, item in form.base_fields.items() if isinstance(item, DayField)}
        assert {name for pair in form.order for name in pair} == days


def day_of_form(name: str, on: date) -> dict[str, Any]:
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


BEFORE = TODAY - timedelta(days=20)


def test_support_does_not_end_before_it_began_and_the_form_says_so_with_what_was_typed(
    service: Service, isla: Client
) -> None:
    episode = service.open(days=3)
    page = isla.post(
        reverse("support-close", args=[episode.pk]), day_of_form("on", BEFORE) | {"ending": "ready", "follow_up": "yes"}
    )
    text = unescape(page.content.decode())
    assert "‘Last day’ is before ‘Support begins on’: check both days" in text
    assert f'value="{BEFORE.year}"' in text
    assert 'href="#id_on_0"' in text
    assert Episode.objects.get().state == "open"


def test_a_guardian_neither_goes_on_nor_ends_before_they_began(service: Service, isla: Client) -> None:
    episode = service.open(age="under_18")
    known: dict[str, Any] = {"by": service.isla, "at": NOW}
    guardians.begin(episode, guardian=service.guardian, on=TODAY - timedelta(days=5), place="scotland", **known)
    with pytest.raises(NotNow, match="‘Day’ is before ‘Guardian since’: check both days"):
        guardians.end(episode, on=BEFORE, **known)
    page = isla.post(reverse("support-guardian", args=[episode.pk, "end"]), day_of_form("on", BEFORE), follow=True)
    assert "is before ‘Guardian since’" in unescape(page.content.decode())
    type(episode.person).objects.filter(pk=episode.person_id).update(age="adult")
    episode.person.age = "adult"
    with pytest.raises(NotNow, match="‘Guardian since’"):
        guardians.agree(episode, on=BEFORE, **known)
    guardians.agree(episode, on=TODAY, **known)
    with pytest.raises(NotNow, match="‘They agreed that the guardian continues’"):
        guardians.end(episode, on=TODAY - timedelta(days=2), **known)


def test_what_was_told_is_neither_corrected_nor_granted_before_it_was_told(service: Service, isla: Client) -> None:
    episode = service.open()
    version = service.told(episode)
    with pytest.raises(NotNow, match="‘When they said so’ is before ‘When they told it’"):
        testimony.correct(episode, version, part="offer", words="x", on=BEFORE, by=service.isla, at=NOW)
    with pytest.raises(NotNow, match="‘When the person agreed to exactly this’ is before ‘When they told it’"):
        service.grant(episode, version, agreed_on=BEFORE)
    address = reverse("support-account-correct", args=[episode.pk])
    page = isla.post(address, day_of_form("on", BEFORE) | {"part": "offer", "words": "by bus"})
    text = unescape(page.content.decode())
    assert "‘When they said so’ is before ‘When they told it’" in text
    assert "by bus" in text
    page = isla.post(reverse("support-grant-new", args=[episode.pk]), day_of_form("agreed_on", BEFORE))
    assert "is before ‘When they told it’" in unescape(page.content.decode())


def test_an_agreement_is_not_taken_back_before_it_was_given_nor_over_before_it_began(service: Service) -> None:
    person, world = service.person(), service.world
    values = {"language": "en", "interpreter": "not_needed", "note": "", "whom": "", "until": None}
    answer: dict[str, Any] = {"person": person, "kind": "support", "by": world.cast[Role.FRONTLINE_WORKER], "at": NOW}
    with pytest.raises(NotNow, match="‘When they answered’ is before ‘When they agreed’"):
        cases.answer_consent(**answer, values=values | {"decision": "withdrawn", "on": BEFORE})
    with pytest.raises(NotNow, match="‘Holds until’ is before ‘When they answered’"):
        cases.answer_consent(**answer, values=values | {"decision": "given", "on": TODAY, "until": BEFORE})


def test_taking_an_agreement_back_too_early_is_said_in_the_form(service: Service, isla: Client) -> None:
    episode = service.open()
    data = {"decision": "withdrawn", "language": "en", "interpreter": "not_needed", "note": "said no"}
    page = isla.post(reverse("support-agreement", args=[episode.pk]), data | day_of_form("on", BEFORE))
    assert "‘When they answered’ is before ‘When they agreed’" in unescape(page.content.decode())
    assert "said no" in page.content.decode()


LETTERS = [(key, earlier) for key, kind in kinds().items() for earlier in kind.after]


@pytest.mark.parametrize(("key", "earlier"), LETTERS)
def test_a_letter_is_not_older_than_what_it_follows(key: str, earlier: str) -> None:
    first, last = (earlier, TODAY), (key, TODAY - timedelta(days=1))
    assert first_out_of_order([first, last]) == (earlier, key)
    assert first_out_of_order([last, first]) == (earlier, key)
    assert first_out_of_order([first, (key, TODAY)]) is None
    assert first_out_of_order([last]) is None


def test_a_decision_after_reconsideration_is_in_order() -> None:
    days = [
        ("rg_negative", 1),
        ("reconsideration_asked", 5),
        ("rg_positive", 9),
        ("cg_negative", 20),
        ("cg_positive", 40),
    ]
    assert first_out_of_order([(key, date(2026, 3, 1) + timedelta(days=number)) for key, number in days]) is None


# Days that can be and are unlikely, in other forms than those of entries


def test_a_beginning_before_support_was_asked_for_is_asked_about(service: Service, isla: Client) -> None:
    episode = service.asked()
    address = reverse("support-answer", args=[episode.pk, "accept"])
    data = day_of_form("on", BEFORE) | {"worker": service.isla.pk}
    assert "is before support was asked for on" in isla.post(address, data).content.decode()
    assert Episode.objects.get().state == "asked"
    assert isla.post(address, data | {"day_is_right": "on"}).status_code == 302


def test_how_they_are_before_support_began_is_asked_about(service: Service, isla: Client) -> None:
    episode = service.open(days=3)
    address = reverse("support-outcomes-new", args=[episode.pk])
    data = day_of_form("on", BEFORE) | {"wanted": "on", "housing": "2"}
    assert "is before support began on" in isla.post(address, data).content.decode()
    assert isla.post(address, data | {"day_is_right": "on"}).status_code == 302


def test_an_encounter_long_before_the_record_is_asked_about_and_one_just_before_is_not(
    service: Service, at_work: Callable[[Role], Client]
) -> None:
    person, client = service.person(), at_work(Role.FRONTLINE_WORKER)
    data = {"place_kind": "street", "attention": "own_word", "council": ""}
    kind = next(iter(dict(codes("place_kind"))))
    data |= {"place_kind": kind, "attention": next(iter(dict(codes("attention"))))}
    address, number = reverse("encounter-new", args=[person.pk]), person.encounters.count()
    early = day_of_form("on", TODAY - timedelta(days=40))
    page = client.post(address, data | early)
    assert "is long before the record was begun on" in page.content.decode()
    assert person.encounters.count() == number
    assert client.post(address, data | early | {"day_is_right": "on"}).status_code == 302
    assert client.post(address, data | day_of_form("on", TODAY - timedelta(days=9))).status_code == 302
    assert person.encounters.count() == number + 2
