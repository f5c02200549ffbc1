"""Reads the questions and answers about a notification, and its outcomes, from a data file."""

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
"""The start of the key of a question about a field of the notification; the field's id follows."""

WORDS: Final = "words"
"""The key of a question in free text, which is possible only if the notification may say who the person is."""


TAKEN_BACK: Final = "taken_back"
"""The answer of a question that the police took back."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that can be asked, and the answers to choose from."""

    key: str
    ask: str
    answers: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The lists of questions, answers and outcomes. field: a question about any field; words: one in free text."""

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
    """The questions the police may ask, as choices. words: whether a question in free text is possible."""
    choices = [(item.key, _(item.ask)) for item in dialogue().questions.values()]
    choices += [(f"{FIELD}{name}", question_words(version, f"{FIELD}{name}")) for name in fields_to_ask(version)]
    return [*choices, (WORDS, _(dialogue().words.ask))] if words else choices


def fields_to_ask(version: NotificationVersion) -> tuple[str, ...]:
    """The fields of a version that can be asked about: those that may be said about anybody, except the age."""
    judged = {item.id for item in combination_rules().fields if item.ladder != "kept"}
    return tuple(item.id for item in version.fields if item.id in judged)


def question_words(version: NotificationVersion, ask: str) -> str:
    """A question in words. Raises LawError if there is no such question."""
    if ask.startswith(FIELD):
        return _(dialogue().field.ask) % {"field": _(version.field(ask.removeprefix(FIELD)).label).lower()}
    if ask == WORDS:
        return _(dialogue().words.ask)
    try:
        return _(dialogue().questions[ask].ask)
    except KeyError:
        raise LawError(f"no question is called {ask!r}") from None


def answers_to(version: NotificationVersion, ask: str) -> list[tuple[str, str]]:
    """The answers to a question, as choices; empty for a question in free text."""
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
    """An answer in words; empty until there is one."""
    if answer == TAKEN_BACK:
        return _("The police took this question back.")
    return dict(answers_to(version, ask)).get(answer, "")


def outcome_words(key: str) -> str:
    """An outcome in words; empty before the notification is closed."""
    return _(dialogue().outcomes[key]) if key else ""


def says_nothing(answer: str) -> bool:
    """Whether an answer about a field adds no value to the field."""
    return answer == TAKEN_BACK or answer in {item.key for item in dialogue().field.answers}
