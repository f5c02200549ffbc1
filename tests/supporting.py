"""A support service beside the councils of the small country, and episodes at every stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bield.service.accounts.actions import set_up_organisation
from bield.service.accounts.models import Membership, Team, User
from bield.service.accounts.permissions import Permission, Role
from bield.service.cases.access import person_for
from bield.service.cases.models import Person
from bield.service.days import day_of
from bield.service.support.access import episode_for
from bield.service.support.episodes import actions
from bield.service.support.models import AccountVersion, Entry, Episode, Grant
from bield.service.support.testimony import testimony
from tests.world import NOW, World

TODAY = day_of(NOW)
SAID = {
    "offer": {"words": "Zdravka was promised a kitchen job.", "summary": "Promised kitchen work."},
    "journey": {"words": "We went by van at night.", "summary": "By van."},
    "people": {"words": "His name was Quirin.", "summary": ""},
}
DETAILS: dict[str, dict[str, Any]] = {
    "need": {"head": "accommodation", "urgency": "now", "what": "A bed tonight"},
    "risk": {"of": "traffickers", "says": "He will come", "doing": "Police know", "review_on": "2099-01-01"},
    "safety": {"places": "With us", "review_on": "2099-01-01"},
    "marac": {"on": "2026-01-02", "basis": "agreed", "why": "Threats"},
    "goal": {"words": "I want to sleep."},
    "step": {"what": "See a doctor", "who": "You and we", "by": "2099-01-01"},
    "contact": {"on": TODAY.isoformat(), "way": "agreed", "result": "seen"},
    "appointment": {"kind": "health", "on": "2099-01-01", "escort": "worker", "time": "10:30"},
    "interpreter": {"needed": "yes", "language": "sq", "sex": "woman"},
    "missing": {"since": "2026-01-02", "noticed": "Bed not slept in"},
    "accommodation": {"kind": "crisis", "from": TODAY.isoformat()},
    "matter": {"kind": "immigration", "what": "Asylum", "deadline": "2099-01-01"},
    "return": {"country": "AL", "wants": "Home", "risks": "The uncle"},
    "decision": {"phase": "before", "on": "2026-01-02", "decision": "yes", "why": "Needs it", "decider": "Lead"},
    "review": {"kind": "day_90", "on": "2099-01-01"},
    "discussion": {
        "on": "2026-01-02", "who": ["police"], "safety": "Placed", "investigation": "joint", "why": "Others",
        "interview": "yes", "medical": "no",
    },
    "interview": {"on": "2099-01-01", "where": "hoose", "who": "Two", "read": "yes"},
    "prosecutor": {"on": "2026-01-02", "whom": "lead", "what": "Cannabis"},
    "visit": {"kind": "visit", "on": TODAY.isoformat(), "words": "We walked by the river"},
    "noticed": {"on": "2026-01-02", "seen": ["fear"]},
    "outcome": {"on": "2026-01-02", "count": True, "answers": {"housing": 2}},
}  # fmt: skip
"""What can be put into each part."""


@dataclass(frozen=True)
class Service:
    """TARA, with one who supports, one who leads, and a guardian elsewhere."""

    world: World
    team: Team
    isla: User
    lead: User
    guardian: User

    def person(self, *, agrees: bool = True, **changes: Any) -> Person:
        """Somebody of the council's, who agreed to support."""
        person = self.world.full_person(**changes)
        if agrees and person.age == "adult":
            self.world.consent(person, "support", "given")
        return person_for(self.world.cast[Role.FRONTLINE_WORKER], person.pk, Permission.SUPPORT_ASK)

    def asked(self, person: Person | None = None, **changes: Any) -> Episode:
        """A request that waits."""
        return actions.ask(
            person or self.person(**changes),
            team=self.team,
            choice="person",
            words="Needs a bed tonight",
            place="scotland",
            by=self.world.cast[Role.FRONTLINE_WORKER],
            at=NOW,
        )

    def open(self, person: Person | None = None, *, days: int = 10, **changes: Any) -> Episode:
        """Support that began some days ago, as the gate gives it to the one who supports."""
        episode = self.asked(person, **changes)
        on = TODAY - timedelta(days=days)
        actions.accept(episode, worker=self.isla, on=on, by=self.isla, at=NOW)
        return episode_for(self.isla, episode.pk)

    def put(self, episode: Episode, part: str, state: str = "", under: Entry | None = None, **details: Any) -> Entry:
        """Something written down."""
        return actions.add_entry(
            episode, part=part, details=DETAILS[part] | details, state=state, under=under, by=self.isla, at=NOW
        )

    def told(self, episode: Episode, **changes: Any) -> AccountVersion:
        """A version of the account."""
        known: dict[str, Any] = {
            "taken_on": TODAY,
            "language": "sq",
            "interpreter": "phone",
            "present": "Isla, and an interpreter",
            "checklist": ["safe"],
            "parts": SAID,
        }
        return testimony.write(episode, by=self.isla, at=NOW, **(known | changes))

    def grant(self, episode: Episode, version: AccountVersion, **changes: Any) -> Grant:
        """The police may read how it began and the journey."""
        known: dict[str, Any] = {
            "parts": ["offer", "journey"],
            "to": self.world.police.organisation,
            "purpose": "investigation",
            "agreed_on": TODAY,
            "explained": "Read out to her",
            "until": date.today() + timedelta(days=30),  # noqa: DTZ011  # a day, whatever the zone
            "summary_only": False,
        }
        return testimony.grant(episode, version, by=self.isla, at=NOW, **(known | changes))


def make_service(world: World) -> Service:
    """The service, in the database of the test."""
    team = set_up_organisation("tara", domains=["tara.example"], team="Support")
    guardians = set_up_organisation("guardianship-scotland", domains=["guardian.example"], team="Guardians")
    return Service(
        world,
        team,
        _user("isla@tara.example", "Isla", team, Role.SUPPORT_WORKER),
        _user("lead@tara.example", "Ailsa", team, Role.LEAD),
        _user("senga@guardian.example", "Senga", guardians, Role.GUARDIAN),
    )


def _user(email: str, name: str, team: Team, role: Role) -> User:
    user = User(email=email, name=name)
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, team=team, role=role)
    return user
