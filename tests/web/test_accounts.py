"""Signing in and inviting: by invitation only, throttled, with a second factor, ended by idleness."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.service import settings as service
from bield.service.accounts import actions
from bield.service.accounts.adapters import warn_about_proxies
from bield.service.accounts.models import Invitation, Membership, RoleRequest, User
from bield.service.accounts.permissions import Role, sees_people
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]
PASSWORD = "heron lantern gravel sixpence"


@pytest.fixture(autouse=True)
def _no_attempts_counted_yet(db: None) -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _quick_hash(settings: Any) -> None:
    """What is tested here is who may sign in; Argon2 takes a tenth of a second for each password."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def worker(world: World) -> User:
    """The frontline worker, with a password."""
    user = world.cast[Role.FRONTLINE_WORKER]
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, user: User, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": user.email, "password": password} | more)


def code_now(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def test_passwords_are_hashed_with_argon2(worker: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = service.PASSWORD_HASHERS
    worker.set_password(PASSWORD)
    assert worker.password.startswith("argon2$argon2id$")


def test_signing_in_and_out_leave_events(client: Client, worker: User) -> None:
    assert sign_in(client, worker).headers["Location"] == "/home/"
    client.post("/accounts/logout/")
    kinds = list(Event.objects.filter(actor=str(worker.pk)).order_by("number").values_list("kind", flat=True))
    assert kinds == [Kind.SIGNED_IN.value, Kind.SIGNED_OUT.value]
    assert client.get("/people/").headers["Location"] == "/accounts/login/?next=/people/"


def test_a_wrong_password_says_nothing_of_who_is_known(client: Client, worker: User) -> None:
    known = sign_in(client, worker, "wrong").content.decode()
    unknown = client.post("/accounts/login/", {"login": "nobody@glasgow.example", "password": "wrong"}).content.decode()
    words = re.compile(r"<li>(?:<a[^>]*>)?([^<]*)")
    assert words.findall(known.split("</ul>")[0]) == words.findall(unknown.split("</ul>")[0])
    assert Event.objects.filter(kind=Kind.SIGN_IN_FAILED).count() >= 1


def test_attempts_are_throttled(client: Client, worker: User) -> None:
    for _attempt in range(12):
        sign_in(client, worker, "wrong")
    refused = sign_in(client, worker)
    assert refused.status_code in (200, 429)
    assert client.get("/people/").status_code == 302


STRANGER = {"X-Forwarded-For": "203.0.113.9"}
COLLEAGUE = {"X-Forwarded-For": "198.51.100.7"}


class TestBehindAProxy:
    """Everybody comes from the proxy's address; strangers keep nobody out."""

    @pytest.fixture(autouse=True)
    def _one_proxy(self, settings: Any) -> None:
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def fail(self, times: int, login: str, headers: dict[str, str]) -> None:
        for number in range(times):
            values = {"login": login.format(number), "password": "wrong"}
            Client(headers=headers).post("/accounts/login/", values)

    def test_a_stranger_keeps_nobody_else_out(self, worker: User) -> None:
        self.fail(15, "nobody{}@glasgow.example", STRANGER)
        assert sign_in(Client(headers=STRANGER), worker).status_code in (200, 429)
        assert sign_in(Client(headers=COLLEAGUE), worker).status_code == 302

    def test_what_a_client_says_of_itself_does_not_count(self, worker: User) -> None:
        for number in range(15):
            forged = {"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.9"}
            self.fail(1, f"nobody{number}@glasgow.example", forged)
        assert sign_in(Client(headers=STRANGER), worker).status_code in (200, 429)

    def test_a_browser_that_knows_the_account_is_never_locked_out_by_strangers(self, worker: User) -> None:
        client = Client(headers=COLLEAGUE)
        assert sign_in(client, worker).status_code == 302
        client.post("/accounts/logout/")
        for number in range(15):
            self.fail(1, worker.email, {"X-Forwarded-For": f"203.0.113.{number}"})
        assert sign_in(Client(headers={"X-Forwarded-For": "192.0.2.1"}), worker).status_code == 200
        assert sign_in(client, worker).status_code == 302

    def test_a_known_browser_is_counted_too(self, worker: User) -> None:
        client = Client(headers=COLLEAGUE)
        sign_in(client, worker)
        client.post("/accounts/logout/")
        for _attempt in range(12):
            sign_in(client, worker, "wrong")
        assert sign_in(client, worker).status_code == 200

    def test_the_cookie_of_another_account_helps_nobody(self, world: World, worker: User) -> None:
        other = world.cast[Role.LEAD]
        other.set_password(PASSWORD)
        other.save()
        client = Client(headers=STRANGER)
        sign_in(client, other)
        client.post("/accounts/logout/")
        self.fail(15, "nobody{}@glasgow.example", STRANGER)
        assert sign_in(client, worker).status_code in (200, 429)

    def test_a_request_past_the_proxies_is_counted_by_its_own_address(self, worker: User, settings: Any) -> None:
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
        assert sign_in(Client(headers=COLLEAGUE), worker).status_code == 302

    def test_fewer_proxies_than_were_said_are_noticed_once_and_name_nobody(
        self, worker: User, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        warn_about_proxies.cache_clear()
        sign_in(Client(headers=COLLEAGUE), worker)
        assert "PROXY_COUNT" not in caplog.text
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
        for _attempt in range(2):
            sign_in(Client(headers=COLLEAGUE), worker)
        assert caplog.text.count("fewer addresses in X-Forwarded-For than PROXY_COUNT (2)") == 1
        assert "198.51.100.7" not in caplog.text


@pytest.mark.parametrize(("step", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_one_step_off_is_taken(worker: User, step: int, taken: bool) -> None:
    TOTP.activate(worker, "JBSWY3DPEHPK3PXP")
    client = Client()
    sign_in(client, worker)
    counter = int(time.time()) // 30 + step
    code = str(format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", counter)))
    answer = client.post("/accounts/2fa/authenticate/", {"code": code})
    assert (answer.status_code == 302) is taken
    if taken:  # and only once
        other = Client()
        sign_in(other, worker)
        assert other.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200


def test_a_session_is_not_fixed_before_signing_in(client: Client, worker: User) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    before = session.session_key
    sign_in(client, worker)
    assert client.cookies["sessionid"].value != before


def test_a_session_ends_after_idleness(client: Client, worker: User, settings: Any) -> None:
    sign_in(client, worker)
    assert settings.SESSION_COOKIE_AGE == 30 * 60
    assert client.cookies["sessionid"]["max-age"] == ""  # gone when the browser closes
    kept = Session.objects.get()
    assert kept.expire_date - timezone.now() < timedelta(minutes=31)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    client.get("/home/")
    assert Session.objects.get().expire_date - timezone.now() > timedelta(minutes=29)  # counted from the last request
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/people/").status_code == 302


def test_signing_in_leads_only_to_this_site(client: Client, worker: User) -> None:
    assert sign_in(client, worker, next="https://evil.example/").headers["Location"] == "/home/"
    assert sign_in(Client(), worker, next="/people/").headers["Location"] == "/people/"


def test_nobody_makes_an_account_by_themselves(client: Client) -> None:
    before = User.objects.count()
    answer = client.post("/accounts/signup/", {"email": "me@glasgow.example", "password1": PASSWORD})
    assert "There is no account for you yet" in answer.content.decode()
    assert User.objects.count() == before


def test_forms_of_people_at_work_cannot_be_forged(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cast[Role.LEAD])
    assert client.post("/people/new/", {"age": "adult"}).status_code == 403
    assert client.post("/accounts/logout/").status_code == 403


class TestSecondFactor:
    """Outside the demo everybody who can see a person needs one."""

    @pytest.fixture(autouse=True)
    def _in_earnest(self, settings: Any) -> None:
        settings.DEMO = False

    @pytest.mark.parametrize("role", list(Role))
    def test_who_is_led_to_set_one_up(self, world: World, at_work: AtWork, role: Role) -> None:
        answer = at_work(role).get("/home/")
        needs = role not in (Role.STRATEGY_TEAM, Role.TRAINER)
        assert answer.status_code == (302 if needs else 200)
        if needs:
            assert answer.headers["Location"] == "/accounts/2fa/"
            assert at_work(role).get("/people/").headers["Location"] == "/accounts/2fa/"

    def test_no_way_round_it_to_a_record(self, world: World, at_work: AtWork) -> None:
        person = world.full_person()
        for name in ("person", "person-identity", "consents", "person-copy-file"):
            answer = at_work(Role.LEAD).get(reverse(name, args=[person.pk]))
            assert answer.headers["Location"] == "/accounts/2fa/"

    @pytest.mark.django_db(transaction=True)  # what must wait for the commit has to be let happen
    def test_setting_one_up_and_signing_in_with_it(self, client: Client, worker: User) -> None:
        sign_in(client, worker)
        asked = client.get("/accounts/2fa/totp/activate/")
        assert asked.headers["Location"].startswith("/accounts/reauthenticate/")  # who they are, once more
        page = client.post(asked.headers["Location"], {"password": PASSWORD}, follow=True).content.decode()
        secret = re.search(r'id="authenticator_secret"[^>]*value="([A-Z2-7]+)"', page)
        assert secret
        found = secret[1]
        assert client.post("/accounts/2fa/totp/activate/", {"code": code_now(found)}).status_code == 302
        assert client.get("/people/").status_code == 200
        kept = Authenticator.objects.get(user=worker, type=Authenticator.Type.TOTP).data["secret"]
        assert found not in kept
        assert get_adapter().decrypt(kept) == found
        assert Event.objects.filter(kind=Kind.SECOND_FACTOR_CHANGED, subject=str(worker.pk)).exists()
        other = Client()
        assert sign_in(other, worker).headers["Location"] == "/accounts/2fa/authenticate/"
        assert other.get("/people/").status_code == 302
        cache.clear()  # a code is good for one use
        other.post("/accounts/2fa/authenticate/", {"code": code_now(found)})
        assert other.get("/people/").status_code == 200

    def test_a_wrong_code_is_refused(self, client: Client, worker: User) -> None:
        TOTP.activate(worker, "JBSWY3DPEHPK3PXP")
        sign_in(client, worker)
        assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
        assert client.get("/people/").status_code == 302


class TestInvitations:
    """An administrator invites by work e-mail at allowed domains."""

    def invite(self, client: Client, world: World, email: str, role: Role = Role.LEAD) -> Any:
        form = {"email": email, "team": str(world.team.pk), "role": role.value}
        return client.post("/accounts/colleagues/", form, follow=True)

    def link(self) -> str:
        found = re.search(r"http://testserver(/accounts/invitation/[^\s]+)", str(mail.outbox[-1].body))
        assert found
        return found[1]

    @pytest.mark.django_db(transaction=True)
    def test_inviting_and_joining(self, world: World, at_work: AtWork) -> None:
        page = self.invite(at_work(Role.ADMINISTRATOR), world, "New.Person@glasgow.example").content.decode()
        assert "on its way" in page
        assert mail.outbox[-1].to == ["new.person@glasgow.example"]
        client = Client()
        assert "Adult protection" in client.get(self.link()).content.decode()
        weak = client.post(self.link(), {"name": "New Person", "password": "password1234"})
        assert "too common" in weak.content.decode()
        assert client.post(self.link(), {"name": "New Person", "password": PASSWORD}).headers["Location"] == "/home/"
        assert not Membership.objects.filter(user__email="new.person@glasgow.example").exists()
        assert "a lead confirms it first" in client.get("/home/").content.decode()
        assert client.get("/people/").status_code == 403
        lead = at_work(Role.LEAD)
        assert "New Person" in lead.get("/accounts/waiting/").content.decode()
        lead.post(f"/accounts/waiting/{RoleRequest.objects.get().pk}/", {"role": "lead"})
        membership = Membership.objects.get(user__email="new.person@glasgow.example")
        assert (membership.role, membership.team) == ("lead", world.team)
        assert Client().get(self.link()).status_code == 410
        kinds = set(Event.objects.values_list("kind", flat=True))
        assert {Kind.INVITED.value, Kind.JOINED.value} <= kinds

    def test_only_at_allowed_domains(self, world: World, at_work: AtWork) -> None:
        for email in ("x@gmail.example", "x@glasgow.example.evil.example", "x@evilglasgow.example"):
            page = self.invite(at_work(Role.ADMINISTRATOR), world, email).content.decode()
            assert "is not a domain of" in page
            assert "glasgow.example" in page
        assert not Invitation.objects.exists()

    def test_not_into_a_team_of_another_organisation(self, world: World, at_work: AtWork) -> None:
        form = {"email": "x@highland.example", "team": str(world.elsewhere.pk), "role": "lead"}
        at_work(Role.ADMINISTRATOR).post("/accounts/colleagues/", form)
        assert not Invitation.objects.exists()

    def test_an_old_or_withdrawn_invitation_is_over(self, world: World, at_work: AtWork) -> None:
        admin = world.cast[Role.ADMINISTRATOR]
        now = timezone.now()
        made = [
            actions.invite(
                team=world.team, email=f"{name}@glasgow.example", role=Role.LEAD, by=admin, at=at, address="{token}"
            )
            for name, at in (("old", now - timedelta(days=8)), ("new", now))
        ]
        with pytest.raises(actions.InvitationError):
            actions.invitation_with("guessed", at=now)
        client = at_work(Role.ADMINISTRATOR)
        assert "Too old: invite again" in client.get("/accounts/colleagues/").content.decode()
        client.post(reverse("withdraw-invitation", args=[made[1].pk]))
        assert list(Invitation.objects.all()) == [made[0]]

    def test_the_link_is_not_kept(self, world: World) -> None:
        link = actions.first_administrator(body_id="fife", email="a@fife.example", address="https://bield.example")
        token = link.rstrip("/").rpartition("/")[2]
        assert token not in str(Invitation.objects.values_list())
        assert actions.invitation_with(token, at=timezone.now()).role == "administrator"


class TestTwoPairsOfEyes:
    """Nobody lets anybody see people alone, and least of all themselves."""

    def ask(self, world: World, at_work: AtWork, role: str = "lead", who: Role = Role.TRAINER) -> RoleRequest | None:
        membership = Membership.objects.get(user=world.cast[who])
        at_work(Role.ADMINISTRATOR).post(reverse("colleague", args=[membership.pk]), {"role": role})
        return RoleRequest.objects.filter(user=world.cast[who]).first()

    @pytest.mark.parametrize("role", [role for role in Role if sees_people(role)])
    def test_a_role_that_sees_people_waits_until_a_lead_confirms_it(
        self, world: World, at_work: AtWork, role: Role
    ) -> None:
        wanted = self.ask(world, at_work, role.value)
        assert wanted
        assert Membership.objects.get(user=world.cast[Role.TRAINER]).role == "trainer"
        answer = at_work(Role.LEAD).post(reverse("role-confirm", args=[wanted.pk]), {"role": role.value})
        assert answer.status_code == 302
        assert Membership.objects.get(user=world.cast[Role.TRAINER]).role == role.value
        kinds = set(Event.objects.filter(subject=str(world.cast[Role.TRAINER].pk)).values_list("kind", flat=True))
        assert {"account.role_asked", "account.role_given"} <= kinds

    def test_neither_the_one_who_asked_nor_the_one_who_gets_it_confirms(self, world: World, at_work: AtWork) -> None:
        Membership.objects.filter(user=world.cast[Role.LEAD]).delete()  # no lead at all
        wanted = self.ask(world, at_work)
        assert wanted
        for role in (Role.ADMINISTRATOR, Role.TRAINER, Role.FRONTLINE_WORKER, Role.AUDITOR):
            answer = at_work(role).post(reverse("role-confirm", args=[wanted.pk]), {"role": "lead"})
            assert answer.status_code in (403, 404)
        # Nor a second administrator, whom the first may have invited himself after he took the lead's role away.
        second = User.objects.create_user("second@glasgow.example", None, name="Second")
        Membership.objects.create(user=second, team=world.team, role=Role.ADMINISTRATOR)
        other = Client()
        other.force_login(second)
        assert other.post(reverse("role-confirm", args=[wanted.pk]), {"role": "lead"}).status_code in (403, 404)
        assert "Trainer" not in other.get("/accounts/waiting/").content.decode()
        assert Membership.objects.get(user=world.cast[Role.TRAINER]).role == "trainer"
        actions.confirm_role(wanted, seen="lead", by=None, at=timezone.now())  # whoever runs the server
        assert Membership.objects.get(user=world.cast[Role.TRAINER]).role == "lead"

    def test_the_lead_of_another_organisation_confirms_nothing(self, world: World, at_work: AtWork) -> None:
        wanted, other = self.ask(world, at_work), Client()
        assert wanted
        other.force_login(world.outsider)
        assert other.post(reverse("role-confirm", args=[wanted.pk]), {"role": "lead"}).status_code == 404
        assert "Trainer" not in other.get("/accounts/waiting/").content.decode()

    def test_refusing_leaves_what_there_was(self, world: World, at_work: AtWork) -> None:
        wanted = self.ask(world, at_work)
        assert wanted
        at_work(Role.LEAD).post(reverse("role-confirm", args=[wanted.pk]), {"refuse": "1", "role": "lead"})
        assert Membership.objects.get(user=world.cast[Role.TRAINER]).role == "trainer"
        assert not RoleRequest.objects.exists()
        assert Event.objects.filter(kind="account.role_refused").count() == 1

    def test_an_administrator_never_sees_people_besides(self, world: World, at_work: AtWork) -> None:
        admin = world.cast[Role.ADMINISTRATOR]
        second = User.objects.create_user("second@glasgow.example", None, name="Second")
        Membership.objects.create(user=second, team=world.team, role=Role.ADMINISTRATOR)
        assert self.ask(world, at_work, "lead", Role.ADMINISTRATOR) is None
        assert Membership.objects.get(user=admin).role == "administrator"
        # Nor by an invitation into another team of the organisation, with the same address.
        team = actions.set_up_organisation("glasgow-city", domains=[], team="Another")
        invited = actions.invite(
            team=team, email=admin.email, role=Role.LEAD, by=second, at=timezone.now(), address="{token}"
        )
        with pytest.raises(actions.InvitationError):
            actions.join(invitation=invited, name="", password="", at=timezone.now())
        assert not RoleRequest.objects.exists()

    def test_somebody_who_sees_people_never_manages_accounts(self, world: World, at_work: AtWork) -> None:
        worker = world.cast[Role.FRONTLINE_WORKER]
        team = actions.set_up_organisation("glasgow-city", domains=[], team="Another")
        mine = Membership.objects.create(user=worker, team=team, role=Role.TRAINER)
        page = at_work(Role.ADMINISTRATOR).post(reverse("colleague", args=[mine.pk]), {"role": "administrator"})
        assert "They see people, so they may not look after accounts" in page.content.decode()
        mine.refresh_from_db()
        assert mine.role == "trainer"

    @pytest.mark.parametrize("answer", [{}, {"refuse": "1"}])
    def test_a_role_that_changed_since_the_page_was_made_is_not_answered(
        self, world: World, at_work: AtWork, answer: dict[str, str]
    ) -> None:
        wanted = self.ask(world, at_work, "frontline_worker")
        assert wanted
        lead = at_work(Role.LEAD)
        assert 'name="role" value="frontline_worker"' in lead.get("/accounts/waiting/").content.decode()
        self.ask(world, at_work, "lead")  # the administrator asks for more, while the lead still reads
        page = lead.post(
            reverse("role-confirm", args=[wanted.pk]), {"role": "frontline_worker"} | answer, follow=True
        ).content.decode()
        assert "The role asked for has changed. Check it again." in page
        assert Membership.objects.get(user=world.cast[Role.TRAINER]).role == "trainer"
        assert RoleRequest.objects.get(pk=wanted.pk).role == "lead"
        assert not Event.objects.filter(kind__in=["account.role_given", "account.role_refused"]).exists()

    def test_two_leads_who_answer_at_once(self, world: World, at_work: AtWork) -> None:
        wanted = self.ask(world, at_work)
        assert wanted
        lead, now = world.cast[Role.LEAD], timezone.now()
        actions.confirm_role(wanted, seen="lead", by=lead, at=now)
        for answer in (actions.confirm_role, actions.refuse_role):
            with pytest.raises(actions.InvitationError, match="already"):
                answer(RoleRequest(pk=wanted.pk), seen="lead", by=lead, at=now)
        assert Membership.objects.get(user=world.cast[Role.TRAINER]).role == "lead"
        assert not Event.objects.filter(kind="account.role_refused").exists()

    def test_whoever_runs_the_server_confirms_only_where_nobody_else_can(self, world: World, at_work: AtWork) -> None:
        wanted = self.ask(world, at_work)
        assert wanted
        with pytest.raises(actions.InvitationError):
            actions.confirm_role(wanted, seen="lead", by=None, at=timezone.now())
        Membership.objects.filter(user=world.cast[Role.LEAD]).delete()
        actions.confirm_role(wanted, seen="lead", by=None, at=timezone.now())
        assert Membership.objects.get(user=world.cast[Role.TRAINER]).role == "lead"


class TestRoles:
    """Giving and taking roles."""

    def test_what_a_colleague_did_meanwhile_is_said(self, world: World, at_work: AtWork) -> None:
        admin, now = world.cast[Role.ADMINISTRATOR], timezone.now()
        seen = Membership.objects.get(user=world.cast[Role.TRAINER])
        actions.take_role(membership=Membership.objects.get(pk=seen.pk), by=admin)
        with pytest.raises(actions.InvitationError, match="no longer in this team"):
            actions.take_role(membership=seen, by=admin)
        with pytest.raises(actions.InvitationError, match="no longer in this team"):
            actions.give_role(membership=seen, role=Role.STATISTICIAN, by=admin, at=now)
        assert Event.objects.filter(kind="account.role_taken").count() == 1
        page = at_work(Role.ADMINISTRATOR).post(reverse("colleague", args=[seen.pk]), {"take": "1"})
        assert page.status_code == 404
        assert "It may have been done already" in page.content.decode()

    def test_an_invitation_is_used_or_withdrawn_once(self, world: World) -> None:
        admin, now = world.cast[Role.ADMINISTRATOR], timezone.now()

        def invited(role: Role) -> Invitation:
            return actions.invite(
                team=world.team, email="n@glasgow.example", role=role, by=admin, at=now, address="{token}"
            )

        used = invited(Role.TRAINER)
        actions.join(invitation=used, name="N", password="a long one indeed", at=now)
        with pytest.raises(actions.InvitationError, match="used before"):
            actions.withdraw_invitation(invitation=Invitation.objects.get(pk=used.pk), by=admin)
        assert Invitation.objects.filter(pk=used.pk).exists()
        Membership.objects.filter(user__email="n@glasgow.example").delete()
        second = invited(Role.TRAINER)
        Membership.objects.create(user=User.objects.get(email="n@glasgow.example"), team=world.team, role=Role.TRAINER)
        with pytest.raises(actions.InvitationError, match="You are already in this team"):
            actions.join(invitation=second, name="", password="", at=now)

    def test_giving_and_taking(self, world: World, at_work: AtWork) -> None:
        client = at_work(Role.ADMINISTRATOR)
        trainer = Membership.objects.get(user=world.cast[Role.TRAINER])
        assert client.post(reverse("colleague", args=[trainer.pk]), {"role": "statistician"}).status_code == 302
        trainer.refresh_from_db()
        assert trainer.role == "statistician"
        client.post(reverse("colleague", args=[trainer.pk]), {"take": "yes"})
        assert not Membership.objects.filter(pk=trainer.pk).exists()
        assert at_work(Role.TRAINER).get("/people/").status_code == 403

    def test_somebody_must_look_after_the_accounts(self, world: World, at_work: AtWork) -> None:
        mine = Membership.objects.get(user=world.cast[Role.ADMINISTRATOR])
        for form in ({"role": "trainer"}, {"take": "yes"}):
            page = at_work(Role.ADMINISTRATOR).post(reverse("colleague", args=[mine.pk]), form).content.decode()
            assert "name another administrator first" in page
        mine.refresh_from_db()
        assert mine.role == "administrator"

    def test_a_colleague_of_another_organisation_is_not_there(self, world: World, at_work: AtWork) -> None:
        other = Membership.objects.get(user=world.outsider)
        assert at_work(Role.ADMINISTRATOR).get(reverse("colleague", args=[other.pk])).status_code == 404

    def test_a_closed_account_sees_nothing(self, world: World, at_work: AtWork) -> None:
        client = at_work(Role.LEAD)
        User.objects.filter(pk=world.cast[Role.LEAD].pk).update(is_active=False)
        assert client.get("/people/").status_code == 302


def test_the_cast_of_the_demo_signs_in_with_one_click(world: World, client: Client) -> None:
    from bield.service.demo.country import cast

    player = cast()[0]
    User.objects.create_user(player.email, None, name=player.name)
    assert player.attempt in client.get("/demo/").content.decode().replace("&#x27;", "'")
    assert client.post(reverse("demo-sign-in", args=[player.key])).headers["Location"] == "/home/"
    assert client.get("/home/").status_code == 200
    for key in ("nobody", "lead"):
        assert Client().post(reverse("demo-sign-in", args=[key])).status_code == 404


def test_outside_the_demo_nobody_signs_in_with_one_click(world: World, client: Client, settings: Any) -> None:
    from bield.service.demo.country import cast

    settings.DEMO = False
    User.objects.create_user(cast()[0].email, None, name=cast()[0].name)
    assert client.get("/demo/").status_code == 404
    assert client.post(reverse("demo-sign-in", args=[cast()[0].key])).status_code == 404
    assert "_auth_user_id" not in client.session
