"""Makes up support at every stage: 120 episodes with needs, risks, plans, contacts, accounts, guardians, outcomes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from django.conf import settings

from bield.law.support import route
from bield.service.accounts.models import Organisation, Team, User
from bield.service.cases import actions as cases
from bield.service.cases.consents import consent_on
from bield.service.cases.models import Person
from bield.service.days import day_of
from bield.service.demo.clock import working_time
from bield.service.directory import actions as directory
from bield.service.support import phases
from bield.service.support.access import possible_guardians, providers, supporters
from bield.service.support.children import guardians
from bield.service.support.entries.schema import outcome_sets
from bield.service.support.episodes import actions
from bield.service.support.models import Episode
from bield.service.support.states import EpisodeState
from bield.service.support.testimony import testimony

EPISODES = 120
SHARE = 0.4
"""The largest share of people who are supported, so that a small country has few."""

STAGES = ("asked", "declined", "taken_back", "open", "closed")
WEIGHTS = (8, 4, 2, 66, 40)
GOALS = (
    (
        "I want to sleep without being afraid.",
        (("See a doctor about sleep", "Me, with my worker"), ("Have a new lock fitted", "My worker")),
    ),
    ("I want to learn English and go to college.", (("Look at the college together", "Me, with my worker"),)),
    ("I want to talk with my mother again.", (("Find a safe way to ring her", "My worker"), ("Ring her", "Me"))),
    ("I want work that pays me.", (("Ask the solicitor what is allowed", "My worker"),)),
    ("I want to cook my own food.", (("See the flat with a kitchen", "Me, with my worker"),)),
    ("I want to know what happens with the case.", (("Ask the solicitor for a date", "My worker"),)),
)
RISKS = (
    ("traffickers", "He knows where my family lives.", "The police know the address; the family was warned."),
    ("found", "They have friends in this town.", "Another part of the town; no names on the bell."),
    ("self", "Some nights I do not want to go on.", "The doctor knows; somebody rings every evening."),
    ("return", "They would find me at the airport.", "No journey before a partner there has answered."),
    (
        "others",
        "A man from the hotel still writes to me.",
        "A new number; the old telephone is with the police.",
    ),
)
NEEDS = {
    "accommodation": ("Somewhere to stay that nobody from the hotel knows.", "A door that I can lock."),
    "day_to_day": ("Clothes, a telephone, money for food.", "I came with one bag."),
    "health": ("A doctor for old injuries, and a dentist.", "My back hurts when I lift."),
    "legal": ("Advice on staying in the country.", "Will they send me back?"),
    "counselling": ("Somebody to talk to every week.", "Some days I cannot leave the room."),
    "language": ("The same interpreter each time, a woman.", "I do not want somebody from my town."),
}
TALKED = (
    "Talked about how the week was.",
    "Went to the practice together; a blood test next week.",
    "Filled in the form for the college.",
    "Rang to say that the solicitor has a date.",
    "Quiet today. Sat in the garden, agreed to meet again on Tuesday.",
    "Showed how the bus card works.",
)
AddEntry = Callable[..., Any]
"""Adds an entry on a day: part, day, state, the entry it belongs under, and its details."""

ACCOUNT = {
    "offer": {"words": "They said there was work in a kitchen.", "summary": "Promised kitchen work."},
    "journey": {"words": "By bus and in a van. He kept my passport.", "summary": "Bus, then van."},
    "control": {"words": "I owed him money for the journey.", "summary": "Debt, passport kept."},
    "now": {"words": "I want my family to be safe.", "summary": "Fears for the family."},
}


def fill(random: Random, *, today: date) -> None:
    """Make the directory and the episodes. The same random numbers and day make the same episodes."""
    directory.begin(at=working_time(random, today))
    teams = list(providers())
    people = Person.objects.filter(closed_at__isnull=True).select_related("team__organisation", "worker")
    people = people.order_by("reference")
    count, most = 0, min(EPISODES, int(SHARE * Person.objects.count()))
    for person in people[:400]:
        if count == most:
            break
        count += _episode(random, person, teams, today)
    _near_eighteen(random, today)


def _near_eighteen(random: Random, today: date) -> None:
    """One child turns 18 in two months, and one did last week: what that changes can be seen."""
    children = Episode.objects.filter(state=EpisodeState.OPEN, person__age="under_18", person__identity__isnull=False)
    children = children.select_related("person__team", "person__worker").order_by("pk")
    turning = (today + timedelta(days=61), today - timedelta(days=7))
    for episode, day in zip(children, turning, strict=False):
        born = day.replace(year=day.year - 18, day=min(day.day, 28))
        identity = episode.person.identity
        ways = [{"kind": way.kind, "safe": way.safe, **way.details} for way in episode.person.channels.all()]
        cases.change_identity(
            person=episode.person,
            expected=identity.version,
            by=episode.person.worker,
            at=working_time(random, today - timedelta(days=1)),
            names=dict(identity.names) | {"born": born.isoformat()},
            channels=ways,
        )


def _team(person: Person, teams: list[Team], today: date) -> Team | None:
    """The team that the rule names. Glasgow's team stands in for a council that has none here."""
    rule = route(actions.situation(person, today=today), on=today, place=settings.PLACE)
    wanted = (person.council or "glasgow-city") if rule.provider == "council" else rule.provider
    matching = [team for team in teams if team.organisation.body == wanted]
    if not matching and rule.provider == "council":
        matching = [team for team in teams if team.organisation.body == "glasgow-city"]
    return matching[-1] if matching else None


