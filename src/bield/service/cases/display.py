"""Prepares what the pages of a record show: the signs, the clocks, the consents, the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield import law
from bield.indicators import Answer, explain
from bield.indicators.person import Exploitation
from bield.service.accounts.actors import names_of
from bield.service.accounts.models import Organisation
from bield.service.audit.actions import SYSTEM
from bield.service.audit.kinds import OF_SUPPORT, READING, Kind, in_words
from bield.service.audit.models import Event
from bield.service.cases import what_next
from bield.service.cases.consents import NOT_ASKED, Standing
from bield.service.cases.crosswalks import AGE_OF_SIGNS
from bield.service.cases.models import Assessment as SignedAssessment
from bield.service.cases.models import Person
from bield.service.cases.same_person.merged import merged_records
from bield.service.cases.situation import read_check
from bield.service.cases.states import ConsentAnswer, ReviewState
from bield.service.codelists import label
from bield.service.days import day_of
from bield.service.notifications import intake
from bield.service.signs.labels import label_in
from bield.service.signs.state import GENDERS, Check


def check_of(person: Person, answers: Mapping[str, Answer]) -> Check:
    """The check of the signs for a record: the lists that apply to it, and its answers."""
    return Check(
        age=AGE_OF_SIGNS[person.age_then or person.age],
        exploitation=exploitation_of(person),
        gender=person.gender if person.gender in GENDERS else "not_known",
        inherent=Answer(person.inherent),
        answers={key: answer for key, answer in answers.items() if answer is not Answer.UNKNOWN},
    )


def exploitation_of(person: Person) -> Exploitation:
    """The kinds that there are lists of signs for (two), from the kinds in the record (six)."""
    kinds = set(person.exploitation)
    if not kinds:
        return Exploitation.NOT_SURE
    if kinds == {"sexual"}:
        return Exploitation.SEXUAL
    return Exploitation.BOTH if "sexual" in kinds else Exploitation.LABOUR


def answers_of(person: Person) -> dict[str, tuple[Answer, str]]:
    """The answers to the signs so far, each with its source."""
    return {sign.indicator: (Answer(sign.answer), sign.source) for sign in person.answers.all()}


def evidence_of(person: Person) -> dict[str, str]:
    """What was said or seen, by sign; signs without words are left out."""
    return {sign.indicator: sign.words for sign in person.answers.all() if sign.words}


@dataclass(frozen=True, slots=True)
class ShownSign:
    """A sign that was answered: how, where the answer comes from, and what was said or seen."""

    label: str
    answer: str
    source: str
    words: str


def signs_of(person: Person) -> list[ShownSign]:
    """Every answered sign in the lists that apply now, those seen first."""
    check = check_of(person, {})
    answer_words = {Answer.YES: _("Yes"), Answer.NO: _("No"), Answer.UNKNOWN: _("Not known")}
    answers = sorted(person.answers.all(), key=lambda sign: (sign.answer != Answer.YES.value, sign.indicator))
    return [
        ShownSign(
            label_in(check, sign.indicator),
            answer_words[Answer(sign.answer)],
            label("source", sign.source),
            sign.words,
        )
        for sign in answers
        if sign.indicator in check.codebook.indicators
    ]


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """One of the four consents and its state."""

    kind: law.ConsentKind
    state: str
    words: str
    detail: str
    asked: bool


def consents_of(consents: Mapping[str, Standing], *, child: bool, today: date) -> list[ShownConsent]:
    """The four consents in order. A child, or somebody who may be one, is not asked."""
    shown = []
    for kind in law.consents(settings.PLACE, on=today):
        if child:
            shown.append(ShownConsent(kind, "child", _("Not asked of a child"), kind.child_rule, asked=False))
            continue
        standing = consents.get(kind.id, NOT_ASKED)
        shown.append(ShownConsent(kind, standing.state, str(standing.state.label), _days_of(standing), asked=True))
    return shown


def _days_of(standing: Standing) -> str:
    """When they answered, and until when they agreed."""
    if standing.answer is None:
        return ""
    answered, until = date_format(standing.answer.on), standing.answer.until
    return f"{answered}, {_('until %(day)s') % {'day': date_format(until)}}" if until else answered


def doubt_words(doubt: str) -> str:
    """How the date of birth contradicts the age, and how they are treated until somebody decides."""
    if doubt == "birth_says_child":
        return _(
            "The date of birth makes them under 18, and the record said 18 or over. They are treated as a child until "
            "somebody decides how old they are."
        )
    if doubt == "birth_leaves_open":
        return _(
            "From what is known of the date of birth they may or may not be 18, and the record said 18 or over. They "
            "are treated as a child until somebody decides how old they are."
        )
    return _(
        "The date of birth makes them 18 or over, and the record says under 18. They are still treated as a child "
        "until somebody decides how old they are."
    )


@dataclass(frozen=True, slots=True)
class ShownClock:
    """A clock that runs for somebody."""

    title: str
    ends: date
    days_left: int
    why: str
    share: int
    """How much of its time is over, of 100."""


def clocks_of(situation: law.Situation, *, today: date) -> list[ShownClock]:
    """The clocks that a decision has started and that have an end."""
    if situation.decision_on is None:
        return []
    law_then = law.on(situation.decision_on, settings.PLACE)
    names = {
        "reasonable_grounds": ("adult_support",) if not situation.treated_as_child else (),
        "negative_reasonable": ("reconsideration",),
        "negative_conclusive": ("reconsideration",),
    }.get(situation.referral, ())
    shown = []
    for name in names:
        try:
            clock = law_then.clock(name)
        except law.NotRecorded:
            continue  # no such clock is recorded for this place, or for that day
        if not clock.has_end:
            continue  # before February 2024 there was no last day to ask for reconsideration
        ends = clock.ends(situation.decision_on)
        over = share_over(situation.decision_on, ends, today=today)
        shown.append(ShownClock(clock.title, ends, (ends - today).days, clock.source, over))
    return shown


def share_over(begins: date, ends: date, *, today: date) -> int:
    """How much of a time is over, of 100."""
    return min(100, max(0, 100 * (today - begins).days // max(1, (ends - begins).days)))


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """Something that happened to a record, in words."""

    at: datetime
    actor: str
    """The id of who did it: two people may have the same name."""
    who: str
    what: str
    detail: str
    kind: str = ""

    @property
    def day(self) -> date:
        """The day on which it happened here."""
        return day_of(self.at)


def events_of(person: Person, *, reading: bool | None = None, most: int = 500) -> list[ShownEvent]:
    """What happened to a record, newest first. reading: True for looks only, False for changes only, None for both.

    The changes leave out what another organisation does within support, which stays between them and the person, and
    steps that an entry showed to be done, since the entry itself is listed.
    """
    notifications = [str(notification.pk) for notification in intake.about(person.team, person.reference)]
    records = [str(record.pk) for record in (person, *merged_records(person))]
    matching = Event.objects.filter(subject__in=[*records, *notifications]).order_by("-id")
    if reading is not None:
        kinds = [kind.value for kind in READING]
        matching = matching.filter(kind__in=kinds) if reading else matching.exclude(kind__in=kinds)
    home = str(person.team.organisation_id)
    if reading is False:
        matching = matching.exclude(~Q(organisation=home), kind__in=[kind.value for kind in OF_SUPPORT])
        matching = matching.exclude(kind__in=[Kind.STEP_DONE, Kind.STEP_UNDONE], facts__has_key="shown_by")
    events = list(matching[:most])
    names = names_of(event.actor for event in events)
    # Staff of another body, such as the police who read a notification, are shown as that body.
    others = {event.organisation for event in events} - {home, ""}
    bodies = {str(pk): name for pk, name in Organisation.objects.filter(pk__in=others).values_list("pk", "name")}
    return [
        ShownEvent(
            event.at, event.actor, _who(event, home, names, bodies), in_words(event.kind), _detail(event), event.kind
        )
        for event in events
    ]


def _who(event: Event, home: str, names: Mapping[str, str], bodies: Mapping[str, str]) -> str:
    """The name of who did it, or of their body if it is not the record's organisation (home)."""
    if event.actor == SYSTEM:
        return names[event.actor]
    if event.organisation not in (home, ""):
        return bodies.get(event.organisation, _("Another body"))
    return names[event.actor]


