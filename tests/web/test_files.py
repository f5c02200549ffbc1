"""A file that comes in is looked at first: nothing happens before, and exactly what was shown happens after."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bield.law import notification_version
from bield.service.accounts.models import Membership, Team
from bield.service.accounts.permissions import Role
from bield.service.audit import chain
from bield.service.audit.models import Event
from bield.service.cases.keeping.rotation import sealed_fields
from bield.service.cases.models import Person
from bield.service.directory.models import Service
from bield.service.drafts.held import kept_for, remove_old_files
from bield.service.drafts.models import HeldFile
from bield.service.drafts.preview import AT_ONCE
from bield.service.notifications import from_file
from bield.service.notifications.intake import Sender, notify
from bield.service.notifications.models import Notification
from bield.standards import document
from tests.web.filing import choose, go, pressed, words
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LOOK = "notifications-bring-in-look"
COMMON = {"age": "adult", "gender": "woman", "type": "labour", "agreed": "refused"}
RARE = COMMON | {"type": "sexual", "country_of_origin": "VN", "recovered_where": "orkney-islands"}


@pytest.fixture
def morag(at_work: Callable[[Role], Client]) -> Client:
    return at_work(Role.FRONTLINE_WORKER)


def table(*rows: dict[str, str]) -> bytes:
    text = io.StringIO()
    names = {name: None for row in rows for name in row}
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def bring(client: Client, world: World, *rows: dict[str, str]) -> Any:
    return choose(client, "notifications-bring-in", table(*rows), team=str(world.team.pk))


def stored(column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM drafts_heldfile")
        return " ".join(str(row[0]) for row in cursor.fetchall())


def test_a_file_is_shown_before_anything_is_sent(world: World, morag: Client) -> None:
    bring(morag, world, COMMON | {"id": "before"})
    go(morag, morag.get(reverse(LOOK)))
    before = set(Notification.objects.values_list("pk", flat=True))
    events = Event.objects.filter(kind="notification.sent").count()
    page = bring(
        morag,
        world,
        COMMON | {"id": "plain"},
        RARE | {"id": "rare"},
        RARE | {"id": "kept", "if_rare": "police_know"},
        COMMON | {"id": "before"},
        COMMON | {"id": "wrong", "gender": "female"},
        RARE | {"id": "too rare", "if_rare": "refuse"},
    )
    text = words(page)
    for said in (
        "2 rows are refused, and not sent",
        "1 is sent although it could identify somebody",
        "1 is said more broadly",
        "1 is sent as it is",
        "1 was sent before",
        "from Orkney Islands Council → to Scotland",
        "can single them out. It is sent because:",
        "Sent before, as ",
        "gender: 'female' is not known; expected one of",
        "row: what is said would single somebody out",
        "Send these 3",
    ):
        assert said in text, said
    assert set(Notification.objects.values_list("pk", flat=True)) == before
    assert Event.objects.filter(kind="notification.sent").count() == events
    sent = go(morag, page)
    assert "3 notifications were sent" in words(sent)
    assert "2 rows were refused" in words(sent)
    new = Notification.objects.exclude(pk__in=before)
    assert sorted(new.values_list("recovered_where", flat=True)) == ["", "orkney-islands", "scotland"]
    assert not HeldFile.objects.exists()


def test_two_clicks_send_once(world: World, morag: Client) -> None:
    page = bring(morag, world, COMMON | {"id": "a"}, COMMON | {"id": "b"})
    first, second = (morag.post(reverse(LOOK), pressed(page)) for _click in range(2))
    assert first.headers["Location"] == second.headers["Location"] == reverse("notifications-sent")
    without_key = {name: value for name, value in pressed(page).items() if name != "form_key"}
    assert morag.post(reverse(LOOK), without_key).headers["Location"] == reverse("notifications-bring-in")
    assert Notification.objects.count() == 2


def test_what_is_taken_away_is_gone_and_nothing_was_sent(world: World, morag: Client) -> None:
    page = bring(morag, world, COMMON | {"id": "a"})
    assert "Nothing was done with it" in words(go(morag, page, button="away"))
    assert "There is no file to check" in words(go(morag, page))
    assert not HeldFile.objects.exists()
    assert not Notification.objects.exists()


def test_a_held_file_is_sealed_with_what_rotates_and_shows_no_identity(world: World, morag: Client) -> None:
    row = COMMON | {"id": "a", "reference": "SW-4711", "name": "Zdravka Quillfeather", "agreed": "given"}
    text = words(bring(morag, world, row, row | {"id": "b", "agreed": "refused"}))
    assert "Who they are is sent too, and is not shown here: Name" in text
    assert "Not sent: Name" in text
    held = stored("words")
    for value in ("Zdravka", "SW-4711", "labour"):
        assert value not in text or value == "labour"
        assert value not in held
    assert [field.name for field in sealed_fields(HeldFile)] == ["words"]


def test_a_held_file_ends_after_an_hour_and_is_nobody_elses(
    world: World, morag: Client, at_work: Callable[[Role], Client]
) -> None:
    page = bring(morag, world, COMMON | {"id": "a"})
    other = at_work(Role.LEAD)
    assert other.get(reverse(LOOK)).status_code == 302
    assert "There is no file to check" in words(go(other, page))
    HeldFile.objects.update(at=timezone.now() - kept_for() - timedelta(seconds=1))
    assert morag.get(reverse(LOOK)).status_code == 302
    assert "There is no file to check" in words(go(morag, page))
    assert remove_old_files(at=timezone.now()) == 1
    assert not Notification.objects.exists()


def test_a_second_file_takes_the_place_of_the_first_and_the_old_page_sends_neither(world: World, morag: Client) -> None:
    first = bring(morag, world, COMMON | {"id": "a"})
    second = bring(morag, world, COMMON | {"id": "b"}, COMMON | {"id": "c"})
    assert "There is no file to check" in words(go(morag, first))
    assert not Notification.objects.exists()
    assert "2 notifications were sent" in words(go(morag, second))


def test_what_has_changed_since_is_shown_again_first(world: World, morag: Client) -> None:
    page = bring(morag, world, COMMON | {"id": "a"}, COMMON | {"id": "b"})
    held = HeldFile.objects.get()
    bring(morag, world, COMMON | {"id": "a"})
    go(morag, morag.get(reverse(LOOK)))
    held.save(force_insert=True)
    again = go(morag, page)
    assert "has changed since you checked. Nothing was sent" in words(again)
    assert "Send it" in words(again)
    assert Notification.objects.count() == 1
    assert "1 notification was sent" in words(go(morag, again))


def test_a_sender_who_may_no_longer_send_for_the_team_sends_nothing(world: World, morag: Client) -> None:
    page = bring(morag, world, COMMON | {"id": "a"})
    Membership.objects.filter(user=world.cast[Role.FRONTLINE_WORKER]).delete()
    assert morag.post(reverse(LOOK), pressed(page)).status_code == 403
    assert not Notification.objects.exists()


def test_what_is_said_of_one_person_in_two_rows_is_judged_together(world: World, morag: Client) -> None:
    """Two rows about the same person, each common: what the second adds to the first is weighed with it."""
    rows = [RARE | {"id": key, "reference": "SW-1"} for key in "ab"]
    page = bring(morag, world, *rows)
    assert "You notified about this person before" in words(page)
    go(morag, page)
    assert sorted(Notification.objects.values_list("again", flat=True)) == [False, True]


def test_many_rows_are_shown_in_pages_and_asked_of_the_database_at_once(world: World, morag: Client) -> None:
    bring(morag, world, COMMON | {"id": "first", "reference": "first"})
    with CaptureQueriesContext(
        connection,
    ) as few:
        bring(morag, world, *(COMMON | {"id": f"F-{number}", "reference": f"R-{number}"} for number in range(2)))
    with CaptureQueriesContext(connection) as many:
        page = bring(
            morag, world, *(COMMON | {"id": f"N-{number}", "reference": f"P-{number}"} for number in range(120))
        )
    assert len(many) <= len(few) + 2
    text = words(page)
    assert "120 are sent as they are" in text
    assert "Page 1 of 3" in text
    assert text.count("Line ") == AT_ONCE
    last = words(morag.get(reverse(LOOK), {"page": "3"}))
    assert "Line 121" in last
    assert words(morag.get(reverse(LOOK), {"kind": "refused", "page": "x"})).count("Line ") == AT_ONCE
    assert "120 notifications were sent" in words(go(morag, page))


def test_cases_are_looked_at_before_records_begin(world: World, morag: Client) -> None:
    person = {"prs_FirstName": "Zdravka", "prs_Birthdate": "2001-05-17", "prs_MobilePhone": "+447700900461"}
    cases = document([{"persons": [{"person": person}, {"person": {}}, {"person": {}, "perpetrator": {}}]}])
    page = choose(morag, "people-take-in", json.dumps(cases).encode(), team=str(world.team.pk))
    text = words(page)
    for said in (
        "2 records begin",
        "1 perpetrator is left out",
        "Record 1",
        "Has names or other identifying details",
        "1 telephone",
    ):
        assert said in text, said
    assert "Zdravka" not in text + stored("words")
    assert not Person.objects.exists()
    first, second = (morag.post(reverse("people-take-in-look"), pressed(page)) for _click in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Person.objects.count() == 2


def test_services_are_looked_at_before_they_change(world: World, at_work: Callable[[Role], Client]) -> None:
    client = at_work(Role.LEAD)
    one = {"id": "ac148810-d857-441c-9679-408f346de14b", "name": "A", "status": "active", "email": "a@a.example"}
    go(client, choose(client, "services-bring-in", json.dumps([one]).encode()))
    changed_at = Service.objects.get().changed_at
    same = choose(client, "services-bring-in", json.dumps([one]).encode())
    assert "1 is unchanged" in words(same)
    assert 'name="go"' not in same.content.decode()
    page = choose(client, "services-bring-in", json.dumps([one | {"email": "b@a.example"}]).encode())
    assert "1 service here would change" in words(page)
    assert "from a@a.example → to b@a.example" in words(page)
    assert Service.objects.get().changed_at == changed_at
    assert "0 new, 1 replaced" in words(go(client, page))
    assert Service.objects.get().email == "b@a.example"


def test_who_has_left_the_team_sees_nothing_of_the_file(world: World, at_work: Callable[[Role], Client]) -> None:
    user = world.cast[Role.FRONTLINE_WORKER]
    Membership.objects.create(user=user, team=world.elsewhere, role=Role.FRONTLINE_WORKER)
    client = at_work(Role.FRONTLINE_WORKER)
    page = choose(client, "notifications-bring-in", table(COMMON | {"id": "a"}), team=str(world.team.pk))
    assert "Line 2" in words(page)
    Membership.objects.filter(user=user, team=world.team).delete()
    again = client.get(reverse("notifications-bring-in-look"), follow=True)
    assert "There is no file to check" in words(again)
    assert "Line 2" not in words(again)
    client.post(reverse("notifications-bring-in-look"), pressed(page))
    assert not Notification.objects.exists()


def test_people_who_were_notified_before_cost_no_query_each(world: World, morag: Client) -> None:
    def rows(key: str, count: int) -> list[dict[str, str]]:
        return [COMMON | {"id": f"{key}-{number}", "reference": f"R-{number}"} for number in range(count)]

    go(morag, bring(morag, world, *rows("first", 40)))
    counts = []
    for key, count in (("few", 2), ("many", 40)):
        with CaptureQueriesContext(connection) as looked:
            page = bring(morag, world, *rows(key, count))
        with CaptureQueriesContext(connection) as sent:
            assert "sent" in words(go(morag, page))
        assert words(page).count("You notified about this person before") == count
        counts.append((len(looked), len(sent)))
    (few_looked, few_sent), (many_looked, many_sent) = counts
    assert many_looked <= few_looked + 1
    assert many_sent <= few_sent + 4  # a database takes so many values in one query
    assert list(chain.problems()) == []


def test_a_row_that_somebody_sent_at_the_same_moment_is_not_made_twice(world: World, morag: Client) -> None:
    user = world.cast[Role.FRONTLINE_WORKER]
    team = Team.objects.select_related("organisation").get(pk=world.team.pk)
    sender, version = Sender(team, by=user), notification_version("scotland-2019-proposal")
    content = table(*(COMMON | {"id": key, "reference": key} for key in "abc"))
    planned = from_file.plan(content, sender, version, at=timezone.now())
    item = planned.ready[1]
    notify(item.found, sender=sender, way="api", at=timezone.now(), extra=item.payload.extra)
    assert from_file.send(planned, sender, at=timezone.now()) == (2, 1)
    assert Notification.objects.count() == 3
