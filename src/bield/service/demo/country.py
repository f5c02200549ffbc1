"""Fills a made-up Scotland: bodies, users to sign in as, and people with records at every stage. Nobody is real."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from django.conf import settings
from django.db import transaction

from bield import law
from bield.datafiles import decode
from bield.indicators import Answer
from bield.service import reference
from bield.service.accounts.actions import set_up_organisation
from bield.service.accounts.models import Membership, Team, User
from bield.service.accounts.permissions import Permission, roles_with
from bield.service.audit.actions import record_many
from bield.service.audit.kinds import Kind
from bield.service.cases import actions, display, encounters
from bield.service.cases.models import Encounter, Fingerprint, Identity, Person
from bield.service.demo import doubles, notices, referring, supporting
from bield.service.demo.clock import working_time
from bield.service.demo.names import name

DOMAIN = "demo.bield.example"
NOTES = (
    "Met with a colleague present. Quiet, kept looking at the door. Agreed to meet again.",
    "Came to attention on a visit about something else. Slept at the place of work, no papers to hand.",
    "Spoke through an interpreter by phone. Wanted to know first what would happen to her family.",
    "Answered few questions. Took the leaflet when the other person had left the room.",
)
TEAMS = (
    "glasgow-city",
    "highland",
    "city-of-edinburgh",
    "tara",
    "migrant-help",
    "police-scotland",
    "guardianship-scotland",
)
"""Bodies with teams that keep records; the other bodies are only there to choose from."""

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Player:
    """A user of the made-up country. attempt: what to try as this user."""

    key: str
    name: str
    body: str
    team: str
    role: str
    attempt: str

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


@cache
def cast() -> tuple[Player, ...]:
    """Every user that a visitor may sign in as."""
    raw = decode(files("bield.service.demo") / "data.toml", "data.toml")
    return tuple(
        Player(**{name: value for name, value in body.items() if name != "try"}, attempt=body["try"])
        for body in raw["cast"]
    )


@transaction.atomic
def fill(*, people: int, seed: int, today: date, tell: Tell | None = None) -> None:
    """Make the country. The same seed and day make the same country. tell: gets how many of how many people are made.

    The first three hundred people are made as workers make them, with all their events. The rest, for measuring speed,
    are made in bulk, each with an identity, an encounter and an event. Referrals, notifications and support come last.
    """
    random = Random(seed)  # made-up people must be the same every time, not unguessable
    workers = _bodies(random)
    one_by_one = min(people, 300)
    for number in range(one_by_one):
        _person(random, workers, today)
        if tell:
            tell(number + 1, people)
    for done in _in_bulk(random, workers, today, people - one_by_one):
        if tell:
            tell(one_by_one + done, people)
    referring.fill(random, today=today)
    notices.fill(random, today=today)
    supporting.fill(random, today=today)
    doubles.fill()


def _bodies(random: Random) -> list[User]:
    """Make every body of the law data with a team, and the users. Returns the users who keep records."""
    for body in law.bodies(settings.PLACE, on=date(2026, 1, 1)):
        set_up_organisation(body.id, domains=[DOMAIN], team="First team" if body.id not in TEAMS else _team(body.id))
    for player in cast():
        team = set_up_organisation(player.body, domains=[DOMAIN], team=player.team)
        user = User.objects.filter(email=player.email).first()
        if user is None:
            user = User(id=_uuid(random), email=player.email, name=player.name)
            user.set_unusable_password()
            user.save()
        Membership.objects.update_or_create(user=user, team=team, defaults={"role": player.role})
    if not User.objects.filter(email=f"rhona@{DOMAIN}").exists():
        team = set_up_organisation("city-of-edinburgh", domains=[DOMAIN], team=_team("city-of-edinburgh"))
        user = User(id=_uuid(random), email=f"rhona@{DOMAIN}", name="Rhona Pringle")
        user.set_unusable_password()
        user.save()
        Membership.objects.create(user=user, team=team, role="first_responder")
    editors = Membership.objects.filter(role__in=roles_with(Permission.PERSON_EDIT))
    return [item.user for item in editors.select_related("user").order_by("user__email")]


def _team(body: str) -> str:
    return next((player.team for player in cast() if player.body == body), "Public protection")


def _uuid(random: Random) -> uuid.UUID:
    return uuid.UUID(int=random.getrandbits(128), version=4)


def _situation(random: Random) -> dict[str, Any]:
    age = random.choices(["adult", "under_18", "uncertain"], [68, 22, 10])[0]
    gender = random.choices(["woman", "man", "other", "not_known"], [50, 45, 2, 3])[0]
    kinds = ["sexual", "labour", "servitude", "criminal"]
    weights = [60, 15, 15, 10] if gender == "woman" else [8, 62, 4, 26]
    exploitation = sorted({random.choices(kinds, weights)[0] for _ in range(random.choice([1, 1, 1, 2]))})
    councils = [body.id for body in law.councils(settings.PLACE)]
    return {
        "age": age,
        "age_then": "",
        "believed_under_18": age == "uncertain" and random.random() < 0.6,
        "gender": gender,
        "exploitation": exploitation if random.random() < 0.9 else [],
        "danger": random.choices(["no", "not_known", "yes"], [60, 35, 5])[0],
        "parental_rights_in_uk": random.choice(["no", "not_known", "yes"]),
        "council": random.choices(
            councils, [8 if item in ("glasgow-city", "city-of-edinburgh") else 1 for item in councils]
        )[0],
        "offence": random.choices(["not_known", "no", "yes"], [60, 25, 15])[0],
        "missing": random.random() < 0.03,
        "referral": "none",
        "decision_on": None,
    }


def _born(random: Random, age: str, today: date) -> str:
    years = random.randint(13, 16) if age == "under_18" else random.randint(19, 55)
    return (today - timedelta(days=365 * years + random.randint(1, 300))).isoformat() if age != "uncertain" else ""


def _identity(random: Random, situation: dict[str, Any], today: date) -> dict[str, str]:
    given, family = name(random, situation["gender"])
    return {
        "given_names": given,
        "family_name": family,
        "nickname": "",
        "born": _born(random, situation["age"], today),
        "nationality": "",
        "home_office_reference": "",
    }


def _person(random: Random, workers: list[User], today: date) -> None:
    """Make a person as a worker would record them, at a stage that chance decides."""
    by = random.choice(workers)
    team = Team.objects.get(memberships__user=by)
    day, yesterday = today - timedelta(days=random.randint(5, 700)), today - timedelta(days=1)
    situation = _situation(random)
    if random.random() < 0.35 and (today - day).days > 20:
        situation["referral"] = random.choice(
            [
                "sent",
                "reasonable_grounds",
                "reasonable_grounds",
                "conclusive_positive",
                "negative_reasonable",
                "negative_conclusive",
            ]
        )
        if situation["referral"] != "sent":
            situation["decision_on"] = day + timedelta(days=random.randint(6, 15))
    fields = situation | {"reference": reference.new(random)}
    person = actions.add_person(team=team, by=by, at=working_time(random, day), values=fields)
    if random.random() < 0.8:
        channels = [
            {
                "kind": random.choice(["phone", "text", "visit"]),
                "value": f"07700 900{random.randint(100, 999)}",
                "safe": random.choice(["yes", "no", "not_known"]),
                "note": "",
            }
        ]
        actions.change_identity(
            person=person,
            expected=0,
            by=by,
            at=working_time(random, day),
            names=_identity(random, situation, today),
            channels=channels,
        )
    for later in sorted(random.sample(range(max((today - day).days, 4)), k=random.randint(1, 3))):
        met = day + timedelta(days=later)
        values = {
            "on": met,
            "council": situation["council"],
            "place_kind": random.choice(["home", "work", "hotel", "office", "health"]),
            "attention": random.choice(["own_visit", "police", "health", "public"]),
            "note": random.choice(NOTES),
        }
        encounters.add_encounter(person=person, by=by, at=working_time(random, met), values=values)
    _assess(random, person, by, day)
    _consents(random, person, by, day)
    if random.random() < 0.12:
        actions.ask_review(
            person=person,
            by=by,
            at=working_time(random, yesterday),
            words="Please look before the referral is closed.",
        )
    elif random.random() < 0.15 and (today - day).days > 200:
        actions.close(
            person=person,
            by=by,
            at=working_time(random, day + timedelta(days=180)),
            reason=random.choice(["supported", "moved", "no_signs", "lost"]),
        )


SAID = {
    "told": (
        "They said, through the interpreter: “I could not say no.”",
        "Their own words: “He kept the money for the room and the food.”",
        "They told the nurse and then me: “They know where my mother lives.”",
        "They said it slowly, and asked twice who would hear of it.",
    ),
    "seen": (
        "We saw it on the visit: one mattress for three people, no lock on the inside.",
        "The supervisor answered every question for them until we were alone.",
        "Old and newer bruises on both arms; they pulled their sleeves down.",
        "The telephone rang eleven times while we talked, and they asked to go.",
    ),
    "record": (
        "The health visitor's note of the spring says the same.",
        "The housing file has nine names at the address, this one among them.",
        "An earlier visit wrote that nobody had papers to show.",
    ),
    "agency": (
        "The fire service told us after their inspection.",
        "Police said on the telephone that they had been called to the flat twice.",
        "The school rang: picked up by a different adult every week.",
    ),
}
"""What a worker may have recorded about a sign, by its source."""


def _assess(random: Random, person: Person, by: User, day: date) -> None:
    if random.random() < 0.2:
        return
    codebook = display.check_of(person, {}).codebook
    answers = {
        key: (random.choices([Answer.YES, Answer.NO], [3, 1])[0], random.choice(["told", "seen", "record", "agency"]))
        for key in random.sample(sorted(codebook.indicators), k=random.randint(4, 18))
    }
    words = {
        key: random.choice(SAID[source])
        for key, (answer, source) in answers.items()
        if answer is Answer.YES and random.random() < 0.7
    }
    actions.answer_signs(person=person, by=by, at=working_time(random, day), answers=answers, words=words)
    check = display.check_of(person, {key: answer for key, (answer, _source) in answers.items()})
    actions.sign_assessment(person=person, check=check, by=by, at=working_time(random, day))


def _consents(random: Random, person: Person, by: User, day: date) -> None:
    """Record an adult's answers about consent; nobody else is asked."""
    if not person.is_adult:
        return
    for kind in law.consents(settings.PLACE, on=day):
        decision = random.choices(["", "given", "refused"], [30, 45, 25])[0]
        if decision:
            values = {
                "decision": decision,
                "on": day,
                "whom": "",
                "language": random.choice(["en", "vi", "sq", "ro"]),
                "interpreter": random.choice(["phone", "in_person", "not_needed"]),
                "until": None,
                "note": "",
            }
            actions.answer_consent(person=person, kind=kind.id, by=by, at=working_time(random, day), values=values)


