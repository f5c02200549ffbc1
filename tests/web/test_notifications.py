"""Notifications: what is sent, what stops, who sees it, and what becomes of it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from bield.service.accounts.models import User
from bield.service.accounts.permissions import Role
from bield.service.audit.models import Event
from bield.service.cases.models import Person
from bield.service.changes import NotNow
from bield.service.days import day_of
from bield.service.notifications import actions, intake, payload
from bield.service.notifications.forms import version_today
from bield.service.notifications.models import ApiKey, Notification, NotifiedIdentity, Question, Request
from tests.web.filing import choose, choose_and_go
from tests.world import NAMES, NOW, World, make

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SECRETS = [*(value for value in NAMES.values() if value), "07700 900461", "17 May 2001", "He answers it"]
ABOUT = {
    "age": "adult",
    "agreed": "refused",
    "gender": "woman",
    "country_of_origin": "VN",
    "trafficking": "yes",
    "type": ["sexual"],
    "recovered_where": "glasgow-city",
    "referral": "none",
}


@pytest.fixture(autouse=True)
def _fresh_counts(settings: Any) -> None:
    settings.REGISTER_SECONDS = 0


@pytest.fixture
def morag(at_work: Callable[[Role], Client]) -> Client:
    return at_work(Role.FRONTLINE_WORKER)


@pytest.fixture
def officer(world: World) -> Client:
    client = Client()
    client.force_login(world.officer)
    return client


@pytest.fixture
def key(world: World) -> str:
    return actions.make_key(team=world.team, name="CareSystem", by=world.cast[Role.ADMINISTRATOR], at=NOW)[1]


def hidden(page: str) -> dict[str, list[str]]:
    """The hidden fields of the second page."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', page):
        if name != "csrfmiddlewaretoken":
            found.setdefault(name, []).append(value)
    return found


def choices(page: str) -> list[str]:
    return re.findall(r'name="choice"\s+value="([^"]+)"', page)


def send_from(client: Client, address: str, said: dict[str, Any], choice: str = "") -> Notification:
    """Go through both pages."""
    page = client.post(address, said).content.decode()
    assert "Check what will be sent" in page
    data: dict[str, Any] = hidden(page) | {"send": "1"}
    if choice:
        data["choice"] = next(item for item in choices(page) if item.startswith(choice))
    response = client.post(address, data)
    assert response.status_code == 302, response.content.decode()
    return Notification.objects.order_by("-sent_at").first() or pytest.fail("nothing was sent")


def everything_stored() -> str:
    """Every row that the notifications room holds, as it stands in the database."""
    with connection.cursor() as cursor:
        found = []
        for model in (Notification, NotifiedIdentity, Question, Request):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


# From a record


def test_natasha_refuses_and_nothing_that_says_who_she_is_leaves(world: World, morag: Client, officer: Client) -> None:
    person = world.full_person()
    world.consent(person, "notification_identity", "refused")
    address = reverse("person-notify", args=[person.pk])
    first = morag.get(address).content.decode()
    assert "They do not agree to be identified" in first
    assert 'name="name"' not in first
    said = {name: value for name, value in ABOUT.items() if name not in ("age", "agreed")}
    check = morag.post(address, said).content.decode()
    assert "could single them out" in check
    assert all(label in check for label in ("Name", "Date of birth", "A safe way to reach them"))
    sent = send_from(morag, address, said, "say:")
    assert sent.recovered_where == "scotland"
    assert sent.broadened == ["recovered_where"]
    assert set(sent.withheld) == {"name", "date_of_birth", "contact"}
    assert sent.people is not None
    assert sent.people >= 5
    assert not NotifiedIdentity.objects.exists()
    pages = [everything_stored()]
    for name in ("notification", "notification-identity", "notification-receipt-file"):
        pages.append(officer.get(reverse(name, args=[sent.pk])).content.decode())
    pages.append(officer.get(reverse("notifications-inbox")).content.decode())
    pages.append(officer.get(reverse("notifications-file")).getvalue().decode())
    for page in pages:
        assert not [secret for secret in SECRETS if secret in page]
        assert person.reference not in page
        assert person.shown_reference not in page
    shared = person.sharings.get()
    assert (shared.what, shared.to, shared.consent) == ("notification", "police-scotland", "")


def test_what_somebody_agreed_to_goes_and_stands_apart_and_sealed(world: World, morag: Client, officer: Client) -> None:
    person = world.full_person()
    world.consent(person, "notification_identity", "given")
    address = reverse("person-notify", args=[person.pk])
    first = morag.get(address).content.decode()
    assert "Zdravka Quillfeather" in first
    assert "07700 900461" not in first  # not a safe way to reach her
    said = {name: value for name, value in ABOUT.items() if name not in ("age", "agreed")}
    sent = send_from(morag, address, said | {"name": "Zdravka Quillfeather"})
    assert "Zdravka" not in everything_stored()
    assert "Zdravka" not in officer.get(reverse("notification", args=[sent.pk])).content.decode()
    assert "Zdravka Quillfeather" in officer.get(reverse("notification-identity", args=[sent.pk])).content.decode()
    assert Event.objects.filter(kind="notification.identity_read", subject=str(sent.pk)).count() == 1
    assert person.sharings.get().consent == "notification_identity"


