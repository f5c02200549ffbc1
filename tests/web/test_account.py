"""The account told once: versions, corrections, grants that show what they say and no more, and withdrawal."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from bield.service.accounts.models import Membership, User
from bield.service.accounts.permissions import Role
from bield.service.audit.models import Event
from bield.service.changes import NotNow
from bield.service.support.entries.schema import account_parts
from bield.service.support.models import Account, AccountVersion, Correction, Grant, Interview
from bield.service.support.testimony import testimony
from tests.supporting import SAID, TODAY, Service, make_service
from tests.world import NOW, World, make

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def officer(world: World) -> Client:
    """Of the body to which the grants of these tests go."""
    client = Client()
    client.force_login(world.officer)
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


FORM = {
    "taken_on_day": TODAY.day, "taken_on_month": TODAY.month, "taken_on_year": TODAY.year, "language": "sq",
    "interpreter": "phone", "present": "Isla", "checklist": ["safe", "private"],
}  # fmt: skip


def test_an_account_is_written_once_and_grows_in_versions(service: Service, isla: Client) -> None:
    episode = service.open()
    address = reverse("support-account-write", args=[episode.pk])
    assert "Enter at least one part" in text(isla.post(address, FORM))
    assert isla.post(address, FORM | {"offer_words": "A kitchen job."}).status_code == 302
    page = text(isla.get(address))
    assert "A kitchen job." in page  # the form begins with what stands there
    assert "Nothing has changed" in text(isla.post(address, FORM | {"offer_words": "A kitchen job."}))
    assert isla.post(address, FORM | {"offer_words": "A kitchen job in Leith."}).status_code == 302
    assert [item.number for item in AccountVersion.objects.all()] == [2, 1]
    old = text(isla.get(reverse("support-account-version", args=[episode.pk, 1])))
    assert "A kitchen job." in old
    assert "Leith" not in old
    assert isla.get(reverse("support-account-version", args=[episode.pk, 7])).status_code == 404
    page = text(isla.get(reverse("support-account", args=[episode.pk])))
    assert "10 things were not seen to" in page
    assert "WHO principle 8" in page


def test_a_version_is_never_changed_and_what_a_grant_says_neither(service: Service) -> None:
    episode = service.open()
    granted = service.grant(episode, service.told(episode))
    for table, column, value in (
        ("support_accountversion", "number", "7"),
        ("support_grant", "parts", "'[]'"),
        ("support_grant", "until", "'2099-01-01'"),
    ):
        with pytest.raises(DatabaseError, match="keeps what was written"), transaction.atomic():
            connection.cursor().execute(f"UPDATE {table} SET {column} = {value}")
    testimony.end(episode, granted, by=service.isla, at=NOW)  # it may end, and no more


def test_corrections_stay_also_when_a_later_version_takes_them_up(service: Service, isla: Client) -> None:
    episode = service.open()
    service.told(episode)
    day = {"on_day": TODAY.day, "on_month": TODAY.month, "on_year": TODAY.year}
    data = day | {"part": "journey", "words": "By bus, not by van"}
    assert isla.post(reverse("support-account-correct", args=[episode.pk]), data).status_code == 302
    assert "not taken up yet" in text(isla.get(reverse("support-account", args=[episode.pk])))
    service.told(episode, parts=SAID | {"journey": {"words": "By bus.", "summary": "Bus"}})
    page = text(isla.get(reverse("support-account", args=[episode.pk])))
    assert "By bus, not by van" in page
    assert "in version 2" in page
    assert Correction.objects.get().taken_up == AccountVersion.objects.get(number=2)


def test_one_account_is_kept_by_one_team_and_not_taken_twice(service: Service) -> None:
    episode = service.open()
    service.told(episode)
    council = service.world.cast[Role.SUPPORT_WORKER]
    from bield.service.support.access import episode_for
    from bield.service.support.episodes import actions

    other = actions.ask(
        episode.person, team=service.world.team, choice="known", words="Here too", place="scotland",
        by=council, at=NOW,
    )  # fmt: skip
    actions.accept(other, worker=council, on=TODAY, by=council, at=NOW)
    there = episode_for(council, other.pk)
    client = Client()
    client.force_login(council)
    page = text(client.get(reverse("support-account", args=[other.pk])))
    assert "Another service keeps their account" in page
    assert "Zdravka" not in page
    with pytest.raises(NotNow, match="do not take it again"):
        testimony.write(
            there, taken_on=TODAY, language="en", interpreter="none", present="", checklist=[], parts=SAID,
            by=council, at=NOW,
        )  # fmt: skip


# Grants


def test_an_agency_reads_the_parts_that_were_granted_and_nothing_else(
    service: Service, isla: Client, officer: Client
) -> None:
    episode = service.open()
    service.told(episode)
    data = {
        "to": service.world.police.organisation_id, "parts": ["offer"], "purpose": "investigation",
        "until_day": 1, "until_month": 1, "until_year": 2099, "explained": "Read out",
        "agreed_on_day": TODAY.day, "agreed_on_month": TODAY.month, "agreed_on_year": TODAY.year,
    }  # fmt: skip
    data["parts_stays"] = "Zdravka"  # asked about, since an agency learns no names: it is what she told
    assert isla.post(reverse("support-grant-new", args=[episode.pk]), data).status_code == 302
    granted = Grant.objects.get()
    assert granted.rests_on == "agreed"
    assert episode.person.shown_reference in text(officer.get(reverse("granted-list")))
    page = text(officer.get(reverse("granted", args=[granted.pk])))
    assert "promised a kitchen job" in page
    for hidden in ("van at night", "Quirin", "Quillfeather", "Isla, and an interpreter"):
        assert hidden not in page
    found = Event.objects.get(kind="account.granted_read")
    assert (found.subject, found.facts["grant"]) == (str(episode.person_id), str(granted.pk))
    mine = text(isla.get(reverse("support-account", args=[episode.pk])))
    assert "Officer read it here" in mine


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.data())
def test_what_a_grant_shows_is_what_it_says(data: st.DataObject) -> None:
    with transaction.atomic():
        service = make_service(make())
        episode = service.open()
        names = [item.id for item in account_parts()]
        told = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        said = {name: {"words": f"words-{name}.", "summary": f"short-{name}."} for name in told}
        first = service.told(episode, parts=said)
        parts = data.draw(st.lists(st.sampled_from(told), min_size=1, unique=True))
        short = data.draw(st.booleans())
        granted = service.grant(episode, first, parts=parts, summary_only=short)
        service.told(episode, parts={name: {"words": f"later-{name}.", "summary": ""} for name in told})
        officer = Client()
        officer.force_login(service.world.officer)
        page = text(officer.get(reverse("granted", args=[granted.pk])))
        for name in names:
            assert (f"words-{name}." in page) == (name in parts and not short)
            assert (f"short-{name}." in page) == (name in parts)
            assert f"later-{name}." not in page
        transaction.set_rollback(True)


def test_a_grant_taken_back_ends_at_once_and_shows_what_had_been_read(
    service: Service, isla: Client, officer: Client
) -> None:
    episode = service.open()
    granted = service.grant(episode, service.told(episode))
    addresses = [reverse(name, args=[granted.pk]) for name in ("granted", "granted-document", "granted-interview")]
    assert [officer.get(address).status_code for address in addresses] == [200, 200, 200]
    answer = isla.post(reverse("support-grant-end", args=[episode.pk, granted.pk]), follow=True)
    assert "It had been read 2 times" in text(answer)
    assert [officer.get(address).status_code for address in addresses] == [410, 410, 410]
    assert officer.post(addresses[2], {"parts": ["offer"]}).status_code == 410
    gone = text(officer.get(addresses[0]))
    assert "You can no longer read this" in gone
    assert "words-" not in gone
    assert episode.person.shown_reference not in gone
    assert episode.person.shown_reference not in text(officer.get(reverse("granted-list")))
    assert "the grant is over already" in text(
        isla.post(reverse("support-grant-end", args=[episode.pk, granted.pk]), follow=True)
    )
    assert Event.objects.filter(kind="account.grant_ended").count() == 1


def test_a_grant_ends_with_its_last_day(service: Service, officer: Client) -> None:
    episode = service.open()
    version = service.told(episode)
    over = service.grant(episode, version)
    Grant.objects.all().delete()
    over.pk, over.until = uuid4(), TODAY - timedelta(days=1)
    over.save(force_insert=True)
    assert officer.get(reverse("granted", args=[over.pk])).status_code == 410
    # Whether it was taken back or its last day is past, the page is the very same: nobody learns which it was.
    back = service.grant(episode, version)
    testimony.end(episode, back, by=service.isla, at=NOW)
    pages = [text(officer.get(reverse("granted", args=[item.pk]))) for item in (over, back)]
    words = [re.sub("<[^>]*>", " ", page) for page in pages]  # the tokens of forms differ each time
    assert words[0] == words[1]
    with pytest.raises(NotNow, match="past"):
        service.grant(episode, version, until=TODAY - timedelta(days=1))
    with pytest.raises(NotNow, match="says nothing"):
        service.grant(episode, version, parts=["before"])


@pytest.mark.parametrize("role", [*Role, "outsider"], ids=str)
def test_only_the_organisation_that_was_named_and_roles_that_may_read(
    role: Role | str, service: Service, world: World
) -> None:
    episode = service.open()
    granted = service.grant(episode, service.told(episode), to=world.team.organisation)
    client = Client()
    client.force_login(world.outsider if role == "outsider" else world.cast[Role(role)])
    reads = {
        Role.FRONTLINE_WORKER, Role.FIRST_RESPONDER, Role.LEAD, Role.SUPPORT_WORKER, Role.GUARDIAN, Role.POLICE_OFFICER,
    }  # fmt: skip
    wanted = 404 if role == "outsider" else 200 if role in reads else 403
    for name in ("granted", "granted-document", "granted-interview"):
        assert client.get(reverse(name, args=[granted.pk])).status_code == wanted
    assert Event.objects.filter(kind__startswith="account.granted_").count() == (2 if wanted == 200 else 0)


def test_a_hidden_grant_cannot_be_told_from_none(service: Service, world: World) -> None:
    granted = service.grant(episode := service.open(), service.told(episode))
    client = Client()
    client.force_login(world.outsider)
    with CaptureQueriesContext(connection) as at_hidden:
        hidden = client.get(reverse("granted", args=[granted.pk]))
    with CaptureQueriesContext(connection) as at_absent:
        absent = client.get(reverse("granted", args=[uuid4()]))
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
    assert len(at_hidden) == len(at_absent)


def test_the_document_says_on_every_page_who_took_it(service: Service, officer: Client) -> None:
    episode = service.open()
    long = {"offer": {"words": "\n".join(f"Line {n}" for n in range(120)), "summary": ""}}
    granted = service.grant(episode, service.told(episode, parts=long), parts=["offer"])
    reader = PdfReader(io.BytesIO(officer.get(reverse("granted-document", args=[granted.pk])).content))
    assert len(reader.pages) > 1
    for page in reader.pages:
        words = " ".join(page.extract_text().split())
        assert "Taken by Officer, Police Scotland" in words
        assert "Not to be passed on" in words
    assert Event.objects.filter(kind="account.granted_taken").count() == 1


def test_the_person_can_be_shown_who_read_what(service: Service, isla: Client, officer: Client) -> None:
    episode = service.open()
    granted = service.grant(episode, service.told(episode))
    officer.get(reverse("granted", args=[granted.pk]))
    pdf = isla.get(reverse("support-account-readings", args=[episode.pk])).content
    words = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    for part in ("Police Scotland", "Officer", "How it began, The journey", "An investigation by the police"):
        assert part in words
    assert "kitchen" not in words


def test_readings_of_a_role_that_is_lost_are_not_possible(service: Service, officer: Client) -> None:
    granted = service.grant(episode := service.open(), service.told(episode))
    Membership.objects.filter(user=service.world.officer).update(role=Role.POLICE_ANALYST)
    assert officer.get(reverse("granted", args=[granted.pk])).status_code == 403
    User.objects.filter(pk=service.world.officer.pk).update(is_active=False)
    assert officer.get(reverse("granted", args=[granted.pk])).status_code == 302


# Before a new interview


def test_before_a_new_interview_the_account_is_looked_at(service: Service, isla: Client) -> None:
    episode = service.open()
    service.told(episode)
    address = reverse("support-account-interview", args=[episode.pk])
    assert "What the account speaks of" in text(isla.get(address))
    data = {"parts": ["offer", "journey"], "answer": "silent", "words": "The colour of the van"}
    assert "You can read every part you need" in text(isla.post(address, data))
    assert "You cannot read some of the parts you need" in text(
        isla.post(address, {"parts": ["offer", "before"], "answer": "answered"})
    )
    assert "Say exactly what is missing" in text(isla.post(address, {"parts": ["before"], "answer": "silent"}))
    day = {"on_day": TODAY.day, "on_month": TODAY.month, "on_year": TODAY.year + 1}
    refused = text(isla.post(address, {"parts": ["offer"], "answer": "answered"} | day))
    assert "leave the day empty, or choose why" in refused  # the day is not dropped without a word
    assert isla.post(address, {"parts": ["offer"], "answer": "answered"}).status_code == 302
    assert isla.post(address, {"parts": ["before"], "answer": "silent", "words": "Family"}).status_code == 302
    assert [(item.answer, item.covered) for item in Interview.objects.all()] == [
        ("silent", []), ("answered", ["offer"]),
    ]  # fmt: skip
    page = text(isla.get(reverse("support-account", args=[episode.pk])))
    assert "The account answers it: no new interview" in page


def test_a_childs_interview_is_planned_only_after_the_account_was_looked_at(service: Service, isla: Client) -> None:
    episode = service.open(age="under_18")
    new = reverse("support-entry-new", args=[episode.pk, "interview"])
    assert isla.get(new).status_code == 200  # nothing was told yet
    service.told(episode)
    first = reverse("support-account-interview", args=[episode.pk])
    assert isla.get(new).headers["Location"] == first
    isla.post(first, {"parts": ["offer"], "answer": "answered"})
    assert isla.get(new).headers["Location"] == first
    isla.post(first, {"parts": ["before"], "answer": "evidence", "words": "For the court"})
    assert isla.get(new).status_code == 200


def test_an_agency_learns_of_no_part_that_it_was_not_granted(service: Service, officer: Client) -> None:
    episode = service.open()
    granted = service.grant(episode, service.told(episode), parts=["offer"])
    address = reverse("granted-interview", args=[granted.pk])
    page = text(officer.get(address))
    assert page.count("yes, told on") == 1  # the account speaks of three parts
    assert page.count("not granted to you: ask for it") == len(account_parts()) - 1
    spoken = {"parts": ["journey"], "answer": "answered"}
    silent = {"parts": ["before"], "answer": "answered"}
    assert "You cannot read some of the parts you need" in text(officer.post(address, spoken))
    assert "You cannot read some of the parts you need" in text(officer.post(address, silent))
    reason = {"parts": ["journey"], "answer": "silent", "words": "The route"}
    assert officer.post(address, reason).status_code == 302
    assert Interview.objects.get().organisation == service.world.police.organisation


def test_nothing_that_was_told_is_readable_in_the_database_or_the_events(service: Service) -> None:
    episode = service.open()
    service.grant(episode, service.told(episode))
    with connection.cursor() as cursor:
        for table in ("support_accountversion", "support_grant", "audit_event"):
            cursor.execute(f"SELECT * FROM {table}")
            rows = repr(cursor.fetchall())
            for secret in ("Zdravka", "Quirin", "kitchen", "Read out"):
                assert secret not in rows
    assert Account.objects.count() == 1


def test_the_copy_of_everything_holds_support_and_the_account(
    service: Service, at_work: Callable[[Role], Client]
) -> None:
    episode = service.open()
    service.put(episode, "need")
    service.put(episode, "outcome")
    service.grant(episode, service.told(episode))
    lead = at_work(Role.LEAD)
    held = lead.get(reverse("person-copy-file", args=[episode.person_id])).json()
    assert "A bed tonight" in repr(held["support"])
    assert "A safe home: A little" in repr(held["support"])
    assert "Quirin" in repr(held["account"])
    assert "Police Scotland" in repr(held["account"])
    pdf = PdfReader(io.BytesIO(lead.get(reverse("person-copy-document", args=[episode.person_id])).content))
    printed = " ".join("".join(page.extract_text() for page in pdf.pages).split())
    assert "What you told" in printed
    assert not re.search(r"\d{4}-\d\d-\d\d|\+00:00|[a-z]+_[a-z]+", printed)  # no machine's words
