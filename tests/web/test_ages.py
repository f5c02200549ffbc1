"""A day of birth that contradicts the age is said at every door, and somebody in doubt is treated as a child."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from bield.ages import day_written, disagreement, years_on
from bield.law import notification_fields
from bield.service.accounts.permissions import Role
from bield.service.cases import actions
from bield.service.cases.models import Person
from bield.service.notifications import payload
from bield.service.notifications.models import Notification
from bield.service.referrals import actions as referrals
from tests.world import NAMES, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = timezone.localdate()
CHILD, ADULT = date(TODAY.year - 15, 1, 2), date(TODAY.year - 30, 1, 2)


def saved(client: Client, person: Person, born: date) -> str:
    day = {"born_day": born.day, "born_month": born.month, "born_year": born.year}
    ways = {"way-TOTAL_FORMS": 0, "way-INITIAL_FORMS": 0}
    sent: dict[str, Any] = {"given_names": "Mira", "version": 0} | day | ways
    return client.post(reverse("person-identity-edit", args=[person.pk]), sent, follow=True).content.decode()


@pytest.mark.parametrize(
    ("age", "born", "words", "treated"),
    [
        ("adult", CHILD, "makes them under 18", True),
        ("under_18", ADULT, "makes them 18 or over", True),
        ("adult", ADULT, "", False),
        ("under_18", CHILD, "", True),
        ("uncertain", CHILD, "", True),
        ("uncertain", ADULT, "", True),
    ],
)
def test_both_directions_are_said_and_a_doubt_protects(
    world: World, at_work: Callable[[Role], Client], age: str, born: date, words: str, treated: bool
) -> None:
    person, client = world.person(age=age), at_work(Role.FRONTLINE_WORKER)
    page = saved(client, person, born)
    assert ("The date of birth makes them" in page) is bool(words)
    assert words in page
    overview = client.get(reverse("person", args=[person.pk])).content.decode()
    assert words in overview
    assert ("treated as a child" in overview) is treated
    person.refresh_from_db()
    assert (person.age == "adult") is not treated


def test_until_somebody_decides(world: World, at_work: Callable[[Role], Client]) -> None:
    person, client, by = world.person(age="adult"), at_work(Role.FRONTLINE_WORKER), world.cast[Role.LEAD]
    world.consent(person, "support", "given")
    saved(client, person, CHILD)
    assert person.consents.first().decision == "reset"  # type: ignore[union-attr]  # there is one
    row = Person.objects.get(pk=person.pk)
    actions.change_about(person=row, expected=row.version, by=by, at=NOW, values={"age": "adult"})
    row.refresh_from_db()
    assert (row.age, row.age_doubt) == ("adult", "")
    # The same day of birth, saved again with another nickname, does not undo what somebody decided.
    names = NAMES | {"born": CHILD.isoformat()}
    assert actions.change_identity(person=row, expected=1, by=by, at=NOW, names=names, channels=[]) == ""
    row.refresh_from_db()
    assert row.age == "adult"


@pytest.mark.parametrize(
    ("born", "said", "held", "doubt"),
    [(CHILD, "adult", "uncertain", "birth_says_child"), (ADULT, "under_18", "under_18", "birth_says_adult")],
)
def test_an_age_said_after_the_day_of_birth_is_compared_with_it(
    world: World, born: date, said: str, held: str, doubt: str
) -> None:
    person, by = world.person(age="uncertain"), world.cast[Role.LEAD]
    names = NAMES | {"born": born.isoformat()}
    assert actions.change_identity(person=person, expected=0, by=by, at=NOW, names=names, channels=[]) == ""
    row = Person.objects.get(pk=person.pk)
    actions.change_about(person=row, expected=row.version, by=by, at=NOW, values={"age": said})
    row.refresh_from_db()
    assert (row.age, row.age_doubt) == (held, doubt)
    # They were told: whoever says it again has decided.
    actions.change_about(person=row, expected=row.version, by=by, at=NOW, values={"age": said})
    row.refresh_from_db()
    assert (row.age, row.age_doubt) == (said, "")


def test_an_age_assessment_decides(world: World) -> None:
    person, by = world.person(age="under_18"), world.cast[Role.LEAD]
    names = NAMES | {"born": ADULT.isoformat()}
    assert actions.change_identity(person=person, expected=0, by=by, at=NOW, names=names, channels=[])
    person.refresh_from_db()
    assert person.age_doubt == "birth_says_adult"
    actions.assess_age(person=person, by=by, at=NOW, on=TODAY, council="fife", result="under_18")
    person.refresh_from_db()
    assert (person.age, person.age_doubt) == ("under_18", "")


@pytest.mark.parametrize(("age", "born", "right"), [("adult", CHILD, False), ("child", ADULT, False),
                                                    ("adult", ADULT, True), ("child", CHILD, True),
                                                    ("not_sure", CHILD, True)])  # fmt: skip
def test_a_notification_by_file_or_system_is_refused_with_the_field(age: str, born: date, right: bool) -> None:
    version = notification_fields("scotland", on=TODAY)
    values = {"age": age, "agreed": "given", "date_of_birth": born.isoformat(), "id": "1"}
    if right:
        assert payload.read(values, version, on=TODAY).age == age
        return
    with pytest.raises(payload.Mistakes) as caught:
        payload.read(values, version, on=TODAY)
    (mistake,) = caught.value.found
    assert mistake.field == "age"
    assert str(born.year) not in mistake.words  # nobody's birthday is repeated


def test_a_notification_by_page_is_refused_and_keeps_what_was_typed(
    world: World, at_work: Callable[[Role], Client]
) -> None:
    values = {"team": world.team.pk, "age": "adult", "agreed": "given", "name": "Mira Kolar", "trafficking": "yes"}
    values |= {"date_of_birth": f"{CHILD.day}/{CHILD.month}/{CHILD.year}"}
    page = at_work(Role.LEAD).post(reverse("notification-new"), values).content.decode()
    assert "makes them under 18 today" in page
    assert "Mira Kolar" in page
    assert not Notification.objects.exists()


def test_a_referral_is_not_closed_while_they_contradict_each_other(world: World) -> None:
    from bield.service.accounts.permissions import Permission
    from bield.service.cases.access import person_for

    person, by = world.full_person(), world.cast[Role.FIRST_RESPONDER]
    draft = referrals.begin(person_for(by, person.pk, Permission.REFERRAL_MAKE), by=by, at=NOW)
    words = "the date of birth and the age do not agree"
    assert words not in referrals.hindrances(draft, today=TODAY)
    draft.answers = draft.answers | {"born": CHILD.isoformat(), "under_18": "no"}
    assert words in referrals.hindrances(draft, today=TODAY)


# The arithmetic


@given(st.dates(date(1900, 1, 1), date(2030, 12, 31)), st.dates(date(1930, 1, 1), date(2030, 12, 31)))
def test_somebody_is_a_child_until_the_day_they_turn_18(born: date, on: date) -> None:
    turns = date(born.year + 18, born.month, born.day) if (born.month, born.day) != (2, 29) else None
    if turns:
        assert (years_on(born, on) < 18) is (on < turns)
    child = years_on(born, on) < 18
    assert disagreement("adult", born, on=on) == ("birth_says_child" if child else "")
    assert disagreement("under_18", born, on=on) == ("" if child else "birth_says_adult")
    assert disagreement("uncertain", born, on=on) == ""


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2008-03-31", date(2008, 3, 31)),
        ("31/3/2008", date(2008, 3, 31)),
        ("3.4.2008", date(2008, 4, 3)),
        ("31 March 2008", date(2008, 3, 31)),
        ("1 mar 2008", date(2008, 3, 1)),
        ("31 2 2008", None),
        ("about 2008", None),
        ("", None),
        ("1 Smarch 2008", None),
    ],
)
def test_days_as_people_write_them(text: str, day: date | None) -> None:
    assert day_written(text) == day