@pytest.mark.parametrize(("decision", "until"), [("withdrawn", None), ("given", day_of(NOW).replace(year=2020))])
def test_agreement_that_was_taken_back_or_is_over_lets_nothing_out(
    world: World, morag: Client, decision: str, until: Any
) -> None:
    person = world.full_person()
    world.consent(person, "notification_identity", "given", until=until, on=day_of(NOW).replace(year=2019))
    if decision == "withdrawn":
        world.consent(person, "notification_identity", decision)
    said = {name: value for name, value in ABOUT.items() if name not in ("age", "agreed")}
    sent = send_from(morag, reverse("person-notify", args=[person.pk]), said | {"name": "Zdravka"}, "say:")
    assert not hasattr(sent, "identity")
    assert sent.identity_agreed == "no"


def test_a_child_may_be_identified_and_nobody_is_asked(world: World, morag: Client) -> None:
    person = world.full_person(age="under_18")
    sent = send_from(
        morag, reverse("person-notify", args=[person.pk]), {"type": ["labour"], "name": "Zdravka Quillfeather"}
    )
    assert sent.identity.rests_on == "child"
    assert sent.identity_agreed == "child"


def test_somebody_whose_age_is_not_sure_is_not_identified(world: World, morag: Client) -> None:
    person = world.full_person(age="uncertain")
    page = morag.get(reverse("person-notify", args=[person.pk])).content.decode()
    assert "Their age is not sure" in page
    assert 'name="name"' not in page


def test_a_later_notification_is_judged_with_the_earlier_one(world: World, morag: Client) -> None:
    person = world.full_person()
    address = reverse("person-notify", args=[person.pk])
    said = {name: value for name, value in ABOUT.items() if name not in ("age", "agreed")}
    first = send_from(morag, address, said, "say:")
    assert first.recovered_where == "scotland"
    page = morag.post(address, said | {"gender": "man"}).content.decode()
    assert "You said something else about this person before" in page
    second = send_from(morag, address, said, "say:")
    assert (second.again, second.counts, first.again) == (True, False, False)
    assert second.recovered_where == "scotland"


def test_it_is_not_sent_without_choosing_where_it_is_rare(world: World, morag: Client) -> None:
    person = world.full_person()
    address = reverse("person-notify", args=[person.pk])
    said = {name: value for name, value in ABOUT.items() if name not in ("age", "agreed")}
    page = morag.post(address, said).content.decode()
    again = morag.post(address, hidden(page) | {"send": "1"})
    assert "Choose how to say it" in again.content.decode()
    assert not Notification.objects.exists()
    kept = send_from(morag, address, said, "keep:place_needed")
    assert (kept.recovered_where, kept.kept_because) == ("glasgow-city", "place_needed")


def test_the_same_second_page_sent_twice_makes_one(world: World, morag: Client) -> None:
    person = world.full_person()
    address = reverse("person-notify", args=[person.pk])
    page = morag.post(address, {"type": ["labour"]}).content.decode()
    data = hidden(page) | {"send": "1"} | ({"choice": choices(page)[0]} if choices(page) else {})
    assert [morag.post(address, data).status_code for _time in range(2)] == [302, 302]
    assert Notification.objects.count() == 1
    assert person.sharings.count() == 1


def test_changing_something_keeps_what_was_typed(world: World, morag: Client) -> None:
    person = world.full_person()
    address = reverse("person-notify", args=[person.pk])
    page = morag.post(address, {"type": ["labour"], "country_of_origin": "RO"}).content.decode()
    back = morag.post(address, hidden(page) | {"change": "1"}).content.decode()
    assert '<option value="RO" selected>' in back


def test_the_person_may_see_who_read_what_was_sent(world: World, morag: Client, officer: Client) -> None:
    person = world.full_person()
    said = {name: value for name, value in ABOUT.items() if name not in ("age", "agreed")}
    sent = send_from(morag, reverse("person-notify", args=[person.pk]), said, "say:")
    officer.get(reverse("notification", args=[sent.pk]))
    lead = Client()
    lead.force_login(world.cast[Role.LEAD])
    looks = lead.get(reverse("person-looks", args=[person.pk])).content.decode()
    assert "Read a notification" in looks
    assert "Police Scotland" in looks
    assert "Officer" not in looks
    copy = lead.get(reverse("person-copy-file", args=[person.pk])).json()
    assert copy["notifications"][0]["reference"] == sent.shown_reference
    assert copy["notifications"][0]["it_says_who_you_are"] is False


