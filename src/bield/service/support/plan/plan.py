"""The plan as the person reads it: their goals in their words, the steps, who does them and by when; in large type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
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
    """What the person wants, in their words, with its steps."""

    words: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan in one language. words: the fixed lines of the page, by name."""

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

    digits: whether days are in digits only, so that no name of a month needs translating.
    """
    entries = list(Entry.objects.filter(episode=episode, part__in=("goal", "step")).order_by("at", "pk"))
    steps: dict[Any, list[Step]] = {}
    for entry in entries:
        if entry.part == "step" and entry.state != "dropped":
            details = entry.details
            due = spoken(entry.due, digits=digits) if entry.due else ""
            steps.setdefault(entry.under_id, []).append(
                Step(details["what"], details["who"], due, entry.state == "done")
            )
    return tuple(
        Goal(entry.details["words"], tuple(steps.get(entry.pk, ())))
        for entry in entries
        if entry.part == "goal" and entry.state != "changed"
    )


def spoken(day: date, *, digits: bool = False) -> str:
    """A day as people say it, such as “Saturday 5 September”; the year only if it is another one."""
    if digits:
        return date_format(day, "j.n.Y")
    return date_format(day, "l j F" if day.year == timezone.localdate().year else "l j F Y")


def lines_of(goals: Sequence[Goal]) -> list[str]:
    """Every line of a plan that needs translating, each once, the fixed lines first."""
    lines = list(fixed().values())
    for goal in goals:
        lines += [goal.words, *(line for step in goal.steps for line in (step.what, step.who))]
    return list(dict.fromkeys(lines))


def in_english(episode: Episode) -> Plan:
    """The plan as it was written."""
    return Plan("en", goals_of(episode), fixed())


def is_whole(words: PlanWords, goals: Sequence[Goal]) -> bool:
    """Whether a translation has every line of the plan as it is now."""
    return all(words.lines.get(line) for line in lines_of(goals))


def for_the_person(episode: Episode, language: str) -> Plan:
    """The plan in a language that the person reads.

    Raises NotNow unless a second person checked the translation and the plan has not changed since: nobody is handed an
    unchecked translation.
    """
    if language == "en":
        return in_english(episode)
    translation = PlanWords.objects.filter(episode=episode, language=language).first()
    goals = goals_of(episode, digits=True)
    if translation is None:
        raise NotNow("there is no translation in this language")
    if translation.reviewed_on is None:
        raise NotNow("nobody has checked this translation yet")
    if not is_whole(translation, goals):
        raise NotNow("the plan has changed since: translate the new lines, and have them checked")
    lines = translation.lines
    return Plan(
        language,
        tuple(
            Goal(lines[goal.words], tuple(Step(lines[s.what], lines[s.who], s.by, s.done) for s in goal.steps))
            for goal in goals
        ),
        {name: lines[line] for name, line in fixed().items()},
        translation.translator,
        translation.reviewer,
        translation.reviewed_on,
    )


@transaction.atomic
def translate(
    episode: Episode, *, language: str, lines: Mapping[str, str], translator: str, by: User, at: datetime
) -> PlanWords:
    """Save a translation of the lines of the plan. Somebody must check it before the person gets it."""
    translation, _made = PlanWords.objects.update_or_create(
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
    return translation


@transaction.atomic
def review(episode: Episode, *, language: str, reviewer: str, by: User, at: datetime) -> None:
    """Record who checked a translation. Raises NotNow if lines are missing, or the translator checked it alone."""
    translation = PlanWords.objects.select_for_update().filter(episode=episode, language=language).first()
    if translation is None or not is_whole(translation, goals_of(episode)):
        raise NotNow("the translation is not complete: translate every line first")
    if reviewer.strip().casefold() == translation.translator.strip().casefold():
        raise NotNow("the translator cannot check it: ask somebody else to")
    translation.reviewer, translation.reviewed_on = reviewer, day_of(at)
    translation.save(update_fields=["reviewer", "reviewed_on"])
    note(Kind.PLAN_REVIEWED, episode, by, at=at, language=language)


def as_document(plan: Plan, *, today: date) -> bytes:
    """The plan as a PDF in large type. It has no name and no reference, because somebody else may find it.

    Raises NotNow if this machine has no typeface for the language.
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
            "this machine has no typeface for the language: open the plan alone on the screen, and print that page"
        ) from None


@cache
def _template() -> bytes:
    return (files("bield.service.support.plan") / "plan.typ").read_bytes()