def _in_bulk(random: Random, workers: list[User], today: date, count: int, size: int = 5_000) -> Iterator[int]:
    """Make many people in batches. Yields how many are made so far."""
    teams = {user.pk: Team.objects.get(memberships__user=user) for user in workers}
    taken = set(Person.objects.values_list("reference", flat=True))
    for start in range(0, count, size):
        people, identities, prints, encounters, events = [], [], [], [], []
        for _number in range(min(size, count - start)):
            by = random.choice(workers)
            day = today - timedelta(days=random.randint(0, 3_000))
            situation, at, code = _situation(random), working_time(random, day), reference.new(random)
            while code in taken:
                code = reference.new(random)
            taken.add(code)
            person = Person(
                id=_uuid(random),
                reference=code,
                team=teams[by.pk],
                worker=by,
                opened_at=at,
                changed_at=at,
                last_met_on=day,
                **situation,
            )
            names = _identity(random, situation, today)
            people.append(person)
            identities.append(Identity(person=person, names=names, changed_at=at, changed_by=by))
            prints += [Fingerprint(person=person, digest=item) for item in actions.digests_of(names)]
            encounters.append(
                Encounter(
                    person=person,
                    on=day,
                    council=situation["council"],
                    place_kind="office",
                    attention="police",
                    note="",
                    by=by,
                    at=at,
                )
            )
            events.append(
                {
                    "kind": Kind.PERSON_ADDED.value,
                    "actor": by.pk,
                    "organisation": teams[by.pk].organisation_id,
                    "subject": person.pk,
                    "at": at,
                }
            )
        Person.objects.bulk_create(people)
        Identity.objects.bulk_create(identities)
        Fingerprint.objects.bulk_create(prints)
        Encounter.objects.bulk_create(encounters)
        record_many(events)
        yield start + len(people)
