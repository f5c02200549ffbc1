"""Words that leave are compared with the identity first, for those who may know it, and for nobody else."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from pkgutil import walk_packages
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import bield.service
from bield.service.accounts.permissions import Permission, Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import actions
from bield.service.cases.access import person_for
from bield.service.cases.forms import HandOverForm
from bield.service.cases.known import words_about
from bield.service.cases.models import Channel, HandOver, Person, Review
from bield.service.design.leaving import LeavingForm
from bield.service.support.entries.schema import parts
from bield.service.support.episodes.known import words_of
from bield.service.support.models import Entry, Episode, Grant, PlanWords
from tests.supporting import Service
from tests.web.test_referrals import sent as sent_referral
from tests.web.test_taken_back import day, met
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = timezone.localdate()
SAID = "She is called ZEDKA, and will come."
NUMBER = "Ring 07700-900461 at night."
QUIET = "Somebody must come today. May she bring a friend?"


def page(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


class Door:
    """A form with words that leave: who sends it, where to, and what else it needs. kept: what was saved through it."""

    def __init__(self, client: Client, address: str, field: str, kept: Callable[[], int], **values: Any) -> None:
        self.client, self.address, self.field, self.kept, self.values = client, address, field, kept, values

    def send(self, words: str, **more: Any) -> Any:
        return self.client.post(self.address, self.values | {self.field: words} | more)


Make = Callable[[World, Service, Callable[[Role], Client], Client], Door]


def hand_over(world: World, _service: Service, at_work: Callable[[Role], Client], _isla: Client) -> Door:
    person, to = world.full_person(), world.cast[Role.LEAD]
    address = reverse("person-hand-over", args=[person.pk])
    return Door(at_work(Role.FRONTLINE_WORKER), address, "words", HandOver.objects.count, to=to.pk)


def ask_review(world: World, _service: Service, at_work: Callable[[Role], Client], _isla: Client) -> Door:
    address = reverse("person-review", args=[world.full_person().pk])
    return Door(at_work(Role.FRONTLINE_WORKER), address, "words", Review.objects.count)


def decide_review(world: World, _service: Service, at_work: Callable[[Role], Client], _isla: Client) -> Door:
    person = world.full_person()
    actions.ask_review(person=person, by=world.cast[Role.FRONTLINE_WORKER], at=NOW, words="")
    decided = Review.objects.exclude(decided_at=None)
    return Door(
        at_work(Role.LEAD), reverse("person-review", args=[person.pk]), "words", decided.count, decision="approved"
    )


def encounter_back(world: World, _service: Service, at_work: Callable[[Role], Client], _isla: Client) -> Door:
    person = world.full_person()
    address = reverse("encounter-take-back", args=[person.pk, met(world, person, 2).pk])
    taken = person.encounters.exclude(taken_back_at=None)
    return Door(at_work(Role.FRONTLINE_WORKER), address, "why", taken.count)


def referral(world: World) -> Any:
    person = world.full_person()
    for kind in ("nrm_referral", "support"):
        world.consent(person, kind, "given")
    return sent_referral(world, person)


def decision_back(world: World, _service: Service, at_work: Callable[[Role], Client], _isla: Client) -> Door:
    from bield.service.referrals import actions as referrals

    found = referral(world)
    made = referrals.decide(found, kind="rg_positive", on=TODAY, by=world.cast[Role.LEAD], at=timezone.now())
    taken = type(made).every.exclude(taken_back_at=None)
    return Door(
        at_work(Role.LEAD), reverse("referral-decision-take-back", args=[found.pk, made.pk]), "why", taken.count
    )


def hand_in_back(world: World, _service: Service, at_work: Callable[[Role], Client], _isla: Client) -> Door:
    found = referral(world)
    address = reverse("referral-take-back", args=[found.pk])
    ended = found.hand_ins.exclude(ended_at=None)
    return Door(at_work(Role.LEAD), address, "words", ended.count, reason="not_yet")


def hand_in_corrected(world: World, _service: Service, at_work: Callable[[Role], Client], _isla: Client) -> Door:
    found = referral(world)
    values = day("on") | {"way": "email", "number": "", "reason": "not_yet"}
    ended = found.hand_ins.exclude(ended_at=None)
    return Door(at_work(Role.LEAD), reverse("referral-hand-in", args=[found.pk]), "words", ended.count, **values)


def ask_support(_world: World, service: Service, at_work: Callable[[Role], Client], _isla: Client) -> Door:
    address = reverse("person-support", args=[service.person().pk])
    return Door(at_work(Role.FRONTLINE_WORKER), address, "words", Episode.objects.count, team=service.team.pk)


def goal(_world: World, service: Service, _at_work: Callable[[Role], Client], isla: Client) -> Door:
    address = reverse("support-entry-new", args=[service.open().pk, "goal"])
    return Door(isla, address, "words", Entry.objects.filter(part="goal").count)


def step(field: str) -> Make:
    def make(_world: World, service: Service, _at_work: Callable[[Role], Client], isla: Client) -> Door:
        episode = service.open()
        above = service.put(episode, "goal", words="Sleep")
        address = f"{reverse('support-entry-new', args=[episode.pk, 'step'])}?under={above.pk}"
        values = {"what": "Ring", "who": "We"} | day("by", -9)
        return Door(isla, address, field, Entry.objects.filter(part="step").count, **values)

    return make


def translated(_world: World, service: Service, _at_work: Callable[[Role], Client], isla: Client) -> Door:
    episode = service.open()
    service.put(episode, "goal", words="I want to sleep.")
    address = reverse("support-plan-translation", args=[episode.pk, "sq"])
    return Door(isla, address, "line_0", PlanWords.objects.count, translator="A. Person")


SIGN_IN_PAGES: dict[str, tuple[Make, bool]] = {
    "HandOverForm.words": (hand_over, True),
    "AskForm.words": (ask_review, True),
    "DecideForm.words": (decide_review, True),
    "WhyForm.why": (encounter_back, True),
    "WhyForm.why of a decision": (decision_back, True),
    "WrongForm.words": (hand_in_back, True),
    "CorrectionForm.words": (hand_in_corrected, True),
    "support AskForm.words": (ask_support, False),
    "EntryForm goal.words": (goal, False),
    "EntryForm step.what": (step("what"), False),
    "EntryForm step.who": (step("who"), False),
    "TranslationForm.line": (translated, False),
}
"""Every field whose words leave; whether those who read it may know who it is, so that a number may stay too."""


@pytest.mark.parametrize("name", SIGN_IN_PAGES)
def test_a_known_name_in_words_that_leave_is_asked_about_and_stays_only_where_it_is_ticked(
    name: str, world: World, service: Service, at_work: Callable[[Role], Client], isla: Client
) -> None:
    make, may_know = SIGN_IN_PAGES[name]
    door = make(world, service, at_work, isla)
    before = door.kept()
    asked = door.send(SAID)
    shown = page(asked)
    assert asked.status_code == 200
    assert "This contains ‘ZEDKA’, which can identify the person" in shown
    assert "and will come." in shown, "nothing typed is lost"
    assert f'href="#id_{door.field}"' in shown
    assert re.search(rf'<input[^>]*name="{door.field}_stays"[^>]*value="ZEDKA"', shown), "it may be ticked to stay"
    assert "Quillfeather" not in shown, "nothing else of the identity is shown"
    numbered = door.send(NUMBER)
    assert "‘07700-900461’" in page(numbered)
    assert (f'name="{door.field}_stays"' in page(numbered)) is may_know
    again = door.send(NUMBER, **{f"{door.field}_stays": "07700-900461"})
    assert (again.status_code == 302) is may_know
    if may_know:
        assert door.kept() == before + 1
        return
    assert door.kept() == before
    assert door.send(f"{SAID} {NUMBER}", **{f"{door.field}_stays": "ZEDKA"}).status_code == 200
    assert door.send(SAID, **{f"{door.field}_stays": "ZEDKA"}).status_code == 302
    assert door.kept() > before


@pytest.mark.parametrize("name", SIGN_IN_PAGES)
def test_other_words_are_saved_at_once(
    name: str, world: World, service: Service, at_work: Callable[[Role], Client], isla: Client
) -> None:
    door = SIGN_IN_PAGES[name][0](world, service, at_work, isla)
    assert door.send(QUIET).status_code == 302


def test_what_is_ticked_covers_only_what_was_asked_about(world: World, at_work: Callable[[Role], Client]) -> None:
    door = hand_over(world, None, at_work, None)  # type: ignore[arg-type]  # not used there
    asked = door.send("Zedka and Zdravka", words_stays="Zedka")
    assert asked.status_code == 200
    assert "‘Zdravka’" in page(asked)
    assert door.send("Zedka and Zdravka", words_stays=["Zedka", "Zdravka"]).status_code == 302


def test_comparing_is_no_reading_of_the_identity_and_every_guess_leaves_a_trace(
    world: World, at_work: Callable[[Role], Client]
) -> None:
    door = hand_over(world, None, at_work, None)  # type: ignore[arg-type]  # not used there
    door.send("Is it Marlene?")
    assert not Event.objects.filter(kind=Kind.WORDS_MATCHED).exists(), "a guess that is wrong is saved, and seen there"
    Person.objects.update(worker=world.cast[Role.FRONTLINE_WORKER])
    door.send("Is it Zedka?")
    assert not Event.objects.filter(kind=Kind.IDENTITY_READ).exists()
    found = Event.objects.get(kind=Kind.WORDS_MATCHED)
    assert (found.actor, found.facts) == (str(world.cast[Role.FRONTLINE_WORKER].pk), {"matches": 1})


def test_nobody_who_may_not_open_the_identity_learns_whether_a_guess_is_right(service: Service, isla: Client) -> None:
    world = service.world
    waiting = service.asked()
    waiting.role = Role.SUPPORT_WORKER.value  # type: ignore[attr-defined]  # as the gate gives it
    assert words_of(waiting, service.isla) is None, "not before they take the person on"
    episode = service.open(service.person())
    assert words_of(episode, service.isla) is not None
    world.consent(episode.person, "support", "withdrawn")
    assert words_of(episode, service.isla) is None, "not once the person took their agreement back"
    address = reverse("support-entry-new", args=[episode.pk, "goal"])
    told = [page(isla.post(address, {"words": words})) for words in ("Zedka", "Marlene")]
    assert [("identity" in text) for text in told] == [False, False]
    assert not Event.objects.filter(kind=Kind.SUPPORT_WORDS_MATCHED).exists()
    person = person_for(world.cast[Role.FRONTLINE_WORKER], episode.person_id, Permission.PERSON_SEE)
    person.role = Role.POLICE_ANALYST.value  # type: ignore[attr-defined]  # a role that opens no identity
    assert words_about(person, world.cast[Role.POLICE_ANALYST]) is None


def test_a_form_that_is_not_told_what_to_compare_with_breaks_and_saves_nothing(world: World) -> None:
    form = HandOverForm({"words": "Zedka", "to": world.cast[Role.LEAD].pk}, people=type(world.outsider).objects.all())
    with pytest.raises(AttributeError, match="compare"):
        form.is_valid()


def test_what_an_agency_would_read_is_asked_about_when_it_is_granted(service: Service, isla: Client) -> None:
    episode = service.open()
    service.told(episode)
    said = {"to": service.world.police.organisation_id, "parts": ["offer"], "purpose": "investigation"}
    said |= day("agreed_on") | day("until", -9) | {"explained": "Read out"}
    address = reverse("support-grant-new", args=[episode.pk])
    assert "This contains ‘Zdravka’" in page(isla.post(address, said))
    assert not Grant.objects.exists()
    assert isla.post(address, said | {"summary_only": "on"}).status_code == 302, "the short form has no name in it"
    assert isla.post(address, said | {"parts_stays": "Zdravka"}).status_code == 302
    assert Grant.objects.count() == 2


def test_a_way_that_is_not_known_to_be_safe_does_not_go_to_the_police(
    world: World, at_work: Callable[[Role], Client]
) -> None:
    person = world.full_person()
    world.consent(person, "notification_identity", "given")
    client, address = at_work(Role.FRONTLINE_WORKER), reverse("person-notify", args=[person.pk])
    said = {"gender": "woman", "type": ["sexual"], "referral": "none", "name": "Zdravka Quillfeather"}
    refused = page(client.post(address, said | {"contact": "Mornings: 0044 7700 900461"}))
    assert "‘0044 7700 900461’ is not known to be a safe way to reach them" in refused
    assert "What will be sent" in page(client.post(address, said | {"contact": "Mornings: 0141 496 0123"}))
    Channel.objects.update(safe="yes")
    assert "What will be sent" in page(client.post(address, said | {"contact": "Mornings: 07700 900461"}))
    text = {"value": "+44 7700 900461", "note": ""}
    Channel.objects.create(person=person, kind="text", safe="no", details=text)
    twice = page(client.post(address, said | {"contact": "Evenings: 07700 900461"}))
    assert "is not known to be a safe way" in twice, "unsafe to text is unsafe to ring, however it is written"


# Every form


LEAVES = {
    "HandOverForm.words", "cases.AskForm.words", "DecideForm.words", "WhyForm.why", "WrongForm.words",
    "CorrectionForm.words", "support.AskForm.words", "IdentifiedForm.contact", "WithoutRecordForm.contact",
}  # fmt: skip
STAYS = {
    "FindForm.find": "looked for, and not kept",
    "CloseForm.other": "a reference", "OtherForm.other": "a reference",
    "IdentityForm.given_names": "the identity", "IdentityForm.family_name": "the identity",
    "IdentityForm.nickname": "the identity", "IdentityForm.nationality": "the identity",
    "IdentityForm.home_office_reference": "the identity",
    "ChannelForm.value": "the identity", "ChannelForm.note": "the identity",
    "EncounterForm.note": "read in its own team, each time noted", "ConsentForm.note": "read in its own team",
    "ConsentsForm.explainer": "a colleague or interpreter, kept with the note in its own team",
    "ShareForm.note": "read in its own team",
    "HandInForm.number": "the identity", "CorrectionForm.number": "the identity", "NumberForm.number": "the identity",
    "EvidenceForm.shows": "goes with the referral, which says who it is",
    "notifications.AskForm.words": "written by the police, and only while they may know who it is",
    "AnswerForm.words": "read by the police, and only while they may know who it is",
    "WithoutRecordForm.local_reference": "not sent, and kept only as a keyed hash",
    "notifications.FilterForm.reference": "a reference", "listing.FilterForm.reference": "a reference",
    "list_forms.FilterForm.reference": "a reference",
    "KnownForm.same": "a reference", "KeyForm.name": "of a system",
    "AccountForm.present": "kept in its own team", "testimony.CorrectionForm.words": "asked at the grant",
    "GrantForm.explained": "kept in its own team", "InterviewForm.words": "read by those who support them",
    "TranslationForm.translator": "a colleague", "ReviewerForm.reviewer": "a colleague",
    "JoinForm.name": "the user's own", "JoinForm.password": "the user's own", "InviteForm.email": "a colleague's",
    "ServiceForm": "of a service, and about nobody", "DirectoryForm.words": "looked for, and not kept",
}  # fmt: skip
"""The fields whose words leave are asked about; of every other, why it need not be."""


def form_classes() -> list[type[forms.Form]]:
    found: dict[str, type[forms.Form]] = {}
    for module in walk_packages(bield.service.__path__, "bield.service."):
        if "migrations" in module.name or module.name.endswith((".settings", ".wsgi", ".design.views")):
            continue
        for item in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(item) and issubclass(item, forms.Form) and item.__module__.startswith("bield.service"):
                found[f"{item.__module__}.{item.__qualname__}"] = item
    return list(found.values())


def typed_fields(form: type[forms.Form]) -> list[str]:
    kinds = (forms.TextInput, forms.Textarea, forms.EmailInput, forms.PasswordInput)
    return [
        name
        for name, field in form.base_fields.items()
        if isinstance(field, forms.CharField)
        and isinstance(field.widget, kinds)
        and not isinstance(field.widget, forms.HiddenInput)
    ]


def listed(form: type[forms.Form], field: str, names: Any) -> bool:
    room, folder, module = form.__module__.split(".")[2], *form.__module__.split(".")[-2:]
    tries = [
        f"{form.__name__}.{field}",
        f"{room}.{form.__name__}.{field}",
        f"{module}.{form.__name__}.{field}",
        f"{folder}.{form.__name__}.{field}",
        form.__name__,
    ]
    return any(item in names for item in tries)


def test_of_every_field_that_takes_words_it_is_said_whether_they_leave() -> None:
    count = 0
    for form in form_classes():
        for field in typed_fields(form):
            count += 1
            leaves = issubclass(form, LeavingForm) and field in form.leaves
            assert leaves or listed(form, field, STAYS), f"{form.__module__}.{form.__name__}.{field}"
            if leaves:
                assert listed(form, field, LEAVES), f"{form.__name__}.{field} is not in the table"
    assert count > 40


def test_every_part_of_support_whose_words_go_on_paper_says_so() -> None:
    paper = {f"{item.id}.{field.id}" for item in parts().values() for field in item.fields if field.paper}
    assert paper == {"goal.words", "step.what", "step.who"}
