"""Works out what to do next for somebody: the steps, who can do them, and what other bodies are working on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from bield import law
from bield.law import load_place
from bield.law.pathway import load_pathway
from bield.law.places import Service
from bield.service.accounts.models import Membership
from bield.service.accounts.permissions import Permission, Role, allows, role_name, roles_with
from bield.service.cases.models import Person
from bield.service.cases.states import SupportState
from bield.service.days import day_of
from bield.service.design.past import due_words
from bield.service.notifications import intake
from bield.service.notifications.display import state_words

PAGES: Mapping[str, tuple[str, tuple[object, ...], Permission]] = {
    "notify": ("person-notify", (), Permission.NOTIFICATION_SEND),
    "notify-anonymously": ("person-notify", (), Permission.NOTIFICATION_SEND),
    "signs": ("person-signs", (1,), Permission.ASSESSMENT_SIGN),
    "age-assessment": ("person-age", (), Permission.PERSON_EDIT),
    "age-not-sure": ("person-about", (), Permission.PERSON_EDIT),
    "ask-support": ("consent", ("support",), Permission.PERSON_EDIT),
    "ask-referral": ("consent", ("nrm_referral",), Permission.PERSON_EDIT),
    "ask-identity": ("consent", ("notification_identity",), Permission.PERSON_EDIT),
    "ask-police": ("consent", ("police_cooperation",), Permission.PERSON_EDIT),
    "refer": ("person-referral", (), Permission.REFERRAL_MAKE),
    "child-referral": ("person-referral", (), Permission.REFERRAL_MAKE),
    "support-tara": ("person-support", (), Permission.SUPPORT_ASK),
    "support-migrant-help": ("person-support", (), Permission.SUPPORT_ASK),
}
"""For each step, the page of the record to do it on, the other arguments of its address, and the permission."""


@dataclass(frozen=True)
class ShownStep:
    """A step of the pathway, whether it is done, and who to ring for it."""

    step: law.Step
    done_by: str
    done_at: date | None
    address: str
    """The page to do it on; empty if there is no such page, or this user cannot do it."""
    who_can: str
    """Who can do it here, in words, if this user cannot."""
    when: str
    """By when, in words; for a day that has passed, that it was due then."""
    service: Service | None
    service_stale: bool
    late: bool = False
    """Whether its day has passed."""

    @property
    def done(self) -> bool:
        return self.done_at is not None


def address_of(step: str, person: Person) -> str:
    """The address of the page to do a step on; empty if there is no such page."""
    name, more, _permission = PAGES.get(step, ("", (), None))
    return reverse(name, args=[person.pk, *more]) if name else ""


def who_can(person: Person, permission: Permission) -> str:
    """Who can do something, in words: names in the record's team, else in its organisation, else the role."""
    organisation = person.team.organisation_id
    memberships = Membership.objects.filter(
        team__organisation=organisation, role__in=roles_with(permission), user__is_active=True
    ).select_related("user", "team")
    able = sorted(memberships, key=lambda row: (row.team_id != person.team_id, row.team.name, row.user.name))
    roles = _(" or ").join(role_name(role) for role in roles_with(permission))
    if not able:
        words = _("It takes the role of %(roles)s, which nobody in %(body)s has: ask your administrator.")
        return words % {"roles": roles, "body": person.team.organisation.name}
    team = able[0].team
    names = ", ".join(f"{row.user.name} ({role_name(row.role).lower()})" for row in able if row.team_id == team.pk)
    return _("In %(team)s these people can do it: %(names)s.") % {"team": team.name, "names": names}


def known_steps(situation: law.Situation, *, today: date) -> tuple[law.Step, ...]:
    """The steps of the place; none if no pathway is recorded for it."""
    try:
        return law.next_steps(situation, on=today, place=settings.PLACE)
    except law.NotRecorded:
        return ()


def steps_of(person: Person, situation: law.Situation, *, today: date, role: Role | None = None) -> list[ShownStep]:
    """The steps for a record in order, done or not. role: the user's, to say who else can do what they cannot."""
    place = load_place(settings.PLACE)
    able_words: dict[Permission, str] = {}
    services = {service.id: service for service in place.services}
    marks = {mark.step: mark for mark in person.step_marks.select_related("by")}
    shown = []
    for step in known_steps(situation, today=today):
        mark, service = marks.get(step.id), services.get(step.service_id or "")
        address, permission = address_of(step.id, person), PAGES.get(step.id, ("", (), None))[2]
        if step.id == "child-referral" and not situation.first_responder:
            address, permission = "", None  # their body cannot refer at all: the step says who does
        others = ""
        if role and permission and not mark and not allows(role, permission):
            address = ""
            if permission not in able_words:
                able_words[permission] = who_can(person, permission)
            others = able_words[permission]
        overdue = step.due is not None and step.due < today and not mark
        shown.append(
            ShownStep(
                step,
                mark.by.name if mark else "",
                (mark.on or day_of(mark.at)) if mark else None,
                address,
                others,
                capfirst(due_words(step.due, today=today)) if overdue and step.due else step.by_when,
                service,
                service is not None and place.is_stale(service, on=today),
                overdue,
            )
        )
    return shown


FIRST: Final = ("danger", "safe-to-talk", "missing", "child-concern")
"""The steps that come before everything else, also before what is late."""
AT_ONCE: Final = 3
"""How many open steps a record shows; the others are folded away."""


def in_order(steps: Iterable[ShownStep]) -> list[ShownStep]:
    """The open steps: what keeps somebody safe, then what is late, then the others as the pathway has them."""
    return sorted(
        (step for step in steps if not step.done), key=lambda step: (step.step.id not in FIRST, not step.late)
    )


@dataclass(frozen=True, slots=True)
class WithOthers:
    """Something that another body is working on, and the address of its page, if the user may read it."""

    who: str
    what: str
    address: str


def with_others(person: Person, role: Role) -> list[WithOthers]:
    """What other bodies are working on for somebody: open notifications, the referral, support."""
    to_referral = address_of("refer", person) if allows(role, Permission.REFERRAL_MAKE) else ""
    elsewhere = [
        WithOthers(
            notification.to.name,
            _("notified on %(day)s: %(state)s")
            % {"day": date_format(day_of(notification.sent_at)), "state": state_words(notification).lower()},
            reverse("notification", args=[notification.pk]),
        )
        for notification in intake.about(person.team, person.reference)
        if notification.closed_at is None
    ]
    if person.referral == "sent":
        handed_in = person.sharings.filter(what="referral").first()
        words, to = _("a referral was sent; no decision yet"), _("Competent authority")
        if handed_in:
            to = law.body(handed_in.to).name
            words = _("a referral was handed in on %(day)s; no decision yet") % {"day": date_format(handed_in.on)}
        elsewhere.append(WithOthers(to, words, to_referral))
    if person.support in (SupportState.ASKED, SupportState.OPEN):
        asked = person.support == SupportState.ASKED
        words = _("asked for support, no answer yet") if asked else _("supports them")
        elsewhere.append(WithOthers(_("Support service"), words, address_of("support-tara", person)))
    return elsewhere


@cache
def step_titles() -> Mapping[str, str]:
    """The title of each step of the pathway here."""
    return {step.id: step.title for step in load_pathway().steps if step.place == settings.PLACE}