@dataclass(frozen=True, slots=True)
class Look:
    """How often somebody read one kind of page on one day, and from when to when."""

    who: str
    what: str
    first: datetime
    last: datetime
    times: int

    @property
    def when(self) -> str:
        """The day, and from when to when."""
        first, last = (date_format(timezone.localtime(moment), "H:i") for moment in (self.first, self.last))
        return (
            date_format(timezone.localtime(self.first), "j F Y") + f", {first}" + (f"–{last}" if last != first else "")
        )

    @property
    def how_often(self) -> str:
        """What was read, and how often if more than once."""
        return self.what if self.times == 1 else _("%(what)s (%(n)d times)") % {"what": self.what, "n": self.times}


def looks_at(person: Person) -> list[Look]:
    """Who has looked at a record, a row for each person, page and day, newest first."""
    looks: dict[tuple[date, str, str], Look] = {}
    for event in events_of(person, reading=True, most=10_000):
        key = (day_of(event.at), event.actor, event.what)
        later = looks.get(key)
        looks[key] = (
            replace(later, first=event.at, times=later.times + 1)
            if later
            else Look(event.who, event.what, event.at, event.at, 1)
        )
    return list(looks.values())


def _detail(event: Event) -> str:
    """The part of an event's facts to show, in words."""
    facts = event.facts
    match event.kind:
        case Kind.CONSENT_ASKED | Kind.CONSENT_WITHDRAWN | Kind.CONSENT_RESET if "consent" in facts:
            titles = {kind.id: kind.title for kind in law.consents(settings.PLACE, on=day_of(event.at))}
            decision = str(ConsentAnswer(facts["decision"]).label) if "decision" in facts else ""
            return ": ".join(part for part in (titles.get(facts["consent"], facts["consent"]), decision) if part)
        case Kind.SHARED:
            return f"{label('shared', facts['what'])}: {law.body(facts['to']).name}"
        case Kind.NOTIFICATION_PASSED_ON:
            return law.body(facts["to"]).name
        case Kind.REVIEW_DECIDED:
            return str(ReviewState(facts["decision"]).label)
        case Kind.AGE_CHANGED:
            return f"{label('age', facts['before'])} → {label('age', facts['now'])}"
        case Kind.STEP_DONE | Kind.STEP_UNDONE:
            return what_next.step_titles().get(facts.get("step", ""), "")
        case Kind.REFERRAL_HANDED_IN:
            return f"{date_format(date.fromisoformat(facts['on']))}, {label('hand_in', facts['way'])}"
        case Kind.HAND_IN_TAKEN_BACK:
            return label("hand_in_wrong", facts["reason"])
        case Kind.DUPLICATE_CLOSED | Kind.DUPLICATE_REOPENED | Kind.MERGED | Kind.TAKEN_APART:
            return str(facts["other"])
        case Kind.CLOSED:
            return label("closing", facts["reason"])
    return ""


@dataclass(frozen=True)
class Change:
    """A sign whose answer differs between two assessments."""

    label: str
    before: str
    now: str


def changes(before: Check, now: Check) -> list[Change]:
    """The signs whose answers differ between two checks."""
    book = now.codebook
    words = {Answer.YES: _("Yes"), Answer.NO: _("No"), Answer.UNKNOWN: _("Not known")}
    changed = []
    for key in book.indicators:
        old, new = before.answers.get(key, Answer.UNKNOWN), now.answers.get(key, Answer.UNKNOWN)
        if old is not new:
            changed.append(Change(label_in(now, key), words[old], words[new]))
    return changed


def summary_of(assessment: SignedAssessment) -> list[str]:
    """The first sentence about each set of signs in a signed assessment."""
    return [explain(of_set).summary for of_set in read_check(assessment).assessments()]
