"""Changes to accounts: invite, join, give and remove roles. Each change leaves an event."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bield import law
from bield.errors import UserError
from bield.service.accounts.access import confirmers
from bield.service.accounts.models import Invitation, Membership, Organisation, RoleRequest, Team, User
from bield.service.accounts.permissions import Role, manages_accounts, sees_people
from bield.service.audit.actions import SYSTEM, record
from bield.service.audit.kinds import Kind
from bield.service.design.fields import check_email


class InvitationError(UserError):
    """An invitation or role cannot be given or used; the text says why, for the user to read."""


class LastAdministrator(ValueError):
    """Nobody would be left to look after the accounts of an organisation."""


@transaction.atomic
def invite(*, team: Team, email: str, role: Role, by: User, at: datetime, address: str) -> Invitation:
    """Offer a place in a team, and send the link once the transaction is committed.

    address: the absolute address of the page that accepts the invitation, with {token} in it.
    Raises InvitationError for a domain that is not the organisation's, or somebody who is in the team already.
    """
    email = email.lower()
    _check_domain(team, email)
    if Membership.objects.filter(team=team, user__email=email).exists():
        raise InvitationError(_("%(email)s is already in this team.") % {"email": email})
    Invitation.objects.filter(team=team, email=email, accepted_at__isnull=True).delete()
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        team=team,
        email=email,
        role=role,
        invited_by=by,
        digest=_digest(token),
        expires_at=at + timedelta(days=settings.INVITATION_DAYS),
    )
    record(
        Kind.INVITED,
        actor=by.pk,
        organisation=team.organisation_id,
        subject=invitation.pk,
        role=role.value,
        team=str(team.pk),
    )
    text = render_to_string(
        "accounts/invitation.txt",
        {"team": team, "address": address.format(token=token), "days": settings.INVITATION_DAYS},
    )
    transaction.on_commit(lambda: send_mail(_("An invitation to Bield"), text, None, [email]) and None)
    return invitation


def invitation_with(token: str, *, at: datetime) -> Invitation:
    """The open invitation of a link. Raises InvitationError if it does not exist, was used or is too old."""
    invitation = (
        Invitation.objects.select_related("team__organisation")
        .filter(digest=_digest(token), accepted_at__isnull=True, expires_at__gt=at)
        .first()
    )
    if invitation is None:
        raise InvitationError(_("This invitation was used before, was withdrawn, or is too old."))
    return invitation


@transaction.atomic
def join(*, invitation: Invitation, name: str, password: str, at: datetime) -> User:
    """Accept an invitation: a new account, or the account that already has this address. Raises InvitationError."""
    invitation = _open_invitation(invitation)
    user = User.objects.filter(email=invitation.email).first()
    if user is None:
        user = User.objects.create_user(invitation.email, password, name=name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    refuse_mixed_roles(user, invitation.role)
    if sees_people(invitation.role) and invitation.invited_by is not None:
        ask_role(user=user, team=invitation.team, role=Role(invitation.role), by=invitation.invited_by, at=at)
    elif Membership.objects.filter(user=user, team=invitation.team).exists():
        raise InvitationError(_("You are already in this team."))
    else:
        Membership.objects.create(user=user, team=invitation.team, role=invitation.role)
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    record(
        Kind.JOINED,
        actor=user.pk,
        organisation=invitation.team.organisation_id,
        subject=user.pk,
        role=invitation.role,
        team=str(invitation.team_id),
    )
    return user


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    """Take an invitation back; its link no longer works. Raises InvitationError if it was used or withdrawn before."""
    invitation = _open_invitation(invitation)
    record(
        Kind.INVITATION_WITHDRAWN,
        actor=by.pk,
        organisation=invitation.team.organisation_id,
        subject=invitation.pk,
    )
    invitation.delete()


def _open_invitation(invitation: Invitation) -> Invitation:
    """The invitation as it is now, locked: it may have been used or withdrawn since the page was shown."""
    invitations = Invitation.objects.select_for_update(of=("self",)).select_related("team")
    current = invitations.filter(pk=invitation.pk, accepted_at__isnull=True).first()
    if current is None:
        raise InvitationError(_("This invitation was used before, or was withdrawn."))
    return current


def refuse_mixed_roles(user: User, role: str, *, instead_of: Membership | None = None) -> None:
    """Raise InvitationError if a user would both look after accounts and see people.

    instead_of: the membership that would get this role in place of its own. An administrator who should see people must
    first stop looking after accounts, and is then invited like everybody else.
    """
    others = user.memberships.all()
    if instead_of and not manages_accounts(instead_of.role):
        others = others.exclude(pk=instead_of.pk)
    roles_now = [*others.values_list("role", flat=True), *user.role_requests.values_list("role", flat=True)]
    if sees_people(role) and any(manages_accounts(other) for other in roles_now):
        raise InvitationError(_("They look after accounts, so they may not see people."))
    if manages_accounts(role) and any(sees_people(other) for other in roles_now):
        raise InvitationError(_("They see people, so they may not look after accounts."))


@transaction.atomic
def ask_role(*, user: User, team: Team, role: Role, by: User, at: datetime) -> RoleRequest:
    """Ask for a role that can see people. It takes effect once somebody else confirms it."""
    wanted, _new = RoleRequest.objects.update_or_create(
        user=user, team=team, defaults={"role": role.value, "asked_by": by, "asked_at": at}
    )
    record(
        Kind.ROLE_ASKED,
        actor=by.pk,
        organisation=team.organisation_id,
        subject=user.pk,
        at=at,
        role=role.value,
        team=str(team.pk),
    )
    return wanted


@transaction.atomic
def confirm_role(wanted: RoleRequest, *, seen: str, by: User | None, at: datetime) -> None:
    """Confirm a role that somebody else asked for.

    seen: the role that the page showed; no other role is confirmed in its place. by: None for the person who runs the
    server. Raises InvitationError if this user may not confirm it, or the request has changed.
    """
    wanted = _still_waits(wanted, seen)
    if by is not None and not confirmers(wanted).filter(pk=by.pk).exists():
        raise InvitationError(_("Somebody else has to confirm this."))
    if by is None and confirmers(wanted).exists():
        raise InvitationError(_("Somebody in the organisation can confirm this: ask them."))
    Membership.objects.update_or_create(user=wanted.user, team=wanted.team, defaults={"role": wanted.role})
    record(
        Kind.ROLE_GIVEN,
        actor=by.pk if by else SYSTEM,
        organisation=wanted.team.organisation_id,
        subject=wanted.user_id,
        at=at,
        role=wanted.role,
        team=str(wanted.team_id),
    )
    wanted.delete()


@transaction.atomic
def refuse_role(wanted: RoleRequest, *, seen: str, by: User, at: datetime) -> None:
    """Refuse a role that somebody else asked for. Any earlier role stays. seen: as in `confirm_role`."""
    wanted = _still_waits(wanted, seen)
    if not confirmers(wanted).filter(pk=by.pk).exists():
        raise InvitationError(_("Somebody else has to answer this."))
    record(
        Kind.ROLE_REFUSED,
        actor=by.pk,
        organisation=wanted.team.organisation_id,
        subject=wanted.user_id,
        at=at,
        role=wanted.role,
        team=str(wanted.team_id),
    )
    wanted.delete()


def _still_waits(wanted: RoleRequest, seen: str) -> RoleRequest:
    """The request as it is now, locked: it may have been changed since the page was shown."""
    requests = RoleRequest.objects.select_for_update(of=("self",)).select_related("user", "team")
    current = requests.filter(pk=wanted.pk).first()
    if current is None:
        raise InvitationError(_("Somebody has already answered this."))
    if current.role != seen:
        raise InvitationError(_("The role asked for has changed. Check it again."))
    return current


@transaction.atomic
def give_role(*, membership: Membership, role: Role, by: User, at: datetime) -> bool:
    """Change a user's role in a team. A role that can see people is only asked for, and waits to be confirmed.

    Returns whether the role has changed. Raises LastAdministrator, and InvitationError for roles that do not mix.
    """
    membership = _locked(membership)
    refuse_mixed_roles(membership.user, role, instead_of=membership)
    if sees_people(role) and role.value != membership.role:
        ask_role(user=membership.user, team=membership.team, role=role, by=by, at=at)
        return False
    _keep_an_administrator(membership, unless=role)
    before = membership.role
    membership.role = role
    membership.save(update_fields=["role"])
    record(
        Kind.ROLE_GIVEN,
        actor=by.pk,
        organisation=membership.team.organisation_id,
        subject=membership.user_id,
        role=role.value,
        before=before,
        team=str(membership.team_id),
    )
    return True


@transaction.atomic
def take_role(*, membership: Membership, by: User) -> None:
    """Remove a user from a team. Their account stays, but can do nothing there.

    Raises LastAdministrator, and InvitationError if somebody else removed them first.
    """
    membership = _locked(membership)
    _keep_an_administrator(membership)
    record(
        Kind.ROLE_TAKEN,
        actor=by.pk,
        organisation=membership.team.organisation_id,
        subject=membership.user_id,
        role=membership.role,
        team=str(membership.team_id),
    )
    membership.delete()


def _locked(membership: Membership) -> Membership:
    """The membership as it is now, locked: a colleague may have changed or removed it since the page was shown."""
    memberships = Membership.objects.select_for_update(of=("self",)).select_related("user", "team__organisation")
    current = memberships.filter(pk=membership.pk).first()
    if current is None:
        raise InvitationError(_("They are no longer in this team."))
    return current


def _keep_an_administrator(membership: Membership, *, unless: Role | None = None) -> None:
    if membership.role != Role.ADMINISTRATOR or unless is Role.ADMINISTRATOR:
        return
    others = Membership.objects.select_for_update().filter(
        team__organisation=membership.team.organisation_id, role=Role.ADMINISTRATOR, user__is_active=True
    )
    if not others.exclude(pk=membership.pk).exists():
        raise LastAdministrator


def set_up_organisation(body_id: str, *, domains: list[str], team: str, name: str = "") -> Team:
    """Create an organisation from the law data, with a first team; existing ones are left as they are."""
    body = law.body(body_id)
    organisation, _new = Organisation.objects.get_or_create(
        body=body.id, defaults={"name": name or body.name, "kind": body.kind, "domains": domains}
    )
    return Team.objects.get_or_create(organisation=organisation, name=team)[0]


def _check_domain(team: Team, email: str) -> None:
    domain = email.rpartition("@")[2]
    if domain not in team.organisation.domains:
        allowed = ", ".join(team.organisation.domains) or _("none")
        raise InvitationError(
            _("%(domain)s is not a domain of %(body)s. Allowed: %(allowed)s.")
            % {"domain": domain, "body": team.organisation.name, "allowed": allowed}
        )


@transaction.atomic
def compare_teams(organisation: Organisation, *, on: bool, by: User) -> None:
    """Set whether an organisation's leads are told when two of its teams have records with the same names."""
    if organisation.compares_teams is on:
        return
    Organisation.objects.filter(pk=organisation.pk).update(compares_teams=on)
    record(Kind.TEAMS_COMPARED, actor=by.pk, organisation=organisation.pk, on=on)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def first_administrator(*, body_id: str, email: str, address: str) -> str:
    """Set up a body and return the link that makes somebody its first administrator.

    Raises law.LawError for an unknown body, and InvitationError for an invalid e-mail address, or one that is not in
    the body's domains.

    The domain of the address becomes the body's allowed domain, if it has none. For the command line: nobody is signed
    in, so the event names the system.
    """
    email = email.strip().lower()
    try:
        check_email(email, label=_("E-mail"))
    except ValidationError as error:
        raise InvitationError(" ".join(error.messages)) from None
    team = set_up_organisation(body_id, domains=[email.rpartition("@")[2]], team="Accounts")
    _check_domain(team, email)
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    invitation = Invitation.objects.create(
        team=team,
        email=email,
        role=Role.ADMINISTRATOR,
        digest=_digest(token),
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
    )
    record(Kind.INVITED, actor=SYSTEM, organisation=team.organisation_id, subject=invitation.pk, role="administrator")
    return address.rstrip("/") + reverse("invitation", args=[token])


def choose_news(user: User, *, when: str) -> None:
    """Store when a user wants e-mails about what waits for them."""
    User.objects.filter(pk=user.pk).update(news=when)


VISIT = timedelta(hours=1)
"""After so long away, somebody who comes back begins a new visit."""


def note_visit(user: User, *, at: datetime) -> datetime | None:
    """Note that a user is here now. Returns when their visit before this one ended; None on the first."""
    before = user.visit_before_at
    if user.here_at is not None and at - user.here_at > VISIT:
        before = user.here_at
    User.objects.filter(pk=user.pk).update(here_at=at, visit_before_at=before)
    return before
