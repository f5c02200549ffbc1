"""Support as a flow: a need, a service that fits it, the referral, its answer, help received, and what came of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from bield.service.directory import actions as directory
from bield.service.directory.models import Service as Offer
from bield.service.support.episodes import display, matching
from bield.service.support.models import Entry, Episode
from tests.supporting import TODAY, Service
from tests.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def offer(service: Service) -> Offer:
    directory.begin(at=NOW)
    found = Offer.objects.filter(status="active").exclude(numbers=[]).first()
    assert found
    return found


def flow(entry: Entry) -> list[tuple[str, bool]]:
    row = display.shown([Entry.objects.select_related("by").get(pk=entry.pk)], today=TODAY)[0]
    return [(step.words, step.taken) for step in row.flow]


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    assert len(answer.content) < 30_000
    return " ".join(answer.content.decode().split())


def test_a_need_shows_how_far_it_has_come(service: Service, offer: Offer) -> None:
    episode = service.open()
    assert [taken for _words, taken in flow(service.put(episode, "need"))] == [False] * 5
    asked = service.put(episode, "need", service=str(offer.pk), answer="waits", referred_on=TODAY.isoformat())
    assert flow(asked)[:3] == [(offer.name, True), (f"Referred {date_format(TODAY)}", True), ("Its answer", False)]
    day = TODAY.isoformat()
    met = service.put(episode, "need", "met", service=str(offer.pk), answer="helps", referred_on=day, helped_from=day)
    helped = flow(met)
    assert helped[2:] == [("They help", True), (f"Helped from {date_format(TODAY)}", True), ("Met", True)]
    assert flow(service.put(episode, "need", "not_wanted"))[-1] == ("Not wanted", False)


def test_help_is_not_received_before_it_was_asked_for(service: Service, isla: Client, offer: Offer) -> None:
    episode = service.open()
    yesterday = TODAY - timedelta(days=1)
    form = {"head": "accommodation", "urgency": "now", "what": "A bed", "service": str(offer.pk), "state": "open"}
    for name, day in (("referred_on", TODAY), ("helped_from", yesterday)):
        form |= {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}
    page = isla.post(reverse("support-entry-new", args=[episode.pk, "need"]), form).content.decode()
    assert "Help received from" in page
    assert not Entry.objects.filter(episode=episode, part="need").exists()


def test_services_have_one_row_each_and_a_button_for_the_need(service: Service, isla: Client, offer: Offer) -> None:
    episode = service.open()
    need = service.put(episode, "need")
    address = reverse("support-services", args=[episode.pk])
    page = page_of(isla, address)
    assert f"{reverse('support-entry-new', args=[episode.pk, 'need'])}?service=" in page
    for_need = page_of(isla, f"{address}?need={need.pk}")
    assert f"{reverse('support-entry', args=[episode.pk, 'need', need.pk])}?service=" in for_need
    assert '<option value="accommodation" selected>' in for_need  # the kind of the need
    assert 'href="tel:' in page_of(isla, address)
    assert page_of(isla, f"{address}?need=nonsense&head=nonsense")


def test_those_without_a_number_come_last(service: Service, offer: Offer) -> None:
    person = service.person()
    found = matching.match(list(Offer.objects.all()), matching.asked_of(person, {}), today=TODAY)
    for fits in ("yes", "not_known", "no"):
        numbers = [bool(item.service.numbers) for item in found if item.fits == fits]
        assert numbers == sorted(numbers, reverse=True)
    assert all(item.why or item.to_ask or item.why_not for item in found if item.reasons)
    assert all(item.how_far for item in found)


def test_the_button_fills_in_the_service_and_saves_nothing(service: Service, isla: Client, offer: Offer) -> None:
    episode = service.open()
    need = service.put(episode, "need")
    for address in (
        reverse("support-entry", args=[episode.pk, "need", need.pk]),
        reverse("support-entry-new", args=[episode.pk, "need"]),
    ):
        page = page_of(isla, f"{address}?service={offer.pk}")
        assert "are filled in below" in page
        assert f'value="{offer.pk}" selected' in page
        for wrong in (uuid4(), "nonsense", ""):
            assert "are filled in below" not in page_of(isla, f"{address}?service={wrong}")
    need.refresh_from_db()
    assert "service" not in need.details
    assert Entry.objects.filter(episode=episode, part="need").count() == 1
    other = reverse("support-entry-new", args=[episode.pk, "risk"])
    assert "are filled in below" not in page_of(isla, f"{other}?service={offer.pk}")


def test_a_goal_can_be_called_reached_from_the_question(service: Service, isla: Client) -> None:
    episode = service.open()
    goal = service.put(episode, "goal")
    address = reverse("support-entry", args=[episode.pk, "goal", goal.pk])
    assert 'value="reached" checked' in checked(page_of(isla, f"{address}?state=reached"))
    assert 'value="open" checked' in checked(page_of(isla, f"{address}?state=nonsense"))
    goal.refresh_from_db()
    assert goal.state == "open"


def checked(page: str) -> str:
    """The page with the order of attributes of a chosen answer made plain."""
    import re

    return re.sub(r'<input[^>]*value="(\w+)"[^>]*\bchecked\b[^>]*>', r'value="\1" checked', page)


def test_a_step_names_a_colleague_of_the_team_and_no_other(service: Service, isla: Client) -> None:
    episode = service.open()
    goal = service.put(episode, "goal")
    address = f"{reverse('support-entry-new', args=[episode.pk, 'step'])}?under={goal.pk}"
    form = {"what": "Ring the college", "who": "My worker", "state": "to_do"}
    outsider = service.world.outsider
    isla.post(address, form | {"worker": str(outsider.pk)})
    assert not Entry.objects.filter(part="step").exists()
    assert isla.post(address, form | {"worker": str(service.isla.pk)}).status_code == 302
    step = Entry.objects.get(part="step")
    assert step.details["worker"] == str(service.isla.pk)
    overview = page_of(isla, reverse("support", args=[episode.pk]))
    assert f"({service.isla.name})" in overview
    assert f"({service.isla.pk}" not in overview


def test_a_worker_is_named_wherever_the_entry_is_read(service: Service) -> None:
    episode: Episode = service.open()
    goal = service.put(episode, "goal")
    step = service.put(episode, "step", under=goal, worker=str(service.isla.pk))
    rows = display.shown([goal, step], today=TODAY)
    assert rows[0].steps[0].worker == service.isla.name
