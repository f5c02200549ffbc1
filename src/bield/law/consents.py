"""The four consents, each with the text that explains it, in versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bield.datafiles import DataError, build, check_parts, entries, no_repeats
from bield.law.reading import Confidence, LawError, NotRecorded, cached, read

KINDS = ("notification_identity", "nrm_referral", "support", "police_cooperation")


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What is explained to a person before they answer. The words are Bield's, for the person, not the law's."""

    version: str
    from_day: date
    text: str


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """A kind of consent with every version of its text, oldest first."""

    id: str
    title: str
    question: str
    provision: str
    child_rule: str
    withdrawal_effect: str
    source: str
    confidence: Confidence
    place: str
    texts: tuple[ConsentText, ...]

    def on(self, day: date) -> ConsentKind:
        """The kind with its text on a day. Raises LawError if it had no text yet."""
        texts = [item for item in self.texts if item.from_day <= day]
        if not texts:
            raise LawError(f"consent {self.id!r} has no text on {day}")
        return ConsentKind(
            id=self.id,
            title=self.title,
            question=self.question,
            text=texts[-1].text,
            text_version=texts[-1].version,
            provision=self.provision,
            child_rule=self.child_rule,
            withdrawal_effect=self.withdrawal_effect,
            source=self.source,
            confidence=self.confidence,
        )


@dataclass(frozen=True, slots=True)
class ConsentKind:
    """One of the four consents as it is asked on a day."""

    id: str
    title: str
    question: str
    text: str
    text_version: str
    provision: str
    child_rule: str
    withdrawal_effect: str
    source: str
    confidence: Confidence


@cached
def load_consents() -> tuple[ConsentEntry, ...]:
    """Every kind, in the order they are asked in. Raises DataError saying what is wrong, and where."""
    return parse_consents(*read("consents"))


def parse_consents(filename: str, raw: Mapping[str, Any]) -> tuple[ConsentEntry, ...]:
    """Turn the decoded file into the kinds, refusing anything unexpected."""
    check_parts(filename, raw, {"consents"})
    kinds = []
    for where, body in entries(filename, "consent", raw["consents"]):
        texts = [build(ConsentText, at, text) for at, text in entries(where, "text", body.pop("texts", None))]
        no_repeats(where, "text", [text.version for text in texts])
        no_repeats(where, "text of", [text.from_day.isoformat() for text in texts])
        kinds.append(build(ConsentEntry, where, body, texts=tuple(sorted(texts, key=lambda item: item.from_day))))
    no_repeats(filename, "consent", [f"{item.place} {item.id}" for item in kinds])
    for place in {item.place for item in kinds}:
        if [item.id for item in kinds if item.place == place] != list(KINDS):
            raise DataError(f"{filename}: {place} needs {list(KINDS)}, in this order")
    return tuple(kinds)


def consents(place: str, *, on: date) -> tuple[ConsentKind, ...]:
    """The four kinds of consent in a place, with their texts on a day."""
    return tuple(item.on(on) for item in load_consents() if item.place == place)


def consent(kind: str, *, place: str, on: date) -> ConsentKind:
    """A kind of consent with its text on a day. Raises NotRecorded if the place has no such kind."""
    for item in load_consents():
        if (item.id, item.place) == (kind, place):
            return item.on(on)
    raise NotRecorded(f"no consent is called {kind!r} in {place}")
