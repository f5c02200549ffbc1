"""Nothing counts twice and nothing typed is lost: two clicks, Back and Save, an ended session, a server that fails."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.service.accounts.models import Membership
from bield.service.accounts.permissions import Permission, Role
from bield.service.audit.models import Event
from bield.service.cases import actions as cases
from bield.service.cases.access import person_for
from bield.service.cases.models import Person
from bield.service.drafts import actions
from bield.service.drafts.keys import FIELD, new_key
from bield.service.drafts.models import Draft, Sent
from bield.service.referrals import actions as referrals
from bield.service.urls import urlpatterns
from tests.supporting import Service, make_service
from tests.web.test_service import addresses
from tests.world import ADULT, NOW, World
from tests.world import DAY as MET

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOTE = "She said that the door is locked at night, and that nobody may open the window."
DAY = {"on_day": str(MET.day), "on_month": str(MET.month), "on_year": str(MET.year)}
ENCOUNTER = DAY | {"place_kind": "hotel", "attention": "police", "council": "", "note": NOTE}


def key_in(page: str) -> str:
    found = re.search(rf'name="{FIELD}" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def client_at_work(at_work: Callable[[Role], Client]) -> Client:
    return at_work(Role.FRONTLINE_WORKER)


@pytest.fixture
def address(world: World) -> str:
    return reverse("encounter-new", args=[world.person().pk])


def encounters() -> int:
    return sum(person.encounters.count() for person in Person.objects.all())


def test_two_clicks_make_one(client_at_work: Client, address: str) -> None:
    sent = ENCOUNTER | {FIELD: key_in(client_at_work.get(address).content.decode())}
    first, second = client_at_work.post(address, sent), client_at_work.post(address, sent)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert encounters() == 1
    assert Event.objects.filter(kind="encounter.added").count() == 1


def test_the_same_page_with_other_words_is_another(client_at_work: Client, address: str) -> None:
    key = key_in(client_at_work.get(address).content.decode())
    client_at_work.post(address, ENCOUNTER | {FIELD: key})
    client_at_work.post(address, ENCOUNTER | {FIELD: key, "note": "Another day, another talk."})
    assert encounters() == 2


def test_back_and_save_asks_first_and_loses_nothing(client_at_work: Client, address: str) -> None:
    for _time in range(2):
        page = client_at_work.get(address).content.decode()
        answer = client_at_work.post(address, ENCOUNTER | {FIELD: key_in(page)})
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "You saved the same a moment ago" in shown
    assert NOTE in shown
    assert encounters() == 1
    again = client_at_work.post(address, ENCOUNTER | {FIELD: key_in(shown), "save_again": "1"})
    assert again.status_code == 302
    assert encounters() == 2


def test_the_same_after_a_while_is_taken(client_at_work: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_in(client_at_work.get(address).content.decode())
    client_at_work.post(address, ENCOUNTER | {FIELD: key})
    later = timezone.now() + actions.ALIKE + timedelta(seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    key = key_in(client_at_work.get(address).content.decode())
    assert client_at_work.post(address, ENCOUNTER | {FIELD: key}).status_code == 302
    assert encounters() == 2


def test_a_form_that_was_refused_may_be_mended_and_sent(client_at_work: Client, address: str) -> None:
    key = key_in(client_at_work.get(address).content.decode())
    assert client_at_work.post(address, ENCOUNTER | {FIELD: key, "place_kind": ""}).status_code == 200
    assert Sent.objects.count() == 0
    assert client_at_work.post(address, ENCOUNTER | {FIELD: key}).status_code == 302
    assert encounters() == 1


def test_what_fails_in_the_middle_can_be_sent_again(
    client_at_work: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = ENCOUNTER | {FIELD: key_in(client_at_work.get(address).content.decode())}
    client_at_work.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("bield.service.cases.views.messages.success", _no_room)
        answer = client_at_work.post(address, sent)
    assert answer.status_code == 500
    assert encounters() == 0  # the change and the note that it was sent stand or fall together
    assert client_at_work.post(address, sent).status_code == 302
    assert encounters() == 1


def _no_room(*_args: Any, **_kwargs: Any) -> None:
    raise OperationalError("database or disk is full")


def test_a_full_disk_gives_back_what_was_written(
    client_at_work: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = ENCOUNTER | {FIELD: key_in(client_at_work.get(address).content.decode())}
    client_at_work.raise_request_exception = False
    monkeypatch.setattr("bield.service.drafts.models.Sent.objects.get_or_create", _no_room)
    answer = client_at_work.post(address, sent)
    assert answer.status_code == 500
    assert NOTE in answer.content.decode()


def test_a_key_of_somebody_else_does_not_count(world: World, client_at_work: Client, address: str) -> None:
    key = new_key(world.cast[Role.LEAD])
    client_at_work.post(address, ENCOUNTER | {FIELD: key})
    client_at_work.post(address, ENCOUNTER | {FIELD: key})
    assert Sent.objects.count() == 0


# When the session has ended


def test_what_a_script_keeps_after_the_session_ended_is_no_form_of_its_own(
    client_at_work: Client, address: str
) -> None:
    key = key_in(client_at_work.get(address).content.decode())
    typed = ENCOUNTER | {FIELD: key, "draft-page": address, "draft-path": address}
    signed_out = Client()
    assert signed_out.post(reverse("draft-keep"), typed)["Location"].startswith("/accounts/login/")
    assert not Draft.objects.exists()
    assert "You were signed out" not in signed_out.get("/accounts/login/").content.decode()


def test_what_was_sent_after_the_session_ended_comes_back(world: World, client_at_work: Client, address: str) -> None:
    key = key_in(client_at_work.get(address).content.decode())
    client_at_work.logout()
    answer = client_at_work.post(address, ENCOUNTER | {FIELD: key}, follow=True)
    page = answer.content.decode()
    assert "What you wrote is kept" in page
    assert NOTE not in page
    client_at_work.force_login(world.cast[Role.FRONTLINE_WORKER])
    way_back = parse_qs(urlsplit(answer.redirect_chain[-1][0]).query)["next"][0]
    shown = client_at_work.get(way_back).content.decode()
    assert "was not saved" in shown
    draft = Draft.objects.get()
    form = client_at_work.get(f"{address}?draft={draft.pk}").content.decode()
    assert NOTE in form
    assert encounters() == 0
    assert client_at_work.post(address, ENCOUNTER | {FIELD: key_in(form)}).status_code == 302
    assert encounters() == 1
    assert not Draft.objects.exists()  # it was saved


def test_nobody_else_gets_what_was_kept(world: World, client_at_work: Client, address: str) -> None:
    key = key_in(client_at_work.get(address).content.decode())
    client_at_work.logout()
    client_at_work.post(address, ENCOUNTER | {FIELD: key})
    draft, other = Draft.objects.get(), Client()
    other.force_login(world.cast[Role.LEAD])
    assert NOTE not in other.get(f"{address}?draft={draft.pk}&kept=1").content.decode()
    assert NOTE not in other.get(reverse("drafts")).content.decode()
    assert other.post(reverse("draft-throw-away", args=[draft.pk])).status_code == 404
    assert Draft.objects.filter(pk=draft.pk).exists()


def test_a_form_without_our_key_is_not_kept(client: Client, address: str) -> None:
    for forged in ({}, {FIELD: "made-up"}, {FIELD: "00000000-0000-4000-8000-000000000000:x:y"}):
        assert client.post(address, ENCOUNTER | forged).status_code == 302
    assert not Draft.objects.exists()


def test_what_is_kept_is_sealed_and_goes_after_some_days(
    world: World, client_at_work: Client, address: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_in(client_at_work.get(address).content.decode())
    client_at_work.logout()
    client_at_work.post(address, ENCOUNTER | {FIELD: key})
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM drafts_draft")
        assert NOTE[:20] not in cursor.fetchone()[0]
    later = timezone.now() + timedelta(days=settings.DRAFT_DAYS, seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    client_at_work.force_login(world.cast[Role.FRONTLINE_WORKER])
    assert NOTE not in client_at_work.get(reverse("drafts")).content.decode()
    assert actions.remove_old(at=later) == 1


def test_a_form_that_no_longer_holds_is_kept_and_the_advice_does_not_destroy_it(world: World, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cast[Role.FRONTLINE_WORKER])
    key = key_in(client.get(address).content.decode())
    answer = client.post(address, ENCOUNTER | {FIELD: key})
    assert answer.status_code == 403
    assert "What you wrote is kept." in answer.content.decode()
    assert f'href="{address}?kept=1"' in answer.content.decode()
    assert "Go on with it" in client.get(f"{address}?kept=1").content.decode()


def test_no_password_is_ever_kept(world: World) -> None:
    client, key = Client(enforce_csrf_checks=True), new_key(world.cast[Role.LEAD])
    client.post("/accounts/password/change/", {FIELD: key, "password1": "correct horse battery", "words": NOTE})
    client.post("/people/new/", {FIELD: key, "password1": "correct horse battery"})
    assert not Draft.objects.exists()


# While it is typed


def keep(client: Client, address: str, **changes: Any) -> Any:
    return client.post(reverse("draft-keep"), ENCOUNTER | {"draft-page": address, "draft-path": address} | changes)


def test_what_is_typed_is_kept_and_put_back(client_at_work: Client, address: str) -> None:
    assert keep(client_at_work, address, note="Half a sen").json()["kept"].startswith("Draft kept at ")
    keep(client_at_work, address)
    draft = Draft.objects.get()  # one of a form, the latest
    assert "was not saved" in client_at_work.get(address).content.decode()
    assert NOTE in client_at_work.get(f"{address}?draft={draft.pk}").content.decode()
    assert client_at_work.post(reverse("draft-throw-away", args=[draft.pk])).status_code == 302
    assert "was not saved" not in client_at_work.get(address).content.decode()


@pytest.mark.parametrize("odd", ["", "https://evil.example/", "//evil.example", "/accounts/login/"])
def test_only_our_own_pages_have_drafts(client_at_work: Client, address: str, odd: str) -> None:
    assert keep(client_at_work, odd).status_code == 400
    assert not Draft.objects.exists()


def test_no_more_than_some_are_kept(client_at_work: Client, address: str) -> None:
    for number in range(actions.MOST_DRAFTS + 5):
        keep(client_at_work, f"/people/{number}/")
    assert Draft.objects.count() == actions.MOST_DRAFTS
    assert not Draft.objects.filter(page="/people/0/").exists()


def test_the_account_told_once_survives_the_end_of_the_session(service: Service, isla: Client) -> None:
    address = reverse("support-account-write", args=[service.open().pk])
    key = key_in(isla.get(address).content.decode())
    isla.logout()
    isla.post(address, {FIELD: key, "offer_words": "We went by van at night. " * 400})
    isla.force_login(service.isla)
    page = isla.get(f"{address}?draft={Draft.objects.get().pk}").content.decode()
    assert page.count("We went by van at night.") == 400


def test_too_long_is_said_and_every_letter_stays(client_at_work: Client, address: str) -> None:
    long = "She told it slowly. " * 400
    answer = client_at_work.post(address, ENCOUNTER | {"note": long})
    assert answer.status_code == 200
    assert long.strip() in answer.content.decode()
    assert encounters() == 0


ADDING = {"people/new/", "people/<uuid:person_id>/encounters/new/", "people/<uuid:person_id>/consents/<slug:kind>/",
          "people/<uuid:person_id>/shared/", "people/<uuid:person_id>/age/", "support/of/<uuid:person_id>/",
          "support/<uuid:episode_id>/parts/<slug:name>/new/", "support/<uuid:episode_id>/outcomes/new/",
          "support/<uuid:episode_id>/account/write/", "support/<uuid:episode_id>/account/correct/",
          "support/<uuid:episode_id>/account/grants/new/", "support/<uuid:episode_id>/account/interview/",
          "support/granted/<uuid:grant_id>/interview/", "support/services/new/",
          "referrals/<uuid:referral_id>/decision/", "referrals/<uuid:referral_id>/hand-in/"}  # fmt: skip
"""The addresses whose form adds something each time it is sent."""


def test_every_form_that_adds_asks_before_it_adds_the_same_again() -> None:
    from django.urls import URLPattern, URLResolver

    def views(patterns: list[URLPattern | URLResolver], before: str = "") -> dict[str, Any]:
        found: dict[str, Any] = {}
        for item in patterns:
            route = before + str(item.pattern)
            found |= views(item.url_patterns, route) if isinstance(item, URLResolver) else {route: item.callback}
        return found

    every = views(urlpatterns)
    assert set(every) == set(addresses(urlpatterns))
    assert {route for route, view in every.items() if getattr(view, "adds", False)} >= ADDING
    own_key = {"notifications/new/"}  # the key of the request itself
    assert {route for route in every if route.endswith("/new/")} - own_key <= ADDING


def test_a_page_with_drafts_of_its_own_shows_no_words_that_nobody_typed(world: World, client_at_work: Client) -> None:
    person, by = world.full_person(), world.cast[Role.FIRST_RESPONDER]
    referrals.begin(person_for(by, person.pk, Permission.REFERRAL_MAKE), by=by, at=NOW)
    client_at_work.force_login(by)
    page = client_at_work.get(reverse("referrals"))
    assert list(page.context["drafts"])
    assert "You wrote something here" not in page.content.decode()


def test_a_record_begun_twice_is_one(client_at_work: Client, world: World) -> None:
    page = client_at_work.get("/people/new/").content.decode()
    about = {name: value for name, value in ADULT.items() if value not in (None, False)} | {"team": world.team.pk}
    for _click in range(2):
        assert client_at_work.post("/people/new/", about | {FIELD: key_in(page)}).status_code == 302
    assert Person.objects.count() == 1


# Kept for nobody who may not have it


def kept_note(client: Client, person: Person, note: str = "She said that the man called Zdravka at night.") -> str:
    """Keep a note for an encounter, as scripts do. Returns the address of its form."""
    path = reverse("encounter-new", args=[person.pk])
    client.post(reverse("draft-keep"), {"draft-page": path, "draft-path": path, "note": note})
    return path


def test_a_draft_goes_with_the_record_it_is_about(world: World, at_work: Callable[[Role], Client]) -> None:
    service = make_service(world)
    person, other = service.person(), world.person()
    episode = service.open(person)
    client, isla = at_work(Role.FRONTLINE_WORKER), Client()
    isla.force_login(service.isla)
    path = reverse("support-entry-new", args=[episode.pk, "goal"])
    isla.post(reverse("draft-keep"), {"draft-page": path, "draft-path": path, "words": "I want to sleep in the day."})
    for about in (person, other):
        kept_note(client, about)
    assert Draft.objects.count() == 3
    cases.delete([Person.objects.select_related("team").get(pk=person.pk)], actor=person.worker_id, rule="closed_adult")
    assert [str(other.pk) in draft.path for draft in Draft.objects.all()] == [True]


def test_who_has_left_a_team_gets_nothing_that_was_typed_there(world: World, at_work: Callable[[Role], Client]) -> None:
    client, user = at_work(Role.FRONTLINE_WORKER), world.cast[Role.FRONTLINE_WORKER]
    path = kept_note(client, world.person())
    assert "Zdravka" in client.get(reverse("drafts")).content.decode()
    Membership.objects.create(user=user, team=world.elsewhere, role=Role.FRONTLINE_WORKER)
    assert "Zdravka" in client.get(reverse("drafts")).content.decode(), "a new team takes nothing away"
    Membership.objects.filter(user=user, team=world.team).delete()
    assert "Zdravka" not in client.get(reverse("drafts")).content.decode()
    assert client.get(f"{path}?draft={Draft.objects.get().pk}").status_code == 404


def test_who_no_longer_sees_people_gets_nothing_that_was_typed_about_them(
    world: World, at_work: Callable[[Role], Client]
) -> None:
    client, user = at_work(Role.FRONTLINE_WORKER), world.cast[Role.FRONTLINE_WORKER]
    kept_note(client, world.person())
    Membership.objects.filter(user=user).update(role=Role.STATISTICIAN)
    assert "Zdravka" not in client.get(reverse("drafts")).content.decode()


def test_a_long_address_keeps_one_draft(world: World, at_work: Callable[[Role], Client]) -> None:
    client, path = at_work(Role.FRONTLINE_WORKER), "/people/?x=" + "a" * 400
    for number in range(3):
        client.post(reverse("draft-keep"), {"draft-page": path, "draft-path": path, "note": f"She said {number}"})
    assert [draft.words for draft in Draft.objects.all()] == [[["note", ["She said 2"]]]]


@pytest.mark.parametrize("path", ["/a\x00b", "/a\nb", "/a\x7fb"])
def test_an_address_with_signs_that_nobody_sees_is_refused(
    at_work: Callable[[Role], Client], world: World, path: str
) -> None:
    client = at_work(Role.FRONTLINE_WORKER)
    answer = client.post(reverse("draft-keep"), {"draft-page": path, "draft-path": path, "note": "She said so."})
    assert answer.status_code == 400


def test_a_key_that_is_too_old_keeps_nothing_for_anybody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever found an old page of somebody else cannot fill their drafts with it."""
    user, path = world.cast[Role.FRONTLINE_WORKER], reverse("encounter-new", args=[world.person().pk])
    key = new_key(user)
    for days, count in ((6, 1), (8, 1)):
        now = time.time() + days * 24 * 60 * 60
        monkeypatch.setattr("django.core.signing.time.time", lambda now=now: now)
        Client().post(path, {"form_key": key, "note": f"She said so {days} days later, at the door."})
        assert Draft.objects.count() == count