def _episode(random: Random, person: Person, teams: list[Team], today: date) -> bool:
    day = max(day_of(person.opened_at) + timedelta(days=random.randint(1, 20)), today - timedelta(days=690))
    team = _team(person, teams, today)
    if team is None or day > today - timedelta(days=2):
        return False
    if not _agree(random, person, day):
        return False
    stage = random.choices(STAGES, WEIGHTS)[0]
    if stage in ("asked", "declined", "taken_back"):
        day = today - timedelta(days=random.randint(0, 2))
    at = working_time(random, day)
    episode = actions.ask(
        person,
        team=team,
        choice="",
        words="Safe for tonight; wants to talk with somebody who knows. Please answer today.",
        place=settings.PLACE,
        by=person.worker,
        at=at,
    )
    worker = random.choice(list(supporters(team)))
    if stage == "taken_back":
        actions.take_back(episode, by=person.worker, at=at)
    elif stage == "declined":
        actions.decline(episode, reason=random.choice(["room", "remit"]), by=worker, at=at)
    elif stage in ("open", "closed"):
        _fill_episode(random, actions.accept(episode, worker=worker, on=day, by=worker, at=at), worker, today, stage)
    return True


def _agree(random: Random, person: Person, day: date) -> bool:
    """Whether the person agrees to support. An adult who was not asked yet agrees now; a child is not asked."""
    if not person.is_adult:
        return True
    consent = consent_on(person, actions.CONSENT, on=day)
    if consent.answer is not None:
        return consent.given and consent.answer.on <= day
    values = {"decision": "given", "on": day, "whom": "", "language": "en", "interpreter": "not_needed", "until": None}
    cases.answer_consent(
        person=person,
        kind=actions.CONSENT,
        by=person.worker,
        at=working_time(random, day),
        values=values | {"note": ""},
    )
    return True


