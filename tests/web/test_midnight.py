"""Just after midnight in summer, and on both days when the clock changes: one day on every page, document and file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db.models import DateTimeField
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.service.accounts.permissions import Role
from bield.service.cases import actions
from bield.service.cases.models import Person
from tests.world import ADULT, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOMENTS = {
    "00:20 on 15 June": (datetime(2027, 6, 14, 23, 20, tzinfo=UTC), date(2027, 6, 15)),
    "23:30 on 15 June": (datetime(2027, 6, 15, 22, 30, tzinfo=UTC), date(2027, 6, 15)),
    "00:30 as the clock goes forward": (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), date(2027, 3, 28)),
    "00:30 the day after it went forward": (datetime(2027, 3, 28, 23, 30, tzinfo=UTC), date(2027, 3, 29)),
    "00:30 as the clock goes back": (datetime(2027, 10, 30, 23, 30, tzinfo=UTC), date(2027, 10, 31)),
    "01:30 for the second time": (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), date(2027, 10, 31)),
}


@pytest.fixture(params=MOMENTS)
def day(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> date:
    """The clock of the server stands at a moment; the day that people there would say."""
    moment, day = MOMENTS[request.param]
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    return day


def says(page: str) -> set[date]:
    """The days of that year that a page names."""
    found = re.findall(r"\b(\d{1,2}) ([A-Z][a-z]{2})[a-z]* (2027)\b", page)
    return {date(int(year), MONTHS.index(month) + 1, int(number)) for number, month, year in found}


def test_a_notification_says_one_day(day: date, world: World, at_work: Callable[[Role], Client]) -> None:
    found, client = world.notify(at=timezone.now()), at_work(Role.LEAD)
    assert found.notice.value("notified_on") == day.isoformat()
    page = client.get(reverse("notification", args=[found.pk])).content.decode()
    receipt = json.loads(client.get(reverse("notification-receipt-file", args=[found.pk])).content)
    assert says(page) == {day}
    assert receipt["said"]["notified_on"] == [day.isoformat()]
    officer = Client()
    officer.force_login(world.officer)
    assert says(officer.get(reverse("notification", args=[found.pk])).content.decode()) == {day}
    rows = list(csv.DictReader(io.StringIO(officer.get("/notifications/inbox/file/").getvalue().decode("utf-8-sig"))))
    assert rows[0]["sent_on"] == day.isoformat()


def test_a_record_is_begun_on_one_day(day: date, world: World, at_work: Callable[[Role], Client]) -> None:
    client = at_work(Role.LEAD)
    about = {name: value for name, value in ADULT.items() if value not in (None, False)} | {"team": world.team.pk}
    assert client.post(reverse("person-new"), about).status_code == 302
    person = Person.objects.get()
    rows = list(csv.DictReader(io.StringIO(client.get("/people/file/").getvalue().decode("utf-8-sig"))))
    assert (rows[0]["opened"], rows[0]["changed"]) == (day.isoformat(), day.isoformat())
    form = client.get(reverse("encounter-new", args=[person.pk])).content.decode()
    assert f'value="{day.day}"' in form
    today = {"on_day": day.day, "on_month": day.month, "on_year": day.year}
    values = today | {"place_kind": "hotel", "attention": "police", "council": "", "note": ""}
    assert client.post(reverse("encounter-new", args=[person.pk]), values).status_code == 302
    assert person.encounters.get().on == day


def test_an_answer_that_falls_with_the_age_falls_on_that_day(day: date, world: World) -> None:
    person, by = world.person(), world.cast[Role.LEAD]
    world.consent(person, "support", "given")
    actions.change_about(person=person, expected=1, by=by, at=timezone.now(), values={"age": "under_18"})
    last = person.consents.first()
    assert last is not None
    assert (last.decision, last.on) == ("reset", day)


@pytest.mark.slow
def test_nothing_in_the_made_up_country_is_still_to_come(db: None) -> None:
    from bield.service.demo.country import fill

    fill(people=60, seed=3, today=timezone.localdate())
    now, found = timezone.now(), 0
    for model in apps.get_models():
        for field in model._meta.fields:
            if isinstance(field, DateTimeField) and field.name not in ("expires_at", "expire_date"):
                rows = model._default_manager.filter(**{f"{field.name}__isnull": False})
                found += rows.count()
                late = rows.filter(**{f"{field.name}__gt": now})
                assert not late.exists(), (model.__name__, field.name, late.values_list(field.name, flat=True)[:3])
    assert found > 1_000