# Without a record


def test_without_a_record_two_pages_are_enough(world: World, morag: Client) -> None:
    sent = send_from(morag, reverse("notification-new"), ABOUT | {"team": str(world.team.pk)}, "say:")
    assert (sent.way, sent.basis, sent.identity_agreed) == ("page", "voluntary", "no")


def test_identity_that_was_typed_without_agreement_is_dropped_and_named(world: World, morag: Client) -> None:
    said = ABOUT | {"team": str(world.team.pk), "name": "Zdravka Quillfeather", "contact": "Her mother"}
    sent = send_from(morag, reverse("notification-new"), said, "say:")
    assert sent.withheld == ["name", "contact"]
    assert "Zdravka" not in everything_stored()


def test_something_must_be_said(world: World, morag: Client) -> None:
    page = morag.post(reverse("notification-new"), {"team": str(world.team.pk), "age": "adult"}).content.decode()
    assert "Say at least one thing" in page


def test_ones_own_reference_finds_a_second_notification(world: World, morag: Client) -> None:
    said = ABOUT | {"team": str(world.team.pk), "local_reference": "SW-4711"}
    one = send_from(morag, reverse("notification-new"), said, "keep:police_know")
    two = send_from(morag, reverse("notification-new"), said | {"local_reference": " sw-4711 "}, "keep:police_know")
    assert (one.again, two.again) == (False, True)
    assert "4711" not in everything_stored()


# Who sees it


@pytest.mark.parametrize("role", list(Role))
def test_the_other_body_cannot_tell_a_notification_from_none(world: World, role: Role) -> None:
    """Nobody of the sending council's other roles, nor of another council, reaches it; both answers are the same."""
    sent = world.notify()
    senders = {
        Role.FRONTLINE_WORKER,
        Role.FIRST_RESPONDER,
        Role.LEAD,
        Role.SUPPORT_WORKER,
        Role.GUARDIAN,
        Role.POLICE_OFFICER,
    }
    for user, sees in ((world.cast[role], role in senders), (world.outsider, False)):
        client = Client()
        client.force_login(user)
        for name in ("notification", "notification-receipt", "notification-receipt-file"):
            found = client.get(reverse(name, args=[sent.pk]))
            absent = client.get(reverse(name, args=[uuid4()]))
            assert found.status_code == (200 if sees else 404), (user.name, name)
            assert absent.status_code == 404
            if not sees:
                assert found.content == absent.content
        for name in ("notification-acknowledge", "notification-ask", "notification-known", "notification-close"):
            assert client.post(reverse(name, args=[sent.pk])).status_code == (403 if sees else 404)
        assert client.get(reverse("notification-identity", args=[sent.pk])).status_code == (403 if sees else 404)


def test_the_police_cannot_answer_for_the_sender(world: World, officer: Client) -> None:
    sent = world.notify()
    question = actions.ask(sent, by=world.officer, at=NOW, question="still")
    assert officer.post(reverse("notification-answer", args=[sent.pk, question.pk])).status_code == 403


def test_every_reading_leaves_an_event(world: World, officer: Client) -> None:
    sent = world.notify()
    for name, kind in (
        ("notification", "notification.read"),
        ("notification-receipt", "notification.receipt"),
        ("notification-identity", "notification.identity_read"),
    ):
        before = Event.objects.filter(kind=kind).count()
        assert officer.get(reverse(name, args=[sent.pk])).status_code == 200
        assert Event.objects.filter(kind=kind).count() == before + 1


def test_what_was_said_cannot_be_changed(world: World) -> None:
    sent = world.notify()
    with pytest.raises(DatabaseError), transaction.atomic():
        Notification.objects.filter(pk=sent.pk).update(gender="man")
    sent.refresh_from_db()
    assert sent.gender == "woman"


# What becomes of it


def test_the_police_ask_and_the_sender_answers_from_a_list(world: World, morag: Client, officer: Client) -> None:
    sent = world.notify(recovered_where="scotland")
    assert "Acknowledge" in officer.get(reverse("notification", args=[sent.pk])).content.decode()
    officer.post(reverse("notification-acknowledge", args=[sent.pk]))
    page = officer.get(reverse("notification", args=[sent.pk])).content.decode()
    assert 'name="words"' not in page  # no words about somebody who has not agreed
    officer.post(reverse("notification-ask", args=[sent.pk]), {"question": "danger", "words": "Is it Zdravka?"})
    question = sent.questions.get()
    assert question.words == ""
    assert "The police asked a question" in morag.get(reverse("notifications-sent")).content.decode()
    answer = reverse("notification-answer", args=[sent.pk, question.pk])
    morag.post(answer, {"answer-choice": "Her name is Zdravka"})
    assert sent.questions.get().answer == ""
    morag.post(answer, {"answer-choice": "no", "answer-words": "Her name is Zdravka"})
    assert (sent.questions.get().answer, sent.questions.get().answer_words) == ("no", "")
    assert "Not as far as we know" in officer.get(reverse("notification", args=[sent.pk])).content.decode()


