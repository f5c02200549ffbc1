"""The rule book: which role may do what. The page and the document for users are made from this file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """One thing that a user may do, and the words for it."""

    label: str | Promise

    def __new__(cls, value: str, label: str | Promise = "") -> Self:
        permission = str.__new__(cls, value)
        permission._value_, permission.label = value, label
        return permission

    PERSON_SEE = "person_see", _("See the records of their own team, without names")
    PERSON_EDIT = "person_edit", _("Begin and change the records of their own team")
    IDENTITY_OPEN = "identity_open", _("Open who somebody is; every opening is noted")
    ASSESSMENT_SIGN = "assessment_sign", _("Sign an assessment")
    RECORD_REVIEW = "record_review", _("Review a record before its referral can be closed")
    LOOKS_SEE = "looks_see", _("See who has looked at a record")
    SUBJECT_ACCESS = "subject_access", _("Make the copy of everything held about a person, which they may ask for")
    RECORD_DELETE = "record_delete", _("Delete for good the records that are due")
    REFERRAL_MAKE = (
        "referral_make",
        _("Make referrals of their own team, record that they were handed in, and what was decided"),
    )
    NOTIFICATION_SEND = "notification_send", _("Send notifications to the police, and answer questions about them")
    NOTIFICATION_RECEIVE = "notification_receive", _("Work with the notifications that their own body receives")
    NOTIFIED_IDENTITY_OPEN = (
        "notified_identity_open",
        _("Open who a notification is about, if it says so; every opening is noted"),
    )
    SUPPORT_ASK = (
        "support_ask",
        _("Ask a provider for support for somebody of their own team, and see where it stands"),
    )
    SUPPORT_GIVE = "support_give", _("Support people: plan, contacts, the account, and who may read it")
    ACCOUNT_READ = (
        "account_read",
        _("Read an account that their own organisation was allowed to read; every reading is noted"),
    )
    CHILD_ACCOMPANY = (
        "child_accompany",
        _("As the independent guardian of a child, read what helps them to help that child"),
    )
    SERVICES_KEEP = "services_keep", _("Keep the directory of services")
    MEASURES_COUNT = "measures_count", _("Count the yearly measures from facts without identity")
    KEYS_MANAGE = "keys_manage", _("Make and end the keys that systems of their own organisation send with")
    ACCOUNTS_MANAGE = "accounts_manage", _("Invite colleagues of their own organisation and change their roles")
    ROLES_CONFIRM = "roles_confirm", _("Confirm that a colleague may see people, when somebody else asked for it")
    EVENTS_SEE = "events_see", _("Read the events of their own organisation, without any record")


Permissions = frozenset[Permission]

_WORKER: Permissions = frozenset(
    {
        Permission.PERSON_SEE,
        Permission.PERSON_EDIT,
        Permission.IDENTITY_OPEN,
        Permission.ASSESSMENT_SIGN,
        Permission.NOTIFICATION_SEND,
        Permission.SUPPORT_ASK,
        Permission.ACCOUNT_READ,
    }
)
_SUPPORTER: Permissions = frozenset({Permission.SUPPORT_GIVE, Permission.SERVICES_KEEP})
_RECEIVER: Permissions = frozenset({Permission.NOTIFICATION_RECEIVE, Permission.NOTIFIED_IDENTITY_OPEN})
_LEAD: Permissions = frozenset(
    {
        Permission.REFERRAL_MAKE,
        Permission.RECORD_REVIEW,
        Permission.LOOKS_SEE,
        Permission.SUBJECT_ACCESS,
        Permission.RECORD_DELETE,
        Permission.ROLES_CONFIRM,
    }
)
_REFERRER: Permissions = frozenset({Permission.REFERRAL_MAKE})
_GUARDIAN: Permissions = frozenset({Permission.SUPPORT_GIVE, Permission.CHILD_ACCOMPANY})


class Role(StrEnum):
    """A role in a team: its name, its description, and everything it may do.

    No role has every permission, and no user is exempt from this table: there is no superuser.
    """

    label: str | Promise
    description: str | Promise
    permissions: Permissions

    def __new__(
        cls,
        value: str,
        label: str | Promise = "",
        description: str | Promise = "",
        permissions: Iterable[Permission] = (),
    ) -> Self:
        role = str.__new__(cls, value)
        role._value_, role.label, role.description = value, label, description
        role.permissions = frozenset(permissions)
        return role

    FRONTLINE_WORKER = (
        "frontline_worker",
        _("Frontline worker"),
        _("Meets people and records what was noticed and agreed."),
        _WORKER,
    )
    FIRST_RESPONDER = (
        "first_responder",
        _("First responder"),
        _("Works for a body that may refer people to the national mechanism."),
        _WORKER | _REFERRER,
    )
    LEAD = (
        "lead",
        _("Lead"),
        _("Answers for a team: reviews, sees who has looked, deletes what is due."),
        _WORKER | _SUPPORTER | _LEAD,
    )
    SUPPORT_WORKER = (
        "support_worker",
        _("Support worker"),
        _("Supports somebody over time."),
        _WORKER | _SUPPORTER | _REFERRER,
    )
    GUARDIAN = (
        "guardian",
        _("Guardian"),
        _("An independent child trafficking guardian."),
        (_WORKER - {Permission.ASSESSMENT_SIGN}) | _GUARDIAN,
    )
    POLICE_OFFICER = (
        "police_officer",
        _("Police officer"),
        _("Meets people in an operation and records as others do."),
        _WORKER | _RECEIVER | _REFERRER,
    )
    POLICE_ANALYST = (
        "police_analyst",
        _("Police analyst"),
        _("Works with what was notified. Sees no person’s record."),
        _RECEIVER,
    )
    STATISTICIAN = (
        "statistician",
        _("Statistician"),
        _("Works with counts. Sees no person’s record."),
        {Permission.MEASURES_COUNT},
    )
    STRATEGY_TEAM = (
        "strategy_team",
        _("Strategy team"),
        _("Works with released figures. Sees no person’s record."),
    )
    TRAINER = (
        "trainer",
        _("Trainer"),
        _("Makes awareness packs. Sees no person’s record."),
    )
    ADMINISTRATOR = (
        "administrator",
        _("Administrator"),
        _("Looks after accounts. Sees no person’s record."),
        {Permission.ACCOUNTS_MANAGE, Permission.KEYS_MANAGE},
    )
    AUDITOR = (
        "auditor",
        _("Auditor"),
        _("Sees what was done and who did it. Sees no person’s record."),
        {Permission.EVENTS_SEE},
    )


def allows(role: Role | None, permission: Permission) -> bool:
    """Whether a role has a permission. None has no permission."""
    return role is not None and permission in role.permissions


def permits(role: Role | None) -> Mapping[str, bool]:
    """Whether a role has each permission, by name: a template asks `may.person_edit`."""
    return MappingProxyType({permission.value: allows(role, permission) for permission in Permission})


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """The roles that have a permission."""
    return tuple(role for role in Role if permission in role.permissions)


_OF_PEOPLE: Permissions = frozenset(
    {
        Permission.PERSON_SEE,
        Permission.IDENTITY_OPEN,
        Permission.NOTIFIED_IDENTITY_OPEN,
        Permission.ACCOUNT_READ,
        Permission.CHILD_ACCOMPANY,
    }
)


def sees_people(role: str) -> bool:
    """Whether a role can see a person. A second colleague must confirm such a role."""
    return bool(Role(role).permissions & _OF_PEOPLE)


def manages_accounts(role: str) -> bool:
    """Whether a role looks after accounts. Nobody may have it together with a role that sees people."""
    return Permission.ACCOUNTS_MANAGE in Role(role).permissions


def needs_second_factor(roles: Iterable[Role]) -> bool:
    """Whether a user with these roles must sign in with a second factor.

    Everyone who can see a person must; so must users who could give themselves such a role, or who see who is where.
    """
    return any(role.permissions for role in roles)


def role_name(role: str) -> str:
    """The words for a stored role."""
    return str(Role(role).label)