def _fill_episode(random: Random, episode: Episode, worker: User, today: date, stage: str) -> None:
    """Add what happens in an episode, day by day, until today or its end."""
    assert episode.began_on is not None  # noqa: S101  # it was accepted
    began = episode.began_on
    last = today if stage == "open" else began + timedelta(days=min(random.randint(40, 400), (today - began).days))

    def put(part: str, on: date, state: str = "", under: Any = None, /, **details: Any) -> Any:
        return actions.add_entry(
            episode,
            part=part,
            details=details,
            state=state,
            under=under,
            by=worker,
            at=working_time(random, min(on, today)),
        )

    _about(random, episode, worker, began, today)
    _needs(random, put, began, last, today)
    _contacts(random, put, began, last)
    _reviews(random, episode, put, began, last)
    if not episode.person.is_adult:
        _child(random, episode, put, worker, began, today)
    if random.random() < 0.45:
        _outcomes(random, put, began, last)
    if random.random() < 0.35:
        _account(random, episode, worker, began, last, today)
    if stage == "closed":
        ending = random.choice(["ready", "moved", "own_wish", "lost"])
        if random.random() < 0.12:
            put("return", last, "travelled", country="AL", wants="Home to my sister.", risks="The man in the village.",
                partner="A shelter in the capital", agreed="yes", on=last.isoformat())  # fmt: skip
            ending = "returned"
        follow = random.choice(["yes", "no", "not_asked"])
        actions.close(episode, ending=ending, on=last, follow_up=follow, by=worker, at=working_time(random, last))


def _reviews(random: Random, episode: Episode, put: AddEntry, began: date, last: date) -> None:
    """Regular reviews, and one towards the end of the statutory period, which is forgotten now and then."""
    reviewed = began + timedelta(days=85)
    while reviewed <= last:
        put("review", reviewed, "held", kind="regular", on=reviewed.isoformat(), says="It is getting better.")
        reviewed += timedelta(days=random.randint(85, 180))
    grounds = Episode.objects.get(pk=episode.pk).grounds_on or phases.decided([episode])[episode.pk].grounds_on
    ends = grounds + timedelta(days=84) if grounds else None
    if ends and began <= ends <= last and random.random() < 0.93:
        put("review", ends, "held", kind="day_90", on=ends.isoformat(), says="I want to stay with my worker.")


def _about(random: Random, episode: Episode, worker: User, began: date, today: date) -> None:
    circumstances: dict[str, Any] = {"nationality": random.choice(["VN", "AL", "RO", "NG", "CN", "GB", "IN", "SD"])}
    if random.random() < 0.5:
        circumstances |= {"languages": [random.choice(["vi", "sq", "ro", "en", "ar"])], "funds": "no"}
    values: dict[str, Any] = {"circumstances": circumstances}
    recent = (today - began).days < 85
    if episode.person.is_adult and random.random() < (0.9 if recent else 0.4):
        grounds = began + timedelta(days=random.randint(3, 12))
        if grounds <= today:
            values["grounds_on"] = grounds
        later = grounds + timedelta(days=random.randint(120, 420))
        if later <= today and random.random() < 0.6:
            values |= {"conclusive_on": later, "conclusive": random.choice(["positive", "positive", "negative"])}
    current = Episode.objects.get(pk=episode.pk)
    actions.change(episode, expected=current.version, values=values, by=worker, at=working_time(random, began))


