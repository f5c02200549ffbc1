"""The lists: who, where they are, what is due and by whom; quick filters, cards, bulk actions, and nobody's name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bield import law
from bield.service.accounts.models import Membership, User
from bield.service.accounts.permissions import Permission, Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import actions
from bield.service.cases.access import reach_of
from bield.service.cases.consents import consents_of_each, consents_on
from bield.service.cases.listing import due as dues
from bield.service.cases.listing.rows import rows_of, with_facts
from bield.service.cases.models import Person, StepMark
from bield.service.cases.same_person.merged import assessments_of
from bield.service.cases.situation import situation_of
from bield.service.cases.what_next import known_steps
from bield.service.notifications import actions as notifying
from bield.service.notifications.models import Notification
from bield.service.paging import page_by_day, page_in_groups
from bield.service.referrals.models import Referral
from bield.service.referrals.reminders import DAYS_CLOSED
from bield.service.support.episodes import actions as supporting
from bield.service.support.models import Entry, Episode
from tests.supporting import TODAY, Service
from tests.world import NAMES, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def table(answer: Any) -> str:
    return text(answer).split("<tbody")[1].split("</tbody>")[0]


def references(answer: Any) -> list[str]:
    return re.findall(r">([2-9A-Z]{4}-[2-9A-Z]{3})</a>", table(answer))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def colleague(world: World, role: Role = Role.FRONTLINE_WORKER, name: str = "Another Colleague") -> User:
    user = User.objects.create(email=f"{uuid4()}@glasgow.example", name=name)
    Membership.objects.create(user=user, team=world.team, role=role)
    return user


class TestPeople:
    """The list of records."""

    def test_a_row_says_who_where_what_next_and_who_looks_after_them(self, world: World, at_work: AtWork) -> None:
        adult, child = world.full_person(), world.full_person(age="under_18", gender="man", exploitation=["criminal"])
        actions.ask_review(person=adult, by=world.cast[Role.FRONTLINE_WORKER], at=NOW, words="")
        page = table(at_work(Role.LEAD).get(reverse("people")))
        of_adult, of_child = (page.split(item.shown_reference)[1].split("</tr>")[0] for item in (adult, child))
        for words in ("Woman, adult", "sexual", "Review asked", "Lead’s review", "Came today"):
            assert words in of_adult
        assert "ds_tag--red" not in of_adult
        for words in ("Boy, ", ">child</span>", "made to commit crimes", "Signs signed"):
            assert words in of_child
        assert world.cast[Role.FRONTLINE_WORKER].name in of_child

    def test_no_name_of_anybody_with_a_record_is_in_it(self, world: World, at_work: AtWork) -> None:
        world.full_person()
        page = at_work(Role.LEAD).get(reverse("people")).content.decode()
        assert not [name for name in (*NAMES.values(), "07700") if name in page]

    def test_somebody_not_sure_is_to_be_treated_as_a_child(self, world: World, at_work: AtWork) -> None:
        world.person(age="uncertain", believed_under_18=True)
        assert "treat as a child" in table(at_work(Role.LEAD).get(reverse("people")))
        assert "treat as a child" in table(at_work(Role.LEAD).get(reverse("people"), {"age": "not_adult"}))

    def test_what_is_late_comes_first_and_says_by_how_much(self, world: World, at_work: AtWork) -> None:
        later, late, none = world.person(), world.person(), world.person()
        Person.objects.filter(pk=late.pk).update(to_hand_in_since=TODAY - timedelta(days=4))
        decided = TODAY - timedelta(days=60)
        Person.objects.filter(pk=later.pk).update(referral="reasonable_grounds", decision_on=decided)
        answer = at_work(Role.LEAD).get(reverse("people"))
        assert references(answer) == [item.shown_reference for item in (late, later, none)]
        assert "3 days late" in table(answer)
        assert "Hand in the referral" in table(answer)
        assert re.search(r"day 60 of \d+", table(answer))

    def test_the_clock_of_a_referral_made_here_counts(self, world: World, at_work: AtWork) -> None:
        person, by = world.person(), world.cast[Role.FIRST_RESPONDER]
        referral = Referral.objects.create(person=person, form="2026", made_by=by, made_at=NOW, changed_at=NOW)
        ends = TODAY + timedelta(days=1)
        Referral.objects.filter(pk=referral.pk).update(clock="adult_support", clock_ends=ends)
        assert "Tomorrow" in table(at_work(Role.LEAD).get(reverse("people"), {"due": "soon"}))
        Referral.objects.filter(pk=referral.pk).update(clock_ends=TODAY - timedelta(days=100))
        assert "No record fits" in text(at_work(Role.LEAD).get(reverse("people"), {"due": "soon"}))

    def test_a_child_who_turns_18_soon_is_among_what_is_due(self, world: World) -> None:
        person = world.person(age="under_18")
        month = (TODAY + timedelta(days=40)).replace(day=1)
        stored = Person.objects.get(pk=person.pk)
        stored.eighteen_from = month.isoformat()
        stored.save()
        found = dues.dated(Person.objects.all(), today=TODAY)
        assert (found[person.pk].what, found[person.pk].on) == ("Turns 18", month)

    def test_without_a_day_the_next_step_of_the_pathway_is_the_same_as_on_the_record(self, world: World) -> None:
        people = [world.full_person(), world.person(age="under_18"), world.person(danger="yes")]
        StepMark.objects.create(person=people[1], step="tell-social-work", by=world.cast[Role.FRONTLINE_WORKER], at=NOW)
        world.consent(people[0], "nrm_referral", "refused")
        rows = rows_of(list(with_facts(Person.objects.all())), {}, today=TODAY)
        for row in rows:
            person, done = row.person, {mark.step for mark in row.person.step_marks.all()}
            last, consents = assessments_of(person).first(), consents_on(person, on=TODAY)
            steps = known_steps(situation_of(person, last, consents, today=TODAY), today=TODAY)
            first = next(step for step in steps if step.id not in done)
            assert row.due is not None
            assert row.due.what == first.title
        assert {row.stage.words for row in rows} == {"Did not agree to referral", "Begun"}

    def test_consents_of_many_are_those_of_each(self, world: World) -> None:
        kept = world.full_person()
        world.consent(kept, "support", "given")
        world.merge_an_empty_record_into(kept)
        other = world.person()
        world.consent(other, "nrm_referral", "given", until=TODAY - timedelta(days=1))
        people = [kept, other, world.person()]
        found = consents_of_each({person.pk for person in people}, on=TODAY)
        for person in people:
            states = {kind: standing.state for kind, standing in consents_on(person, on=TODAY).items()}
            assert {kind: standing.state for kind, standing in found.get(person.pk, {}).items()} == states

    def test_the_next_step_is_the_first_that_is_not_done(self) -> None:
        situation = law.Situation(age="adult")
        steps = law.next_steps(situation, on=TODAY, place=settings.PLACE)
        assert law.next_step(situation, on=TODAY, place=settings.PLACE) == steps[0]
        done = {steps[0].id, steps[2].id}
        assert law.next_step(situation, on=TODAY, place=settings.PLACE, done=done) == steps[1]
        every = {step.id for step in steps}
        assert law.next_step(situation, on=TODAY, place=settings.PLACE, done=every) is None

    def test_a_list_allows_as_long_to_hand_in_as_the_reminder(self) -> None:
        assert timedelta(days=DAYS_CLOSED) == dues.DAYS_CLOSED

    def test_quick_filters_count_and_keep_themselves_in_the_address(self, world: World, at_work: AtWork) -> None:
        world.person()
        world.person(age="uncertain")
        Person.objects.filter(pk=world.person().pk).update(to_hand_in_since=TODAY)
        page = text(at_work(Role.FRONTLINE_WORKER).get(reverse("people")))
        assert '<strong aria-current="true">All 3</strong>' in page
        for address, words in (
            ("?whose=mine", "Mine 3"),
            ("?due=soon", "Something due 1"),
            ("?age=not_adult", "Under 18 or not sure 1"),
        ):
            assert f'<a href="{address}">{words}</a>' in page
            narrowed = text(at_work(Role.FRONTLINE_WORKER).get(reverse("people") + address))
            assert f'<strong aria-current="true">{words}</strong>' in narrowed
            assert table_rows(narrowed) == int(words.split()[-1])
        assert "Waiting for review" not in page  # nothing waits, so no filter for it

    def test_who_has_left_is_nobody_in_red(self, world: World, at_work: AtWork) -> None:
        world.person()
        Membership.objects.filter(user=world.cast[Role.FRONTLINE_WORKER]).delete()
        client = at_work(Role.LEAD)
        assert "bield-late" in table(client.get(reverse("people"), {"whose": "nobody"}))
        assert ">Nobody</strong>" in table(client.get(reverse("people")))
        assert "Nobody looks after 1" in text(client.get(reverse("people")))

    def test_narrowed_by_worker_only_within_ones_own_teams(self, world: World, at_work: AtWork) -> None:
        person, other = world.person(), colleague(world)
        client, worker = at_work(Role.LEAD), world.cast[Role.FRONTLINE_WORKER]
        assert person.shown_reference in table(client.get(reverse("people"), {"worker": str(worker.pk)}))
        assert "No record fits" in text(client.get(reverse("people"), {"worker": str(other.pk)}))
        for wrong in (str(world.outsider.pk), str(uuid4()), "nonsense"):
            page = text(client.get(reverse("people"), {"worker": str(wrong)}))
            assert person.shown_reference not in page
            assert "Choose a colleague of your team" in page, wrong
        assert person.shown_reference not in text(
            signed_in(world.outsider).get(reverse("people"), {"worker": str(worker.pk)})
        )

    def test_pages_by_what_is_due_show_everybody_once(self, world: World, at_work: AtWork) -> None:
        people = [world.person() for _number in range(31)]
        for number, person in enumerate(people[:27]):
            since = TODAY - timedelta(days=number % 4)
            Person.objects.filter(pk=person.pk).update(to_hand_in_since=since)
        client, address, seen = at_work(Role.FRONTLINE_WORKER), reverse("people"), []
        for _page in range(3):
            answer = client.get(address)
            seen += references(answer)
            following = re.search(r'<a href="([^"]+)" rel="next"', answer.content.decode())
            if not following:
                break
            address = reverse("people") + following[1].replace("&amp;", "&")
        assert sorted(seen) == sorted(person.shown_reference for person in people)
        assert set(seen[-4:]) == {person.shown_reference for person in people[27:]}

    @pytest.mark.parametrize("dated", [0, 3, 4, 5, 8, 9])
    def test_a_page_ends_between_those_with_a_day_and_those_without(self, world: World, dated: int) -> None:
        people = [world.person() for _number in range(9)]
        days = {person.pk: TODAY for person in people[:dated]}
        seen, after = [], ""
        for _page in range(5):
            page = page_by_day(Person.objects.all(), days, key="changed_at", after=after, size=4)
            seen += [person.pk for person in page.rows]
            after = page.after
            if not after:
                break
        assert sorted(map(str, seen)) == sorted(str(person.pk) for person in people)
        assert set(seen[:dated]) == set(days)

    def test_it_is_printed_whole_and_noted(self, world: World, at_work: AtWork) -> None:
        for _number in range(30):
            world.person()
        answer = at_work(Role.LEAD).get(reverse("people"), {"print": "1"})
        assert len(references(answer)) == 30
        assert "shred it" in text(answer)
        assert Event.objects.filter(kind=Kind.LIST_READ).latest("pk").facts == {"count": 30}

    def test_the_file_follows_the_filters(self, world: World, at_work: AtWork) -> None:
        world.person()
        due = world.person()
        Person.objects.filter(pk=due.pk).update(to_hand_in_since=TODAY)
        file = at_work(Role.LEAD).get(reverse("people-file"), {"due": "soon"}).getvalue().decode().splitlines()
        assert len(file) == 2
        assert due.shown_reference in file[1]

    def test_it_costs_the_same_however_much_is_due(self, world: World, at_work: AtWork) -> None:
        client, counts = at_work(Role.LEAD), []
        for _round in range(2):
            for _number in range(5):
                person = world.full_person()
                world.consent(person, "support", "given")
                Person.objects.filter(pk=person.pk).update(to_hand_in_since=TODAY)
                world.full_person()
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("people"))
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 24  # a lead is also told what nobody looks after, and of shared names

    def test_where_too_many_are_open_it_is_in_the_order_of_change(
        self, world: World, at_work: AtWork, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bield.service.cases.listing.narrowing.MOST_COUNTED", 1)
        late, changed = world.person(), world.person()
        Person.objects.filter(pk=late.pk).update(to_hand_in_since=TODAY - timedelta(days=4))
        Person.objects.filter(pk=changed.pk).update(changed_at=NOW + timedelta(minutes=5))
        answer = at_work(Role.LEAD).get(reverse("people"))
        assert references(answer) == [changed.shown_reference, late.shown_reference]
        assert "3 days late" in table(answer)
        assert "So many records are open" in text(answer)
        narrowed = at_work(Role.LEAD).get(reverse("people"), {"due": "soon"})
        assert references(narrowed) == [late.shown_reference]

    def test_reach_is_what_the_gate_gives(self, world: World) -> None:
        person = world.person()
        lead = reach_of(world.cast[Role.LEAD])
        assert list(lead.people) == [person]
        assert lead.teams(Permission.RECORD_REVIEW) == [world.team.pk]
        assert not reach_of(world.outsider).people.exists()


def table_rows(page: str) -> int:
    return page.split("<tbody")[1].split("</tbody>")[0].count("<tr ")


class TestHandOver:
    """Many at once, from the list of one colleague."""

    def test_a_lead_ticks_and_hands_over(self, world: World, at_work: AtWork) -> None:
        people, to = [world.person(), world.person()], colleague(world)
        worker, client = world.cast[Role.FRONTLINE_WORKER], at_work(Role.LEAD)
        page = text(client.get(reverse("people"), {"worker": str(worker.pk)}))
        assert page.count('name="rows"') == 2
        assert reverse("people-hand-over") in page
        sent = {"rows": [people[0].pk], "worker": worker.pk, "to": to.pk}
        answer = client.post(reverse("people-hand-over"), sent, follow=True)
        assert "now looks after 1 more" in text(answer)
        assert f"worker={worker.pk}" in answer.redirect_chain[-1][0]
        assert [Person.objects.get(pk=item.pk).worker for item in people] == [to, worker]
        assert Event.objects.filter(kind=Kind.HANDED_OVER, subject=str(people[0].pk)).count() == 1

    def test_without_a_tick_or_a_colleague_it_asks_for_them(self, world: World, at_work: AtWork) -> None:
        person, client = world.person(), at_work(Role.LEAD)
        worker = world.cast[Role.FRONTLINE_WORKER]
        page = text(client.post(reverse("people-hand-over"), {"worker": str(worker.pk)}))
        assert "Tick what to hand over" in page
        assert "Choose a colleague" in page
        assert person.shown_reference in page
        assert "checked" not in page

    def test_what_was_not_done_is_said_and_the_rest_is_done(self, world: World, at_work: AtWork) -> None:
        mine, to = world.person(), colleague(world)
        theirs = actions.add_person(
            team=world.elsewhere, by=world.outsider, at=NOW, values={"age": "adult", "gender": "woman"}
        )
        sent = {"rows": [mine.pk, theirs.pk], "to": to.pk}
        page = text(at_work(Role.LEAD).post(reverse("people-hand-over"), sent, follow=True))
        assert "now looks after 1 more" in page
        assert "a record that is not yours any more" in page
        assert theirs.shown_reference not in page
        assert Person.objects.get(pk=theirs.pk).worker == world.outsider

    def test_nobody_but_a_lead(self, world: World, at_work: AtWork) -> None:
        person, to = world.person(), colleague(world)
        client = at_work(Role.FRONTLINE_WORKER)
        page = text(client.get(reverse("people"), {"worker": str(world.cast[Role.FRONTLINE_WORKER].pk)}))
        assert 'name="rows"' not in page
        assert client.post(reverse("people-hand-over"), {"rows": [person.pk], "to": to.pk}).status_code == 403

    def test_the_same_for_people_supported(self, service: Service) -> None:
        episodes, client = [service.open(), service.open()], signed_in(service.lead)
        page = text(client.get(reverse("support-list"), {"worker": str(service.isla.pk)}))
        assert page.count('name="rows"') == 2
        assert 'name="rows"' not in text(
            signed_in(service.isla).get(reverse("support-list"), {"worker": str(service.isla.pk)})
        )
        elsewhere = uuid4()
        sent = {"rows": [episodes[0].pk, elsewhere], "worker": service.isla.pk, "to": service.lead.pk}
        page = text(client.post(reverse("support-hand-over-many"), sent, follow=True))
        assert "now looks after 1 more" in page
        assert "somebody you no longer support" in page
        assert [Episode.objects.get(pk=item.pk).worker for item in episodes] == [service.lead, service.isla]
        assert signed_in(service.isla).post(reverse("support-hand-over-many"), sent).status_code == 403


class TestSupport:
    """The list of those supported, and the team's page."""

    def test_a_row_says_how_far_and_what_is_due_at_its_hour(self, service: Service, isla: Client) -> None:
        episode = service.open(days=20)
        Episode.objects.filter(pk=episode.pk).update(grounds_on=TODAY - timedelta(days=10))
        service.put(episode, "appointment", on=(TODAY + timedelta(days=1)).isoformat(), time="14:20")
        row = table(isla.get(reverse("support-team")))
        for words in ("Woman, adult", "Support period", "day 10 of 90", "Appointment: Health", "Tomorrow", "14:20"):
            assert words in row
        assert "day 10 of 90" in table(isla.get(reverse("support-list")))

    def test_a_person_has_one_row_with_what_is_due_first(self, service: Service, isla: Client) -> None:
        episode = service.open(days=5)
        for part, days in (("risk", -3), ("need", 4)):
            entry = service.put(episode, part)
            Entry.objects.filter(pk=entry.pk).update(due=TODAY + timedelta(days=days), open=True)
        row = table(isla.get(reverse("support-team")))
        assert row.count("<tr ") == 1
        assert "3 days late" in row
        assert "Review a risk" in row
        assert "Look at a need again" not in row

    def test_found_by_an_open_need_and_by_a_contact_on_a_day(self, service: Service, isla: Client) -> None:
        needs, met = service.open(), service.open()
        service.put(needs, "need")
        service.put(met, "contact", result="spoke")
        listed, today = reverse("support-list"), TODAY.strftime("%d/%m/%Y")
        yesterday = (TODAY - timedelta(days=1)).strftime("%d/%m/%Y")
        assert references(isla.get(listed, {"need": "accommodation"})) == [needs.person.shown_reference]
        Entry.objects.filter(part="need").update(open=False)
        assert "Nobody fits" in text(isla.get(listed, {"need": "accommodation"}))
        for found in ({"contact": "spoke"}, {"since": today}, {"contact": "spoke", "since": yesterday, "until": today}):
            assert references(isla.get(listed, found)) == [met.person.shown_reference], found
        for nobody in ({"contact": "no_answer"}, {"until": yesterday}, {"need": "nonsense"}):
            assert "Nobody fits" in text(isla.get(listed, nobody)), nobody
        wrong = text(isla.get(listed, {"since": today, "until": yesterday}))
        assert "is before" in wrong

    def test_quick_filters_count(self, service: Service, isla: Client) -> None:
        service.open(days=40)
        service.asked(service.person(age="under_18", believed_under_18=True))
        page = text(isla.get(reverse("support-list")))
        for words in ("All 1", "Mine 1", "Not seen for too long 1", "Waiting for an answer 1"):
            assert words in page
        assert "No contact yet" in table(isla.get(reverse("support-list"), {"due": "unseen"}))
        asked = table(isla.get(reverse("support-list"), {"state": "asked"}))
        assert "Waits for an answer" in asked
        assert ">child</span>" in asked

    def test_who_has_how_much_is_for_leads(self, service: Service, isla: Client) -> None:
        service.open(days=40)
        page = text(signed_in(service.lead).get(reverse("support-team")))
        assert "Who has how much" in page
        assert f"?worker={service.isla.pk}" in page
        assert "1 person" in page
        assert "1 not seen" in page
        assert "Who has how much" not in text(isla.get(reverse("support-team")))

    def test_narrowed_by_worker_only_within_ones_own_teams(self, service: Service, isla: Client) -> None:
        episode = service.open()
        assert references(isla.get(reverse("support-list"), {"worker": str(service.isla.pk)})) == [
            episode.person.shown_reference
        ]
        for wrong in (service.world.outsider.pk, uuid4()):
            assert episode.person.shown_reference not in text(isla.get(reverse("support-list"), {"worker": str(wrong)}))

    def test_ended_support_is_listed_without_what_is_due(self, service: Service, isla: Client) -> None:
        episode = service.open()
        service.put(episode, "need")
        supporting.close(episode, ending="ready", on=TODAY, follow_up="no", by=service.isla, at=NOW)
        row = table(isla.get(reverse("support-list"), {"state": "closed"}))
        assert "Ended" in row
        assert "late" not in row


