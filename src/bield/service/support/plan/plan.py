"""The plan as the person reads it: their goals in their words, the steps, who and by when; in large type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield.law import load_place
from bield.service.accounts.models import User
from bield.service.audit.kinds import Kind
from bield.service.changes import NotNow
from bield.service.days import day_of
from bield.service.documents import NoTypeface, compiled
from bield.service.support.episodes.actions import note
from bield.service.support.models import Entry, Episode, PlanWords

RIGHT_TO_LEFT = ("ar", "fa", "ku", "ps", "ur")
"""Languages of the list that are written from right to left."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a goal, in the words of the plan."""

    what: str
    who: str
    by: str
    done: bool


@dataclass(frozen=True, slots=True)
class Goal:
    """What somebody wants, in their words, with its steps."""

    words: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan in one language. words: the fixed lines of the page by their English."""

    language: str
    goals: tuple[Goal, ...]
    words: Mapping[str, str]
    translator: str = ""
    reviewer: str = ""
    reviewed_on: date | None = None

    @property
    def direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"


def fixed() -> dict[str, str]:
    """The lines that every plan has, in English, by name."""
    place = load_place(settings.PLACE)
    return {
        "title": "My plan",
        "lead": "This is what I want, and what we do for it. I can change it at any time.",
        "who": "Who",
        "by": "By",
        "done": "Done",
        "danger": f"If I am in danger, I ring {place.emergency_number}.",
        "free": "I get this support whether or not I talk with the police. I can say no, and stop at any time.",
        "made": "Made on",
    }


def goals_of(episode: Episode, *, digits: bool = False) -> tuple[Goal, ...]:
    """The goals that are under way or reached, each with its steps, oldest first.

    digits: days in digits only, for a language in which the names of months would have to be translated.
    """
    entries = list(Entry.objects.filter(episode=episode, part__in=("goal", "step")).order_by("at", "pk"))
    steps: dict[Any, list[Step]] = {}
    for item in entries:
        if item.part == "step" and item.state != "dropped":
            words = item.details
            due = date_format(item.due, "j.n.Y" if digits else "DATE_FORMAT") if item.due else ""
            steps.setdefault(item.under_id, []).append(Step(words["what"], words["who"], due, item.state == "done"))
    return tuple(
        Goal(item.details["words"], tuple(steps.get(item.pk, ())))
        for item in entries
        if item.part == "goal" and item.state != "changed"
    )


def lines_of(goals: Sequence[Goal]) -> list[str]:
    """Every line of a plan that a translation needs, each once, the fixed ones first."""
    found = list(fixed().values())
    for goal in goals:
        found += [goal.words, *(line for step in goal.steps for line in (step.what, step.who))]
    return list(dict.fromkeys(found))


def in_english(episode: Episode) -> Plan:
    """The plan as it was written."""
    return Plan("en", goals_of(episode), fixed())


def is_whole(words: PlanWords, goals: Sequence[Goal]) -> bool:
    """Whether a translation has every line of the plan as it stands now."""
    return all(words.lines.get(line) for line in lines_of(goals))


def for_the_person(episode: Episode, language: str) -> Plan:
    """The plan in a language that the person reads.

    Raises NotNow unless the translation was checked by a second person, and the plan has not changed since: what nobody
    checked is not put into somebody's hands.
    """
    if language == "en":
        return in_english(episode)
    held = PlanWords.objects.filter(episode=episode, language=language).first()
    goals = goals_of(episode, digits=True)
    if held is None:
        raise NotNow("there is no translation in this language")
    if held.reviewed_on is None:
        raise NotNow("nobody has checked this translation yet")
    if not is_whole(held, goals):
        raise NotNow("the plan has changed since: translate what is new, and have it checked")
    said = held.lines
    return Plan(
        language,
        tuple(
            Goal(said[goal.words], tuple(Step(said[s.what], said[s.who], s.by, s.done) for s in goal.steps))
            for goal in goals
        ),
        {name: said[line] for name, line in fixed().items()},
        held.translator,
        held.reviewer,
        held.reviewed_on,
    )


@transaction.atomic
def translate(
    episode: Episode, *, language: str, lines: Mapping[str, str], translator: str, by: User, at: datetime
) -> PlanWords:
    """Keep a translation of the lines of the plan. Somebody has to check it before the person gets it."""
    found, _made = PlanWords.objects.update_or_create(
        episode=episode,
        language=language,
        defaults={
            "lines": dict(lines),
            "translator": translator,
            "reviewer": "",
            "reviewed_on": None,
            "by": by,
            "at": at,
        },
    )
    note(Kind.PLAN_TRANSLATED, episode, by, at=at, language=language)
    return found


@transaction.atomic
def review(episode: Episode, *, language: str, reviewer: str, by: User, at: datetime) -> None:
    """Note who checked a translation. Raises NotNow where it is not whole, or the translator checked it alone."""
    held = PlanWords.objects.select_for_update().filter(episode=episode, language=language).first()
    if held is None or not is_whole(held, goals_of(episode)):
        raise NotNow("the translation is not whole yet")
    if reviewer.strip().casefold() == held.translator.strip().casefold():
        raise NotNow("somebody else than the translator has to check it")
    held.reviewer, held.reviewed_on = reviewer, day_of(at)
    held.save(update_fields=["reviewer", "reviewed_on"])
    note(Kind.PLAN_REVIEWED, episode, by, at=at, language=language)


def as_document(plan: Plan, *, today: date) -> bytes:
    """The plan as a PDF in large type. It holds no name and no reference: it may be found by somebody else.

    Raises NotNow where this machine has no typeface for the language.
    """
    values = {
        "language": plan.language,
        "direction": plan.direction,
        "words": dict(plan.words),
        "made": date_format(today, "DATE_FORMAT" if plan.language == "en" else "j.n.Y"),
        "goals": [
            {
                "words": goal.words,
                "steps": [{"what": s.what, "who": s.who, "by": s.by, "done": s.done} for s in goal.steps],
            }
            for goal in plan.goals
        ],
        "translated": _("Translated by %(one)s, checked by %(other)s on %(day)s.")
        % {"one": plan.translator, "other": plan.reviewer, "day": date_format(plan.reviewed_on)}
        if plan.reviewed_on
        else "",
    }
    try:
        return compiled(_template(), "plan", values)
    except NoTypeface:
        raise NotNow(
            "this machine has no typeface for the language: open it alone on the screen, and print that"
        ) from None


@cache
def _template() -> bytes:
    return (files("bield.service.support.plan") / "plan.typ").read_bytes()
