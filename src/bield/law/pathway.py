"""The pathway: what to do next for somebody, in order, with who does it, by when and why; and what not to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Literal, get_args

from bield.datafiles import DataError, build, check_parts, conditions, entries, no_repeats
from bield.law.bodies import Kind, load_bodies
from bield.law.clocks import Clock, load_clocks, own_clock
from bield.law.consents import KINDS
from bield.law.dated import LawOn
from bield.law.dated import on as law_on
from bield.law.places import load_place
from bield.law.provisions import load_provisions
from bield.law.reading import Confidence, LawError, NotRecorded, cached, holds, least_sure, read, spoken

Known = Literal["yes", "no", "not_known"]
EXPLOITATION = frozenset({"sexual", "labour", "servitude", "criminal", "organs", "other"})
CONSENT_STATES = frozenset({"given", "refused", "withdrawn", "not_asked"})
YES_OR_NO = frozenset({"yes", "no"})
KNOWN = frozenset(get_args(Known))

CONDITIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "child": YES_OR_NO,  # whether the child's path applies
        "age": frozenset({"under_18", "adult", "uncertain"}),
        "presumed_child": YES_OR_NO,  # age uncertain, reason to believe under 18, and no age assessment yet
        "age_assessed": YES_OR_NO,
        "gender": frozenset({"woman", "man", "other", "not_known"}),
        "sexual": KNOWN,  # whether sexual exploitation is suspected
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
        "slavery_only": KNOWN,  # found to be in slavery, servitude or forced labour, and not trafficked
        "ground": frozenset({"none", "deciding", "decided"}),  # what support by law is based on: see _ground
        "turning_18": frozenset({"soon", "later", "passed", "not_known"}),  # soon: too near 18 for a local panel
        **dict.fromkeys(KINDS, CONSENT_STATES),
    }
)
"""What a row may ask about, with its values. A situation has one of them; a row lists those with which it applies."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides the next steps for somebody, and nothing that says who they are. Defaults are "not known".

    eighteen_on, eighteen_by: they turn 18 between these days, the second only if the two differ; about right is enough.
    council: a body's id.
    Raises LawError for a value that is not one of those expected.
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
    eighteen_by: date | None = None
    council: str | None = None
    slavery_only: Known | str = "not_known"

    def __post_init__(self) -> None:
        checks = {
            "age": (self.age, CONDITIONS["age"]),
            "gender": (self.gender, CONDITIONS["gender"]),
            "danger": (self.danger, KNOWN),
            "signs": (self.signs, CONDITIONS["signs"]),
            "kind": (self.kind, CONDITIONS["kind"]),
            "parental_rights_in_uk": (self.parental_rights_in_uk, KNOWN),
            "referral": (self.referral, CONDITIONS["referral"]),
            "slavery_only": (self.slavery_only, KNOWN),
        }
        for name, (value, allowed) in checks.items():
            if value not in allowed:
                raise LawError(f"{name} is {value!r}; expected one of {sorted(allowed)}")
        if unknown_kinds := self.exploitation - EXPLOITATION:
            raise LawError(f"exploitation holds {sorted(unknown_kinds)}; expected {sorted(EXPLOITATION)}")
        if unknown_consents := self.consents.keys() - set(KINDS):
            raise LawError(f"consents hold {sorted(unknown_consents)}; expected {list(KINDS)}")
        if unknown_states := {value for value in self.consents.values() if value not in CONSENT_STATES}:
            raise LawError(f"consents hold {sorted(unknown_states)}; expected {sorted(CONSENT_STATES)}")

    @property
    def treated_as_child(self) -> bool:
        """Whether the child's path applies: under 18, or an uncertain age, as in the referral form."""
        return self.age != "adult"


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do. who and by_when are words; due is the day, if a clock gives one.

    The words are ours. why gives the reason; provision cites it; source and confidence say how sure we are.
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
class Cite:
    """What a step cites for some people: the first that fits is cited, with its reason instead of the step's."""

    provision: str
    why: str
    when: Mapping[str, tuple[str, ...]]
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepRule:
    """A step with the conditions that make it apply.

    needs: a provision that must be in force. rests_on: those that `provision` cites; it is cited only on days when all
    of them are in force. by_decision: if true, these and from and to are checked on the day of the decision, if it is
    known; a clock that counts from a decision has its length of that day in any case.
    """

    id: str
    place: str
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
    cites: tuple[Cite, ...] = ()
    by_decision: bool = False
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class ProhibitionRule:
    """Something not to do, with the conditions that make it apply."""

    id: str
    place: str
    text: str
    why: str
    source: str
    when: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Pathway:
    """Every step and prohibition."""

    steps: tuple[StepRule, ...]
    prohibitions: tuple[ProhibitionRule, ...]


