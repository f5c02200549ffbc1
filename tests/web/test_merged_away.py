"""A record that was merged away, or is merged at that moment, takes nothing in; and taking apart widens nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from typer.testing import CliRunner

from bield.cli import app
from bield.indicators import Answer
from bield.service.accounts.models import Organisation, Team
from bield.service.accounts.permissions import Role
from bield.service.cases import actions as cases
from bield.service.cases import encounters
from bield.service.cases.consents import consent_on
from bield.service.cases.events import MergedAway
from bield.service.cases.models import Consent, Encounter, Merge, Person
from bield.service.cases.rights.subject_access import everything
from bield.service.cases.same_person import shared_names
from bield.service.drafts.keys import new_key
from bield.service.drafts.models import Draft
from bield.service.merging.parts import days_to_part
from bield.service.referrals import actions as referrals
from bield.service.statistics.models import SupportFact
from bield.service.support.access import episode_for, why_identity_closed
from bield.service.support.episodes import actions as support
from tests.supporting import TODAY, make_service
from tests.web.test_duplicates import named
from tests.web.test_merging import AFTER, apart, consent, together, two
from tests.world import DAY, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]
LAST = AFTER + timedelta(minutes=10)
SIGN = "dest_violence_on_victims"
NOTE = "She wants to sleep first, and to eat, and then to ring her sister."
TYPED = {"note": NOTE, "place_kind": "hotel"}
MET = {"on": DAY, "council": "", "place_kind": "home", "attention": "health", "note": NOTE}


def pair(world: World) -> tuple[Person, Person]:
    return world.person(), world.person()


# Nothing is answered before the checks that stand before every page


def test_a_form_without_its_token_is_refused_as_for_every_record(world: World) -> None:
    kept, other = pair(world)
    together(world, kept, other)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cast[Role.LEAD])
    assert client.post(reverse("encounter-new", args=[other.pk]), TYPED).status_code == 403
    assert not Draft.objects.exists()


def test_without_a_second_factor_nobody_learns_where_a_record_went(world: World, settings: Any) -> None:
    kept, other = pair(world)
    together(world, kept, other)
    settings.DEMO = False
    client = Client()
    client.force_login(world.cast[Role.LEAD])
    led = client.post(reverse("encounter-new", args=[other.pk]), TYPED)
    assert str(kept.pk) not in led.headers["Location"]
    assert not Draft.objects.exists()
    assert kept.shown_reference not in client.get(reverse("mfa_index"), follow=True).content.decode()


# Nothing is written into a record that nobody sees


def stale_actions(world: World, person: Person) -> dict[str, Callable[[], object]]:
    """Everything that changes a record, as somebody does it who has it open."""
    by: Any = {"by": world.cast[Role.LEAD], "at": AFTER}
    values = {
        "decision": "refused",
        "on": DAY,
        "whom": "",
        "language": "",
        "interpreter": "",
        "until": None,
        "note": "",
    }
    shared = {"on": DAY, "what": "support", "to": "tara", "consent": "", "note": ""}
    colleague = world.cast[Role.FIRST_RESPONDER]
    return {
        "encounter": lambda: encounters.add_encounter(person=person, values=MET, **by),
        "consent": lambda: cases.answer_consent(person=person, kind="support", values=values, **by),
        "signs": lambda: cases.answer_signs(person=person, answers={SIGN: (Answer.YES, "seen")}, **by),
        "age": lambda: cases.assess_age(person=person, on=DAY, council="", result="under_18", **by),
        "sharing": lambda: cases.share(person=person, values=shared, **by),
        "hand-over": lambda: cases.hand_over(person=person, to=colleague, words="", **by),
        "review": lambda: cases.ask_review(person=person, words="", **by),
        "closing": lambda: cases.close(person=person, reason="lost", **by),
        "reopening": lambda: cases.reopen(person=person, **by),
        "referral": lambda: referrals.begin(person, **by),
    }


@pytest.mark.parametrize("name", [
    "encounter", "consent", "signs", "age", "sharing", "hand-over", "review", "closing", "reopening", "referral",
])  # fmt: skip
def test_what_was_open_while_it_was_merged_is_refused(world: World, name: str) -> None:
    kept, other = world.person(council="glasgow"), world.person(council="glasgow")
    stale = Person.objects.select_related("team__organisation", "worker").get(pk=other.pk)
    todo = stale_actions(world, stale)
    assert todo.keys() >= {name}
    together(world, kept, other)
    with pytest.raises(MergedAway) as found:
        todo[name]()
    assert found.value.kept == kept


def test_whoever_sends_a_form_while_it_is_merged_goes_on_with_it(
    world: World, at_work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The merge commits after the gate gave the record, and before it is written to."""
    kept, other = pair(world)
    save = encounters.add_encounter

    def merged_first(**values: Any) -> Encounter:
        together(world, kept, other)
        return save(**values)

    monkeypatch.setattr("bield.service.cases.views.add_encounter", merged_first)
    day = {"on_day": DAY.day, "on_month": DAY.month, "on_year": DAY.year}
    data = TYPED | day | {"council": "", "attention": "police"}
    response = at_work(Role.FRONTLINE_WORKER).post(reverse("encounter-new", args=[other.pk]), data, follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("encounter-new", args=[kept.pk]))
    assert "Nothing is saved yet" in response.content.decode()
    assert NOTE in response.content.decode()
    assert not Encounter.objects.exists()