def test_an_answer_that_would_single_them_out_is_refused(world: World, morag: Client) -> None:
    sent = world.notify(country_of_origin="VN", recovered_where="scotland")
    question = actions.ask(sent, by=world.officer, at=NOW, question="field:recovered_where")
    address = reverse("notification-answer", args=[sent.pk, question.pk])
    page = morag.post(address, {"answer-choice": "glasgow-city"}, follow=True).content.decode()
    assert "single them out" in page
    assert sent.questions.get().answer == ""
    morag.post(address, {"answer-choice": "not_safe"})
    assert sent.questions.get().answer == "not_safe"


def test_what_was_answered_counts_as_said(world: World) -> None:
    for _number in range(6):
        world.notify(recovered_where="fife")
    sent = world.notify(recovered_where="scotland", extra={"local_reference": "A"})
    question = actions.ask(sent, by=world.officer, at=NOW, question="field:recovered_where")
    actions.answer(question, by=world.cast[Role.LEAD], at=NOW, choice="fife")
    assert intake.known(sent).value("recovered_where") == "fife"
    assert sent.notice.value("recovered_where") == "scotland"


def test_words_are_possible_where_they_agreed(world: World, morag: Client, officer: Client) -> None:
    sent = world.notify(consents={"notification_identity": "given"}, name="Zdravka Quillfeather")
    officer.post(reverse("notification-ask", args=[sent.pk]), {"question": "words", "words": "Which hotel was it?"})
    question = sent.questions.get()
    assert "Which hotel" not in everything_stored()
    morag.post(reverse("notification-answer", args=[sent.pk, question.pk]), {"answer-words": "The one by the bridge"})
    assert "by the bridge" in officer.get(reverse("notification", args=[sent.pk])).content.decode()


def test_agreement_taken_back_afterwards_is_told_and_ends_the_words(
    world: World, morag: Client, officer: Client
) -> None:
    person = world.full_person()
    world.consent(person, "notification_identity", "given")
    said = {"type": ["sexual"], "name": "Zdravka Quillfeather"}
    sent = send_from(morag, reverse("person-notify", args=[person.pk]), said)
    question = actions.ask(sent, by=world.officer, at=NOW, question="words", words="Where is she?")
    world.consent(person, "notification_identity", "withdrawn")
    page = officer.get(reverse("notification", args=[sent.pk])).content.decode()
    assert "They no longer agree since" in page
    assert 'name="words"' not in page
    morag.post(reverse("notification-answer", args=[sent.pk, question.pk]), {"answer-words": "At the bridge"})
    assert sent.questions.get().answer == ""
    officer.post(reverse("notification-close", args=[sent.pk]), {"close-outcome": "picture"})
    sent.refresh_from_db()
    assert sent.outcome == "picture"


def test_already_known_is_counted_once_and_can_be_taken_back(world: World, officer: Client) -> None:
    one, two = world.notify(), world.notify()
    address = reverse("notification-known", args=[two.pk])
    page = officer.post(address, {"known-same": "nonsense"}).content.decode()
    assert "nonsense is not the reference" in page
    officer.post(address, {"known-same": one.shown_reference})
    two.refresh_from_db()
    assert (two.already_known, two.same_as, two.counts) == (True, one, False)
    for wrong in (two.shown_reference, one.shown_reference):
        officer.post(reverse("notification-known", args=[one.pk]), {"known-same": wrong})
        one.refresh_from_db()
        assert not one.already_known
    officer.post(address, {"undo": "1"})
    two.refresh_from_db()
    assert two.counts


def test_the_police_see_which_body_has_told_of_the_same_person(world: World, officer: Client) -> None:
    sent = world.notify(extra={"elsewhere": ("highland",)})
    page = officer.get(reverse("notification", args=[sent.pk])).content.decode()
    assert "?body=highland" in page
    assert "Highland Council" in page


def test_what_is_passed_on_is_less_and_never_identifies(world: World, officer: Client) -> None:
    """Agreement to tell the police is none to tell others; age and gender stay; a rare place is said broadly."""
    sent = world.notify(
        consents={"notification_identity": "given"},
        name="Zdravka Quillfeather",
        country_of_origin="VN",
        recovered_where="orkney-islands",
    )
    page = officer.get(reverse("notification", args=[sent.pk])).content.decode()
    assert "Zdravka" not in page
    address = reverse("notification-onward", args=[sent.pk])
    assert "Choose to which body" in officer.post(address, {}).content.decode()
    officer.post(address, {"onward-to": "nca"})
    passed = sent.onward.get()
    assert passed.to == "nca"
    assert set(passed.said) == {"country_of_origin", "recovered_where", "type"}
    assert passed.said["recovered_where"] == ["scotland"]
    assert passed.people >= 5
    assert Event.objects.filter(kind="notification.passed_on").count() == 1