class TestNotifications:
    """What the police have received, and what a team has sent."""

    def test_urgent_and_unanswered_first_then_the_longest_waiting(self, world: World) -> None:
        officer, day = signed_in(world.officer), timedelta(days=1)
        read = world.notify(at=NOW - 9 * day)
        notifying.acknowledge(read, by=world.officer, at=NOW)
        new, old = world.notify(at=NOW - day), world.notify(at=NOW - 5 * day)
        urgent = world.notify(urgent="yes", at=NOW - 2 * day)
        answer = officer.get(reverse("notifications-inbox"))
        assert references(answer) == [item.shown_reference for item in (urgent, old, new, read)]
        assert "Waits 5 days" in table(answer)
        assert "urgent" in table(answer).split("</tr>")[0]
        newest = officer.get(reverse("notifications-inbox"), {"sort": "newest"})
        assert references(newest) == [item.shown_reference for item in (new, urgent, old, read)]

    def test_age_child_and_type_are_seen(self, world: World) -> None:
        world.notify(age="child", gender="man", type=["labour"])
        world.notify()
        row = table(signed_in(world.officer).get(reverse("notifications-inbox")))
        for words in ("Boy", ">child</span>", "labour", "Woman, adult", "sexual"):
            assert words in row
        narrowed = signed_in(world.officer).get(reverse("notifications-inbox"), {"age": "not_adult", "state": "open"})
        assert len(references(narrowed)) == 1
        assert '<strong aria-current="true">Child or age not sure 1</strong>' in text(narrowed)

    def test_many_are_acknowledged_at_once_and_each_leaves_an_event(self, world: World) -> None:
        rows = [world.notify(), world.notify()]
        officer = signed_in(world.officer)
        assert text(officer.get(reverse("notifications-inbox"))).count('name="rows"') == 2
        sent = {"rows": [item.pk for item in rows]}
        page = text(officer.post(reverse("notifications-acknowledge"), sent, follow=True))
        assert "2 acknowledged" in page
        assert 'name="rows"' not in page
        assert Event.objects.filter(kind=Kind.NOTIFICATION_ACKNOWLEDGED).count() == 2
        assert "Tick what you have read" in text(officer.post(reverse("notifications-acknowledge"), follow=True))

    def test_what_another_body_receives_is_not_acknowledged_and_that_is_said(self, world: World) -> None:
        mine, elsewhere = world.notify(), User.objects.create(email="officer@highland.example", name="Other Officer")
        Membership.objects.create(user=elsewhere, team=world.elsewhere, role=Role.POLICE_OFFICER)
        page = text(signed_in(elsewhere).post(reverse("notifications-acknowledge"), {"rows": [mine.pk]}, follow=True))
        assert "1 was not acknowledged" in page
        assert Notification.objects.get().acknowledged_at is None
        sent = {"rows": [mine.pk, uuid4(), "nonsense"]}
        page = text(signed_in(world.officer).post(reverse("notifications-acknowledge"), sent, follow=True))
        assert "1 acknowledged" in page
        assert "1 was not acknowledged" in page

    def test_a_sender_sees_first_what_the_police_asked(self, world: World, at_work: AtWork) -> None:
        asked = world.notify(at=NOW - timedelta(days=3))
        notifying.ask(asked, question="field:gender", by=world.officer, at=NOW)
        other = world.notify()
        answer = at_work(Role.FRONTLINE_WORKER).get(reverse("notifications-sent"))
        assert references(answer) == [asked.shown_reference, other.shown_reference]
        assert "Waits for your answer" in table(answer)
        assert "Waiting for your answer 1" in text(answer)
        assert 'name="rows"' not in text(answer)

    def test_pages_of_groups_show_each_once(self, world: World) -> None:
        for number in range(9):
            world.notify(urgent="yes" if number % 3 == 0 else "no")
        rows = Notification.objects.all()
        groups = [(rows.filter(urgent=True), False), (rows.filter(urgent=False), True)]
        for size in (1, 2, 3, 4, 9, 10):
            seen: list[Notification] = []
            after = ""
            for _page in range(10):
                page = page_in_groups(groups, key="sent_at", after=after, size=size)
                seen += page.rows
                after = page.after
                if not after:
                    break
            assert len(seen) == len({item.pk for item in seen}) == 9
            assert [item.urgent for item in seen] == [True] * 3 + [False] * 6
        assert page_in_groups(groups, key="sent_at", after="nonsense").is_first is False
        assert len(page_in_groups(groups, key="sent_at", after="nonsense").rows) == 9


