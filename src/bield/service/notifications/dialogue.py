"""What may be asked and answered about a notification, and how one ends: data, so that a list changes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from bield.datafiles import build, build_all, check_parts, read
from bield.disclosure import combination_rules, ladder
from bield.law import LawError, NotificationVersion
from bield.law.forms import Choice

FIELD: Final = "field:"
"""What a question about a field of the notification begins with; the field's id follows."""

WORDS: Final = "words"
"""A question in words, which is possible only where identity may be said."""


TAKEN_BACK: Final = "taken_back"
"""Stands in the place of an answer where the police took their question back."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that can be asked, and the answers to choose from."""

    key: str
    ask: str
    answers: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    questions: Mapping[str, Asking]
    field: Asking
    words: Asking
    outcomes: Mapping[str, str]


@cache
def dialogue() -> Dialogue:
    """The lists as recorded. Raises DataError saying what is wrong, and where."""
    filename = "dialogue.v1.toml"
    return parse(filename, read("bield.service.notifications", filename))


def parse(filename: str, raw: Mapping[str, Any]) -> Dialogue:
    """Turn the decoded file into lists, refusing anything unexpected."""
    check_parts(filename, raw, {"version", "questions", "field", "words", "outcomes"})
    questions = build_all(Asking, filename, "question", raw["questions"], key="key")
    outcomes = build_all(Choice, filename, "outcome", raw["outcomes"], key="key")
    return Dialogue(
        MappingProxyType({item.key: item for item in questions}),
        build(Asking, f"{filename}, field", {"key": FIELD, **raw["field"]}),
        build(Asking, f"{filename}, words", {"key": WORDS, **raw["words"]}),
        MappingProxyType({item.key: item.label for item in outcomes}),
    )


def askable(version: NotificationVersion, *, words: bool) -> list[tuple[str, str]]:
    """What the police may ask, for a form. words: whether a question in words is possible."""
    found = [(item.key, _(item.ask)) for item in dialogue().questions.values()]
    found += [(f"{FIELD}{name}", question_words(version, f"{FIELD}{name}")) for name in fields_to_ask(version)]
    return [*found, (WORDS, _(dialogue().words.ask))] if words else found


def fields_to_ask(version: NotificationVersion) -> tuple[str, ...]:
    """The fields of a version that can be asked about: those that may be said of anybody, apart from the age."""
    judged = {item.id for item in combination_rules().fields if item.ladder != "kept"}
    return tuple(item.id for item in version.fields if item.id in judged)


def question_words(version: NotificationVersion, ask: str) -> str:
    """The words of a question. Raises LawError for one that never was."""
    if ask.startswith(FIELD):
        return _(dialogue().field.ask) % {"field": _(version.field(ask.removeprefix(FIELD)).label).lower()}
    if ask == WORDS:
        return _(dialogue().words.ask)
    try:
        return _(dialogue().questions[ask].ask)
    except KeyError:
        raise LawError(f"no question is called {ask!r}") from None


def answers_to(version: NotificationVersion, ask: str) -> list[tuple[str, str]]:
    """What can be answered, for a form; nothing for a question in words."""
    if ask == WORDS:
        return []
    if not ask.startswith(FIELD):
        return [(item.key, _(item.label)) for item in dialogue().questions[ask].answers]
    field = version.field(ask.removeprefix(FIELD))
    rungs = ladder(field)
    assert rungs is not None  # noqa: S101  # only fields with a closed list are asked about
    values = sorted(((key, _(rungs.label(key))) for key in rungs.parents), key=lambda item: item[1])
    return [*((item.key, _(item.label)) for item in dialogue().field.answers), *values]


def answer_words(version: NotificationVersion, ask: str, answer: str) -> str:
    """The words of an answer; empty until it is answered."""
    if answer == TAKEN_BACK:
        return _("The police took this question back.")
    return dict(answers_to(version, ask)).get(answer, "")


def outcome_words(key: str) -> str:
    return _(dialogue().outcomes[key]) if key else ""


def says_nothing(answer: str) -> bool:
    """Whether an answer about a field adds no value of it."""
    return answer == TAKEN_BACK or answer in {item.key for item in dialogue().field.answers}