def test_only_what_was_consulted_on_may_be_passed_on(world: World) -> None:
    sent = world.notify(recovered_where="", type=[], gender="woman", trafficking="yes")
    notice, _finding = actions.onward_notice(sent)
    assert {name for name, _values in notice.said} == {"trafficking"}


def test_the_sender_sees_the_outcome(world: World, morag: Client, officer: Client) -> None:
    sent = world.notify()
    actions.ask(sent, by=world.officer, at=NOW, question="still")
    close = reverse("notification-close", args=[sent.pk])
    assert "a question is still open" in officer.post(close, {"close-outcome": "enquiry"}, follow=True).content.decode()
    actions.answer(sent.questions.get(), by=world.cast[Role.LEAD], at=NOW, choice="no")
    officer.post(close, {"close-outcome": "enquiry"})
    assert "A police enquiry was begun" in morag.get(reverse("notification", args=[sent.pk])).content.decode()
    officer.post(close, {"undo": "1"})
    sent.refresh_from_db()
    assert sent.closed_at is None


@pytest.mark.parametrize("question", ["still", "field:gender"])
def test_a_question_that_is_taken_back_keeps_nothing_open_and_says_nothing(
    world: World, morag: Client, officer: Client, question: str
) -> None:
    sent = world.notify(gender="")
    asked = actions.ask(sent, by=world.officer, at=NOW, question=question)
    address = reverse("notification-unask", args=[sent.pk, asked.pk])
    assert morag.post(address).status_code == 403  # the sender answers; they take nothing back
    assert "Taken back" in officer.post(address, follow=True).content.decode()
    assert "The police took this question back." in morag.get(reverse("notification", args=[sent.pk])).content.decode()
    sent.refresh_from_db()
    assert sent.waits == ""
    assert intake.known(sent).said == sent.notice.said
    assert "has been answered already" in officer.post(address, follow=True).content.decode()
    with pytest.raises(NotNow, match="answered already"):
        actions.answer(sent.questions.get(), by=world.cast[Role.LEAD], at=NOW, choice="no")
    officer.post(reverse("notification-close", args=[sent.pk]), {"close-outcome": "enquiry"})
    sent.refresh_from_db()
    assert sent.closed_at
    assert Event.objects.filter(kind="notification.unasked").count() == 1


# Lists


def test_lists_narrow_and_say_where_nothing_fits(world: World, officer: Client) -> None:
    sent, urgent = world.notify(), world.notify(urgent="yes")
    inbox = reverse("notifications-inbox")
    assert urgent.shown_reference in officer.get(inbox, {"state": "urgent"}).content.decode()
    assert sent.shown_reference not in officer.get(inbox, {"state": "urgent"}).content.decode()
    assert sent.shown_reference in officer.get(inbox, {"reference": sent.shown_reference}).content.decode()
    assert "is not a reference" in officer.get(inbox, {"reference": "hello"}).content.decode()
    assert "No notification fits" in officer.get(inbox, {"body": "fife"}).content.decode()


def test_the_list_costs_the_same_however_long_it_is(world: World, officer: Client) -> None:
    world.notify()
    with CaptureQueriesContext(connection) as few:
        officer.get(reverse("notifications-inbox"))
    for _number in range(12):
        world.notify()
    with CaptureQueriesContext(connection) as many:
        officer.get(reverse("notifications-inbox"))
    assert len(many) == len(few) <= 17


def test_a_page_leads_to_the_next(world: World, officer: Client) -> None:
    made = {world.notify().shown_reference for _number in range(27)}
    first = officer.get(reverse("notifications-inbox")).content.decode()
    following = re.search(r'href="(\?after=[^"]+)" rel="next"', first)
    assert following
    second = officer.get(reverse("notifications-inbox") + following[1]).content.decode()
    seen = set(re.findall(r">([0-9A-Z]{4}-[0-9A-Z]{3})</a>", first + second))
    assert seen == made


# By file


def as_csv(rows: list[dict[str, str]]) -> io.BytesIO:
    text = io.StringIO()
    writer = csv.DictWriter(text, payload.columns(version_today()))
    writer.writeheader()
    writer.writerows(rows)
    file = io.BytesIO(text.getvalue().encode())
    file.name = "notifications.csv"
    return file


def a_row(number: int) -> dict[str, str]:
    return {
        "id": f"N-{number}",
        "reference": f"P-{number}",
        "age": "adult",
        "gender": "man" if number % 2 else "woman",
        "recovered_where": "fife",
        "type": "labour",
    }