@cached
def load_pathway() -> Pathway:
    """The recorded pathway. Raises DataError saying what is wrong, and where."""
    return parse_pathway(*read("pathway"))


def parse_pathway(filename: str, raw: Mapping[str, Any]) -> Pathway:
    """Turn the decoded file into a table, refusing anything unexpected."""
    check_parts(filename, raw, {"steps", "prohibitions"})
    steps = []
    for where, body in entries(filename, "step", raw["steps"]):
        when = conditions(where, body.pop("when", None), CONDITIONS)
        unless = conditions(where, body.pop("unless", {}), CONDITIONS)
        cites = _cites(where, body.pop("cites", None))
        step = build(StepRule, where, body, when=when, unless=unless, cites=cites)
        named = {*filter(None, [step.needs]), *step.rests_on, *(key for cite in cites for key in cite.rests_on)}
        if unknown := named - load_provisions().keys:
            raise DataError(f"{where}: no provision has the key {sorted(unknown)}")
        if step.clock and step.clock not in {clock.id for clock in load_clocks()}:
            raise DataError(f"{where}: no clock is called {step.clock!r}")
        if step.service_id and step.service_id not in {item.id for item in load_place(step.place).services}:
            raise DataError(f"{where}: no service of {step.place!r} is called {step.service_id!r}")
        steps.append(step)
    prohibitions = [
        build(ProhibitionRule, where, body, when=conditions(where, body.pop("when", {}), CONDITIONS))
        for where, body in entries(filename, "prohibition", raw["prohibitions"])
    ]
    no_repeats(filename, "step", [f"{item.place} {item.id}" for item in steps])
    no_repeats(filename, "prohibition", [f"{item.place} {item.id}" for item in prohibitions])
    return Pathway(tuple(steps), tuple(prohibitions))


def _cites(where: str, listed: object) -> tuple[Cite, ...]:
    cite_rows = [] if listed is None else entries(where, "cite", listed)
    return tuple(
        build(Cite, at, body, when=conditions(at, body.pop("when", None), CONDITIONS)) for at, body in cite_rows
    )


def next_steps(situation: Situation, *, on: date, place: str) -> tuple[Step, ...]:
    """What to do next under the law of a day, in order. Raises NotRecorded for a place without a pathway."""
    return tuple(_each_step(situation, on=on, place=place))


def next_step(situation: Situation, *, on: date, place: str, done: Collection[str] = ()) -> Step | None:
    """The first step that is not done, by its id; None if all are. It is quicker than all steps of many people."""
    return next(_each_step(situation, on=on, place=place, done=done), None)


def _each_step(situation: Situation, *, on: date, place: str, done: Collection[str] = ()) -> Iterator[Step]:
    today = law_on(on, place)
    facts = facts_of(situation, today)
    rules = [rule for rule in load_pathway().steps if rule.place == place]
    if not rules:
        raise NotRecorded(f"no pathway is recorded for {place!r}")
    decision_day = law_on(situation.decision_on, place) if _is_decided(situation) and situation.decision_on else today
    for rule in rules:
        basis = decision_day if rule.by_decision else today
        if rule.id not in done and _fits(rule, facts, basis):
            yield _step(rule, situation, today, basis, facts)


def _fits(rule: StepRule, facts: Mapping[str, str], basis: LawOn) -> bool:
    """Whether a step is for people in this situation, under the law of a day."""
    return (
        _applies(rule.when, facts)
        and not (rule.unless and _applies(rule.unless, facts))
        and holds(rule, basis.day)
        and (not rule.needs or basis.in_force(rule.needs))
    )


def _is_decided(situation: Situation) -> bool:
    return situation.referral not in ("none", "sent")


def not_to_do(situation: Situation, *, on: date, place: str) -> tuple[Prohibition, ...]:
    """What not to do, under the law of a day."""
    facts = facts_of(situation, law_on(on, place))
    return tuple(
        Prohibition(item.id, item.text, item.why, item.source)
        for item in load_pathway().prohibitions
        if item.place == place and _applies(item.when, facts)
    )


def _applies(conditions: Mapping[str, tuple[str, ...]], facts: Mapping[str, str]) -> bool:
    return all(facts[name] in allowed for name, allowed in conditions.items())