# What was typed goes along


def test_a_draft_from_before_the_merge_comes_back_into_the_form(world: World, at_work: AtWork) -> None:
    kept, other = pair(world)
    client, path = at_work(Role.FRONTLINE_WORKER), reverse("encounter-new", args=[other.pk])
    client.post(reverse("draft-keep"), {"draft-page": path, "draft-path": path} | TYPED)
    together(world, kept, other)
    response = client.get(f"{path}?draft={Draft.objects.get().pk}", follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("encounter-new", args=[kept.pk]))
    assert NOTE in response.content.decode()


def test_a_form_of_a_merged_record_sent_after_the_session_ended(world: World) -> None:
    kept, other = pair(world)
    together(world, kept, other)
    user, path = world.cast[Role.FRONTLINE_WORKER], reverse("encounter-new", args=[other.pk])
    client = Client()
    client.post(path, {"form_key": new_key(user)} | TYPED, headers={"referer": f"http://testserver{path}"})
    client.force_login(user)
    assert "kept=1" in client.get(f"{path}?kept=1").headers["Location"]
    response = client.get(f"{path}?draft={Draft.objects.get().pk}", follow=True)
    assert NOTE in response.content.decode()


# Taking apart widens nothing, and gives nobody the words of another


@pytest.mark.parametrize("decision", ["withdrawn", "refused"])
@pytest.mark.parametrize("kind", ["support", "notification_identity"])
def test_an_answer_that_was_given_together_counts_for_both(world: World, kind: str, decision: str) -> None:
    kept, other = pair(world)
    for person in (kept, other):
        consent(world, person, kind, "given")
    done = together(world, kept, other)
    consent(world, kept, kind, decision, at=AFTER)
    said = apart(world, done, at=LAST)
    assert consent_on(other, kind, on=DAY).state == decision
    assert consent_on(kept, kind, on=DAY).state == decision
    assert any("until you ask each of them" in words for words in said)


def test_an_agreement_that_was_given_together_reaches_no_further(world: World) -> None:
    kept, other = pair(world)
    consent(world, other, "support", "refused")
    done = together(world, kept, other)
    consent(world, kept, "support", "given", at=AFTER)
    apart(world, done, at=LAST)
    assert consent_on(other, "support", on=DAY).state == "refused"


def test_a_shorter_agreement_counts_for_both(world: World) -> None:
    kept, other = pair(world)
    consent(world, other, "support", "given")
    done = together(world, kept, other)
    consent(world, kept, "support", "given", at=AFTER, until=DAY + timedelta(days=3))
    apart(world, done, at=LAST)
    assert consent_on(other, "support", on=DAY).until == DAY + timedelta(days=3)


def test_a_provider_stays_shut_out_after_taking_apart(world: World) -> None:
    service = make_service(world)
    kept, other = world.person(), service.person()
    episode = service.open(other)
    done = together(world, kept, other)
    assert why_identity_closed(episode_for(service.isla, episode.pk), on=TODAY) == ""
    consent(world, kept, "support", "withdrawn", at=AFTER)
    apart(world, done, at=LAST)
    assert why_identity_closed(episode_for(service.isla, episode.pk), on=TODAY) == "not_agreed"


def test_an_age_that_was_found_younger_together_puts_the_other_in_doubt(world: World) -> None:
    kept, other = pair(world)
    consent(world, other, "support", "given")
    done = together(world, kept, other)
    by = world.cast[Role.FRONTLINE_WORKER]
    cases.change_about(person=kept, expected=kept.version, by=by, at=AFTER, values={"age": "under_18"})
    said = apart(world, done, at=LAST)
    for person in (kept, other):
        person.refresh_from_db()
    assert (kept.age, other.age) == ("under_18", "uncertain")
    assert not consent_on(other, "support", on=DAY).given
    assert any("the age" in words for words in said)


@pytest.mark.parametrize("answer", [Answer.YES, Answer.UNKNOWN])
def test_an_answer_to_a_sign_that_changed_since_stays_and_the_other_has_its_own(world: World, answer: Answer) -> None:
    kept, other = pair(world)
    world.answer(other, {SIGN: ("no", "told")}, {SIGN: "She says nobody hit her"})
    done = together(world, kept, other)
    values: dict[str, Any] = {"answers": {SIGN: (answer, "seen")}, "words": {SIGN: "Bruises seen today"}}
    cases.answer_signs(person=kept, by=world.cast[Role.FRONTLINE_WORKER], at=AFTER, **values)
    said = apart(world, done, at=LAST)
    assert [(item.answer, item.words) for item in other.answers.all()] == [("no", "She says nobody hit her")]
    now = [(item.answer, item.words) for item in kept.answers.all()]
    assert now == ([("yes", "Bruises seen today")] if answer is Answer.YES else [])
    assert "some answers to the signs" in said