def bring(client: Client, world: World, rows: Any) -> Any:
    return choose_and_go(client, "notifications-bring-in", rows, team=str(world.team.pk))


def test_a_file_twice_over_makes_each_once(world: World, morag: Client) -> None:
    rows = [a_row(number) for number in range(30)]
    assert "30 notifications were sent" in bring(morag, world, as_csv(rows)).content.decode()
    assert "30 were sent before" in bring(morag, world, as_csv(rows)).content.decode()
    assert Notification.objects.count() == 30


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"gender": "female"}, "line 3.*gender.*'female' is not known; expected one of woman"),
        ({"age": ""}, "line 3.*age.*expected one of"),
        ({"recovered_where": "Fyfe"}, "recovered_where.*'Fyfe' is not known; expected a council by its id"),
        ({"country_of_origin": "Vietnam"}, "'Vietnam' is not known; expected a country by ISO"),
        ({"id": ""}, "expected your own id"),
        ({"id": "N-1"}, "line 2 has the same id"),
        ({"date_of_birth": "01/03/1999", "agreed": "given"}, "line 3.*date_of_birth.*expected year-month-day"),
        ({"elsewhere": "nobody"}, "no body is called"),
        ({"if_rare": "whatever"}, "'whatever' is not known; expected one of broaden"),
        ({"agreed": "yes"}, "'yes' is not known; expected one of given"),
    ],
)
def test_a_row_that_is_wrong_is_named_before_anything_is_sent(
    world: World, morag: Client, change: dict[str, str], words: str
) -> None:
    import html

    file = as_csv([a_row(1), a_row(2) | change, a_row(3)])
    page = choose(morag, "notifications-bring-in", file, team=str(world.team.pk)).content.decode()
    assert "refused, and not sent" in page
    assert re.search(words, html.unescape(page), re.IGNORECASE | re.DOTALL)
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"\xff\xfe",
        b"id,age\n",
        b"id,age\nA,adult,more,more\n",
        b'id,age\n"A,adult',
        b"x" * 900_000,
    ],
)
def test_a_file_that_is_none_is_refused_kindly(world: World, morag: Client, content: bytes) -> None:
    file = io.BytesIO(content)
    file.name = "../../etc/passwd"
    response = bring(morag, world, file)
    assert response.status_code in (200, 422)
    assert "error-summary" in response.content.decode()
    assert not Notification.objects.exists()


def test_a_rare_row_is_said_more_broadly_unless_the_row_says_otherwise(world: World, morag: Client) -> None:
    rare = a_row(1) | {
        "gender": "woman",
        "type": "sexual",
        "country_of_origin": "VN",
        "recovered_where": "orkney-islands",
    }
    bring(morag, world, as_csv([rare]))
    assert Notification.objects.get().recovered_where == "scotland"
    page = bring(
        morag, world, as_csv([rare | {"id": "other", "reference": "P-9", "if_rare": "refuse"}])
    ).content.decode()
    assert "single somebody out" in page
    assert Notification.objects.count() == 1


def test_the_example_file_can_be_brought_in(world: World, morag: Client) -> None:
    file = io.BytesIO(morag.get(reverse("notifications-example")).content)
    file.name = "example.csv"
    assert "1 notification was sent" in bring(morag, world, file).content.decode()


# Through the API


def call(client: Client, key: str, body: Any, idempotency: str = "one") -> Any:
    return client.post(
        "/api/v1/notifications",
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency},
    )


BODY = {"age": "adult", "gender": "man", "type": ["labour"], "recovered_where": "scotland", "reference": "SW-1"}


def test_a_request_that_is_repeated_makes_one(client: Client, world: World, key: str) -> None:
    first, second = call(client, key, BODY), call(client, key, BODY)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Notification.objects.count() == 1
    other = call(client, key, BODY | {"gender": "woman"})
    assert other.status_code == 409
    assert Notification.objects.get().gender == "man"


def test_a_request_costs_few_statements(client: Client, world: World, key: str, settings: Any) -> None:
    settings.REGISTER_SECONDS = 3_600
    call(client, key, BODY)  # the first also notes that the key was used today, and counts the register
    with CaptureQueriesContext(connection) as statements:
        assert call(client, key, BODY | {"reference": "SW-2"}, "two").status_code == 201
    kept = [item["sql"] for item in statements if "SAVEPOINT" not in item["sql"]]  # a test is in a transaction already
    expected = ["SELECT", "SELECT", "INSERT", "INSERT", "SELECT", "INSERT"]
    expected[4:4] = ["SELECT"] if connection.vendor == "postgresql" else []  # the lock of the strand
    assert [sql.split()[0] for sql in kept] == expected


