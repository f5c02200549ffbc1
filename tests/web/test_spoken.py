"""The plan speaks as people do, and accounts to read are a table that says which were read."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from bield.service.support.entries.schema import account_parts
from bield.service.support.plan import plan
from tests.supporting import TODAY, Service

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_day_is_said_as_people_say_it() -> None:
    this_year = date(TODAY.year, 9, 5)
    assert plan.spoken(this_year) == f"{this_year:%A} 5 September"
    assert plan.spoken(date(2099, 1, 1)) == "Thursday 1 January 2099"
    assert plan.spoken(this_year, digits=True) == f"5.9.{TODAY.year}"


def test_the_plan_says_who_and_by_when_and_names_nobody(service: Service, isla: Client) -> None:
    episode = service.open()
    goal = service.put(episode, "goal")
    service.put(episode, "step", under=goal, who="me, with my worker", worker=str(service.isla.pk))
    service.put(episode, "step", "done", under=goal, what="Buy a coat")
    page = " ".join(isla.get(reverse("support-plan-alone", args=[episode.pk, "en"])).content.decode().split())
    assert "<strong>See a doctor</strong> <br>Who: me, with my worker. By Thursday 1 January 2099." in page
    assert "<strong>Buy a coat</strong> (Done) <br>Who: You and we. </li>" in page
    assert service.isla.name not in page
    assert episode.person.shown_reference not in page


def test_accounts_to_read_say_which_parts_until_when_and_whether_they_were_read(service: Service) -> None:
    episode = service.open()
    grant = service.grant(episode, service.told(episode))
    officer = Client()
    officer.force_login(service.world.officer)
    page = " ".join(officer.get(reverse("granted-list")).content.decode().split())
    assert '<th scope="col">Which parts</th>' in page
    assert date_format(grant.until, "j F Y") in page
    assert "Not read yet" in page
    assert officer.get(reverse("granted", args=[grant.pk])).status_code == 200
    again = officer.get(reverse("granted-list")).content.decode()
    assert "Not read yet" not in again
    assert ">Read</td>" in "".join(again.split("\n")).replace(" ", "") or "Read" in again


def test_the_account_is_written_one_part_at_a_time_and_closed_parts_keep_their_words(
    service: Service, isla: Client
) -> None:
    episode = service.open()
    service.told(episode)
    page = " ".join(isla.get(reverse("support-account-write", args=[episode.pk])).content.decode().split())
    told = page.split("one part at a time")[1]
    assert told.count('<details class="ds_details bield-part">') == len(account_parts())
    assert told.count("(has words)") == 3
    assert "Zdravka was promised a kitchen job." in told
    long = isla.post(
        reverse("support-account-write", args=[episode.pk]), {"offer_words": "x" * 200_000}
    ).content.decode()
    assert long.count('<details class="ds_details bield-part" open>') == 1
