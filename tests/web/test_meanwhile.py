"""Two people change the same thing: in every room the second is told, sees what the first saved, and loses nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import actions as cases
from bield.service.cases import encounters
from bield.service.cases.models import Encounter
from bield.service.changes import NotNow
from bield.service.codelists import label
from bield.service.design.fields import codes
from bield.service.directory import actions as directory
from bield.service.directory.models import Service as Listed
from bield.service.support.episodes import actions
from bield.service.support.models import Entry, Episode
from tests.supporting import DETAILS, TODAY, Service
from tests.web.test_order import day_of_form, sent
from tests.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TOLD = "Somebody changed this while you had it open"
DO = "What you typed is below, and is not saved yet. Compare the two, change yours if you need to, and save again."
AtWork = Callable[[Role], Client]


def check(client: Client, address: str, data: dict[str, Any], *, theirs: str, mine: str) -> None:
    """The form of somebody who opened version 1 and comes second: told, shown theirs, kept; and saved the next time."""
    late = client.post(address, data)
    page = unescape(late.content.decode())
    assert late.status_code == 409
    assert TOLD in page
    assert DO in page
    assert f"<td>{theirs}</td>" in page, "what somebody else saved"
    assert f"<td>{mine}</td>" in page, "what was typed"
    assert re.search(r'name="version"\s+value="2"', page)
    again = client.post(address, data | {"version": 2})
    assert again.status_code == 302, "saved when it is sent again"


def test_an_entry(service: Service, isla: Client) -> None:
    episode = service.open()
    need = service.put(episode, "need", what="One bed")
    details = DETAILS["need"] | {"what": "Two beds"}
    actions.change_entry(need, episode=episode, expected=1, details=details, state="open", by=service.lead, at=NOW)
    data = {"head": "accommodation", "urgency": "now", "what": "A cot", "state": "open", "version": 1}
    address = reverse("support-entry", args=[episode.pk, "need", need.pk])
    check(isla, address, data, theirs="Two beds", mine="A cot")
    assert Entry.objects.get().details["what"] == "A cot"


def test_an_entry_that_somebody_took_out(service: Service) -> None:
    episode = service.open()
    need = service.put(episode, "need", what="One bed")
    actions.remove_entry(Entry.objects.get(pk=need.pk), episode=episode, by=service.lead, at=NOW)
    with pytest.raises(NotNow, match="has deleted this entry already"):
        actions.remove_entry(need, episode=episode, by=service.isla, at=NOW)
    details = DETAILS["need"] | {"what": "Two beds"}
    with pytest.raises(NotNow, match="has deleted this entry already"):
        actions.change_entry(need, episode=episode, expected=1, details=details, state="open", by=service.isla, at=NOW)
    assert Event.objects.filter(kind=Kind.ENTRY_REMOVED).count() == 1


def test_who_somebody_is_with_the_ways_to_reach_them(service: Service, at_work: AtWork) -> None:
    """A colleague marks a telephone as unsafe while the form is open: that is said, and not overwritten unseen."""
    person, by = service.world.person(), service.world.cast[Role.LEAD]
    way = {"kind": "phone", "value": "07700 900461", "note": ""}
    empty = dict.fromkeys(("family_name", "nickname", "born", "nationality", "home_office_reference"), "")
    names = empty | {"given_names": "Zdravka"}
    for version, safe in enumerate(("yes", "no")):
        ways = [way | {"safe": safe}]
        cases.change_identity(person=person, expected=version, channels=ways, names=names, by=by, at=NOW)
    data = {"given_names": "Zdravka", "version": 1, "way-TOTAL_FORMS": 1, "way-INITIAL_FORMS": 1}
    data |= {f"way-0-{name}": value for name, value in (way | {"safe": "yes"}).items()}
    address = reverse("person-identity-edit", args=[person.pk])
    theirs, mine = (f"{label('channel', 'phone')}: 07700 900461 ({label('safe', safe)})" for safe in ("no", "yes"))
    check(at_work(Role.FRONTLINE_WORKER), address, data, theirs=theirs, mine=mine)


def test_an_entry_says_only_what_differs(service: Service, isla: Client) -> None:
    episode = service.open()
    entry = service.put(episode, "missing", since=TODAY.isoformat())
    details = entry.details | {"noticed": "Window open"}
    actions.change_entry(entry, episode=episode, expected=1, details=details, state="missing", by=service.lead, at=NOW)
    data = sent_missing(TODAY.isoformat()) | {"noticed": "Bed not slept in", "version": 1, "state": "missing"}
    late = isla.post(reverse("support-entry", args=[episode.pk, "missing", entry.pk]), data)
    assert unescape(late.content.decode()).count('<th scope="row">') == 1


def sent_missing(since: str) -> dict[str, Any]:
    from bield.service.support.entries.schema import parts

    return sent(parts()["missing"], DETAILS["missing"] | {"since": since})


def test_the_dates_of_decisions(service: Service, isla: Client) -> None:
    episode = service.open()
    values = {"grounds_on": TODAY, "slavery_only": True, "conclusive_on": None, "conclusive": ""}
    actions.change(episode, expected=Episode.objects.get().version, values=values, by=service.lead, at=NOW)
    data = day_of_form("grounds_on", TODAY) | {"version": Episode.objects.get().version - 1}
    late = isla.post(reverse("support-dates", args=[episode.pk]), data)
    page = unescape(late.content.decode())
    assert late.status_code == 409
    assert TOLD in page
    assert "<td>Yes</td>" in page


def test_circumstances(service: Service, isla: Client) -> None:
    episode = service.open()
    before = Episode.objects.get().version
    actions.change(episode, expected=before, values={"circumstances": {"funds": "no"}}, by=service.lead, at=NOW)
    late = isla.post(reverse("support-circumstances", args=[episode.pk]), {"version": before, "funds": "yes"})
    page = unescape(late.content.decode())
    assert late.status_code == 409
    assert TOLD in page
    assert re.search(r"<td>No</td>\s*<td>Yes</td>", page)


def test_a_service_of_the_directory(service: Service, at_work: AtWork) -> None:
    directory.begin(at=NOW)
    listed = Listed.objects.get(name="Archway")
    client = Client()
    client.force_login(service.lead)
    directory.change(listed, expected=listed.version, values={"what": "Theirs"}, by=service.lead, at=NOW)
    data = {"version": listed.version, "name": "Archway", "organisation": "NHS", "what": "Mine", "status": "active",
            "heads": ["health"], "source": "x"}  # fmt: skip
    late = client.post(reverse("service-change", args=[listed.pk]), data)
    page = unescape(late.content.decode())
    assert late.status_code == 409, page[-3000:]
    assert TOLD in page
    assert re.search(r"<td>Theirs</td>\s*<td>Mine</td>", page)


def test_an_encounter(service: Service, at_work: AtWork) -> None:
    person, client = service.person(), at_work(Role.FRONTLINE_WORKER)
    kinds = dict(codes("place_kind")), dict(codes("attention"))
    values = {"on": TODAY, "council": "", "place_kind": next(iter(kinds[0])), "attention": next(iter(kinds[1]))}
    by = service.world.cast[Role.FRONTLINE_WORKER]
    found = encounters.add_encounter(person=person, by=by, at=NOW, values=values | {"note": "first"})
    version = Encounter.objects.get(pk=found.pk).version
    encounters.change_encounter(
        person=person, encounter=found, expected=version, by=by, at=NOW, values=values | {"note": "Theirs"}
    )
    data = day_of_form("on", TODAY) | {key: values[key] for key in ("council", "place_kind", "attention")}
    late = client.post(reverse("encounter", args=[person.pk, found.pk]), data | {"note": "Mine", "version": version})
    page = unescape(late.content.decode())
    assert late.status_code == 409
    assert TOLD in page
    assert re.search(r"<td>Theirs</td>\s*<td>Mine</td>", page)


@pytest.mark.parametrize("kind", ["accept", "decline"])
def test_a_request_that_somebody_else_answered_says_where_it_stands(service: Service, isla: Client, kind: str) -> None:
    episode = service.asked()
    actions.decline(episode, reason="room", by=service.lead, at=NOW)
    data = day_of_form("on", TODAY) | {"worker": service.isla.pk, "reason": "room"}
    page = isla.post(reverse("support-answer", args=[episode.pk, kind]), data, follow=True)
    text = unescape(page.content.decode())
    assert "somebody else changed this while you had it open. It is now ‘Not possible there’" in text
    assert "by now" not in text