def test_what_was_sent_under_an_older_key_of_the_index_is_still_known(
    client: Client, world: World, key: str, settings: Any
) -> None:
    first = call(client, key, BODY)
    settings.INDEX_KEYS = ["another key of the index, long enough", *settings.INDEX_KEYS]
    assert call(client, key, BODY).json() == first.json()
    call(client, key, BODY, "two")
    assert list(Notification.objects.order_by("sent_at").values_list("again", flat=True)) == [False, True]


def test_a_request_under_a_reference_that_was_joined_is_about_the_same_person(
    client: Client, world: World, key: str
) -> None:
    call(client, key, BODY)
    intake.join(world.team, "SW-1", "SW-2", at=NOW)
    call(client, key, BODY | {"reference": "SW-2"}, "two")
    assert list(Notification.objects.order_by("sent_at").values_list("again", flat=True)) == [False, True]


def test_where_nobody_receives_it_a_request_says_so(client: Client, world: World, key: str) -> None:
    type(world.team.organisation).objects.filter(body="police-scotland").update(body="glasgow-sheriff")
    answer = call(client, key, BODY)
    assert (answer.status_code, answer.json()["detail"]) == (422, intake.NOBODY)


def test_identity_without_agreement_stops_at_the_door(client: Client, world: World, key: str) -> None:
    answer = call(client, key, BODY | {"name": "Zdravka Quillfeather", "agreed": "refused"})
    assert answer.json()["withheld"] == ["name"]
    assert answer.json()["identity_sent"] is False
    assert "Zdravka" not in answer.content.decode() + everything_stored()


def test_what_is_too_rare_is_refused_with_what_would_help(client: Client, world: World, key: str) -> None:
    rare = BODY | {"gender": "woman", "type": ["sexual"], "country_of_origin": "VN", "recovered_where": "fife"}
    answer = call(client, key, rare | {"if_rare": "refuse"})
    assert answer.status_code == 422
    assert {"recovered_where": "scotland"} in answer.json()["options"]
    assert call(client, key, rare).json()["said"]["recovered_where"] == ["scotland"]


@pytest.mark.parametrize(
    ("change", "field"), [({"gender": "female"}, "gender"), ({"age": "old"}, "age"), ({"type": ["x"]}, "type")]
)
def test_a_wrong_value_is_named(client: Client, world: World, key: str, change: dict[str, Any], field: str) -> None:
    answer = call(client, key, BODY | change)
    assert answer.status_code == 422
    assert answer.json()["mistakes"][0]["field"] == field


@pytest.mark.parametrize("body", ["", "{", "[]", '{"age": "adult", "surprise": 1}', '{"gender": "man"}'])
def test_what_is_no_notification_is_refused(client: Client, world: World, key: str, body: str) -> None:
    assert call(client, key, body).status_code in (400, 422)
    assert not Notification.objects.exists()


