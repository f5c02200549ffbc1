"""The rule book: which role may do what. The page and the document that people read are made from this file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum, auto
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """One thing that somebody may do."""

    PERSON_SEE = auto()
    PERSON_EDIT = auto()
    IDENTITY_OPEN = auto()
    ASSESSMENT_SIGN = auto()
    RECORD_REVIEW = auto()
    LOOKS_SEE = auto()
    SUBJECT_ACCESS = auto()
    RECORD_DELETE = auto()
    REFERRAL_MAKE = auto()
    NOTIFICATION_SEND = auto()
    NOTIFICATION_RECEIVE = auto()
    NOTIFIED_IDENTITY_OPEN = auto()
    SUPPORT_ASK = auto()
    SUPPORT_GIVE = auto()
    ACCOUNT_READ = auto()
    CHILD_ACCOMPANY = auto()
    SERVICES_KEEP = auto()
    MEASURES_COUNT = auto()
    KEYS_MANAGE = auto()
    ACCOUNTS_MANAGE = auto()
    ROLES_CONFIRM = auto()
    EVENTS_SEE = auto()


PERMISSIONS: Final[Mapping[Permission, str | Promise]] = MappingProxyType(
    {
        Permission.PERSON_SEE: _("See the records of their own team, without names"),
        Permission.PERSON_EDIT: _("Begin and change the records of their own team"),
        Permission.IDENTITY_OPEN: _("Open who somebody is; each opening is noted"),
        Permission.ASSESSMENT_SIGN: _("Sign an assessment"),
        Permission.RECORD_REVIEW: _("Review a record before a referral of it can be closed"),
        Permission.LOOKS_SEE: _("See who has looked at a record"),
        Permission.SUBJECT_ACCESS: _("Make the copy of everything held that a person may ask for"),
        Permission.RECORD_DELETE: _("Delete for good what is due"),
        Permission.REFERRAL_MAKE: _(
            "Make referrals of their own team, record that they were handed in, and what was decided"
        ),
        Permission.NOTIFICATION_SEND: _("Send notifications to the police, and answer what they ask about them"),
        Permission.NOTIFICATION_RECEIVE: _("Work with the notifications that their own body receives"),
        Permission.NOTIFIED_IDENTITY_OPEN: _("Open who a notification is about, where it may say so; each is noted"),
        Permission.SUPPORT_ASK: _("Ask a provider for support for somebody of their own team, and see where it stands"),
        Permission.SUPPORT_GIVE: _("Support people: plan, contacts, the account, and who may read it"),
        Permission.ACCOUNT_READ: _("Read an account that their own organisation was allowed to read; each is noted"),
        Permission.CHILD_ACCOMPANY: _(
            "As the independent guardian of a child, read what helps them to help that child"
        ),
        Permission.SERVICES_KEEP: _("Keep the directory of services"),
        Permission.MEASURES_COUNT: _("Count the yearly measures from facts without identity"),
        Permission.KEYS_MANAGE: _("Make and end the keys with which systems of their own organisation send"),
        Permission.ACCOUNTS_MANAGE: _("Invite colleagues of their own organisation and change their roles"),
        Permission.ROLES_CONFIRM: _("Confirm that a colleague may see people, where somebody else asked for it"),
        Permission.EVENTS_SEE: _("Read the events of their own organisation, without any record"),
    }
)


class Role(StrEnum):
    """What somebody is in a team."""

    FRONTLINE_WORKER = auto()
    FIRST_RESPONDER = auto()
    LEAD = auto()
    SUPPORT_WORKER = auto()
    GUARDIAN = auto()
    POLICE_OFFICER = auto()
    POLICE_ANALYST = auto()
    STATISTICIAN = auto()
    STRATEGY_TEAM = auto()
    TRAINER = auto()
    ADMINISTRATOR = auto()
    AUDITOR = auto()


ROLES: Final[Mapping[Role, tuple[str | Promise, str | Promise]]] = MappingProxyType(
    {
        Role.FRONTLINE_WORKER: (_("Frontline worker"), _("Meets people and records what was noticed and agreed.")),
        Role.FIRST_RESPONDER: (
            _("First responder"),
            _("Works for a body that may refer people to the national mechanism."),
        ),
        Role.LEAD: (_("Lead"), _("Answers for a team: reviews, sees who has looked, deletes what is due.")),
        Role.SUPPORT_WORKER: (_("Support worker"), _("Supports somebody over time.")),
        Role.GUARDIAN: (_("Guardian"), _("An independent child trafficking guardian.")),
        Role.POLICE_OFFICER: (_("Police officer"), _("Meets people in an operation and records as others do.")),
        Role.POLICE_ANALYST: (_("Police analyst"), _("Works with what was notified. Sees no person’s record.")),
        Role.STATISTICIAN: (_("Statistician"), _("Works with counts. Sees no person’s record.")),
        Role.STRATEGY_TEAM: (_("Strategy team"), _("Works with released figures. Sees no person’s record.")),
        Role.TRAINER: (_("Trainer"), _("Makes awareness packs. Sees no person’s record.")),
        Role.ADMINISTRATOR: (_("Administrator"), _("Looks after accounts. Sees no person’s record.")),
        Role.AUDITOR: (_("Auditor"), _("Sees what was done and by whom. Sees no person’s record.")),
    }
)

_WORKER = frozenset(
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
_SUPPORTER = frozenset({Permission.SUPPORT_GIVE, Permission.SERVICES_KEEP})
_RECEIVER = frozenset({Permission.NOTIFICATION_RECEIVE, Permission.NOTIFIED_IDENTITY_OPEN})
_NOBODY: frozenset[Permission] = frozenset()

GRANTS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.FRONTLINE_WORKER: _WORKER,
        Role.FIRST_RESPONDER: _WORKER | {Permission.REFERRAL_MAKE},
        Role.LEAD: _WORKER
        | _SUPPORTER
        | {
            Permission.REFERRAL_MAKE,
            Permission.RECORD_REVIEW,
            Permission.LOOKS_SEE,
            Permission.SUBJECT_ACCESS,
            Permission.RECORD_DELETE,
            Permission.ROLES_CONFIRM,
        },
        Role.SUPPORT_WORKER: _WORKER | _SUPPORTER | {Permission.REFERRAL_MAKE},
        Role.GUARDIAN: _WORKER - {Permission.ASSESSMENT_SIGN} | {Permission.SUPPORT_GIVE, Permission.CHILD_ACCOMPANY},
        Role.POLICE_OFFICER: _WORKER | _RECEIVER | {Permission.REFERRAL_MAKE},
        Role.POLICE_ANALYST: _RECEIVER,
        Role.STATISTICIAN: frozenset({Permission.MEASURES_COUNT}),
        Role.STRATEGY_TEAM: _NOBODY,
        Role.TRAINER: _NOBODY,
        Role.ADMINISTRATOR: frozenset({Permission.ACCOUNTS_MANAGE, Permission.KEYS_MANAGE}),
        Role.AUDITOR: frozenset({Permission.EVENTS_SEE}),
    }
)
"""No role has everything, and none passes by this table: there is no superuser."""


def allows(role: Role | None, permission: Permission) -> bool:
    """Whether a role carries a permission. No role means no."""
    return role is not None and permission in GRANTS[role]


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """The roles that carry a permission."""
    return tuple(role for role in Role if permission in GRANTS[role])


_OF_PEOPLE = frozenset(
    {
        Permission.PERSON_SEE,
        Permission.IDENTITY_OPEN,
        Permission.NOTIFIED_IDENTITY_OPEN,
        Permission.ACCOUNT_READ,
        Permission.CHILD_ACCOMPANY,
    }
)


def sees_people(role: str) -> bool:
    """Whether a role can see a person: nobody gets one from a single colleague alone."""
    return bool(GRANTS[Role(role)] & _OF_PEOPLE)


def manages_accounts(role: str) -> bool:
    """Whether a role decides who works here: nobody has it beside one that sees people."""
    return Permission.ACCOUNTS_MANAGE in GRANTS[Role(role)]


def needs_second_factor(roles: Iterable[Role]) -> bool:
    """Whether somebody with these roles must sign in with a second factor.

    Everyone who can see a person must; and those who could give themselves a role that can, or who see who is where.
    """
    return any(GRANTS[role] for role in roles)


def role_name(role: str) -> str:
    """The words for a stored role."""
    return str(ROLES[Role(role)][0])