def test_the_page_counts_what_was_answered_since(world: World, at_work: AtWork) -> None:
    kept, other = pair(world)
    done = together(world, kept, other)
    consent(world, kept, "support", "given", at=AFTER)
    page = at_work(Role.LEAD).get(reverse("person-apart", args=[kept.pk, done.pk])).content.decode()
    assert "1 thing was added since" in page


def test_two_people_are_counted_as_two_again(world: World) -> None:
    service = make_service(world)
    kept, other = service.person(), service.person()
    earlier = service.open(other)
    support.close(earlier, ending="ended", on=TODAY, follow_up="", by=service.isla, at=NOW)
    done = together(world, kept, other)
    later = service.open(kept, days=0)
    assert later.fact == earlier.fact
    apart(world, done, at=LAST)
    later.refresh_from_db()
    assert later.fact != earlier.fact
    assert SupportFact.objects.count() == 2


def test_in_a_chain_an_answer_that_was_superseded_stays_so(world: World) -> None:
    first, second, third = world.person(), world.person(), world.person()
    consent(world, first, "support", "refused")
    together(world, second, first)
    consent(world, second, "support", "given", at=AFTER)
    together(world, third, second, at=LAST)
    assert consent_on(third, "support", on=DAY).given


def test_in_a_chain_an_answer_of_an_unrelated_record_supersedes_nothing(world: World) -> None:
    """Who was asked in another record, before it came in, was not asked about the first."""
    first, second, third, fourth = (world.person() for _number in range(4))
    consent(world, first, "support", "refused")
    together(world, second, first)
    consent(world, fourth, "support", "given", at=AFTER)
    together(world, third, second, at=LAST)
    together(world, third, fourth, at=LAST + timedelta(minutes=1))
    assert consent_on(third, "support", on=DAY).state == "refused"


# Counted once, found by every name, copied whole


@pytest.mark.parametrize("state", ["", "closed", "all"])
def test_lists_and_files_have_one_person_once(world: World, at_work: AtWork, state: str) -> None:
    kept, other = two(world)
    together(world, kept, other)
    client, expected = at_work(Role.LEAD), 0 if state == "closed" else 1
    exported = client.get(reverse("people-htcds"), {"state": state})
    assert len(json.loads(exported.content)["cases"]) == expected
    for name in ("people", "people-file"):
        answer: Any = client.get(reverse(name), {"state": state})
        text = answer.getvalue().decode()
        assert (kept.shown_reference in text, other.shown_reference in text) == (bool(expected), False)


@pytest.mark.parametrize("family", ["Novotna", "Vondrakova"])
def test_both_names_of_a_merged_record_are_compared_with_other_teams(world: World, family: str) -> None:
    Organisation.objects.filter(pk=world.team.organisation_id).update(compares_teams=True)
    team = Team.objects.create(organisation=world.team.organisation, name="Children and families")
    kept, other = named(world, "Tereza", "Novotná"), named(world, "Tereza", "Vondráková")
    together(world, kept, other)
    Person.objects.filter(pk=world.person().pk).update(team=team)
    third = Person.objects.select_related("team__organisation").get(team=team)
    names = {"given_names": "Tereza", "family_name": family}
    assert shared_names.compare_with_other_teams(third, names, by=world.outsider, at=AFTER)


@pytest.mark.parametrize("chosen", ["kept", "other"])
def test_the_copy_for_the_person_has_what_was_not_chosen(world: World, chosen: str) -> None:
    kept, other = world.person(gender="woman"), world.person(gender="man")
    world.answer(kept, {SIGN: ("yes", "seen")}, {SIGN: "Bruises"})
    world.answer(other, {SIGN: ("no", "told")}, {SIGN: "Says nobody hit her"})
    choices: Any = {f"sign_{SIGN}": chosen, "gender": chosen}
    together(world, kept, other, **choices)
    held = everything(kept, place="scotland", today=timezone.localdate())
    for words in ("Bruises", "Says nobody hit her", "Woman or girl", "Man or boy"):
        assert words in str(held), words


def test_what_is_needed_to_take_apart_goes_with_the_time_for_it(world: World) -> None:
    old, new = (
        together(world, *two(world), at=at) for at in (NOW - timedelta(days=days_to_part() + 5), timezone.now())
    )
    ran = CliRunner().invoke(app, ["retention", "delete"])
    assert "can no longer be taken apart: 1 settled" in ran.output
    for done in (old, new):
        done.refresh_from_db()
    assert (old.before, bool(old.settled_at)) == ({}, True)
    assert new.before["before"]["identity"]["names"]
    kept = Person.objects.get(pk=old.kept_id)
    assert everything(kept, place="scotland", today=timezone.localdate())["merged_records"]


def test_what_was_needed_goes_once_they_are_apart(world: World) -> None:
    done = together(world, *two(world))
    apart(world, done)
    assert Merge.objects.get(pk=done.pk).before == {}
    assert not Consent.objects.filter(decision="reset").exists()