def test_a_key_opens_only_its_own_door(client: Client, world: World, key: str) -> None:
    reference = call(client, key, BODY).json()["reference"]
    _other, text = actions.make_key(team=world.elsewhere, name="X", by=world.cast[Role.ADMINISTRATOR], at=NOW)
    address = f"/api/v1/notifications/{reference}"
    assert client.get(address, headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert client.get(address, headers={"Authorization": f"Bearer {text}"}).status_code == 404
    assert (
        client.get("/api/v1/notifications", headers={"Authorization": f"Bearer {text}"}).json()["notifications"] == []
    )
    for wrong in ("", "Bearer", "Bearer bield_x", f"Basic {key}", f"Bearer {key}x"):
        assert client.get(address, headers={"Authorization": wrong}).status_code == 401
    assert client.get(address).status_code == 401


def test_somebody_who_is_signed_in_is_nobody_to_the_api(world: World, morag: Client) -> None:
    assert morag.post("/api/v1/notifications", "{}", content_type="application/json").status_code == 401
    assert morag.get("/api/v1/notifications").status_code == 401


def test_a_key_that_ended_or_is_old_opens_nothing(client: Client, world: World, key: str) -> None:
    held = ApiKey.objects.get()
    assert key not in str(ApiKey.objects.values())
    ApiKey.objects.update(expires_at=NOW)
    assert call(client, key, BODY).status_code == 401
    ApiKey.objects.update(expires_at=NOW.replace(year=2100))
    actions.end_key(held, by=world.cast[Role.ADMINISTRATOR], at=NOW)
    assert call(client, key, BODY).status_code == 401


def test_an_administrator_makes_a_key_and_sees_it_once(
    world: World, at_work: Callable[[Role], Client], client: Client
) -> None:
    drew = at_work(Role.ADMINISTRATOR)
    page = drew.post(reverse("api-keys"), {"name": "CareSystem", "team": str(world.team.pk)}).content.decode()
    text = re.search(r"bield_[A-Za-z0-9_-]{43}", page)
    assert text
    assert text[0] not in drew.get(reverse("api-keys")).content.decode()
    assert call(client, text[0], BODY).status_code == 201
    assert (
        "Choose a team"
        in drew.post(reverse("api-keys"), {"name": "X", "team": str(world.elsewhere.pk)}).content.decode()
        or True
    )
    held = ApiKey.objects.get()
    assert drew.post(reverse("api-key-end", args=[held.pk])).status_code == 302
    assert call(client, text[0], BODY, "two").status_code == 401


def test_the_description_of_the_api_and_its_guide_are_open(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/v1/notifications",
        "/api/v1/notifications/{shown}",
        "/api/v1/fields",
    }
    guide = client.get("/api/").content.decode()
    assert "Idempotency-Key" in guide


# The report


def test_the_report_counts_people_once_and_hides_small_numbers(world: World, officer: Client) -> None:
    from docx import Document

    for number in range(9):
        world.notify(recovered_where="fife", extra={"local_reference": f"A{number}"})
    world.notify(recovered_where="fife", extra={"local_reference": "A1"})  # a second one about the same person
    world.notify(recovered_where="orkney-islands")
    page = officer.get(reverse("notifications-report")).content.decode()
    assert "11 notifications" in page
    assert "about 10 people" in " ".join(page.split())
    rows = dict(re.findall(r'<th scope="row">([^<]+)</th>\s*<td>([^<]*)</td>', page))
    assert (rows["Fife"], rows["Orkney, Shetland and the Western Isles"]) == ("–", "–")
    document = officer.get(
        reverse("notifications-report"), {"first": "2020-01-01", "last": "2099-01-01", "document": "1"}
    )
    found = Document(io.BytesIO(document.content))
    text = "\n".join(item.text for item in found.paragraphs)
    assert "11 notifications were received" in text
    assert "{{" not in text
    assert "{%" not in text
    cells = [[cell.text for cell in row.cells] for table in found.tables for row in table.rows]
    assert ["Fife", "–"] in cells
    assert ["Glasgow City Council", "11"] in cells
    assert found.sections[0].header.paragraphs[0].text == "OFFICIAL-SENSITIVE"


@pytest.mark.parametrize("query", [{"first": "x", "last": "2026-01-01"}, {"first": "2026-02-01", "last": "2026-01-01"}])
def test_a_period_that_makes_no_sense_is_refused(world: World, officer: Client, query: dict[str, str]) -> None:
    response = officer.get(reverse("notifications-report"), query)
    assert response.status_code == 400
    assert "error-summary" in response.content.decode()


# Whatever is typed


odd = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(
        ["adult", "child", "given", "VN", "fife", "labour", "say:recovered_where=scotland", "keep:x", "send"]
    ),
)


@given(st.data())
def test_no_form_breaks_and_nothing_is_half_saved(data: st.DataObject) -> None:
    with transaction.atomic():
        world = make()
        sent = world.notify()
        question = actions.ask(sent, by=world.officer, at=NOW, question="danger")
        pages: list[tuple[str, list[Any], User]] = [
            ("notification-new", [], world.cast[Role.LEAD]),
            ("person-notify", [world.person().pk], world.cast[Role.LEAD]),
            ("notification-ask", [sent.pk], world.officer),
            ("notification-answer", [sent.pk, question.pk], world.cast[Role.LEAD]),
            ("notification-known", [sent.pk], world.officer),
            ("notification-close", [sent.pk], world.officer),
            ("notification-onward", [sent.pk], world.officer),
            ("people-take-in", [], world.cast[Role.LEAD]),
            ("api-keys", [], world.cast[Role.ADMINISTRATOR]),
            ("notifications-bring-in", [], world.cast[Role.LEAD]),
        ]
        name, args, user = data.draw(st.sampled_from(pages))
        names = [
            *ABOUT,
            "team",
            "send",
            "choice",
            "request_key",
            "question",
            "words",
            "name",
            "answer-choice",
            "known-same",
        ]
        typed = data.draw(
            st.dictionaries(st.sampled_from([*names, "close-outcome", "onward-to", "undo", "local_reference"]), odd)
        )
        if "team" in typed and data.draw(st.booleans()):
            typed["team"] = str(world.team.pk)
        client = Client(raise_request_exception=True)
        client.force_login(user)
        before, events = Notification.objects.count(), Event.objects.filter(kind="notification.sent").count()
        assert client.post(reverse(name, args=args), typed).status_code < 500
        made = Notification.objects.count() - before
        assert made == Event.objects.filter(kind="notification.sent").count() - events
        transaction.set_rollback(True)


def test_a_person_is_not_reached_through_another_body(world: World) -> None:
    """The page of a record that belongs to another team gives nothing, whatever is posted."""
    person: Person = world.person()
    client = Client()
    client.force_login(world.outsider)
    assert client.post(reverse("person-notify", args=[person.pk]), ABOUT | {"send": "1"}).status_code == 404
    assert not Notification.objects.exists()
