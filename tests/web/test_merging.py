"""Two records of one person are merged, nothing is widened or lost, and they can be taken apart again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import serializers
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.service.accounts.models import Membership
from bield.service.accounts.permissions import Role
from bield.service.audit import chain
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import actions as cases
from bield.service.cases import display, encounters
from bield.service.cases.access import alike, people_matching
from bield.service.cases.consents import consent_on, consent_then, consents_on
from bield.service.cases.events import touch
from bield.service.cases.keeping import retention
from bield.service.cases.models import Channel, Encounter, Identity, Merge, Person
from bield.service.cases.rights.subject_access import everything
from bield.service.cases.same_person.merged import assessments_of
from bield.service.cases.signs import signed
from bield.service.cases.steps import mark_step
from bield.service.changes import Conflict, NotNow
from bield.service.merging import actions
from bield.service.merging.differences import differences
from bield.service.merging.parts import MOVED, STAY, days_to_part, hindrances, relations, rows_of
from bield.service.notifications import intake, same_person
from bield.service.notifications.models import Joined
from bield.service.referrals import actions as referrals
from bield.service.referrals.models import Referral
from bield.service.support.models import Account, Guardianship
from tests.supporting import make_service
from tests.world import CHANNELS, DAY, NAMES, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]
LATER = NOW + timedelta(minutes=5)
AFTER = NOW + timedelta(minutes=10)


def together(world: World, kept: Person, other: Person, at: datetime = LATER, **chosen: Any) -> Merge:
    """Merge two; of what differs, what the one that goes on says stands unless it is chosen otherwise."""
    for person in (kept, other):
        person.refresh_from_db()
    choices = {item.key: "kept" for item in differences(kept, other)} | chosen
    by = world.cast[Role.FRONTLINE_WORKER]
    done = actions.merge(kept, other, seen=actions.state_of(kept, other), chosen=choices, by=by, at=at)
    for person in (kept, other):
        person.refresh_from_db()
    return done


def apart(world: World, done: Merge, at: datetime = AFTER) -> list[str]:
    return actions.take_apart(done, by=world.cast[Role.FRONTLINE_WORKER], at=at)


def sent(client: Client, kept: Person, other: Person, **chosen: str) -> Any:
    choices = {item.key: "kept" for item in differences(kept, other)}
    data = {"seen": actions.state_of(kept, other)} | choices | chosen
    return client.post(reverse("person-merge-with", args=[kept.pk, other.pk]), data)


def two(world: World) -> tuple[Person, Person]:
    return world.full_person(), world.full_person(gender="man", council="highland", missing=True)


def consent(world: World, person: Person, kind: str, decision: str, *, at: datetime = NOW, **changes: Any) -> None:
    values = {"decision": decision, "on": DAY, "whom": "", "language": "sq", "interpreter": "phone"}
    values |= {"until": None, "note": ""} | changes
    cases.answer_consent(person=person, kind=kind, by=world.cast[Role.FRONTLINE_WORKER], at=at, values=values)


def ways(world: World, person: Person, *channels: Mapping[str, str]) -> None:
    held = Identity.objects.filter(person=person).first()
    cases.change_identity(
        person=person,
        expected=held.version if held else 0,
        by=world.cast[Role.FRONTLINE_WORKER],
        at=NOW,
        names=NAMES,
        channels=channels,
    )


# Nothing is forgotten


def test_everything_that_hangs_on_a_record_has_its_place_in_a_merge() -> None:
    assert relations().keys() == {*MOVED, *STAY}
    assert not set(MOVED) & set(STAY)


def test_what_the_other_has_stands_in_the_one_that_goes_on(world: World) -> None:
    kept, other = two(world)
    cases.ask_review(person=other, by=world.cast[Role.FRONTLINE_WORKER], at=NOW, words="Look")
    encounters = set(Encounter.objects.values_list("pk", flat=True))
    done = together(world, kept, other)
    assert set(kept.encounters.values_list("pk", flat=True)) == encounters
    assert assessments_of(kept).count() == 2
    assert (other.closing, other.same_as, other.merged_at) == ("duplicate", kept, LATER)
    assert (kept.review, other.review, kept.missing, kept.gender) == ("asked", "", True, "woman")
    assert all(not rows_of(name, other).exists() for name in MOVED if name not in ("answers", "step_marks"))
    for subject, reference in ((kept, other), (other, kept)):
        facts = Event.objects.get(kind=Kind.MERGED, subject=str(subject.pk)).facts
        assert facts == {"other": reference.shown_reference}
    assert NAMES["given_names"] not in str(Merge.objects.filter(pk=done.pk).values_list("at", "kept", "other"))


def test_both_timelines_are_one_and_the_chain_holds(world: World) -> None:
    kept, other = two(world)
    before = {event.pk for event in Event.objects.all()}
    ours = {Kind.PERSON_ADDED.value, Kind.ENCOUNTER_ADDED.value}
    count = Event.objects.filter(kind__in=ours).count()
    together(world, kept, other)
    shown = [item.what for item in display.events_of(kept, most=500)]
    assert shown.count("Began the record") + shown.count("Recorded an encounter") == count
    assert before <= {event.pk for event in Event.objects.all()}
    assert list(chain.problems()) == []


# Consent


@pytest.mark.parametrize(
    ("one", "another", "stands"),
    [
        ("given", "refused", "refused"),
        ("refused", "given", "refused"),
        ("given", "withdrawn", "withdrawn"),
        ("withdrawn", "given", "withdrawn"),
        ("given", "given", "given"),
        ("given", "", "given"),
        ("", "given", "given"),
        ("", "", "not_asked"),
    ],
)
def test_no_agreement_becomes_wider(world: World, one: str, another: str, stands: str) -> None:
    kept, other = world.person(), world.person()
    for person, decision in ((kept, one), (other, another)):
        if decision == "withdrawn":
            consent(world, person, "support", "given")
        if decision:
            consent(world, person, "support", decision)
    done = together(world, kept, other)
    assert consent_on(kept, "support", on=DAY + timedelta(days=9)).state == stands
    assert consent_then(kept, "support", on=DAY).state == stands
    apart(world, done)
    assert consent_on(kept, "support", on=DAY).state == (one or "not_asked")
    assert consent_on(other, "support", on=DAY).state == (another or "not_asked")


def test_of_two_agreements_the_one_that_ends_first_stands(world: World) -> None:
    kept, other = world.person(), world.person()
    consent(world, kept, "support", "given")
    consent(world, other, "support", "given", until=date(2099, 1, 1))
    together(world, kept, other)
    assert consent_on(kept, "support", on=DAY).until == date(2099, 1, 1)
    assert consent_on(kept, "support", on=date(2099, 1, 2)).state == "over"


def test_once_they_are_asked_again_that_answer_stands_alone(world: World) -> None:
    kept, other = world.person(), world.person()
    consent(world, kept, "support", "given")
    consent(world, other, "support", "refused")
    together(world, kept, other)
    consent(world, kept, "support", "given", at=AFTER)
    assert consents_on(kept, on=DAY)["support"].state == "given"


def test_where_an_agreement_ends_by_the_merge_the_police_are_told(world: World) -> None:
    kept, other = world.person(), world.person()
    who: dict[str, Any] = {"given_names": "Zdravka", "family_name": "Quillfeather"}
    for person in (kept, other):
        consent(world, person, "notification_identity", "given")
    found = [
        world.notify(consents={"notification_identity": "given"}, extra={"local_reference": item.reference}, **who)
        for item in (kept, other)
    ]
    assert all(item.identity.withdrawn_at is None for item in found)
    consent(world, other, "notification_identity", "given", until=date(2099, 1, 1))
    done = together(world, kept, other)
    for item in found:
        item.identity.refresh_from_db()
        assert (item.identity.withdrawn_at, item.identity.agreed_until) == (None, date(2099, 1, 1))
    apart(world, done)
    consent(world, other, "notification_identity", "withdrawn", at=AFTER)
    for item, ended in zip(found, (False, True), strict=True):
        item.identity.refresh_from_db()
        assert (item.identity.withdrawn_at is not None) is ended
    kept.refresh_from_db()
    together(world, kept, other, at=AFTER + timedelta(minutes=1))
    found[0].identity.refresh_from_db()
    assert found[0].identity.withdrawn_at is not None
    subjects = set(Event.objects.filter(kind=Kind.CONSENT_WITHDRAWN).values_list("subject", flat=True))
    assert {str(item.pk) for item in found} <= subjects


def test_what_was_notified_under_both_references_is_judged_together_until_they_are_apart(world: World) -> None:
    kept, other = world.person(), world.person()
    one = world.notify(extra={"local_reference": kept.reference})
    two = world.notify(extra={"local_reference": other.reference}, at=NOW + timedelta(seconds=1))
    assert intake.about(world.team, kept.reference) == [one]
    done = together(world, kept, other)
    assert intake.about(world.team, kept.reference) == intake.about(world.team, other.reference) == [one, two]
    assert same_person.linked(one) == same_person.linked(two) == [one, two]
    assert same_person.said_before(world.team, kept.reference) == [one, two]
    assert (two.same_as, two.already_known) == (None, False), "the police learn nothing by it"
    apart(world, done)
    assert same_person.linked(one) == [one]
    assert not Joined.objects.exists()


# Ways to reach them, age, what decides the next steps


@pytest.mark.parametrize(
    ("one", "another", "stands"), [("yes", "no", "no"), ("no", "yes", "no"), ("yes", "not_known", "not_known")]
)
def test_a_way_that_is_unsafe_in_either_is_unsafe(world: World, one: str, another: str, stands: str) -> None:
    kept, other = world.person(), world.person()
    way = {"kind": "phone", "note": ""}
    ways(world, kept, way | {"value": "07700 900461", "safe": one})
    ways(world, other, way | {"value": "+44 7700 900461", "safe": another}, {**CHANNELS[0], "value": "07700 900462"})
    together(world, kept, other)
    held = {item.details["value"]: item.safe for item in Channel.objects.filter(person=kept)}
    assert held == {"07700 900461": stands, "07700 900462": "no"}


def test_a_number_that_is_unsafe_is_unsafe_for_messages_too(world: World) -> None:
    kept, other = world.person(), world.person()
    ways(world, kept, {"kind": "phone", "note": "", "value": "07700 900461", "safe": "no"})
    ways(world, other, {"kind": "text", "note": "", "value": "07700900461", "safe": "yes"})
    together(world, kept, other)
    assert set(Channel.objects.filter(person=kept).values_list("kind", "safe")) == {("phone", "no"), ("text", "no")}


@pytest.mark.parametrize(
    ("one", "another", "chosen", "stands"),
    [
        ("adult", "under_18", "kept", ("adult", False)),
        ("adult", "under_18", "other", ("under_18", False)),
        ("adult", "under_18", "uncertain", ("uncertain", True)),
        ("under_18", "uncertain", "kept", ("under_18", False)),
        ("adult", "uncertain", "other", ("uncertain", True)),
    ],
)
def test_somebody_chooses_the_age_where_it_differs(
    world: World, one: str, another: str, chosen: str, stands: tuple[str, bool]
) -> None:
    kept = world.person(age=one)
    other = world.person(age=another, believed_under_18=another == "uncertain")
    consent(world, kept, "support", "given")
    by, seen = world.cast[Role.FRONTLINE_WORKER], actions.state_of(kept, other)
    with pytest.raises(Conflict):
        actions.merge(kept, other, seen=seen, chosen={}, by=by, at=LATER)
    done = together(world, kept, other, age=chosen)
    assert (kept.age, kept.believed_under_18) == stands
    same = kept.age == one
    assert consent_on(kept, "support", on=DAY).given is same, "consent falls with the age"
    apart(world, done)
    kept.refresh_from_db()
    assert (kept.age, consent_on(kept, "support", on=DAY).given) == (one, True)


def test_a_day_of_birth_that_comes_with_the_other_puts_the_age_in_doubt(world: World) -> None:
    kept, other = world.person(), world.person()
    born = f"{NOW.year - 16}-05-17"
    by = world.cast[Role.FRONTLINE_WORKER]
    cases.change_identity(person=other, expected=0, by=by, at=NOW, names=NAMES | {"born": born}, channels=[])
    Person.objects.filter(pk=other.pk).update(age="adult", age_doubt="")
    together(world, kept, other)
    assert (kept.age, kept.age_doubt) == ("uncertain", "birth_says_child")


def test_what_only_one_record_says_stands_without_asking(world: World) -> None:
    kept = world.person(danger="not_known", council="", exploitation=["labour"])
    other = world.person(danger="yes", exploitation=["sexual"])
    assert differences(kept, other) == []
    together(world, kept, other)
    assert (kept.danger, kept.council, kept.exploitation) == ("yes", "glasgow-city", ["labour", "sexual"])


def test_answers_to_signs_are_joined_and_where_they_differ_chosen(world: World) -> None:
    kept, other = world.person(), world.person()
    same, differing, only = "dest_violence_on_victims", "dest_confiscation_of_documents", "dest_wages_withheld"
    world.answer(kept, {same: ("yes", "seen"), differing: ("no", "told")}, {same: "Bruises"})
    world.answer(other, {same: ("yes", "told"), differing: ("yes", "seen")}, {same: "They said so", differing: "Seen"})
    assert [item.key for item in differences(kept, other)] == [f"sign_{differing}"]
    choice: dict[str, Any] = {f"sign_{differing}": "other"}
    done = together(world, kept, other, **choice)
    held = {item.indicator: (item.answer, item.source, item.words) for item in kept.answers.all()}
    assert held == {same: ("yes", "seen", "Bruises\nThey said so"), differing: ("yes", "seen", "Seen")}
    assert only not in held
    apart(world, done)
    held = {item.indicator: (item.answer, item.source, item.words) for item in kept.answers.all()}
    assert held == {same: ("yes", "seen", "Bruises"), differing: ("no", "told", "")}


# What waits, and what stands in the way


def test_a_referral_that_waits_is_said_on_the_record_that_goes_on(world: World) -> None:
    kept, other = world.person(), world.person()
    values = {"form": "2026-04", "made_by": kept.worker, "made_at": NOW, "changed_at": NOW, "closed_at": NOW}
    Referral.objects.create(person=other, **values)
    referrals.update_waiting_since(other)
    done = together(world, kept, other)
    assert kept.to_hand_in_since is not None
    assert other.to_hand_in_since is None
    apart(world, done)
    for person in (kept, other):
        person.refresh_from_db()
    assert (kept.to_hand_in_since is None, other.to_hand_in_since is None) == (True, False)


def test_a_lead_looks_again_after_a_merge_and_after_they_are_apart(world: World) -> None:
    kept, other = world.person(), world.person()
    Person.objects.update(review="approved")
    done = together(world, kept, other)
    assert (kept.review, other.review) == ("", "")
    apart(world, done)
    assert set(Person.objects.values_list("review", flat=True)) == {""}


def test_one_answer_of_a_lead_answers_both_questions(world: World) -> None:
    kept, other = world.person(), world.person()
    for person, role in ((kept, Role.FRONTLINE_WORKER), (other, Role.FIRST_RESPONDER)):
        cases.ask_review(person=person, by=world.cast[role], at=NOW, words="Look")
    together(world, kept, other)
    lead = world.cast[Role.LEAD]
    cases.decide_review(person=kept, by=lead, at=AFTER, decision="approved", words="")
    assert not kept.reviews.filter(decided_at=None).exists()


def test_support_goes_on_with_the_record_that_goes_on(world: World) -> None:
    service = make_service(world)
    kept, other = world.full_person(), service.person()
    episode = service.asked(other)
    together(world, kept, other)
    episode.refresh_from_db()
    assert (episode.person, kept.support, other.support) == (kept, "asked", "none")


def test_what_cannot_be_joined_stands_in_the_way_and_is_named(world: World) -> None:
    service = make_service(world)
    kept, other = service.person(), service.person()
    for person in (kept, other):
        service.asked(person)
        Account.objects.create(person=person, team=service.team, at=NOW)
        Guardianship.objects.create(person=person, guardian=service.guardian, began_on=DAY, by=service.lead, at=NOW)
        values = {"form": "2026-04", "made_by": kept.worker, "made_at": NOW, "changed_at": NOW}
        Referral.objects.create(person=person, **values)
    found = hindrances(kept, other)
    for words in ("draft referral", "account", "guardian", "TARA"):
        assert any(words in item for item in found), (words, found)
    assert len(found) == 4
    with pytest.raises(NotNow):
        together(world, kept, other)


def test_a_closed_record_is_opened_first(world: World) -> None:
    kept, other = world.person(), world.person()
    cases.close(person=other, by=other.worker, at=NOW, reason="lost")
    with pytest.raises(NotNow, match="must be open"):
        together(world, kept, other)


# Taking apart


def held(*people: Person) -> dict[str, Any]:
    """Everything that two records hold, as the database has it, without what says when they last changed."""
    found: dict[str, Any] = {}
    for person in people:
        person.refresh_from_db()
        for name in (*MOVED, "identity", "consents", "assessments", "channels", "fingerprints"):
            rows = serializers.serialize("python", rows_of(name, person).order_by("pk"))
            drop = name in ("channels", "fingerprints", "step_marks")
            found[f"{person.reference} {name}"] = sorted(
                str({**row["fields"], "version": 0, "pk": None if drop else row["pk"]}) for row in rows
            )
        columns = serializers.serialize("python", [person])[0]["fields"]
        found[f"{person.reference} itself"] = columns | {"version": 0, "changed_at": None, "review": ""}
    return found


@pytest.mark.parametrize("chosen", ["kept", "other"])
@pytest.mark.parametrize("ages", [("adult", "adult"), ("adult", "under_18"), ("under_18", "adult")])
@pytest.mark.parametrize("swapped", [False, True])
def test_taken_apart_both_are_as_before(world: World, chosen: str, ages: tuple[str, str], swapped: bool) -> None:
    service = make_service(world)
    kept, other = service.person(age=ages[0]), service.person(age=ages[1], gender="man", council="", missing=True)
    service.asked(other)
    ways(world, other, {"kind": "phone", "value": "07700 900461", "safe": "yes", "note": "x"})
    for person in (kept, other):
        mark_step(person=person, step="child-protection", done=True, by=person.worker, at=NOW)
    mark_step(person=other, step="interpreter", done=True, by=other.worker, at=NOW)
    consent(world, kept, "police_cooperation", "refused")
    if swapped:
        kept, other = other, kept
    before = held(kept, other)
    choices: dict[str, Any] = {item.key: chosen for item in differences(kept, other)}
    done = together(world, kept, other, **choices)
    assert held(kept, other) != before
    assert apart(world, done) == []
    assert held(kept, other) == before
    assert list(chain.problems()) == []


def test_what_was_added_since_stays_and_is_said(world: World, at_work: AtWork) -> None:
    kept, other = two(world)
    done = together(world, kept, other)
    by = world.cast[Role.FRONTLINE_WORKER]
    values = {"on": DAY, "council": "", "place_kind": "home", "attention": "health", "note": "New"}
    added = encounters.add_encounter(person=kept, by=by, at=AFTER, values=values)
    ways(world, kept, {"kind": "phone", "value": "07700 900499", "safe": "no", "note": ""})
    client, address = at_work(Role.FIRST_RESPONDER), reverse("person-apart", args=[kept.pk, done.pk])
    assert "1 thing was added since" in client.get(address).content.decode()
    page = client.post(address, follow=True).content.decode()
    assert "a record of its own again" in page
    assert "who they are, and the ways to reach them" in page
    assert added in kept.encounters.all()
    assert (kept.encounters.count(), other.encounters.count()) == (2, 1)
    assert kept.channels.get().details["value"] == "07700 900499"


def test_a_second_click_or_going_back_after_they_are_apart_says_so(world: World, at_work: AtWork) -> None:
    kept, other = world.person(), world.person()
    address = reverse("person-apart", args=[kept.pk, together(world, kept, other).pk])
    client = at_work(Role.FRONTLINE_WORKER)
    client.post(address)
    for again in (client.post, client.get):
        answer = again(address, follow=True)
        assert answer.redirect_chain == [(reverse("person", args=[kept.pk]), 302)]
        assert "they have been taken apart already" in answer.content.decode()
    assert Event.objects.filter(kind=Kind.TAKEN_APART, subject=str(kept.pk)).count() == 1


def test_they_can_be_taken_apart_for_a_time_only(world: World, at_work: AtWork) -> None:
    kept, other = world.person(), world.person()
    done = together(world, kept, other)
    with pytest.raises(NotNow, match="the time for taking them apart has passed"):
        apart(world, done, at=LATER + timedelta(days=days_to_part(), minutes=1))
    Merge.objects.update(at=timezone.now() - timedelta(days=days_to_part() + 1))
    page = at_work(Role.LEAD).get(reverse("person-apart", args=[kept.pk, done.pk])).content.decode()
    assert "It could be taken apart until" in page


def test_a_record_with_one_brought_in_is_brought_into_a_third_and_comes_back(world: World) -> None:
    first, second, third = world.person(), world.person(), world.person()
    for person in (first, second, third):
        consent(world, person, "support", "refused" if person == first else "given")
    one = together(world, second, first)
    two = together(world, third, second, at=AFTER)
    first.refresh_from_db()
    assert first.same_as == third
    assert consent_on(third, "support", on=DAY).state == "refused"
    with pytest.raises(NotNow, match="take that apart first"):
        apart(world, one, at=AFTER)
    apart(world, two, at=AFTER)
    first.refresh_from_db()
    assert (first.same_as, first.merged_at) == (second, LATER)
    assert (consent_on(third, "support", on=DAY).state, consent_on(second, "support", on=DAY).state) == (
        "given",
        "refused",
    )
    apart(world, one, at=AFTER)
    first.refresh_from_db()
    assert first.closed_at is None


# Through the pages


def test_both_are_shown_side_by_side_and_every_reading_is_noted(world: World, at_work: AtWork) -> None:
    kept, other = two(world)
    page = at_work(Role.FRONTLINE_WORKER).get(reverse("person-merge-with", args=[kept.pk, other.pk])).content.decode()
    for words in (kept.shown_reference, other.shown_reference, "Zdravka Quillfeather", "What will happen"):
        assert words in page
    for person in (kept, other):
        kinds = set(Event.objects.filter(subject=str(person.pk)).values_list("kind", flat=True))
        assert {Kind.PERSON_READ, Kind.IDENTITY_READ, Kind.CONSENTS_READ, Kind.SIGNS_READ} <= kinds


def test_two_clicks_merge_them_once(world: World, at_work: AtWork) -> None:
    kept, other = two(world)
    client = at_work(Role.FRONTLINE_WORKER)
    data = {"seen": actions.state_of(kept, other)} | {item.key: "kept" for item in differences(kept, other)}
    address = reverse("person-merge-with", args=[kept.pk, other.pk])
    for _click in range(2):
        response = client.post(address, data)
        assert (response.status_code, response["Location"]) == (302, reverse("person", args=[kept.pk]))
    assert Merge.objects.count() == 1


def test_where_either_changed_meanwhile_it_is_said_and_shown_again(world: World, at_work: AtWork) -> None:
    kept, other = two(world)
    client = at_work(Role.FRONTLINE_WORKER)
    data = {"seen": actions.state_of(kept, other)} | {item.key: "other" for item in differences(kept, other)}
    touch(other, LATER)
    address = reverse("person-merge-with", args=[kept.pk, other.pk])
    response = client.post(address, data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "One of the records has changed since you opened this page" in page
    assert f'value="{actions.state_of(kept, other)}"' in page
    assert page.count(" checked") == len(differences(kept, other)), "what was chosen is still chosen"
    assert not Merge.objects.exists()


def test_each_choice_that_is_missing_is_named_and_leads_to_its_field(world: World, at_work: AtWork) -> None:
    kept, other = two(world)
    address = reverse("person-merge-with", args=[kept.pk, other.pk])
    page = at_work(Role.FRONTLINE_WORKER).post(address, {"seen": actions.state_of(kept, other)}).content.decode()
    assert "Choose which to keep: Gender" in page
    assert 'href="#id_gender' in page
    assert not Merge.objects.exists()


@pytest.mark.parametrize("name", ["person", "person-timeline", "encounters", "consents", "person-identity"])
def test_the_old_reference_leads_to_the_record_that_goes_on(world: World, at_work: AtWork, name: str) -> None:
    kept, other = two(world)
    together(world, kept, other)
    client = at_work(Role.FRONTLINE_WORKER)
    response = client.get(reverse(name, args=[other.pk]), follow=True)
    assert response.redirect_chain == [(reverse(name, args=[kept.pk]), 302)]
    assert f"{other.shown_reference} was merged into" in response.content.decode()
    found = client.post(reverse("find"), {"find": other.shown_reference}, follow=True)
    assert found.redirect_chain[-1][0] == reverse("person", args=[kept.pk])


def test_nothing_is_written_into_a_record_that_stands_under_another(world: World, at_work: AtWork) -> None:
    kept, other = two(world)
    together(world, kept, other)
    response = at_work(Role.FRONTLINE_WORKER).post(reverse("person-close", args=[other.pk]), {"reopen": "yes"})
    assert response["Location"].startswith(reverse("person-close", args=[kept.pk]))
    other.refresh_from_db()
    assert other.merged_at is not None


def test_what_was_typed_for_a_record_that_was_merged_meanwhile_is_not_lost(world: World, at_work: AtWork) -> None:
    kept, other = two(world)
    client, note = at_work(Role.FRONTLINE_WORKER), "She wants to sleep first, and to eat, and then to ring her sister."
    page = client.get(reverse("encounter-new", args=[other.pk])).content.decode()
    together(world, kept, other)
    before = kept.encounters.count()
    typed = {"place_kind": "hotel", "attention": "police", "note": note} | dict(hidden_in(page))
    response = client.post(reverse("encounter-new", args=[other.pk]), typed, follow=True)
    assert response.redirect_chain[0][0].startswith(reverse("encounter-new", args=[kept.pk]))
    assert note in response.content.decode()
    assert "Nothing is saved yet" in response.content.decode()
    assert kept.encounters.count() == before


def hidden_in(page: str) -> list[tuple[str, str]]:
    return re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)


def test_either_name_finds_the_record_that_goes_on(world: World) -> None:
    kept, other = world.person(), world.person()
    by = world.cast[Role.FRONTLINE_WORKER]
    for person, family in ((kept, "Vondráková"), (other, "Novotná")):
        names = NAMES | {"given_names": "Tereza", "family_name": family, "nickname": ""}
        cases.change_identity(person=person, expected=0, by=by, at=NOW, names=names, channels=[])
    together(world, kept, other)
    for words in ("Tereza Vondrakova", "Tereza Novotna", other.shown_reference):
        people, _by_name = people_matching(by, words)
        assert {item.same_as or item for item in people} == {kept}, words
    third = world.person()
    assert alike(third, {"given_names": "Tereza", "family_name": "Novotna"}) == [kept]
    assert alike(kept, {"given_names": "Tereza", "family_name": "Novotna"}) == []


def test_another_team_cannot_merge_them_nor_tell_them_from_none(world: World, at_work: AtWork) -> None:
    kept, other, client = world.person(), world.person(), Client()
    client.force_login(world.outsider)
    assert client.get(reverse("person-merge-with", args=[kept.pk, other.pk])).status_code == 404
    worker = world.cast[Role.FRONTLINE_WORKER]
    Membership.objects.create(user=worker, team=world.elsewhere, role=Role.FRONTLINE_WORKER)
    Person.objects.filter(pk=other.pk).update(team=world.elsewhere)
    address = reverse("person-merge-with", args=[kept.pk, other.pk])
    assert at_work(Role.FRONTLINE_WORKER).get(address).status_code == 404
    other.refresh_from_db()
    with pytest.raises(NotNow, match="same team"):
        together(world, kept, other)
    page = at_work(Role.LEAD).post(reverse("person-merge", args=[kept.pk]), {"other": other.shown_reference})
    assert "is not the reference of another record of your team" in page.content.decode()


def test_the_other_is_asked_for_by_its_reference(world: World, at_work: AtWork) -> None:
    kept, other = world.person(), world.person()
    client, address = at_work(Role.FRONTLINE_WORKER), reverse("person-merge", args=[kept.pk])
    assert client.get(address).status_code == 200
    response = client.post(address, {"other": other.shown_reference.lower()})
    assert response["Location"] == reverse("person-merge-with", args=[kept.pk, other.pk])


# Keeping and deleting


def test_what_was_brought_in_is_deleted_with_the_record_that_goes_on_and_not_before(world: World) -> None:
    kept, other = two(world)
    together(world, kept, other)
    Person.objects.update(closed_at=NOW - timedelta(days=4000), closing="duplicate")
    due = {person for item in retention.due(Person.objects.all(), on=timezone.localdate()) for person in item.people}
    assert due == {kept}
    cases.delete([kept], actor=kept.worker.pk, rule="closed_adult")
    assert not Person.objects.exists()
    assert not Identity.objects.exists()
    assert Event.objects.filter(kind=Kind.DELETED).count() == 2
    assert list(signed.problems()) == [], "what was deleted with its record is not missed"


def test_the_copy_holds_what_both_records_hold(world: World) -> None:
    kept, other = two(world)
    consent(world, other, "support", "refused")
    together(world, kept, other)
    copy = everything(kept, place="scotland", today=timezone.localdate())
    assert copy["merged_records"][0]["reference"] == other.shown_reference
    assert copy["merged_records"][0]["given_names"] == NAMES["given_names"]
    assert (len(copy["encounters"]), len(copy["assessments"]), len(copy["consents"])) == (2, 2, 1)