def _needs(random: Random, put: AddEntry, began: date, last: date, today: date) -> None:
    ahead = today + timedelta(days=random.randint(-6, 40))
    for head in random.sample(sorted(NEEDS), k=random.randint(1, 4)):
        state = random.choice(["open", "being_met", "being_met", "met"])
        put("need", began, state, head=head, urgency=random.choice(["now", "week", "later"]), what=NEEDS[head][0],
            own_words=NEEDS[head][1], review_on=ahead.isoformat())  # fmt: skip
    for kind, says, doing in random.sample(RISKS, k=random.randint(0, 2)):
        put("risk", began, random.choice(["stands", "less"]), of=kind, says=says, doing=doing,
            review_on=ahead.isoformat())  # fmt: skip
    for words, steps in random.sample(GOALS, k=random.randint(1, 2)):
        goal = put("goal", began, "open", words=words)
        for what, who in steps:
            by = began + timedelta(days=random.randint(5, 60))
            put("step", began, "done" if by < last else "to_do", goal, what=what, who=who, by=by.isoformat())
    if random.random() < 0.4:
        until = min(began + timedelta(days=random.randint(3, 60)), last)
        put("accommodation", began, kind="crisis", **{"from": began.isoformat(), "to": until.isoformat()})
    if random.random() < 0.3:
        put("interpreter", began, needed="yes", language="vi", sex="woman", community="not", way="phone")
    if random.random() < 0.5:
        on = today + timedelta(days=random.choice([0, 0, *range(1, 20)]))
        kind, where = random.choice(
            [
                ("health", "The practice in the high street"),
                ("legal", "The solicitor"),
                ("housing", "The housing office"),
            ]
        )
        put("appointment", last, kind=kind, on=on.isoformat(), time=random.choice(["09:15", "10:30", "14:00", "15:45"]),
            where=where, escort="worker", interpreter="booked")  # fmt: skip


def _contacts(random: Random, put: AddEntry, began: date, last: date) -> None:
    day = began
    while day <= last:
        result = random.choices(["seen", "spoke", "no_answer"], [6, 3, 1])[0]
        put("contact", day, way="agreed", on=day.isoformat(), result=result, what=random.choice(TALKED))
        day += timedelta(days=random.randint(7, 45))


def _child(random: Random, episode: Episode, put: AddEntry, worker: User, began: date, today: date) -> None:
    put("discussion", began, on=began.isoformat(), who=["social_work", "police", "health"], safety="Placed today.",
        investigation="joint", why="Other children may be there.", interview="yes", medical="later")  # fmt: skip
    if random.random() < 0.6:
        day = began + timedelta(days=9)
        done = day < today
        put("interview", day if done else began, "held" if done else "planned", on=day.isoformat(), where="hoose",
            who="Two trained interviewers; the guardian waits next door.", read="none")  # fmt: skip
    guardian = possible_guardians().first()
    if guardian is not None and random.random() < 0.7:
        guardians.begin(
            episode, guardian=guardian, on=began, place=settings.PLACE, by=worker, at=working_time(random, began)
        )


def _outcomes(random: Random, put: AddEntry, began: date, last: date) -> None:
    keys = [item.id for group in outcome_sets() for item in group.outcomes]
    level, day, asked = random.randint(1, 3), began + timedelta(days=10), random.sample(keys, k=7)
    while day <= last:
        answers = {key: max(1, min(5, level + random.randint(-1, 1))) for key in asked}
        put("outcome", day, on=day.isoformat(), count=random.random() < 0.8, answers=answers)
        level, day = min(5, level + random.randint(0, 1)), day + timedelta(days=random.randint(60, 120))


def _account(random: Random, episode: Episode, worker: User, began: date, last: date, today: date) -> None:
    told_on = began + timedelta(days=5)
    if told_on > last:
        return
    told_parts = {key: ACCOUNT[key] for key in random.sample(sorted(ACCOUNT), k=3)}
    version = testimony.write(
        episode,
        taken_on=told_on,
        language="en",
        interpreter="not_needed",
        present="The person and their support worker.",
        checklist=["safe", "private", "consent", "breaks"],
        parts=told_parts,
        by=worker,
        at=working_time(random, told_on),
    )
    police = Organisation.objects.filter(body="police-scotland").first()
    if police is not None and random.random() < 0.5 and episode.team.organisation_id != police.pk:
        testimony.grant(
            episode,
            version,
            parts=list(version.parts)[:2],
            to=police,
            purpose="investigation",
            agreed_on=min(told_on + timedelta(days=2), today),
            explained="Read out with the parts named; wanted the journey left out.",
            until=today + timedelta(days=random.randint(10, 90)),
            summary_only=random.random() < 0.3,
            by=worker,
            at=working_time(random, min(told_on + timedelta(days=2), today)),
        )
