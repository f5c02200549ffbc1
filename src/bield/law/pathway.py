"""The pathway: what to do next for somebody, in order, with who, by when and why, and what not to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, get_args

from bield.law.bodies import Kind
from bield.law.clocks import load_clocks
from bield.law.consents import KINDS
from bield.law.dated import LawOn
from bield.law.dated import on as law_on
from bield.law.places import PlaceError, load_place
from bield.law.provisions import PlaceName, load_provisions
from bield.law.reading import (
    Confidence,
    LawError,
    build,
    check_parts,
    conditions,
    entries,
    holds,
    less_sure,
    no_repeats,
    read,
    spoken,
)

Known = Literal["yes", "no", "not_known"]
EXPLOITATION = frozenset({"sexual", "labour", "servitude", "criminal", "organs", "other"})
CONSENT_STATES = frozenset({"given", "refused", "withdrawn", "not_asked"})
YES_OR_NO = frozenset({"yes", "no"})
KNOWN = frozenset(get_args(Known))

CONDITIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "child": YES_OR_NO,  # whether the child's path applies
        "age": frozenset({"under_18", "adult", "uncertain"}),
        "presumed_child": YES_OR_NO,  # age not sure, and reason to believe under 18, and no age assessment yet
        "age_assessed": YES_OR_NO,
        "gender": frozenset({"woman", "man", "other", "not_known"}),
        "sexual": KNOWN,  # whether sexual exploitation is thought of
        "danger": KNOWN,
        "signs": frozenset({"none", "undetermined", "indicated", "not_assessed"}),
        "first_responder": YES_OR_NO,  # the body at work
        "kind": frozenset({"", *get_args(Kind)}),  # the kind of the body at work
        "parental_rights": KNOWN,
        "referral": frozenset(
            {"none", "sent", "reasonable_grounds", "conclusive_positive", "negative_reasonable", "negative_conclusive"}
        ),
        "offence": KNOWN,
        "missing": YES_OR_NO,
        "panel": YES_OR_NO,  # a local panel decides for this child
        "turning_18": frozenset({"soon", "later", "passed", "not_known"}),  # soon: too near 18 for a local panel
        **dict.fromkeys(KINDS, CONSENT_STATES),
    }
)
"""What a row may ask about, with its values. A situation has one of them; a row lists those with which it applies."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides the next steps for somebody; nothing that says who they are. Defaults are "not known".

    eighteen_on: a day on or before which they turn 18 is near enough; council: a body's id.
    Raises LawError for a value that is none of those expected.
    """

    age: Literal["under_18", "adult", "uncertain"] | str
    believed_under_18: bool = False
    age_assessed: bool = False
    gender: Literal["woman", "man", "other", "not_known"] | str = "not_known"
    exploitation: frozenset[str] = frozenset()
    danger: Known | str = "not_known"
    signs: Literal["none", "undetermined", "indicated", "not_assessed"] | str = "not_assessed"
    first_responder: bool = False
    kind: str = ""
    parental_rights_in_uk: Known | str = "not_known"
    consents: Mapping[str, str] = field(default_factory=dict)
    referral: str = "none"
    decision_on: date | None = None
    accused_of_offence: bool | None = None
    missing: bool = False
    eighteen_on: date | None = None
    council: str | None = None

    def __post_init__(self) -> None:
        checks = {
            "age": (self.age, CONDITIONS["age"]),
            "gender": (self.gender, CONDITIONS["gender"]),
            "danger": (self.danger, KNOWN),
            "signs": (self.signs, CONDITIONS["signs"]),
            "kind": (self.kind, CONDITIONS["kind"]),
            "parental_rights_in_uk": (self.parental_rights_in_uk, KNOWN),
            "referral": (self.referral, CONDITIONS["referral"]),
        }
        for name, (value, allowed) in checks.items():
            if value not in allowed:
                raise LawError(f"{name} is {value!r}; expected one of {sorted(allowed)}")
        if unknown := self.exploitation - EXPLOITATION:
            raise LawError(f"exploitation holds {sorted(unknown)}; expected {sorted(EXPLOITATION)}")
        if strange := self.consents.keys() - set(KINDS):
            raise LawError(f"consents hold {sorted(strange)}; expected {list(KINDS)}")
        if wrong := {value for value in self.consents.values() if value not in CONSENT_STATES}:
            raise LawError(f"consents hold {sorted(wrong)}; expected {sorted(CONSENT_STATES)}")

    @property
    def treated_as_child(self) -> bool:
        """Whether the child's path applies: under 18, or an age that is not sure, as the referral form treats it."""
        return self.age != "adult"


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do. who and by_when are words; due is the day, where a clock gives one.

    The words are ours. why says what it rests on; provision cites it; source and confidence say how sure we are.
    """

    id: str
    title: str
    detail: str
    who: str
    by_when: str
    why: str
    provision: str
    source: str
    confidence: Confidence
    not_to_do: tuple[str, ...]
    service_id: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Prohibition:
    """Something not to do, and why."""

    id: str
    text: str
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class StepRule:
    """A step with the conditions under which it is to be done.

    needs: a provision that must be in force. rests_on: those that `provision` cites; it is cited only on days on which
    all of them are in force.
    """

    id: str
    place: PlaceName
    title: str
    detail: str
    who: str
    by_when: str
    why: str
    source: str
    confidence: Confidence
    when: Mapping[str, tuple[str, ...]]
    unless: Mapping[str, tuple[str, ...]]
    provision: str = ""
    not_to_do: tuple[str, ...] = ()
    service_id: str = ""
    clock: str = ""
    needs: str = ""
    rests_on: tuple[str, ...] = ()
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class ProhibitionRule:
    """Something not to do, with the conditions under which it is said."""

    id: str
    place: PlaceName
    text: str
    why: str
    source: str
    when: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Pathway:
    """The whole table."""

    steps: tuple[StepRule, ...]
    prohibitions: tuple[ProhibitionRule, ...]


@cache
def load_pathway() -> Pathway:
    """The recorded pathway. Raises LawError saying what is wrong, and where."""
    return parse_pathway(*read("pathway"))


def parse_pathway(filename: str, raw: Mapping[str, Any]) -> Pathway:
    """Turn the decoded file into a table, refusing anything unexpected."""
    check_parts(filename, raw, {"steps", "prohibitions"})
    steps = []
    for where, body in entries(filename, "step", raw["steps"]):
        when = conditions(where, body.pop("when", None), CONDITIONS)
        unless = conditions(where, body.pop("unless", {}), CONDITIONS)
        step = build(StepRule, where, body, when=when, unless=unless)
        if unknown := {*filter(None, [step.needs]), *step.rests_on} - load_provisions().keys:
            raise LawError(f"{where}: no provision has the key {sorted(unknown)}")
        if step.clock and step.clock not in load_clocks():
            raise LawError(f"{where}: no clock is called {step.clock!r}")
        if step.service_id and step.service_id not in _services(where, step.place):
            raise LawError(f"{where}: no service of {step.place!r} is called {step.service_id!r}")
        steps.append(step)
    prohibitions = [
        build(ProhibitionRule, where, body, when=conditions(where, body.pop("when", {}), CONDITIONS))
        for where, body in entries(filename, "prohibition", raw["prohibitions"])
    ]
    no_repeats(filename, "step", [item.id for item in steps])
    no_repeats(filename, "prohibition", [item.id for item in prohibitions])
    return Pathway(tuple(steps), tuple(prohibitions))


def _services(where: str, place: str) -> set[str]:
    try:
        return {item.id for item in load_place(place).services}
    except PlaceError:
        raise LawError(f"{where}: no services are recorded for {place!r}") from None


def next_steps(situation: Situation, *, on: date, place: str = "scotland") -> tuple[Step, ...]:
    """What to do next under the law of a day, in order. Raises LawError for a place without a pathway."""
    held = law_on(on, place)
    facts = facts_of(situation, held)
    rules = [rule for rule in load_pathway().steps if rule.place == place]
    if not rules:
        raise LawError(f"no pathway is recorded for {place!r}")
    return tuple(
        _step(rule, situation, held)
        for rule in rules
        if _applies(rule.when, facts)
        and not (rule.unless and _applies(rule.unless, facts))
        and holds(rule, on)
        and (not rule.needs or held.in_force(rule.needs))
    )


def not_to_do(situation: Situation, *, on: date, place: str = "scotland") -> tuple[Prohibition, ...]:
    """What not to do, each once."""
    facts = facts_of(situation, law_on(on, place))
    return tuple(
        Prohibition(item.id, item.text, item.why, item.source)
        for item in load_pathway().prohibitions
        if item.place == place and _applies(item.when, facts)
    )


def _applies(conditions: Mapping[str, tuple[str, ...]], facts: Mapping[str, str]) -> bool:
    return all(facts[name] in allowed for name, allowed in conditions.items())


def facts_of(situation: Situation, held: LawOn) -> dict[str, str]:
    """The value of every condition for a situation."""
    sexual = _yes("sexual" in situation.exploitation) if situation.exploitation else "not_known"
    turning = _turning_18(situation, held)
    return {
        "child": _yes(situation.treated_as_child),
        "age": situation.age,
        "presumed_child": _yes(
            situation.age == "uncertain" and situation.believed_under_18 and not situation.age_assessed
        ),
        "age_assessed": _yes(situation.age_assessed),
        "gender": situation.gender,
        "sexual": sexual,
        "danger": situation.danger,
        "signs": situation.signs,
        "first_responder": _yes(situation.first_responder),
        "kind": situation.kind,
        "parental_rights": situation.parental_rights_in_uk,
        "referral": situation.referral,
        "offence": {True: "yes", False: "no", None: "not_known"}[situation.accused_of_offence],
        "missing": _yes(situation.missing),
        "panel": _yes(_panel_decides(situation, held, turning)),
        "turning_18": turning,
        **{kind: situation.consents.get(kind, "not_asked") for kind in KINDS},
    }


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _turning_18(situation: Situation, held: LawOn) -> str:
    if situation.eighteen_on is None:
        return "not_known"
    if situation.eighteen_on <= held.day:
        return "passed"
    limit = held.get("devolved_decision_limit")
    days = limit.value if limit and isinstance(limit.value, int) else 100
    return "soon" if situation.eighteen_on - held.day <= timedelta(days=days) else "later"


def _panel_decides(situation: Situation, held: LawOn, turning: str) -> bool:
    """A local panel decides for a child whose age is sure, in one of its areas, and not near 18."""
    keys = {"glasgow-city": "devolved_decision_glasgow", "city-of-edinburgh": "devolved_decision_edinburgh"}
    key = keys.get(situation.council or "")
    return bool(key and held.get(key) and situation.age == "under_18" and turning in ("later", "not_known"))


def _step(rule: StepRule, situation: Situation, held: LawOn) -> Step:
    """The step with its words filled in: {length} of its clock, {due} where a decision has a date."""
    length, due, last = "", None, "a day that follows from the date of the decision"
    confidence = rule.confidence
    if rule.clock:
        decided_on = None if situation.referral in ("none", "sent") else situation.decision_on
        clock = (law_on(decided_on, held.place) if decided_on else held).clock(rule.clock)
        length = clock.length
        confidence = less_sure(confidence, clock.confidence)
        if not clock.has_end:
            last = "none is set"
        elif decided_on:
            due = clock.ends(decided_on)
            last = spoken(due)
    values = {"length": length, "due": last}
    return Step(
        id=rule.id,
        title=rule.title.format(**values),
        detail=rule.detail.format(**values),
        who=rule.who,
        by_when=rule.by_when.format(**values),
        why=rule.why.format(**values),
        provision=rule.provision if all(held.in_force(key) for key in rule.rests_on) else "",
        source=rule.source,
        confidence=confidence,
        not_to_do=rule.not_to_do,
        service_id=rule.service_id,
        due=due,
    )
