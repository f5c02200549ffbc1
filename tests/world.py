"""A small made-up country for tests: two councils, a cast with every role, and people with records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bield import law
from bield.disclosure import minimise
from bield.indicators import Answer
from bield.service.accounts.actions import set_up_organisation
from bield.service.accounts.models import Membership, Team, User
from bield.service.accounts.permissions import Role
from bield.service.cases import actions, display, encounters
from bield.service.cases.models import Assessment, Merge, Person
from bield.service.days import day_of
from bield.service.merging import actions as merging
from bield.service.notifications import intake
from bield.service.notifications.models import Notification

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
DAY = day_of(NOW) - timedelta(days=4)
ADULT: dict[str, Any] = {
    "age": "adult",
    "age_then": "",
    "believed_under_18": False,
    "gender": "woman",
    "exploitation": ["sexual"],
    "danger": "no",
    "parental_rights_in_uk": "not_known",
    "offence": "not_known",
    "missing": False,
    "council": "glasgow-city",
    "referral": "none",
    "decision_on": None,
}
NAMES = {
    "given_names": "Zdravka",
    "family_name": "Quillfeather",
    "nickname": "Zedka",
    "born": "2001-05-17",
    "nationality": "Ruritanian",
    "home_office_reference": "HO-778899",
}
BORN_A_CHILD = f"{NOW.year - 16}-05-17"
CHANNELS = [{"kind": "phone", "value": "07700 900461", "safe": "no", "note": "He answers it"}]


@dataclass(frozen=True)
class World:
    """Who is there. `cast` by role in the first council's team; `outsider` leads a team of another council.

    `officer` works for the body that receives notifications.
    """

    team: Team
    cast: Mapping[Role, User]
    outsider: User
    elsewhere: Team
    police: Team
    officer: User

    def person(self, **changes: Any) -> Person:
        """A record in the first team, begun by its frontline worker."""
        by = self.cast[Role.FRONTLINE_WORKER]
        return actions.add_person(team=self.team, by=by, at=NOW, values=ADULT | changes)

    def full_person(self, **changes: Any) -> Person:
        """A record with something in every part."""
        by, person = self.cast[Role.FRONTLINE_WORKER], self.person(**changes)
        names = NAMES if person.age == "adult" else NAMES | {"born": BORN_A_CHILD}
        actions.change_identity(person=person, expected=0, by=by, at=NOW, names=names, channels=CHANNELS)
        encounter = {
            "on": DAY,
            "council": "glasgow-city",
            "place_kind": "hotel",
            "attention": "police",
            "note": "Zdravka kept pulling her sleeves down.",
        }
        encounters.add_encounter(person=person, by=by, at=NOW, values=encounter)
        answers = {"dest_violence_on_victims": ("yes", "seen"), "dest_confiscation_of_documents": ("yes", "told")}
        self.answer(person, answers)
        self.sign(person)
        return person

    def merge_an_empty_record_into(self, person: Person) -> Merge:
        """An empty record that was merged into another one."""
        other = self.person(age=person.age, gender=person.gender, believed_under_18=person.believed_under_18)
        by, seen = self.cast[Role.FRONTLINE_WORKER], merging.state_of(person, other)
        done = merging.merge(person, other, seen=seen, chosen={}, by=by, at=NOW)
        person.refresh_from_db()
        return done

    def answer(
        self, person: Person, answers: Mapping[str, tuple[str, str]], words: Mapping[str, str] | None = None
    ) -> None:
        """Answer signs: each with yes, no or unknown, and its source; words: what was said or seen."""
        by = self.cast[Role.FRONTLINE_WORKER]
        given = {key: (Answer(answer), source) for key, (answer, source) in answers.items()}
        actions.answer_signs(person=person, by=by, at=NOW, answers=given, words=words)

    def notify(
        self,
        *,
        team: Team | None = None,
        consents: Mapping[str, str] | None = None,
        at: datetime = NOW,
        **record: Any,
    ) -> Notification:
        """A notification from the first team, sent as it is whatever is rare."""
        team, extra = team or self.team, {"if_rare": "police_know"} | record.pop("extra", {})
        known = {"gender": "woman", "type": ["sexual"], "recovered_where": "glasgow-city"} | record
        age = known.pop("age", "adult")
        version = law.notification_fields("scotland", on=day_of(at))
        found = minimise(known, version, consents or {}, age, body=team.organisation.body, on=day_of(at))
        sender = intake.Sender(team, by=self.cast[Role.FRONTLINE_WORKER])
        return intake.notify(found, sender=sender, way="page", at=at, extra=intake.Extra(**extra)).notification

    def sign(self, person: Person) -> Assessment:
        """Sign the answers as they stand."""
        answers = {key: answer for key, (answer, _source) in display.answers_of(person).items()}
        check, by = display.check_of(person, answers), self.cast[Role.FRONTLINE_WORKER]
        return actions.sign_assessment(person=person, check=check, by=by, at=NOW)

    def consent(self, person: Person, kind: str, decision: str, **changes: Any) -> None:
        """Record an answer about consent."""
        values = {
            "decision": decision,
            "on": DAY,
            "whom": "",
            "language": "sq",
            "interpreter": "phone",
            "until": None,
            "note": "",
        }
        by = self.cast[Role.FRONTLINE_WORKER]
        actions.answer_consent(person=person, kind=kind, by=by, at=NOW, values=values | changes)


def make() -> World:
    """The country, in the database of the test."""
    team = set_up_organisation("glasgow-city", domains=["glasgow.example"], team="Adult protection")
    elsewhere = set_up_organisation("highland", domains=["highland.example"], team="Public protection")
    cast = {role: _user(f"{role.value}@glasgow.example", role.value.title(), team, role) for role in Role}
    outsider = _user("lead@highland.example", "Outsider", elsewhere, Role.LEAD)
    police = set_up_organisation("police-scotland", domains=["police.example"], team="National unit")
    officer = _user("officer@police.example", "Officer", police, Role.POLICE_OFFICER)
    return World(team, cast, outsider, elsewhere, police, officer)


def _user(email: str, name: str, team: Team, role: Role) -> User:
    user = User(email=email, name=name.replace("_", " "))
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, team=team, role=role)
    return user
