"""Makes up notifications over two years, from all kinds of bodies, with some people notified twice and a network."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.utils import timezone

from bield import law
from bield.service import reference
from bield.service.accounts.models import Membership, Organisation, Team, User
from bield.service.accounts.permissions import Permission, roles_with
from bield.service.audit.actions import record_many
from bield.service.audit.kinds import Kind
from bield.service.days import day_of
from bield.service.demo.clock import already
from bield.service.notifications import dialogue
from bield.service.notifications.forms import version_today
from bield.service.notifications.models import Notification, Question

COUNT = 900
DAYS = 730
TWICE = 40
"""How many people a second body also notifies about."""

NETWORK = 14
"""How many notifications come from one network: men from Vietnam who wash cars in towns along one road."""

NETWORK_COUNCILS = ("falkirk", "stirling", "perth-and-kinross", "dundee-city")
COUNTRIES = {"VN": 34, "GB": 14, "CN": 9, "AL": 9, "RO": 8, "NG": 5, "SD": 4, "ER": 4, "PK": 3, "PL": 3, "": 7}
KINDS = {"labour": 46, "sexual": 24, "offence": 14, "domestic_servitude": 6, "labour+offence": 6, "unknown": 4}


@dataclass(frozen=True, slots=True)
class _MadeUp:
    """What a made-up notification says."""

    body: str
    day: date
    values: dict[str, Any]


def fill(random: Random, *, today: date) -> None:
    """Make the notifications. The same random numbers and day make the same ones."""
    senders = dict(
        Membership.objects.filter(role__in=roles_with(Permission.NOTIFICATION_SEND))
        .order_by("-user__email")
        .values_list("team", "user")
    )
    teams = {team.organisation.body: team for team in Team.objects.select_related("organisation").order_by("-name")}
    teams |= {team.organisation.body: team for team in Team.objects.filter(pk__in=senders).order_by("-name")}
    police = Organisation.objects.get(body="police-scotland")
    officer = User.objects.filter(memberships__team__organisation=police).order_by("email").first()
    if officer is None:
        return
    # Bodies that decide or govern do not notify. Those in the proposal of 2019, and those that meet people, do.
    bodies = [key for key in sorted(teams) if law.body(key).kind not in ("government", "police", "guardian_service")]
    made_up = sorted(_made_up(random, bodies, today), key=lambda made: made.day)
    notifications, questions, events = [], [], []
    for made in made_up:
        team = teams[made.body]
        notification = _row(random, made, team, police, senders.get(team.pk))
        questions += _follow_up(random, notification, officer, today)
        notifications.append(notification)
        events.append(
            {
                "kind": Kind.NOTIFIED.value,
                "actor": notification.by_id or f"key:{made.body}",
                "organisation": team.organisation_id,
                "subject": notification.pk,
                "at": notification.sent_at,
            }
        )
    _mark_known(random, notifications, officer)
    Notification.objects.bulk_create(notifications)
    Question.objects.bulk_create(questions)
    record_many(events)


def _made_up(random: Random, bodies: list[str], today: date) -> Iterator[_MadeUp]:
    councils = [item.id for item in law.councils(settings.PLACE)]
    weights = [12 if item in ("glasgow-city", "city-of-edinburgh") else 2 for item in bodies]
    single = COUNT - NETWORK - TWICE
    for number in range(single):
        body = random.choices(bodies, weights)[0]
        day = today - timedelta(days=int(DAYS * random.random() ** 1.3))
        values = _values(random, body if body in councils else random.choice(councils))
        yield _MadeUp(body, day, values)
        if number < TWICE:
            # Another body notifies some days later about the same person, and knows that the first one has.
            second = random.choice([item for item in bodies if item != body])
            later = min(day + timedelta(days=random.randint(1, 12)), today)
            yield _MadeUp(second, later, values | {"elsewhere": [body], "urgent": False})
    begun = today - timedelta(days=120)
    for number in range(NETWORK):
        council = NETWORK_COUNCILS[number % len(NETWORK_COUNCILS)]
        values = {
            "age": "adult",
            "gender": "man",
            "country_of_origin": "VN",
            "type": "labour",
            "trafficking": "yes",
            "recovered_where": council,
            "activity_where": NETWORK_COUNCILS[(number + 1) % len(NETWORK_COUNCILS)],
        }
        yield _MadeUp(council, begun + timedelta(days=number * 6), values)


def _values(random: Random, council: str) -> dict[str, Any]:
    kind = random.choices(list(KINDS), list(KINDS.values()))[0]
    woman = random.random() < (0.85 if kind == "sexual" else 0.5 if kind == "domestic_servitude" else 0.12)
    return {
        "age": random.choices(["adult", "child", "not_sure"], [68, 28, 4])[0],
        "gender": "woman" if woman else random.choices(["man", "not_known"], [95, 5])[0],
        "country_of_origin": random.choices(list(COUNTRIES), list(COUNTRIES.values()))[0],
        "type": kind,
        "trafficking": random.choices(["yes", "no", ""], [75, 5, 20])[0],
        "slavery": random.choices(["yes", "no", ""], [15, 40, 45])[0],
        "recovered_where": random.choices([council, "scotland", ""], [80, 14, 6])[0],
        "activity_where": random.choices(["", council, "abroad", "rest_of_uk"], [55, 25, 10, 10])[0],
        "referral": random.choices(["none", "sent", "decided"], [70, 25, 5])[0],
        "urgent": random.random() < 0.06,
    }


def _row(random: Random, made: _MadeUp, team: Team, police: Organisation, sender: object) -> Notification:
    hour = time(random.randint(8, 18), random.randint(0, 59), random.randint(0, 59))
    at = min(timezone.make_aware(datetime.combine(made.day, hour)), timezone.now())
    notification = Notification(
        id=uuid.UUID(int=random.getrandbits(128), version=4),
        reference=reference.new(random),
        team=team,
        to=police,
        way="page" if sender else random.choice(["api", "api", "file"]),
        basis="voluntary",
        sent_at=at,
        version=version_today().id,
        body=made.body,
        identity_agreed="child" if made.values["age"] == "child" else "no",
        withheld=random.choice([["name"], ["name", "date_of_birth"], ["name", "contact"], []]),
        **made.values,
    )
    if sender is not None:
        notification.by_id = sender  # type: ignore[assignment]  # the id of the first user in the team
    return notification


def _follow_up(random: Random, notification: Notification, officer: User, today: date) -> list[Question]:
    """Acknowledge older notifications and close most of them. Returns the police's questions."""
    days_ago = (today - day_of(notification.sent_at)).days
    if days_ago < 2 or random.random() < 0.03:
        return []
    notification.acknowledged_at = already(notification.sent_at + timedelta(hours=random.randint(1, 60)))
    notification.acknowledged_by = officer
    if days_ago > 30 and random.random() < 0.85:
        notification.closed_at = notification.acknowledged_at + timedelta(days=random.randint(2, 25))
        notification.outcome = random.choices(list(dialogue.dialogue().outcomes), [30, 45, 8, 7, 10])[0]
    if random.random() > 0.2 or notification.by_id is None:
        return []
    question = Question(
        notification=notification,
        ask=random.choice([*dialogue.dialogue().questions, "field:recovered_where", "field:type"]),
        asked_by=officer,
        asked_at=already(notification.acknowledged_at + timedelta(minutes=5)),
    )
    if notification.closed_at or random.random() < 0.5:
        # The first answer to a question about a field is ‘not known’.
        answers = dialogue.answers_to(version_today(), question.ask)
        question.answer = answers[0][0]
        question.answered_by_id = notification.by_id
        question.answered_at = already(question.asked_at + timedelta(hours=4))
    else:
        notification.waits = "sender"
    return [question]


def _mark_known(random: Random, notifications: list[Notification], officer: User) -> None:
    """Mark half of the people who were notified twice as already known to the police."""
    for notification in notifications:
        if not notification.elsewhere or random.random() < 0.5:
            continue
        first = next(
            earlier
            for earlier in notifications
            if earlier.body == notification.elsewhere[0]
            and (earlier.type, earlier.country_of_origin, earlier.recovered_where)
            == (notification.type, notification.country_of_origin, notification.recovered_where)
        )
        notification.already_known, notification.same_as = True, first
        notification.acknowledged_at = notification.acknowledged_at or notification.sent_at
        notification.acknowledged_by = officer
