"""Made-up notifications over two years, from all kinds of bodies, with people notified about twice and one network."""

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
"""How many people are notified about by a second body."""

NETWORK = 14
"""How many notifications come from one network: men from Vietnam who wash cars in towns along one road."""

NETWORK_COUNCILS = ("falkirk", "stirling", "perth-and-kinross", "dundee-city")
COUNTRIES = {"VN": 34, "GB": 14, "CN": 9, "AL": 9, "RO": 8, "NG": 5, "SD": 4, "ER": 4, "PK": 3, "PL": 3, "": 7}
KINDS = {"labour": 46, "sexual": 24, "offence": 14, "domestic_servitude": 6, "labour+offence": 6, "unknown": 4}


@dataclass(frozen=True, slots=True)
class _Told:
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
    # Those who decide or govern do not notify; bodies under the proposal of 2019 and those who meet people do.
    bodies = [key for key in sorted(teams) if law.body(key).kind not in ("government", "police", "guardian_service")]
    told = sorted(_told(random, bodies, today), key=lambda item: item.day)
    rows, questions, events = [], [], []
    for item in told:
        team = teams[item.body]
        row = _row(random, item, team, police, senders.get(team.pk))
        questions += _what_became(random, row, officer, today)
        rows.append(row)
        events.append(
            {
                "kind": Kind.NOTIFIED.value,
                "actor": row.by_id or f"key:{item.body}",
                "organisation": team.organisation_id,
                "subject": row.pk,
                "at": row.sent_at,
            }
        )
    _mark_known(random, rows, officer)
    Notification.objects.bulk_create(rows)
    Question.objects.bulk_create(questions)
    record_many(events)


def _told(random: Random, bodies: list[str], today: date) -> Iterator[_Told]:
    councils = [item.id for item in law.councils(settings.PLACE)]
    weights = [12 if item in ("glasgow-city", "city-of-edinburgh") else 2 for item in bodies]
    single = COUNT - NETWORK - TWICE
    for number in range(single):
        body = random.choices(bodies, weights)[0]
        day = today - timedelta(days=int(DAYS * random.random() ** 1.3))
        values = _values(random, body if body in councils else random.choice(councils))
        yield _Told(body, day, values)
        if number < TWICE:
            # Another body, some days later, about the same person; it knows that the first one has notified.
            second = random.choice([item for item in bodies if item != body])
            later = min(day + timedelta(days=random.randint(1, 12)), today)
            yield _Told(second, later, values | {"elsewhere": [body], "urgent": False})
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
        yield _Told(council, begun + timedelta(days=number * 6), values)


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


def _row(random: Random, item: _Told, team: Team, police: Organisation, sender: object) -> Notification:
    hour = time(random.randint(8, 18), random.randint(0, 59), random.randint(0, 59))
    at = min(timezone.make_aware(datetime.combine(item.day, hour)), timezone.now())
    row = Notification(
        id=uuid.UUID(int=random.getrandbits(128), version=4),
        reference=reference.new(random),
        team=team,
        to=police,
        way="page" if sender else random.choice(["api", "api", "file"]),
        basis="voluntary",
        sent_at=at,
        version=version_today().id,
        body=item.body,
        identity_agreed="child" if item.values["age"] == "child" else "no",
        withheld=random.choice([["name"], ["name", "date_of_birth"], ["name", "contact"], []]),
        **item.values,
    )
    if sender is not None:
        row.by_id = sender  # type: ignore[assignment]  # the id of whoever is first in the team
    return row


def _what_became(random: Random, row: Notification, officer: User, today: date) -> list[Question]:
    """Older ones are acknowledged and mostly closed; the newest wait."""
    age = (today - day_of(row.sent_at)).days
    if age < 2 or random.random() < 0.03:
        return []
    row.acknowledged_at = already(row.sent_at + timedelta(hours=random.randint(1, 60)))
    row.acknowledged_by = officer
    if age > 30 and random.random() < 0.85:
        row.closed_at = row.acknowledged_at + timedelta(days=random.randint(2, 25))
        row.outcome = random.choices(list(dialogue.dialogue().outcomes), [30, 45, 8, 7, 10])[0]
    if random.random() > 0.2 or row.by_id is None:
        return []
    question = Question(
        notification=row,
        ask=random.choice([*dialogue.dialogue().questions, "field:recovered_where", "field:type"]),
        asked_by=officer,
        asked_at=already(row.acknowledged_at + timedelta(minutes=5)),
    )
    if row.closed_at or random.random() < 0.5:
        # The first answer to a question about a field is that it is not known.
        answers = dialogue.answers_to(version_today(), question.ask)
        question.answer = answers[0][0]
        question.answered_by_id, question.answered_at = row.by_id, already(question.asked_at + timedelta(hours=4))
    else:
        row.waits = "sender"
    return [question]


def _mark_known(random: Random, rows: list[Notification], officer: User) -> None:
    """The police have found half of those who were notified about twice."""
    for row in rows:
        if not row.elsewhere or random.random() < 0.5:
            continue
        first = next(
            item
            for item in rows
            if item.body == row.elsewhere[0]
            and (item.type, item.country_of_origin, item.recovered_where)
            == (row.type, row.country_of_origin, row.recovered_where)
        )
        row.already_known, row.same_as = True, first
        row.acknowledged_at, row.acknowledged_by = row.acknowledged_at or row.sent_at, officer