class TestEvents:
    """Names of colleagues and references of records, by day."""

    def test_no_raw_id_and_days_as_headings(self, world: World, at_work: AtWork) -> None:
        person, lead = world.full_person(), world.cast[Role.LEAD]
        actions.hand_over(person=person, to=lead, by=world.cast[Role.FRONTLINE_WORKER], at=NOW, words="")
        notification = world.notify()
        page = text(at_work(Role.AUDITOR).get(reverse("events")))
        rows = page.split("<main")[1].split("</main>")[0]
        assert person.shown_reference in rows
        assert notification.shown_reference in rows
        assert f"after: {lead.name}" in rows
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{40}", rows)
        assert "bield-day-heading" in rows

    def test_what_was_deleted_is_said_to_be_gone(self, world: World, at_work: AtWork) -> None:
        person = world.person()
        Person.objects.filter(pk=person.pk).delete()
        assert "something that is no longer kept" in text(at_work(Role.AUDITOR).get(reverse("events")))

    def test_it_costs_the_same_however_many_there_are(self, world: World, at_work: AtWork) -> None:
        client, counts = at_work(Role.AUDITOR), []
        for _round in range(2):
            for _number in range(6):
                world.full_person()
                world.notify()
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("events"))
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 20


def test_referrals_narrow_to_mine_and_say_who(world: World, at_work: AtWork) -> None:
    by, other = world.cast[Role.FIRST_RESPONDER], world.person(age="under_18")
    mine = actions.add_person(team=world.team, by=by, at=NOW, values={"age": "adult", "gender": "woman"})
    for person in (mine, other):
        referral = Referral.objects.create(person=person, form="2026", made_by=by, made_at=NOW, changed_at=NOW)
        Referral.objects.filter(pk=referral.pk).update(clock="adult_support", clock_ends=TODAY + timedelta(days=3))
    client = at_work(Role.FIRST_RESPONDER)
    assert ">child</span>" in table(client.get(reverse("referrals")))
    narrowed = client.get(reverse("referrals"), {"whose": "mine"})
    assert references(narrowed) == [mine.shown_reference]