def facts_of(situation: Situation, law_today: LawOn) -> dict[str, str]:
    """The value of every condition for a situation."""
    sexual = _yes("sexual" in situation.exploitation) if situation.exploitation else "not_known"
    turning_18 = _turning_18(situation, law_today)
    return {
        "child": _yes(situation.treated_as_child),
        "age": situation.age,
        "presumed_child": _yes(
            situation.age == "uncertain"
            and situation.believed_under_18
            and not situation.age_assessed
            and situation.signs != "none"
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
        "panel": _yes(_panel_decides(situation, law_today, turning_18)),
        "turning_18": turning_18,
        "slavery_only": situation.slavery_only,
        "ground": _ground(situation),
        **{kind: situation.consents.get(kind, "not_asked") for kind in KINDS},
    }


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _ground(situation: Situation) -> str:
    """What support by law can be based on: a decision that is being made ("deciding") or was made ("decided").

    "none" if nobody is deciding, because there is no referral or the person no longer wants it, and after a negative
    reasonable grounds decision.
    """
    if situation.referral == "sent":
        refuses = situation.consents.get("nrm_referral") in ("refused", "withdrawn")
        return "none" if refuses and not situation.treated_as_child else "deciding"
    return "none" if situation.referral in ("none", "negative_reasonable") else "decided"


def _turning_18(situation: Situation, law_today: LawOn) -> str:
    if situation.eighteen_on is None:
        return "not_known"
    if (situation.eighteen_by or situation.eighteen_on) <= law_today.day:
        return "passed"
    limit = law_today.get("devolved_decision_limit")
    days = limit.value if limit and isinstance(limit.value, int) else own_clock("turning_18_soon").days or 0
    return "soon" if situation.eighteen_on - law_today.day <= timedelta(days=days) else "later"


def _panel_decides(situation: Situation, law_today: LawOn, turning_18: str) -> bool:
    """Whether a local panel decides: for a child of certain age, in one of its areas, and not near 18."""
    key = _panel_of(situation)
    return bool(key and law_today.get(key) and situation.age == "under_18" and turning_18 in ("later", "not_known"))


def _panel_of(situation: Situation) -> str:
    """The provision under which a panel of their council decides; empty if there is no panel."""
    council = load_bodies().get(situation.council or "")
    return council.panel if council else ""


def _step(rule: StepRule, situation: Situation, law_today: LawOn, basis: LawOn, facts: Mapping[str, str]) -> Step:
    """The step with its words filled in: {length} of its clock, {due} if a decision has a date."""
    length, due, due_words = "", None, "a day that follows from the date of the decision"
    clock = _clock(rule, situation, law_today)
    if clock is not None:
        length = clock.length
        if not clock.has_end:
            due_words = "none is set"
        elif _is_decided(situation) and situation.decision_on:
            due = clock.ends(situation.decision_on)
            due_words = spoken(due)
    values = {"length": length, "due": due_words}
    cite = _cited(rule, facts, basis)
    return Step(
        id=rule.id,
        title=rule.title.format(**values),
        detail=rule.detail.format(**values),
        who=rule.who,
        by_when=rule.by_when.format(**values),
        why=(cite.why if cite else rule.why).format(**values),
        provision=cite.provision if cite else "",
        source=rule.source,
        confidence=certainty(rule, basis, law_today, cite=cite, clock=clock, panel=_panel_of(situation)),
        not_to_do=rule.not_to_do,
        service_id=rule.service_id,
        due=due,
    )


def _clock(rule: StepRule, situation: Situation, law_today: LawOn) -> Clock | None:
    if not rule.clock:
        return None
    decided_on = situation.decision_on if _is_decided(situation) else None
    return (law_on(decided_on, law_today.place) if decided_on else law_today).clock(rule.clock)


def _cited(rule: StepRule, facts: Mapping[str, str], basis: LawOn) -> Cite | None:
    """What the step cites for these people under the law of a day; None if it cites nothing."""
    default = [Cite(rule.provision, rule.why, {}, rule.rests_on)] if rule.provision else []
    for cite in (*rule.cites, *default):
        if _applies(cite.when, facts) and all(basis.in_force(key) for key in cite.rests_on):
            return cite
    return None


def certainty(
    rule: StepRule, basis: LawOn, law_today: LawOn, *, cite: Cite | None, clock: Clock | None, panel: str
) -> Confidence:
    """How sure a step is: no surer than the least sure thing it shows.

    These are its own words, what it needs and cites, the panel it names, the clock it counts with, and the telephone
    number it gives, which is no longer sure once it was checked too long ago.
    """
    keys = {rule.needs, panel if "panel" in rule.when else "", *(cite.rests_on if cite else rule.rests_on)} - {""}
    levels: list[Confidence] = [row.confidence for key in keys if (row := basis.get(key))]
    if clock is not None:
        levels.append(clock.confidence)
    place = load_place(rule.place)
    for service in place.services:
        if service.id == rule.service_id and service.numbers:
            levels.append("unconfirmed" if place.is_stale(service, on=law_today.day) else service.confidence)
    return least_sure(rule.confidence, *levels)
