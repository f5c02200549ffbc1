"""Support: asking, the gate, what is written down, the plan, the clocks, and what may be counted."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar
from pypdf import PdfReader

from bield.service.accounts.models import Membership
from bield.service.accounts.permissions import Role
from bield.service.audit.models import Event
from bield.service.cases import actions as cases
from bield.service.cases.keeping import retention
from bield.service.cases.models import Person
from bield.service.changes import Conflict, NotNow
from bield.service.days import day_of
from bield.service.statistics import intake
from bield.service.statistics.models import SupportFact, SupportSpan
from bield.service.support import calendar_feed, phases
from bield.service.support.entries.schema import parts
from bield.service.support.episodes import actions
from bield.service.support.models import Entry, Episode, PlanWords
from bield.service.support.plan import plan
from tests.supporting import DETAILS, TODAY, Service
from tests.world import NAMES, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


# Asking, answering


def test_the_page_names_the_service_by_the_rule_and_asks_it(
    world: World, service: Service, at_work: Callable[[Role], Client]
) -> None:
    person, client = service.person(), at_work(Role.FRONTLINE_WORKER)
    address = reverse("person-support", args=[person.pk])
    page = text(client.get(address))
    assert "By the rule: TARA" in page
    assert "How sure: confirmed" in page
    answer = client.post(address, {"team": service.team.pk, "words": "A bed tonight"})
    assert answer.status_code == 302
    (episode,) = Episode.objects.all()
    assert (episode.state, episode.route, episode.choice) == ("asked", "tara", "")
    person.refresh_from_db()
    assert person.support == "asked"
    assert person.sharings.get().to == "tara"
    assert "Waits for an answer" in text(client.get(address))


def test_another_service_than_the_rules_needs_the_persons_reason(
    service: Service, at_work: Callable[[Role], Client]
) -> None:
    person, client = service.person(gender="man"), at_work(Role.FRONTLINE_WORKER)
    address = reverse("person-support", args=[person.pk])
    data = {"team": service.team.pk, "words": "A bed"}
    assert "The rule says Migrant Help: choose why" in text(client.post(address, data))
    assert client.post(address, data | {"choice": "person"}).status_code == 302
    assert Episode.objects.get().choice == "person"


def test_an_adult_who_did_not_agree_is_not_asked_for_and_a_child_is_never_asked(
    service: Service, at_work: Callable[[Role], Client]
) -> None:
    adult, client = service.person(agrees=False), at_work(Role.FRONTLINE_WORKER)
    page = text(client.get(reverse("person-support", args=[adult.pk])))
    assert "Record what they said about support" in page
    assert "Support does not depend on helping the police" in page
    with pytest.raises(NotNow, match="only if they agree"):
        service.asked(adult)
    child = service.asked(service.person(age="under_18"))
    assert child.state == "asked"


def test_a_provider_takes_somebody_on_and_only_then_sees_who_it_is(service: Service, isla: Client) -> None:
    episode = service.asked()
    page = text(isla.get(reverse("support", args=[episode.pk])))
    assert "Needs a bed tonight" in page
    assert NAMES["family_name"] not in page
    assert NAMES["family_name"] not in text(isla.get(reverse("support-who", args=[episode.pk])))
    address = reverse("support-answer", args=[episode.pk, "accept"])
    assert "Choose who supports them" in text(isla.post(address, {"worker": ""}))
    day = {"on_day": TODAY.day, "on_month": TODAY.month, "on_year": TODAY.year}
    assert isla.post(address, {"worker": service.isla.pk} | day).status_code == 302
    assert NAMES["family_name"] in text(isla.get(reverse("support-who", args=[episode.pk])))
    assert Event.objects.filter(kind="support.who_read", subject=str(episode.person_id)).count() == 2


def test_a_provider_declines_with_a_reason_that_the_asker_sees(
    service: Service, isla: Client, at_work: Callable[[Role], Client]
) -> None:
    episode = service.asked()
    address = reverse("support-answer", args=[episode.pk, "decline"])
    assert "Choose why" in text(isla.post(address, {"reason": ""}))
    assert isla.post(address, {"reason": "room"}).status_code == 302
    asker = at_work(Role.FRONTLINE_WORKER)
    page = text(asker.get(reverse("person-support", args=[episode.person_id])))
    assert "Not possible there" in page
    assert "There is no room." in page
    assert Person.objects.get(pk=episode.person_id).support == "none"
    assert isla.post(reverse("support-answer", args=[episode.pk, "decline"]), {"reason": "room"}).status_code == 302
    assert Event.objects.filter(kind="support.answered").count() == 1


def test_a_request_can_be_taken_back_until_it_is_answered(service: Service, at_work: Callable[[Role], Client]) -> None:
    episode, client = service.asked(), at_work(Role.FRONTLINE_WORKER)
    address = reverse("person-support-take-back", args=[episode.person_id, episode.pk])
    assert client.post(address).status_code == 302
    assert Episode.objects.get().state == "taken_back"
    client.post(address)
    assert Event.objects.filter(kind="support.taken_back").count() == 1


def test_nobody_is_taken_on_whose_agreement_was_taken_back_meanwhile(service: Service, world: World) -> None:
    episode = service.asked()
    world.consent(episode.person, "support", "withdrawn")
    with pytest.raises(NotNow, match="no longer agree"):
        actions.accept(episode, worker=service.isla, on=TODAY, by=service.isla, at=NOW)


def test_one_provider_supports_somebody_once_at_a_time(service: Service) -> None:
    episode = service.open()
    with pytest.raises(NotNow, match="already"):
        service.asked(episode.person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Episode.objects.create(
            person=episode.person, team=service.team, state="asked", asked_by=service.isla, asked_at=NOW, route="tara"
        )


# The gate


def test_an_episode_of_another_team_is_not_there(service: Service, at_work: Callable[[Role], Client]) -> None:
    episode = service.open()
    for role in (Role.LEAD, Role.SUPPORT_WORKER, Role.GUARDIAN, Role.FRONTLINE_WORKER):
        client = at_work(role)
        hidden = client.get(reverse("support", args=[episode.pk]))
        absent = client.get(reverse("support", args=[uuid4()]))
        assert (hidden.status_code, hidden.content) == (404, absent.content)


def test_the_asking_council_sees_where_it_stands_and_nothing_that_is_written_there(
    service: Service, at_work: Callable[[Role], Client]
) -> None:
    episode = service.open()
    service.put(episode, "need", what="Quinces and plums")
    client = at_work(Role.LEAD)
    for name in ("person-support", "person"):
        page = text(client.get(reverse(name, args=[episode.person_id])))
        assert "Quinces" not in page
    timeline = text(client.get(reverse("person-timeline", args=[episode.person_id])))
    assert "Answered a request for support" in timeline
    assert "Added an entry to a record of support" not in timeline
    assert "Supported since" in text(client.get(reverse("person-support", args=[episode.person_id])))


def test_the_provider_does_not_reach_the_record_of_the_council(service: Service, isla: Client) -> None:
    episode = service.open()
    for name in ("person", "person-identity", "consents", "person-timeline"):
        assert isla.get(reverse(name, args=[episode.person_id])).status_code == 404


def test_who_they_are_is_closed_to_another_body_once_they_take_their_agreement_back(
    service: Service, isla: Client
) -> None:
    episode = service.open()
    address = reverse("support-agreement", args=[episode.pk])
    page = text(isla.get(address))
    assert "You do not have to help the police" in page
    form = page.split("<form", 1)[1].split("</form>")[0]
    assert "olice" not in form.replace("Police Scotland", "")  # nothing is asked or promised about them
    data = {
        "decision": "withdrawn", "on_day": TODAY.day, "on_month": TODAY.month, "on_year": TODAY.year,
        "language": "en", "interpreter": "not_needed",
    }  # fmt: skip
    assert isla.post(address, data).status_code == 302
    assert NAMES["family_name"] not in text(isla.get(reverse("support-who", args=[episode.pk])))
    assert "They do not agree to support now" in text(isla.get(reverse("support", args=[episode.pk])))


def test_an_entry_of_somebody_else_is_not_reached_through_ones_own(service: Service, isla: Client) -> None:
    mine, other = service.open(), service.open(service.person())
    need = service.put(other, "need")
    assert isla.get(reverse("support-entry", args=[mine.pk, "need", need.pk])).status_code == 404
    assert isla.post(reverse("support-entry-remove", args=[mine.pk, "need", need.pk])).status_code == 404


# What is recorded


def filled(details: dict[str, Any]) -> dict[str, Any]:
    """The details as a browser sends them: a day in its three boxes."""
    data: dict[str, Any] = {}
    for name, value in details.items():
        try:
            day = date.fromisoformat(value)
        except (TypeError, ValueError):
            data[name] = value
        else:
            data |= {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}
    return data


SURE = {"day_is_right": "on"}
"""Ticked where a form asks whether a day before support began is right."""


@pytest.mark.parametrize("name", [name for name in parts() if name != "outcome"])
def test_every_part_is_written_down_read_changed_and_taken_out(name: str, service: Service, isla: Client) -> None:
    episode = service.open(age="under_18" if parts()[name].path == "child" else "adult")
    goal = service.put(episode, "goal") if name == "step" else None
    address = reverse("support-entry-new", args=[episode.pk, name]) + (f"?under={goal.pk}" if goal else "")
    assert isla.get(address).status_code == 200
    answer = isla.post(address, filled(DETAILS[name]) | SURE)
    assert answer.status_code == 302
    entry = Entry.objects.get(part=name)
    assert entry.details == DETAILS[name]
    about = parts()[name]
    assert entry.state == (about.states[0].key if about.states else "")
    assert entry.code == DETAILS[name].get(about.code, "")
    assert (entry.due.isoformat() if entry.due else None) == (DETAILS[name].get(about.due) if about.due else None)
    page = reverse("support-entry", args=[episode.pk, name, entry.pk])
    assert isla.get(page).status_code == 200
    last = about.states[-1].key if about.states else ""
    rules = (*about.needs.items(), *about.happened.items())
    needed = {field: TODAY.isoformat() for state, field in rules if state == last}
    changed = isla.post(page, filled(DETAILS[name] | needed) | {"version": 1, "state": last})
    assert changed.status_code == 302
    entry.refresh_from_db()
    assert (entry.version, entry.state) == (2, last)
    assert isla.get(reverse("support-part", args=[episode.pk, about.under or name])).status_code == 200
    assert isla.post(reverse("support-entry-remove", args=[episode.pk, name, entry.pk])).status_code == 302
    assert not Entry.objects.filter(pk=entry.pk).exists()


@pytest.mark.parametrize("name", [name for name in parts() if name != "outcome"])
def test_nothing_that_is_written_down_is_readable_in_the_database(name: str, service: Service) -> None:
    about = parts()[name]
    episode = service.open(age="under_18" if about.path == "child" else "adult")
    under = service.put(episode, about.under) if about.under else None
    field = next(item.id for item in about.fields if item.holds in ("short", "text"))
    entry = service.put(episode, name, under=under, **{field: "Zdravka Quillfeather"})
    assert entry.details[field] == "Zdravka Quillfeather"
    with connection.cursor() as cursor:
        cursor.execute("SELECT details FROM support_entry")
        assert all("Quillfeather" not in row[0] for row in cursor.fetchall())
    facts = json.dumps([event.facts for event in Event.objects.all()])
    assert "Quillfeather" not in facts


def test_a_change_over_somebody_elses_is_shown_and_nothing_is_lost(service: Service, isla: Client) -> None:
    episode = service.open()
    need = service.put(episode, "need")
    actions.change_entry(
        need, episode=episode, expected=1, details=DETAILS["need"] | {"what": "Two beds"}, state="open",
        by=service.lead, at=NOW,
    )  # fmt: skip
    address = reverse("support-entry", args=[episode.pk, "need", need.pk])
    mine = filled(DETAILS["need"] | {"what": "Three beds"}) | {"version": 1, "state": "open"}
    answer = isla.post(address, mine)
    assert answer.status_code == 409
    assert "Three beds" in text(answer)
    assert isla.post(address, mine | {"version": 2}).status_code == 302
    need.refresh_from_db()
    assert need.details["what"] == "Three beds"
    with pytest.raises(Conflict):
        actions.change_entry(need, episode=episode, expected=1, details={}, state="open", by=service.isla, at=NOW)


def test_a_way_that_is_not_safe_cannot_be_chosen(service: Service, isla: Client) -> None:
    episode = service.open()  # their telephone is not safe: tests.world.CHANNELS
    address = reverse("support-entry-new", args=[episode.pk, "contact"])
    page = text(isla.get(address))
    assert "so you cannot choose: Phone call" in page
    assert 'name="way" value="phone"' not in page
    answer = isla.post(address, filled(DETAILS["contact"] | {"way": "phone"}))
    assert "not known to be safe: choose another" in text(answer)
    assert not Entry.objects.exists()
    episode.person.channels.update(safe="yes")
    assert isla.post(address, filled(DETAILS["contact"] | {"way": "phone"})).status_code == 302
    episode.person.channels.update(safe="not_known")
    assert "choose another" in text(isla.post(address, filled(DETAILS["contact"] | {"way": "phone"})))


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("risk", {"review_on_day": "1", "review_on_month": "1", "review_on_year": "2020"}, "is in the past"),
        ("contact", {"on_day": "1", "on_month": "1", "on_year": "2099"}, "is in the future"),
        ("appointment", {"time": "25:00"}, "“25:00” is not a time of day"),
        ("need", {"head": "magic"}, "magic"),
        ("need", {"what": ""}, "Write something for ‘What is needed’"),
        ("return", {"country": "XX"}, "XX"),
    ],
)
def test_what_makes_no_sense_is_named_and_nothing_is_lost(
    part: str, change: dict[str, str], words: str, service: Service, isla: Client
) -> None:
    episode = service.open()
    answer = isla.post(reverse("support-entry-new", args=[episode.pk, part]), filled(DETAILS[part]) | change)
    assert answer.status_code == 200
    assert words in text(answer)
    assert not Entry.objects.exists()


def test_when_support_has_ended_it_is_read_and_not_changed(service: Service, isla: Client) -> None:
    episode = service.open()
    need = service.put(episode, "need")
    actions.close(episode, ending="ready", on=TODAY, follow_up="yes", by=service.isla, at=NOW)
    page = text(isla.get(reverse("support-entry", args=[episode.pk, "need", need.pk])))
    assert "A bed tonight" in page
    assert "<form" not in page.split("<main")[1]
    isla.post(reverse("support-entry-new", args=[episode.pk, "need"]), filled(DETAILS["need"]))
    isla.post(reverse("support-entry-remove", args=[episode.pk, "need", need.pk]))
    assert Entry.objects.count() == 1
    assert Person.objects.get(pk=episode.person_id).support == "ended"


def test_ending_and_taking_up_again(service: Service, isla: Client) -> None:
    episode = service.open()
    address = reverse("support-close", args=[episode.pk])
    page = text(isla.post(address, {"ending": ""}))
    assert "Choose how it ended" in page
    data = {"ending": "ready", "follow_up": "no", "on_day": 1, "on_month": 1, "on_year": 2020}
    isla.post(address, data)
    assert Episode.objects.get().state == "open"  # it cannot end before it began
    data |= {"on_day": TODAY.day, "on_month": TODAY.month, "on_year": TODAY.year}
    assert isla.post(address, data).status_code == 302
    assert Episode.objects.get().state == "closed"
    assert isla.post(address).status_code == 302
    found = Episode.objects.get()
    assert (found.state, found.ended_on, found.ending) == ("open", None, "")


def test_a_record_is_not_due_for_deletion_while_somebody_is_supported(service: Service) -> None:
    episode = service.open()
    person, long_ago = episode.person, NOW - timedelta(days=5_000)
    cases.close(person=person, by=service.world.cast[Role.LEAD], at=NOW, reason="no_signs")
    Person.objects.filter(pk=person.pk).update(closed_at=long_ago, changed_at=long_ago)

    def due() -> int:
        return sum(item.people.count() for item in retention.due(Person.objects.all(), on=TODAY))

    assert due() == 0
    actions.close(episode, ending="ready", on=TODAY, follow_up="no", by=service.isla, at=NOW)
    assert due() == 0  # its time counts from the end of support
    Person.objects.update(support_ended_on=day_of(long_ago))
    assert due() == 1


# The plan in their hands


def test_the_plan_is_printed_in_large_type_and_names_nobody(service: Service, isla: Client) -> None:
    episode = service.open()
    goal = service.put(episode, "goal")
    service.put(episode, "step", "", goal)
    service.put(episode, "step", "done", goal, what="Ring the bank")
    service.put(episode, "step", "dropped", goal, what="Never mind")
    answer = isla.get(reverse("support-plan-document", args=[episode.pk, "en"]))
    reader = PdfReader(io.BytesIO(answer.content))
    found = " ".join("".join(page.extract_text() for page in reader.pages).split())
    for words in ("I want to sleep.", "See a doctor", "You and we", "Ring the bank (Done)", "I ring 999"):
        assert words in found
    assert "Never mind" not in found
    for secret in (NAMES["family_name"], NAMES["given_names"], episode.person.shown_reference):
        assert secret not in found
    assert reader.trailer["/Root"]["/Lang"] == "en"  # type: ignore[index]
    sizes: list[float] = []
    reader.pages[0].extract_text(visitor_text=lambda _text, cm, tm, _font, size: sizes.append(size * cm[0] * tm[0]))
    assert max(sizes, default=0) >= 16


def test_a_translation_that_nobody_checked_is_not_given_out(service: Service, isla: Client) -> None:
    episode = service.open()
    service.put(episode, "step", under=service.put(episode, "goal"))
    address = reverse("support-plan-translation", args=[episode.pk, "ar"])
    document = reverse("support-plan-document", args=[episode.pk, "ar"])
    lines = plan.lines_of(plan.goals_of(episode))
    data = {"translator": "Salma"} | {f"line_{number}": f"كلمة {number}" for number in range(len(lines))}
    assert isla.get(document).status_code == 302  # there is none
    assert isla.post(address, data).status_code == 302
    assert isla.get(document).status_code == 302  # nobody checked it
    review = reverse("support-plan-review", args=[episode.pk, "ar"])
    isla.post(review, {"reviewer": " salma "})
    assert PlanWords.objects.get().reviewed_on is None  # not the translator alone
    isla.post(review, {"reviewer": "Idris"})
    answer = isla.get(document)
    assert answer.content.startswith(b"%PDF")
    alone = isla.get(reverse("support-plan-alone", args=[episode.pk, "ar"])).content.decode()
    assert 'lang="ar" dir="rtl"' in alone
    assert "كلمة 0" in alone
    assert "checked by Idris" in alone
    assert "1.1.2099" in alone  # a month has no English name there
    assert "January" not in alone
    service.put(episode, "goal", words="Something new")
    assert isla.get(document).status_code == 302  # the plan has changed since
    isla.post(address, data)
    assert PlanWords.objects.get().reviewer == ""


def test_letters_that_no_typeface_has_are_not_printed_as_boxes_into_somebodys_hands(
    service: Service, isla: Client
) -> None:
    from bield.service.documents import Lines, as_pdf

    episode = service.open()
    unknown = "\U0010fffc\U0010fffd"  # letters for private use: no typeface has them
    service.put(episode, "goal", words=unknown)
    answer = isla.get(reverse("support-plan-document", args=[episode.pk, "en"]), follow=True)
    assert "no typeface for the language" in text(answer)
    assert unknown in isla.get(reverse("support-plan-alone", args=[episode.pk, "en"])).content.decode()
    reader = PdfReader(io.BytesIO(as_pdf("A copy", [Lines((unknown,))])))
    assert "are shown as empty boxes" in " ".join(reader.pages[0].extract_text().split())


def test_outcomes_are_only_what_they_want_to_say(service: Service, isla: Client) -> None:
    episode = service.open()
    address = reverse("support-outcomes-new", args=[episode.pk])
    day = {"on_day": TODAY.day, "on_month": TODAY.month, "on_year": TODAY.year}
    assert "Only if they want to" in text(isla.post(address, day | {"housing": "2"}))
    assert "Nothing is answered" in text(isla.post(address, day | {"wanted": "on"}))
    assert isla.post(address, day | {"wanted": "on", "housing": "2"}).status_code == 302
    assert isla.post(address, day | {"wanted": "on", "housing": "4", "work": "1"}).status_code == 302
    page = text(isla.get(reverse("support-outcomes", args=[episode.pk])))
    assert "A safe home" in page
    assert "Mostly" in page
    assert page.count('class="bield-outcomes"') == 2  # the charts of each set
    assert page.count("<circle") == 3
    assert Entry.objects.filter(part="outcome").count() == 2


# Reactions


def test_nothing_is_kept_of_what_is_noticed_unless_somebody_chooses_to(service: Service, isla: Client) -> None:
    from bield.indicators.lists import reactions

    episode, known = service.open(), reactions().reactions
    address = reverse("support-noticed", args=[episode.pk])
    page = text(isla.post(address, {"seen": known[0].id}))
    assert known[0].helps[0] in page
    assert known[1].helps[0] not in page
    assert not Entry.objects.exists()
    assert isla.post(address, {"seen": known[0].id, "keep": "1"}).status_code == 302
    assert Entry.objects.get().details["seen"] == [known[0].id]
    isla.post(address, {"seen": "nothing", "keep": "1"})
    assert Entry.objects.count() == 1


# Clocks


def test_day_90_is_a_review_and_support_goes_on(service: Service, isla: Client) -> None:
    episode = service.open(days=100)
    address = reverse("support-dates", args=[episode.pk])
    grounds = TODAY - timedelta(days=95)
    data = {
        "version": 1,
        "grounds_on_day": grounds.day,
        "grounds_on_month": grounds.month,
        "grounds_on_year": grounds.year,
    }
    assert isla.post(address, data).status_code == 302
    page = text(isla.get(reverse("support", args=[episode.pk])))
    assert "a day to review, not the end of support" in page
    assert "Beyond the period" in page
    assert page.count("No decision is recorded for this time") == 2  # before, and beyond
    team = text(isla.get(reverse("support-team")))
    assert "Review: the support period ends" in team
    # A regular review does not answer the clock: header, team's page and calendar agree that it waits.
    service.put(episode, "review", "held", kind="regular", on=TODAY.isoformat())
    assert "Review: the support period ends" in text(isla.get(reverse("support-team")))
    assert re.search(r"Was due on \d+ \w+ \d{4}, \d+ days? ago", text(isla.get(reverse("support", args=[episode.pk]))))
    assert [item.pk for item, _day in calendar_feed.periods_of(service.isla, today=TODAY)] == [episode.pk]
    service.put(episode, "decision", phase="beyond", on=TODAY.isoformat())
    assert "Review: the support period ends" not in text(isla.get(reverse("support-team")))
    page = text(isla.get(reverse("support", args=[episode.pk])))
    assert "was due on" not in page
    assert "looked at on" in page
    assert calendar_feed.periods_of(service.isla, today=TODAY) == []
    assert text(isla.get(reverse("support", args=[episode.pk]))).count("No decision is recorded") == 1
    assert Episode.objects.get().state == "open"


def test_dates_that_make_no_sense_are_refused(service: Service, isla: Client) -> None:
    episode = service.open()
    data = {"version": 1, "grounds_on_day": 2, "grounds_on_month": 2, "grounds_on_year": 2026,
            "conclusive_on_day": 1, "conclusive_on_month": 2, "conclusive_on_year": 2026}  # fmt: skip
    page = text(isla.post(reverse("support-dates", args=[episode.pk]), data))
    assert "‘Conclusive grounds decision’ is before ‘Positive reasonable grounds decision’: check both days" in page
    data["conclusive_on_month"] = 3
    assert "needs both its date and what it says" in text(isla.post(reverse("support-dates", args=[episode.pk]), data))


def test_decisions_of_a_referral_made_here_come_before_dates_put_down_by_hand(service: Service) -> None:
    from bield.service.referrals.models import Decision, Referral

    episode = service.open()
    actions.change(episode, expected=1, values={"grounds_on": TODAY - timedelta(days=50)}, by=service.isla, at=NOW)
    episode.refresh_from_db()
    assert phases.decided([episode])[episode.pk].grounds_on == TODAY - timedelta(days=50)
    referral = Referral.objects.create(
        person=episode.person, form="2026", made_by=service.isla, made_at=NOW, changed_at=NOW, closed_at=NOW
    )
    for kind, days in (("rg_positive", 40), ("cg_negative", 20), ("cg_positive", 5)):
        Decision.objects.create(referral=referral, kind=kind, on=TODAY - timedelta(days=days), by=service.isla, at=NOW)
    found = phases.decided([episode])[episode.pk]
    assert (found.grounds_on, found.conclusive_on, found.conclusive, found.here) == (
        TODAY - timedelta(days=40), TODAY - timedelta(days=5), "positive", True,
    )  # fmt: skip
    elsewhere = Episode.objects.create(
        person=episode.person,
        team=service.world.team,
        state="declined",
        asked_by=service.isla,
        asked_at=NOW,
        route="tara",
    )
    both = phases.decided(Episode.objects.order_by("asked_at"))
    assert both == {episode.pk: found, elsewhere.pk: found}


def test_a_decision_on_the_day_of_the_other_ends_the_period_for_somebody_with_two_episodes(service: Service) -> None:
    from bield.service.referrals.models import Decision, Referral

    episode = service.open()
    Episode.objects.create(
        person=episode.person,
        team=service.world.team,
        state="declined",
        asked_by=service.isla,
        asked_at=NOW,
        route="tara",
    )
    referral = Referral.objects.create(
        person=episode.person, form="2026", made_by=service.isla, made_at=NOW, changed_at=NOW, closed_at=NOW
    )
    for kind in ("rg_positive", "cg_positive"):
        Decision.objects.create(referral=referral, kind=kind, on=TODAY, by=service.isla, at=NOW)
    assert {item.conclusive_on for item in phases.decided(Episode.objects.all()).values()} == {TODAY}


def test_the_teams_page_says_who_waits_what_is_overdue_and_who_was_not_seen(service: Service, isla: Client) -> None:
    episode = service.open(days=40)
    service.asked(service.person())
    step = service.put(episode, "step", under=service.put(episode, "goal"))
    Entry.objects.filter(pk=step.pk).update(due=TODAY - timedelta(days=3))
    page = text(isla.get(reverse("support-team")))
    assert "Waiting for your answer" in page
    row = page.split("<tbody")[1]
    assert "A step" in row or "step" in row.lower()
    assert "3 days late" in row
    assert "Something is late for 1" in page
    assert "No contact yet" in row
    assert row.count("</tr>") == 1  # one row for each person, however much is due
    service.put(episode, "contact")
    assert "No contact yet" not in text(isla.get(reverse("support-team")))
    assert "3 days late" in text(isla.get(reverse("support-team") + "?whose=mine"))


def test_an_attempt_that_failed_does_not_count_as_seen(service: Service) -> None:
    episode = service.open(days=40)
    service.put(episode, "contact", result="no_answer")
    assert Episode.objects.get().last_seen_on is None
    service.put(episode, "contact")
    assert Episode.objects.get().last_seen_on == TODAY


def test_lists_take_the_same_number_of_queries_however_long_they_are(service: Service, isla: Client) -> None:
    def queries(name: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert isla.get(reverse(name)).status_code == 200
        return len(found)

    def fill() -> None:
        episode = service.open(service.person(), days=120)
        Episode.objects.filter(pk=episode.pk).update(grounds_on=TODAY - timedelta(days=100))
        for part in ("need", "risk", "appointment", "review"):
            entry = service.put(episode, part)
            Entry.objects.filter(pk=entry.pk).update(due=TODAY + timedelta(days=1 if part == "need" else -1))

    names = ("support-team", "support-list", "support-list-file", "services", "granted-list")
    fill()
    before = {name: queries(name) for name in names}
    for _number in range(4):
        fill()
    assert {name: queries(name) for name in names} == before
    assert max(before.values()) <= 22  # two of them for the navigation


def test_the_list_narrows_sorts_and_pages_by_key(service: Service, isla: Client) -> None:
    first, second = service.open(service.person(), days=5), service.open(service.person(), days=50)
    actions.close(first, ending="ready", on=TODAY, follow_up="no", by=service.isla, at=NOW)
    address = reverse("support-list")
    page = text(isla.get(address))
    assert second.person.shown_reference in page
    assert first.person.shown_reference not in page
    assert first.person.shown_reference in text(isla.get(address + "?state=closed"))
    assert first.person.shown_reference not in text(isla.get(address + "?state=closed&age=under_18"))
    assert "is not a reference" in text(isla.get(address + "?reference=zzz"))
    assert second.person.shown_reference in text(
        isla.get(f"{address}?reference={second.person.shown_reference}&sort=longest")
    )
    lines = isla.get(reverse("support-list-file")).getvalue().decode().splitlines()
    assert len(lines) == 2
    assert second.person.shown_reference in lines[1]


# The calendar


def test_the_calendar_holds_references_and_days_and_nothing_else(service: Service, isla: Client) -> None:
    episode = service.open()
    soon = (TODAY + timedelta(days=3)).isoformat()
    service.put(episode, "appointment", on=soon, where="Dr Quillfeather", note="About the burns")
    service.put(episode, "risk", review_on=soon)
    page = text(isla.post(reverse("support-calendar")))
    address = page.split("/support/calendar/")[1].split(".ics")[0]
    stranger = Client()
    answer = stranger.get(f"/support/calendar/{address}.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    events = list(Calendar.from_ical(answer.content).walk("VEVENT"))
    reference = episode.person.shown_reference
    assert {str(item["SUMMARY"]) for item in events} == {f"{reference}: Appointments", f"{reference}: Risks"}
    assert b"Quillfeather" not in answer.content
    assert b"burns" not in answer.content
    assert str(Calendar.from_ical(answer.content)["X-WR-CALNAME"]) == "Bield"
    assert address.encode() not in answer.content
    whole_days = [item for item in events if type(item.decoded("DTSTART")).__name__ == "date"]
    assert [str(item["TRANSP"]) for item in whole_days] == ["TRANSPARENT"]
    assert stranger.head(f"/support/calendar/{address}.ics").status_code == 200
    assert {type(item.decoded("DTSTART")).__name__ for item in events} == {"datetime", "date"}
    assert stranger.get("/support/calendar/wrong.ics").status_code == 404
    assert isla.post(reverse("support-calendar"), {"end": "1"}).status_code == 302
    assert stranger.get(f"/support/calendar/{address}.ics").status_code == 404
    assert Event.objects.filter(kind="calendar.read", actor=str(service.isla.pk)).count() == 2


def test_a_referral_to_hand_in_stands_in_the_calendar_of_who_looks_after_the_record(world: World) -> None:
    person, lead = world.person(), world.cast[Role.LEAD]
    Person.objects.filter(pk=person.pk).update(to_hand_in_since=TODAY - timedelta(days=3), worker=lead)
    waiting = calendar_feed.to_hand_in_of(lead)
    assert waiting == [person]
    (event,) = Calendar.from_ical(calendar_feed.as_icalendar([], (), waiting, now=NOW)).walk("VEVENT")
    assert str(event["summary"]) == f"{person.shown_reference}: Hand in the referral"
    assert event.decoded("dtstart") == TODAY  # today, until it was
    assert calendar_feed.to_hand_in_of(world.cast[Role.FIRST_RESPONDER]) == []
    Person.objects.filter(pk=person.pk).update(to_hand_in_since=None)
    assert calendar_feed.to_hand_in_of(lead) == []


def test_the_calendar_of_a_closed_account_or_a_lost_role_opens_nothing(service: Service) -> None:
    episode = service.open()
    service.put(episode, "appointment", on=TODAY.isoformat())
    token = calendar_feed.make_key(service.isla, at=NOW)
    assert len(calendar_feed.events_of(service.isla, today=TODAY)) == 1
    Membership.objects.filter(user=service.isla).update(role=Role.TRAINER)
    assert calendar_feed.events_of(service.isla, today=TODAY) == []
    service.isla.is_active = False
    service.isla.save()
    assert calendar_feed.owner_of(token) is None


# Down the stair


def test_what_is_counted_holds_nothing_of_who_somebody_is(service: Service) -> None:
    person = service.person()
    episode = service.open(person)
    service.put(episode, "need", "met", what="Quillfeather")
    service.put(episode, "accommodation", to=TODAY.isoformat())
    service.put(episode, "outcome")
    fact = SupportFact.objects.get()
    assert fact.key == episode.fact
    assert (fact.provider, fact.sex, fact.band) == ("tara", "woman", "25_34")
    assert set(SupportSpan.objects.values_list("kind", flat=True)) == {"support", "accommodation", "crisis"}
    with connection.cursor() as cursor:
        for table in ("statistics_supportfact", "statistics_supportspan"):
            cursor.execute(f"SELECT * FROM {table}")
            rows = repr(cursor.fetchall())
            for secret in (*NAMES.values(), str(person.pk), str(episode.pk), person.reference, "2001"):
                assert secret not in rows
    assert not SupportSpan.objects.exclude(first__day=1).exists()


def test_the_door_of_the_statistics_takes_facts_and_nothing_else() -> None:
    for thing in ({"provider": "tara"}, "Zdravka", None):
        with pytest.raises(TypeError):
            intake.put_support(uuid4(), thing)  # type: ignore[arg-type]
    assert not SupportFact.objects.exists()


def test_a_second_time_with_the_same_provider_is_the_same_person_in_the_count(service: Service) -> None:
    episode = service.open(days=400)
    actions.close(episode, ending="ready", on=TODAY - timedelta(days=300), follow_up="no", by=service.isla, at=NOW)
    service.open(episode.person)
    assert SupportFact.objects.count() == 1
    assert SupportSpan.objects.filter(kind="support").count() == 2


def test_outcomes_are_counted_only_where_they_agreed_to_it(service: Service) -> None:
    episode = service.open()
    for day, step, count in (("2026-01-02", 2, True), ("2026-02-02", 1, False)):
        service.put(episode, "outcome", on=day, count=count, answers={"housing": step})
    assert SupportFact.objects.get().direction == "not_known"
    service.put(episode, "outcome", on="2026-03-02", answers={"housing": 4})
    assert SupportFact.objects.get().direction == "better"
