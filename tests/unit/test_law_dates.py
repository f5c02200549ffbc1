"""What held on which day: the days around every change of the law, the days before there was any, and the clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.law import (
    LawError,
    Provision,
    bodies,
    body,
    consents,
    councils,
    first_responders,
    notification_fields,
    nrm_form,
    on,
)
from bield.law.clocks import own_clock
from bield.law.places import jurisdictions, known_places
from bield.law.provisions import load_provisions
from bield.law.reading import NotRecorded

DAY = timedelta(days=1)
BOTH = ("scotland", "england_wales")
SCOTLAND = ("scotland",)
ENGLAND_WALES = ("england_wales",)
DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))


class Held(NamedTuple):
    """What a key holds: a number, or words that must be in its value."""

    value: int | str
    unit: str = ""
    in_force: bool = True


class Change(NamedTuple):
    """A key before and from a day. None: nothing is recorded as holding."""

    key: str
    first: date
    before: Held | None
    after: Held | None
    places: tuple[str, ...] = SCOTLAND
    precision: Literal["day", "month", "year"] = "day"


POWERS_ONLY = Held("to make regulations only", in_force=False)
SINCE_2023 = Held("in force")
PORTAL = Held("portal under test", in_force=False)
EDINBURGH = Held("City of Edinburgh Council", in_force=False)
WITH_BORDER_FORCE = Held("City of Edinburgh Council, Border Force at Glasgow Airport, GLAA", in_force=False)
CONSULTATION = Held("public consultation", in_force=False)
DELAYED = Held("not before April 2021", in_force=False)
TARGETED = Held("targeted consultation", in_force=False)
CHANGES = [
    # The Act and the instruments under it
    Change("lord_advocate_instructions", date(2016, 5, 24), None, Held("first published")),
    Change("lord_advocate_instructions", date(2021, 8, 25), Held("first published"), Held("updated on 25 August 2021")),
    Change(
        "act_2015",
        date(2016, 5, 31),
        None,
        Held("Parts 1 and 3, and sections 8, 10, 32, 33, 34(1), 35 to 37, 39 and 43"),
    ),
    Change("adult_support_duty", date(2016, 5, 31), None, POWERS_ONLY),
    Change("child_guardian", date(2016, 5, 31), None, POWERS_ONLY),
    Change("presumption_of_age", date(2016, 5, 31), None, POWERS_ONLY),
    Change("duty_to_notify", date(2016, 5, 31), None, POWERS_ONLY),
    Change("old_offences_repealed", date(2016, 12, 17), None, Held("repealed")),
    Change("strategy", date(2017, 5, 30), None, Held("published")),
    Change("strategy_review_period", date(2016, 5, 31), None, Held(3, "years")),
    Change("strategy_review", date(2020, 1, 1), None, Held("review report"), precision="year"),
    Change("relevant_offences_list", date(2017, 6, 29), None, Held("section 16")),
    Change("prevention_order", date(2017, 6, 30), None, Held("available")),
    Change("prevention_order_minimum", date(2017, 6, 30), None, Held(5, "years")),
    Change("foreign_travel_ban_maximum", date(2017, 6, 30), None, Held(5, "years")),
    Change("risk_order", date(2017, 10, 31), None, Held("available")),
    Change("risk_order_minimum", date(2017, 10, 31), None, Held(2, "years")),
    # Children
    Change("presumption_of_age", date(2018, 1, 31), POWERS_ONLY, Held("in force")),
    Change("presumption_of_age_named_person", date(2018, 1, 31), None, Held("section 12(3)(d) and (e)")),
    Change(
        "presumption_of_age_named_person",
        date(2025, 5, 5),
        Held("section 12(3)(d) and (e)"),
        Held("repealed", in_force=False),
    ),
    Change("child_guardian", date(2023, 4, 1), POWERS_ONLY, Held("duty")),
    Change("guardian_continues_to_age", date(2023, 4, 1), None, Held(26, "years")),
    Change("guardianship_eligible_after", date(2023, 4, 1), None, Held(3, "months")),
    Change("age_assessment_guidance", date(2018, 1, 1), None, Held("2018"), precision="year"),
    Change("child_protection_guidance", date(2021, 1, 1), None, Held("2021, updated in 2023"), precision="year"),
    # Support for adults
    Change("adult_support_period", date(2018, 4, 1), Held(45, "days"), Held(90, "days")),
    Change("adult_support_duty", date(2018, 4, 1), POWERS_ONLY, Held("duty")),
    Change("slavery_support_period", date(2016, 5, 31), None, POWERS_ONLY),
    Change("slavery_support_period", date(2018, 4, 1), POWERS_ONLY, Held(90, "days")),
    Change("adult_support_duty", date(2023, 1, 30), None, Held("duty"), ENGLAND_WALES),
    # The duty to notify, here and in England and Wales
    Change("duty_to_notify", date(2015, 11, 1), None, Held("duty"), ENGLAND_WALES),
    Change("duty_to_notify_regulations", date(2016, 5, 31), None, Held("none found", in_force=False)),
    Change("duty_to_notify_pilot", date(2017, 12, 1), None, PORTAL, precision="month"),
    Change("duty_to_notify_pilot", date(2018, 2, 1), PORTAL, EDINBURGH, precision="month"),
    Change("duty_to_notify_pilot", date(2018, 9, 1), EDINBURGH, WITH_BORDER_FORCE, precision="month"),
    Change("duty_to_notify_pilot", date(2019, 9, 1), WITH_BORDER_FORCE, None, precision="month"),
    Change("duty_to_notify_consultation", date(2019, 6, 16), None, CONSULTATION),
    Change("duty_to_notify_consultation", date(2019, 9, 7), CONSULTATION, None),
    Change("duty_to_notify_consultation", date(2020, 1, 1), None, DELAYED, precision="year"),
    Change("duty_to_notify_consultation", date(2021, 4, 1), DELAYED, None, precision="month"),
    Change("duty_to_notify_consultation", date(2025, 11, 1), None, TARGETED, precision="month"),
    Change("duty_to_notify_consultation", date(2025, 12, 1), TARGETED, None, precision="month"),
    # The National Referral Mechanism, the same in both
    Change("nrm", date(2009, 1, 1), None, Held("exists"), BOTH, "year"),
    Change(
        "decision_maker",
        date(2019, 4, 1),
        Held("the National Crime Agency or UK Visas and Immigration"),
        Held("the Single Competent Authority"),
        BOTH,
        "month",
    ),
    Change(
        "decision_maker",
        date(2021, 11, 8),
        Held("the Single Competent Authority"),
        Held("the Immigration Enforcement Competent Authority"),
        BOTH,
    ),
    Change(
        "decision_outcomes",
        date(2018, 4, 1),
        Held("trafficking or not"),
        Held("trafficking; slavery, servitude or forced labour; or neither"),
    ),
    Change("recovery_period", date(2023, 1, 30), Held(45, "days"), Held(30, "days"), BOTH),
    Change("reasonable_grounds_test", date(2023, 1, 30), Held("suspects"), Held("objective factors"), BOTH),
    Change(
        "reasonable_grounds_test",
        date(2023, 7, 1),
        Held("objective factors"),
        Held("general and specific evidence"),
        BOTH,
        "month",
    ),
    Change("public_order_disqualification", date(2023, 1, 30), None, SINCE_2023, BOTH),
    Change("leave_to_remain", date(2023, 1, 30), None, SINCE_2023, BOTH),
    Change(
        "illegal_migration_act_support", date(2023, 7, 20), None, Held("never brought into force", in_force=False), BOTH
    ),
    Change(
        "illegal_migration_act_support",
        date(2026, 1, 1),
        Held("never brought into force", in_force=False),
        None,
        BOTH,
        "month",
    ),
    Change("reconsideration_limit", date(2024, 2, 1), Held("no limit"), Held(1, "months"), BOTH, "month"),
    Change("reconsideration_limit", date(2024, 3, 1), Held(1, "months"), Held(30, "days"), BOTH, "month"),
    # Local panels for children
    Change("devolved_decision_sites", date(2021, 6, 1), None, Held(10, "sites"), BOTH, "month"),
    Change("devolved_decision_sites", date(2023, 2, 1), Held(10, "sites"), Held(20, "sites"), BOTH, "month"),
    Change("devolved_decision_sites", date(2025, 9, 1), Held(20, "sites"), Held(28, "sites"), BOTH, "month"),
    Change("devolved_decision_limit", date(2021, 6, 1), None, Held(100, "days"), BOTH, "month"),
    Change("devolved_decision_glasgow", date(2021, 6, 1), None, Held("Glasgow"), precision="month"),
    Change("devolved_decision_edinburgh", date(2025, 9, 1), None, Held("Edinburgh"), precision="month"),
    # The form, and who may send it
    Change("nrm_form", date(2019, 4, 29), None, Held("29 April 2019"), BOTH),
    Change("nrm_form", date(2019, 9, 19), Held("29 April 2019"), Held("19 September 2019"), BOTH),
    Change("nrm_form", date(2023, 5, 15), Held("19 September 2019"), Held("15 May 2023"), BOTH),
    Change("nrm_form", date(2026, 4, 27), Held("15 May 2023"), Held("27 April 2026"), BOTH),
    Change("fair_work_agency_first_responder", date(2026, 4, 21), None, Held("listed"), BOTH),
]


def named(change: Change) -> str:
    return f"{change.key} {change.first} {change.places[0]}"


def check(row: Provision | None, expected: Held | None) -> None:
    """A row says what is expected of it, or there is none where nothing is expected."""
    if expected is None:
        assert row is None
        return
    assert row is not None
    assert (row.unit, row.in_force) == (expected.unit, expected.in_force)
    if isinstance(expected.value, int):
        assert row.value == expected.value
    else:
        assert expected.value in str(row.value)


@pytest.mark.parametrize("change", CHANGES, ids=named)
def test_the_day_before_the_day_and_the_day_after(change: Change) -> None:
    for place in change.places:
        check(on(change.first - DAY, place).get(change.key), change.before)
        check(on(change.first, place).get(change.key), change.after)
        check(on(change.first + DAY, place).get(change.key), change.after)


@pytest.mark.parametrize("change", CHANGES, ids=named)
def test_what_is_in_force_and_what_has_a_value_changes_with_the_day(change: Change) -> None:
    for place in change.places:
        for day, expected in ((change.first - DAY, change.before), (change.first, change.after)):
            law = on(day, place)
            assert law.in_force(change.key) is (expected is not None and expected.in_force)
            if expected is None:
                with pytest.raises(LawError, match=f"nothing is recorded as holding in {place} on {day}"):
                    law.value(change.key)
            elif isinstance(expected.value, int):
                assert law.value(change.key) == expected.value


@pytest.mark.parametrize("change", CHANGES, ids=named)
def test_a_date_is_no_more_exact_than_its_source(change: Change) -> None:
    last, first = (on(day, change.places[0]).get(change.key) for day in (change.first - DAY, change.first))
    if first is not None:
        assert (first.from_day, first.from_precision) == (change.first, change.precision)
    else:
        assert last is not None
        assert (last.to_day, last.to_precision) == (change.first - DAY, change.precision)


def test_every_change_in_the_data_is_in_the_table() -> None:
    tabled = {(change.key, place, change.first) for change in CHANGES for place in change.places}
    untabled = {
        (row.key, row.from_day)
        for row in load_provisions().rows
        for place in known_places()
        if row.place in jurisdictions(place) and row.from_day and (row.key, place, row.from_day) not in tabled
    }
    assert {key for key, _first in untabled} == {"act_text"}


ACT_VERSIONS = [
    date(2016, 5, 31),
    date(2016, 12, 17),
    date(2017, 6, 29),
    date(2017, 6, 30),
    date(2017, 10, 31),
    date(2018, 1, 31),
    date(2018, 4, 1),
    date(2023, 4, 1),
    date(2023, 7, 20),
    date(2025, 5, 5),
]


@given(DAYS)
def test_the_version_of_the_act_is_the_last_that_had_begun(day: date) -> None:
    begun = [version.isoformat() for version in ACT_VERSIONS if version <= day]
    row = on(day, "scotland").get("act_text")
    assert (None if row is None else row.value) == (begun[-1] if begun else None)


@pytest.mark.parametrize(("former", "version"), [*pairwise(ACT_VERSIONS)])
def test_a_version_of_the_act_begins_on_its_day_and_the_former_ends_the_day_before(former: date, version: date) -> None:
    assert on(version - DAY, "scotland").value("act_text") == former.isoformat()
    assert on(version, "scotland").value("act_text") == version.isoformat()
    assert on(version - DAY, "scotland").in_force("act_text")
    assert on(version, "scotland").in_force("act_text")


def test_before_its_first_version_the_act_has_no_text_in_force() -> None:
    assert on(ACT_VERSIONS[0] - DAY, "scotland").get("act_text") is None
    assert on(ACT_VERSIONS[0], "scotland").value("act_text") == "2016-05-31"


@pytest.mark.parametrize(
    ("key", "held"),
    [
        ("reasonable_grounds_target", Held(5, "working_days")),
        ("conclusive_grounds_test", Held("balance of probabilities")),
        ("child_accommodation", Held("duty")),
    ],
)
def test_what_began_on_a_day_we_do_not_know_holds_today(key: str, held: Held) -> None:
    check(on(date(2026, 11, 23), "scotland").get(key), held)
    assert [row.from_day for row in on(date(2026, 11, 23), "scotland").history(key)] == [None]


# What is Scottish is not law in England and Wales.


@pytest.mark.parametrize(
    "key",
    sorted({change.key for change in CHANGES if change.places == SCOTLAND} - {"duty_to_notify", "adult_support_duty"}),
)
def test_what_is_scottish_is_not_recorded_for_england_and_wales(key: str) -> None:
    assert on(date(2026, 11, 23), "england_wales").history(key) == ()


@given(DAYS)
def test_the_duty_to_notify_was_never_in_force_in_scotland(day: date) -> None:
    assert not on(day, "scotland").in_force("duty_to_notify")
    assert not on(day, "scotland").in_force("duty_to_notify_regulations")
    assert not [item for item in bodies("scotland", on=day) if item.under_duty_on(day, "scotland")]


def test_the_two_places_differ_on_the_same_day() -> None:
    here, there = (on(date(2026, 11, 23), place).get("duty_to_notify") for place in BOTH)
    assert here is not None
    assert there is not None
    assert (here.in_force, there.in_force) == (False, True)
    assert "not in force" in str(here.value)
    assert "section 38" not in there.instrument
    assert "s.52" in there.instrument


@pytest.mark.parametrize("day", [date(2019, 6, 16), date(2019, 6, 17), date(2026, 11, 23)])
def test_the_scottish_notification_is_a_proposal_and_says_so(day: date) -> None:
    form = notification_fields("scotland", on=day)
    assert form.id == "scotland-2019-proposal"
    assert not form.in_force
    assert "not in force" in form.title
    assert "chief constable" in form.recipient


def test_before_the_proposal_of_2019_scotland_has_no_notification() -> None:
    with pytest.raises(LawError, match="scotland"):
        notification_fields("scotland", on=date(2019, 6, 15))


def test_the_notification_of_england_and_wales_is_in_force_from_its_day() -> None:
    with pytest.raises(LawError, match="england_wales"):
        notification_fields("england_wales", on=date(2015, 10, 31))
    for day in (date(2015, 11, 1), date(2015, 11, 2), date(2026, 11, 23)):
        form = notification_fields("england_wales", on=day)
        assert form.in_force
        assert form.recipient == "The Home Secretary"


@pytest.mark.parametrize(
    ("key", "day", "confidence"),
    [
        ("old_offences_repealed", date(2020, 1, 1), "unconfirmed"),
        ("decision_outcomes", date(2017, 1, 1), "secondary"),
        ("act_text", date(2020, 1, 1), "secondary"),
        ("illegal_migration_act_support", date(2024, 1, 1), "unconfirmed"),
        ("duty_to_notify_regulations", date(2026, 11, 23), "not_found"),
        ("adult_support_period", date(2026, 11, 23), "confirmed"),
        ("child_guardian", date(2026, 11, 23), "confirmed"),
    ],
)
def test_how_sure_we_are_is_said(key: str, day: date, confidence: str) -> None:
    row = on(day, "scotland").get(key)
    assert row is not None
    assert row.confidence == confidence


def test_that_the_scottish_duty_does_not_operate_is_said_to_be_our_inference() -> None:
    row = on(date(2026, 11, 23), "scotland").get("duty_to_notify")
    assert row is not None
    assert "our inference" in row.note


# Days before there was anything.


@pytest.mark.parametrize("place", BOTH)
def test_long_ago_only_what_has_no_known_beginning_holds(place: str) -> None:
    law = on(date(2000, 1, 1), place)
    assert [row.id for row in law.provisions if row.from_day is not None] == []
    assert not law.in_force("nrm")
    assert not law.in_force("duty_to_notify")
    assert law.get("act_2015") is None


def test_before_the_referral_mechanism_nobody_may_refer() -> None:
    assert first_responders("scotland", on=date(2008, 12, 31)) == ()
    assert len(first_responders("scotland", on=date(2009, 1, 1))) > len(councils("scotland"))


@pytest.mark.parametrize(
    ("day", "form"),
    [
        (date(2019, 4, 29), "2019-04"),
        (date(2019, 9, 18), "2019-04"),
        (date(2019, 9, 19), "2019-09"),
        (date(2023, 5, 14), "2019-09"),
        (date(2023, 5, 15), "2023-05"),
        (date(2026, 4, 26), "2023-05"),
        (date(2026, 4, 27), "2026-04"),
        (date(2026, 4, 28), "2026-04"),
    ],
)
def test_the_form_of_a_day(day: date, form: str) -> None:
    assert nrm_form("scotland", on=day).id == form


def test_there_was_no_digital_form_before_2019() -> None:
    with pytest.raises(LawError, match="2019-04-28"):
        nrm_form("scotland", on=date(2019, 4, 28))


def test_the_fair_work_agency_and_the_guardians_begin_on_their_days() -> None:
    agency, guardians = body("fair-work-agency"), body("guardianship-scotland")
    assert [agency in first_responders("scotland", on=date(2026, 4, 20) + DAY * n) for n in range(3)] == [
        False,
        True,
        True,
    ]
    assert [guardians in bodies("scotland", on=date(2023, 3, 31) + DAY * n) for n in range(3)] == [False, True, True]


def test_the_two_authorities_that_decide_begin_on_their_days() -> None:
    def deciding(day: date) -> list[str]:
        return [item.id for item in bodies("scotland", on=day) if item.id in ("sca", "ieca")]

    assert deciding(date(2019, 3, 31)) == []
    assert deciding(date(2019, 4, 1)) == ["sca"]
    assert deciding(date(2021, 11, 7)) == ["sca"]
    assert sorted(deciding(date(2021, 11, 8))) == ["ieca", "sca"]


def test_nobody_was_asked_about_a_notification_before_the_act() -> None:
    with pytest.raises(LawError, match=r"notification_identity.*2015-11-03"):
        consents("scotland", on=date(2015, 11, 3))
    assert len(consents("scotland", on=date(2015, 11, 4))) == 4


# Clocks.


@pytest.mark.parametrize(
    ("clock", "start", "last"),
    [
        # Support: 90 days from the decision, 45 before 1 April 2018; the day after the decision is the first
        ("adult_support", date(2018, 3, 31), date(2018, 5, 15)),
        ("adult_support", date(2018, 4, 1), date(2018, 6, 30)),
        ("adult_support", date(2018, 4, 2), date(2018, 7, 1)),
        ("adult_support", date(2024, 2, 1), date(2024, 5, 1)),
        ("adult_support", date(2026, 1, 5), date(2026, 4, 5)),
        ("slavery_support", date(2018, 4, 1), date(2018, 6, 30)),
        # Recovery: 45 days, then at least 30
        ("recovery_period", date(2023, 1, 29), date(2023, 3, 15)),
        ("recovery_period", date(2023, 1, 30), date(2023, 3, 1)),
        # The target: working days, Monday to Friday
        ("reasonable_grounds", date(2026, 11, 16), date(2026, 11, 23)),
        ("reasonable_grounds", date(2026, 11, 20), date(2026, 11, 27)),
        ("reasonable_grounds", date(2026, 11, 21), date(2026, 11, 27)),
        # Reconsideration: a month, then 30 days
        ("reconsideration", date(2024, 2, 10), date(2024, 3, 10)),
        ("reconsideration", date(2024, 2, 29), date(2024, 3, 29)),
        ("reconsideration", date(2024, 3, 1), date(2024, 3, 31)),
        ("reconsideration", date(2025, 12, 15), date(2026, 1, 14)),
        # The panel: 100 days before 18; the strategy: before the end of three years that begin with publication
        ("devolved_decision", date(2026, 6, 1), date(2026, 2, 21)),
        ("strategy_review", date(2017, 5, 30), date(2020, 5, 29)),
        # The rest
        ("guardianship", date(2026, 1, 31), date(2026, 4, 30)),
        ("notification_report", date(2018, 2, 1), date(2018, 8, 1)),
        ("nrm_draft_warning", date(2026, 4, 1), date(2026, 4, 22)),
        ("nrm_draft_deleted", date(2026, 4, 1), date(2026, 4, 29)),
        ("support_start", date(2026, 4, 1), date(2026, 4, 6)),
        ("service_number", date(2026, 4, 27), date(2027, 4, 27)),
    ],
)
def test_when_a_clock_ends(clock: str, start: date, last: date) -> None:
    assert on(start, "scotland").clock(clock).ends(start) == last


@pytest.mark.parametrize(
    ("decided", "last"),
    [
        (date(2026, 1, 5), date(2026, 1, 5)),
        (date(2026, 2, 10), date(2026, 2, 10)),
        (date(2026, 4, 4), date(2026, 4, 4)),
        (date(2026, 4, 5), date(2026, 4, 5)),
        (date(2026, 4, 6), date(2026, 4, 5)),
        (date(2026, 6, 1), date(2026, 4, 5)),
    ],
)
@pytest.mark.parametrize("name", ["adult_support", "slavery_support"])
def test_a_conclusive_decision_ends_support_early_and_never_lengthens_it(name: str, decided: date, last: date) -> None:
    clock = on(date(2026, 1, 5), "scotland").clock(name)
    assert "conclusive" in clock.ends_early_at
    assert clock.ends(date(2026, 1, 5), ended_early_on=decided) == last


def test_a_conclusive_decision_before_reasonable_grounds_is_refused() -> None:
    with pytest.raises(LawError, match="before it began on 2026-01-05"):
        on(date(2026, 1, 5), "scotland").clock("adult_support").ends(date(2026, 1, 5), ended_early_on=date(2026, 1, 4))


def test_nothing_ends_the_time_for_reconsideration_early() -> None:
    with pytest.raises(LawError, match="reconsideration"):
        on(date(2026, 1, 5), "scotland").clock("reconsideration").ends(
            date(2026, 1, 5), ended_early_on=date(2026, 1, 6)
        )


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("adult_support", "reasonable-grounds decision, not of the referral"),
        ("slavery_support", "reasonable-grounds decision, not of the referral"),
        ("reasonable_grounds", "referral is received"),
        ("reconsideration", "negative decision"),
        ("recovery_period", "reasonable-grounds decision"),
        ("devolved_decision", "eighteenth birthday, counted back"),
        ("strategy_review", "that day included"),
    ],
)
def test_a_clock_says_from_which_day_it_counts(clock: str, words: str) -> None:
    assert words in on(date(2026, 11, 23), "scotland").clock(clock).counts_from


@pytest.mark.parametrize(
    ("clock", "day", "length"),
    [
        ("adult_support", date(2018, 3, 31), "45 calendar days"),
        ("adult_support", date(2018, 4, 1), "90 calendar days"),
        ("recovery_period", date(2023, 1, 29), "45 calendar days"),
        ("recovery_period", date(2023, 1, 30), "30 calendar days"),
        ("reconsideration", date(2024, 1, 31), "no number of days is set"),
        ("reconsideration", date(2024, 2, 1), "1 month"),
        ("reconsideration", date(2024, 3, 1), "30 calendar days"),
        ("reasonable_grounds", date(2026, 11, 23), "5 working days"),
        ("strategy_review", date(2017, 5, 30), "36 months"),
        ("interagency_discussion", date(2026, 11, 23), "no number of days is set"),
    ],
)
def test_a_clock_has_the_length_of_its_day(clock: str, day: date, length: str) -> None:
    assert on(day, "scotland").clock(clock).length == length


def test_whether_the_day_of_the_decision_counts_is_not_settled_and_is_said_to_be_open() -> None:
    clock = on(date(2018, 4, 1), "scotland").clock("adult_support")
    assert clock.confidence == "unconfirmed"
    assert "legal advice" in clock.note
    assert replace(clock, first_day="event_day").ends(date(2018, 4, 1)) == date(2018, 6, 29)


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        ("interagency_discussion", date(2026, 11, 23)),
        ("reconsideration", date(2024, 1, 31)),
        ("slavery_support", date(2018, 3, 31)),
    ],
)
def test_where_no_number_is_set_no_day_is_made_up(clock: str, day: date) -> None:
    with pytest.raises(LawError, match=clock):
        on(day, "scotland").clock(clock).ends(day)


@pytest.mark.parametrize("clock", ["adult_support", "interagency_discussion"])
def test_a_clock_that_a_place_does_not_have_is_named_and_not_borrowed(clock: str) -> None:
    with pytest.raises(NotRecorded, match=f"no clock of 'england_wales' is called '{clock}'"):
        on(date(2026, 11, 23), "england_wales").clock(clock)


@pytest.mark.parametrize("place", BOTH)
def test_a_clock_of_our_own_runs_everywhere(place: str) -> None:
    assert on(date(2026, 11, 23), place).clock("account_grant") == own_clock("account_grant")


@pytest.mark.parametrize(
    ("clock", "day", "place"),
    [
        ("slavery_support", date(2016, 5, 30), "scotland"),
        ("guardianship", date(2023, 3, 31), "scotland"),
        ("devolved_decision", date(2021, 5, 31), "scotland"),
    ],
)
def test_a_clock_does_not_run_where_its_provision_does_not_hold(clock: str, day: date, place: str) -> None:
    with pytest.raises(LawError, match=f"{clock}.*does not run in {place} on {day}"):
        on(day, place).clock(clock)


@given(DAYS, st.integers(0, 400))
def test_support_never_outlasts_its_days_and_never_ends_before_it_begins(start: date, later: int) -> None:
    clock = on(start, "scotland").clock("adult_support")
    assert clock.days == (90 if start >= date(2018, 4, 1) else 45)
    assert clock.ends(start) - start == timedelta(days=clock.days)
    early = clock.ends(start, ended_early_on=start + timedelta(days=later))
    assert early - start == timedelta(days=min(clock.days, later))


@given(DAYS)
def test_five_working_days_end_on_a_working_day_a_week_later(start: date) -> None:
    last = on(start, "scotland").clock("reasonable_grounds").ends(start)
    assert last.weekday() < 5
    assert last - start == timedelta(days=7 - max(0, start.weekday() - 4))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda: on(date(2026, 1, 1), "wales"), "wales"),
        (lambda: on(date(2026, 1, 1), "scotland").value("adult_support"), "no provision is called 'adult_support'"),
        (lambda: on(date(2026, 1, 1), "scotland").in_force("duty"), "no provision is called 'duty'"),
        (lambda: on(date(2026, 1, 1), "scotland").history("duty"), "no provision is called 'duty'"),
        (lambda: on(date(2026, 1, 1), "scotland").clock("support"), "no clock of 'scotland' is called 'support'"),
    ],
)
def test_what_does_not_exist_is_named(asked: Callable[[], object], words: str) -> None:
    with pytest.raises(LawError, match=words):
        asked()
