"""A day of birth that contradicts the age is said at every door, and somebody in doubt is treated as a child."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.births import Birth
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
    assert "makes them under 18 today: change the age, or the date" in page  # and no code
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


# Dates as people know them: case 12


def answer(client: Client, person: Person, **boxes: Any) -> str:
    person.refresh_from_db()
    version = person.identity.version if hasattr(person, "identity") else 0
    sent = {f"born_{name}": value for name, value in boxes.items()}
    sent |= {"given_names": "Mira", "version": version, "way-TOTAL_FORMS": 0, "way-INITIAL_FORMS": 0}
    return client.post(reverse("person-identity-edit", args=[person.pk]), sent, follow=True).content.decode()


@pytest.mark.parametrize(
    ("boxes", "stored"),
    [
        ({"year": "1999"}, "1999"),
        ({"month": "3", "year": "1999"}, "1999-03"),
        ({"day": "1", "month": "March", "year": "1999"}, "1999-03-01"),
        ({"day": "1", "month": "mar", "year": "1999"}, "1999-03-01"),
        ({"day": "14/02/1999"}, "1999-02-14"),
        ({"day": "about 1999"}, "1999~"),
        ({"day": "1", "month": "3", "year": "1999", "sure": "estimated"}, "1999-03-01~"),
        ({"day": "1", "month": "1", "year": "1999", "sure": "sure"}, "1999-01-01"),
        ({"year": "1999", "sure": "estimated"}, "1999~"),
        ({}, ""),
    ],
)
def test_a_date_of_birth_is_kept_as_far_as_it_is_known(
    world: World, at_work: Callable[[Role], Client], boxes: dict[str, str], stored: str
) -> None:
    person, client = world.person(age="adult"), at_work(Role.FRONTLINE_WORKER)
    assert "There is a problem" not in answer(client, person, **boxes)
    person = Person.objects.get()
    assert person.identity.names["born"] == stored
    assert "There is a problem" not in answer(client, person, **boxes)  # and once more, as it is shown
    assert Person.objects.get().identity.names["born"] == stored
    assert client.get(reverse("person-identity", args=[person.pk])).status_code == 200


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ({"day": "1", "month": "3", "year": "99"}, "Write the year with four figures, for example 1999, not “99”"),
        ({"day": "7", "month": "13", "year": "2000"}, "Day first, then month"),
        ({"day": "1", "month": "1", "year": "1377"}, "If it is a year of another calendar, choose that calendar"),
        (
            {"day": "1", "month": "1", "year": "1999"},
            "often write the first day of the year when only the year is known",
        ),
        ({"day": "01/01/1999"}, "often write the first day of the year when only the year is known"),
        ({"day": "1", "year": "1999"}, "Enter the month too, or leave the day empty"),
        ({"month": "3"}, "Enter the year too"),
        ({"year": str(TODAY.year + 1)}, "is in the future"),
        ({"years": "old"}, "Enter the age in full years"),
        ({"day": "1", "month": "2", "year": "1377", "calendar": "persian"}, "This was understood as 21 Apr 1998"),
        ({"agreed": "not a date"}, "Enter the date of birth again"),
        ({"agreed": "9998"}, "is in the future"),
        ({"agreed": "9999-12-31"}, "Enter the date of birth again"),
        ({"agreed": "1800"}, "is too long ago"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_way_out_and_kept(
    world: World, at_work: Callable[[Role], Client], boxes: dict[str, str], words: str
) -> None:
    person = world.person(age="adult")
    page = answer(at_work(Role.FRONTLINE_WORKER), person, **boxes)
    assert words in page
    assert 'href="#id_born_0"' in page
    for name, typed in boxes.items():
        assert name == "agreed" or f'value="{typed}"' in page
    assert not hasattr(Person.objects.get(), "identity")


def test_another_calendar_is_converted_and_agreed_to(world: World, at_work: Callable[[Role], Client]) -> None:
    person, client = world.person(age="adult"), at_work(Role.FRONTLINE_WORKER)
    boxes = {"day": "1", "month": "2", "year": "1377", "calendar": "persian"}
    page = answer(client, person, **boxes)
    assert re.search(r'name="born_agreed"\s+value="1998\-04\-21"', page)
    assert "Yes, that is 21 Apr 1998" in page
    assert "understood as" in answer(client, person, **boxes, agreed="1998-04-22")  # of another day: asked again
    assert "There is a problem" not in answer(client, person, **boxes, agreed="1998-04-21")
    assert Person.objects.get().identity.names["born"] == "1998-04-21"


def test_a_hijri_day_is_an_estimate(world: World, at_work: Callable[[Role], Client]) -> None:
    person, client = world.person(age="adult"), at_work(Role.FRONTLINE_WORKER)
    boxes = {"day": "2", "month": "2", "year": "1420", "calendar": "hijri"}
    assert 'value="1999-05-18~"' in answer(client, person, **boxes)
    assert "There is a problem" not in answer(client, person, **boxes, agreed="1999-05-18~")
    assert Person.objects.get().identity.names["born"] == "1999-05-18~"


def test_an_age_alone_is_kept_as_the_span_it_means(world: World, at_work: Callable[[Role], Client]) -> None:
    person, client = world.person(age="uncertain"), at_work(Role.FRONTLINE_WORKER)
    answer(client, person, years="16")
    held = Person.objects.get()
    stored = held.identity.names["born"]
    assert Birth.read(stored) == Birth.aged(16, on=TODAY)
    first, last = held.turns_18 or (TODAY, TODAY)
    assert first < last
    page = client.get(reverse("person-identity-edit", args=[person.pk])).content.decode()
    assert re.search(rf'name="born_agreed"\s+value="{re.escape(stored)}"\s+checked', page)
    answer(client, person, agreed=stored)
    assert Person.objects.get().identity.names["born"] == stored
    answer(client, person)  # the tick is taken away
    assert Person.objects.get().identity.names["born"] == ""
    assert Person.objects.get().turns_18 is None


def test_a_year_that_leaves_open_whether_they_are_18_protects(world: World, at_work: Callable[[Role], Client]) -> None:
    person, client = world.person(age="adult"), at_work(Role.FRONTLINE_WORKER)
    page = answer(client, person, day=f"about {TODAY.year - 18}")
    assert "they may or may not be 18" in page
    held = Person.objects.get()
    assert (held.age, held.believed_under_18, held.age_doubt) == ("uncertain", True, "birth_leaves_open")


def test_a_referral_takes_a_day_and_no_guess(world: World) -> None:
    from bield.service.accounts.permissions import Permission
    from bield.service.cases.access import person_for

    by = world.cast[Role.FIRST_RESPONDER]
    for stored, filled in (("2001-05-17", "2001-05-17"), ("2001-05", ""), ("2001-05-17~", "")):
        person = world.full_person()
        person.identity.names = person.identity.names | {"born": stored}
        person.identity.save()
        draft = referrals.begin(person_for(by, person.pk, Permission.REFERRAL_MAKE), by=by, at=NOW)
        assert draft.answers.get("born", "") == filled
