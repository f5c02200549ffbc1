"""The help: short topics in plain words, each about some pages, from a data file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _

from bield.datafiles import build_all, check_parts, no_repeats, read
from bield.names import fold


@dataclass(frozen=True, slots=True)
class Topic:
    """A question as a user would ask it, and its answer in paragraphs. pages: the URL names it is about.

    more: the page of the documentation that says more; empty if there is none.
    """

    id: str
    question: str
    answer: tuple[str, ...]
    pages: tuple[str, ...] = ()
    more: str = ""


@cache
def topics() -> Sequence[Topic]:
    """Every topic, in the order of the file. Raises DataError saying what is wrong, and where."""
    filename = "help.v1.toml"
    raw = read("bield.service.today", filename)
    check_parts(filename, raw, {"version", "topics"})
    found = build_all(Topic, filename, "topic", raw["topics"])
    no_repeats(filename, "topic", [topic.id for topic in found])
    return found


def search(words: str) -> list[Topic]:
    """The topics in which every word occurs, those with the words in their question first."""
    wanted = fold(words)
    found = [topic for topic in topics() if all(word in _text(topic) for word in wanted)]
    return sorted(found, key=lambda topic: not all(word in _joined(topic.question) for word in wanted))


def _text(topic: Topic) -> str:
    return _joined(" ".join((topic.question, *topic.answer)))


def _joined(text: str) -> str:
    return " ".join(fold(_(text)))
