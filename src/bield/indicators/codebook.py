"""Reads codebooks from dated, sourced data files: the signs, their strengths, the rule and the policies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar

from bield.datafiles import read
from bield.errors import UserError
from bield.indicators.rule import Clause, Need, Rule, Strength

DELPHI = "ilo-ec-delphi-2009"
CURRENT = {DELPHI: "2"}
"""The version of each codebook that new assessments use. Older files stay, so that old assessments can be repeated."""


class CodebookError(UserError):
    """A codebook file is missing, malformed or inconsistent, or does not have what was asked for."""


@dataclass(frozen=True, slots=True)
class Source:
    key: str
    title: str
    seen: str
    confidence: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """Words about anybody, a woman or girl, a man or boy. sets: the lists they are for; none means all."""

    they: str
    she: str = ""
    he: str = ""
    sets: tuple[str, ...] = ()

    def of(self, gender: str) -> str:
        """The words about a `woman`, a `man`, or anybody."""
        return {"woman": self.she, "man": self.he}.get(gender, "") or self.they


def words_for(wordings: Sequence[Wording], sets: Sequence[str], gender: str) -> str:
    """The words that suit every list that is asked, those made for fewer lists first; empty if none do."""
    fitting = [item for item in wordings if not item.sets or set(sets) <= set(item.sets)]
    narrowest = min(fitting, key=lambda item: len(item.sets) or float("inf"), default=None)
    return narrowest.of(gender) if narrowest else ""


@dataclass(frozen=True, slots=True)
class IndicatorSet:
    """A list of indicators: for adults or children, for labour or sexual exploitation."""

    id: str
    label: str
    age: str
    exploitation: str
    inherent: str = ""
    """The dimension that a fact alone establishes, if there is one."""
    inherent_fact: str = ""
    inherent_asks: tuple[Wording, ...] = ()


@dataclass(frozen=True, slots=True)
class Dimension:
    id: str
    label: str
    plain: str
    about: str
    stage: str
    kind: str
    labels: Mapping[str, str]
    plains: Mapping[str, str]
    noun: str = ""
    """Its name within a sentence that begins ‘There are signs of’; empty in version 1."""
    titles: tuple[Wording, ...] = ()

    def title(self, sets: Sequence[str], gender: str) -> str:
        """The heading of the questions of this dimension."""
        return words_for(self.titles, sets, gender) or (self.plain_in(sets[0]) if len(sets) == 1 else self.plain)

    def label_in(self, indicator_set: str) -> str:
        return self.labels.get(indicator_set, self.label)

    def plain_in(self, indicator_set: str) -> str:
        return self.plains.get(indicator_set, self.plain)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A strength in the table on which the sources differ."""

    set: str
    alternative: Strength
    confidence: str
    why: str


@dataclass(frozen=True, slots=True)
class Indicator:
    id: str
    dimension: str
    label: str
    labels: Mapping[str, str]
    strength: Mapping[str, Strength]
    explanation: str
    question: str
    basis: tuple[str, ...]
    disputed: tuple[Dispute, ...]
    asks: tuple[Wording, ...] = ()
    first: int = 0
    """Its place among the signs of its part that are asked first also where they are not strong; 0 for the others.

    A choice, not a strength.
    """

    def ask(self, sets: Sequence[str], gender: str) -> str:
        """The question in plain words; empty in version 1, which has only labels."""
        return words_for(self.asks, sets, gender)

    def label_in(self, indicator_set: str) -> str:
        return self.labels.get(indicator_set, self.label)

    def dispute_in(self, indicator_set: str) -> Dispute | None:
        return next((item for item in self.disputed if item.set == indicator_set), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A conclusion that a policy can reach. indicated: whether it says that the signs point to trafficking."""

    id: str
    sentence: str
    indicated: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """Dimensions that must be positive and dimensions that must be negative; the others may be either."""

    positive: frozenset[str]
    negative: frozenset[str]

    def fits(self, positive: frozenset[str]) -> bool:
        return self.positive <= positive and not self.negative & positive


@dataclass(frozen=True, slots=True)
class Policy:
    """How the dimensions combine: the first outcome with a pattern that fits applies."""

    id: str
    label: str
    age: str
    source: str
    summary: str
    steps: tuple[tuple[Outcome, tuple[Pattern, ...]], ...]

    def outcome(self, positive: frozenset[str]) -> Outcome:
        """The outcome when exactly these dimensions are positive and all others negative."""
        for outcome, patterns in self.steps:
            if not patterns or any(pattern.fits(positive) for pattern in patterns):
                return outcome
        raise CodebookError(f"policy {self.id!r} has no outcome for {sorted(positive)}")


@dataclass(frozen=True)
class Codebook:
    """Everything an assessment needs, with its sources and version."""

    id: str
    version: str
    title: str
    published: date
    summary: str
    caution: str
    sources: Mapping[str, Source]
    basis: Mapping[str, str]
    sets: Mapping[str, IndicatorSet]
    dimensions: Mapping[str, Dimension]
    rule: Rule
    outcomes: Mapping[str, Outcome]
    policies: Mapping[str, Policy]
    indicators: Mapping[str, Indicator]
    worded: date | None = None
    """The day the words were written, where that is later than the signs were published."""
    alternatives: tuple[str, ...] = ()
    """The disputed indicators that use their alternative strength, sorted."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle only the name, so that another process reads the same file."""
        return _by_name, (self.id, self.version, self.alternatives)

    def indicator_set(self, key: str) -> IndicatorSet:
        try:
            return self.sets[key]
        except KeyError:
            known = ", ".join(self.sets)
            raise CodebookError(f"{key!r} is not a set of {self.id}; the sets are {known}") from None

    def policy(self, key: str) -> Policy:
        try:
            return self.policies[key]
        except KeyError:
            known = ", ".join(policy.id for policy in self.policies.values() if policy.age == "adult")
            raise CodebookError(f"{key!r} is not a policy of {self.id}; the policies are {known}") from None

    def policy_for(self, indicator_set: str, asked: str) -> Policy:
        """The policy that applies; for a child it is always the children's."""
        policy = self.policy(asked)
        age = self.indicator_set(indicator_set).age
        if policy.age == age:
            return policy
        if age == "adult":
            raise CodebookError(f"policy {asked!r} is for children; {indicator_set!r} is for adults")
        return next(item for item in self.policies.values() if item.age == age)

    @property
    def original(self) -> Codebook:
        """This codebook without alternative strengths."""
        return load(self.id, self.version) if self.alternatives else self

    @cached_property
    def _by_set(self) -> Mapping[str, Mapping[str, tuple[Indicator, ...]]]:
        return {
            key: {
                dimension: tuple(
                    item for item in self.indicators.values() if item.dimension == dimension and key in item.strength
                )
                for dimension in self.dimensions
            }
            for key in self.sets
        }

    def signs(self, indicator_set: str, dimension: str) -> tuple[Indicator, ...]:
        """The indicators of a dimension that the set uses, in the order of the codebook."""
        return self._by_set[self.indicator_set(indicator_set).id][dimension]

    @property
    def disputed(self) -> tuple[Indicator, ...]:
        return tuple(item for item in self.indicators.values() if item.disputed)

    @cached_property
    def _with_alternatives(self) -> dict[tuple[str, ...], Codebook]:
        return {}

    def with_alternatives(self, indicators: Iterable[str]) -> Codebook:
        """This codebook with the alternative strength of the given disputed indicators.

        Raises CodebookError for an indicator that is not disputed.
        """
        chosen = tuple(sorted(set(indicators)))
        if not chosen or chosen in self._with_alternatives:
            return self._with_alternatives.get(chosen, self)
        changed = dict(self.indicators)
        for key in chosen:
            indicator = self.indicators.get(key)
            if indicator is None or not indicator.disputed:
                known = ", ".join(indicator.id for indicator in self.disputed)
                raise CodebookError(f"{key!r} is not a disputed indicator; those are {known}")
            strength = dict(indicator.strength) | {dispute.set: dispute.alternative for dispute in indicator.disputed}
            changed[key] = replace(indicator, strength=MappingProxyType(strength))
        book = replace(self, indicators=MappingProxyType(changed), alternatives=chosen)
        return self._with_alternatives.setdefault(chosen, book)


def load(name: str = DELPHI, version: str | None = None) -> Codebook:
    """Load a codebook by its id, in its current version or the one named.

    Raises CodebookError saying what is wrong, and where.
    """
    return _load(name, version or CURRENT.get(name, "?"))


def every_version(name: str = DELPHI) -> list[Codebook]:
    """Each version that is here, the oldest first: those that are not current are for what was made with them."""
    return [load(name, str(number)) for number in range(1, int(CURRENT[name]) + 1)]


@cache
def _load(name: str, version: str) -> Codebook:
    filename = f"{name}.v{version}.toml"
    missing = f"no codebook called {name!r} in version {version!r}"
    if not re.fullmatch(r"[a-z0-9-]+\.v[0-9]+\.toml", filename):
        raise CodebookError(missing)
    if not (files("bield.indicators") / "data" / filename).is_file():
        raise CodebookError(missing)
    return parse(filename, read("bield.indicators", filename))


def _by_name(name: str, version: str, alternatives: tuple[str, ...]) -> Codebook:
    return load(name, version).with_alternatives(alternatives)


def parse(filename: str, raw: Mapping[str, Any]) -> Codebook:
    """Turn the decoded file into a Codebook, refusing anything unexpected."""
    head = raw.get("codebook", {})
    allowed = {
        "codebook",
        "sources",
        "basis",
        "sets",
        "dimensions",
        "rule",
        "outcomes",
        "policies",
        "indicators",
    }
    if unknown := raw.keys() - allowed:
        raise CodebookError(f"{filename}: unknown parts {sorted(unknown)}")
    sources = _table(filename, "sources", raw, Source, key="key")
    sets = _table(filename, "sets", _worded(filename, "sets", raw, "inherent_asks"), IndicatorSet)
    dimensions = _table(
        filename,
        "dimensions",
        _worded(filename, "dimensions", raw, "titles"),
        Dimension,
        defaults={"labels": {}, "plains": {}},
    )
    outcomes = {
        key: _entry(f"{filename}, outcome {key!r}", {"id": key} | body, Outcome)
        for key, body in raw.get("outcomes", {}).items()
    }
    try:
        book = Codebook(
            **head,
            sources=MappingProxyType(sources),
            basis=MappingProxyType(raw["basis"]),
            sets=MappingProxyType(sets),
            dimensions=MappingProxyType(dimensions),
            rule=_rule(f"{filename}, rule", raw["rule"]),
            outcomes=MappingProxyType(outcomes),
            policies=MappingProxyType(_policies(filename, raw, outcomes, set(dimensions))),
            indicators=MappingProxyType(_indicators(filename, raw, sets, dimensions)),
        )
    except KeyError as error:
        raise CodebookError(f"{filename}: missing {error}") from error
    except TypeError as error:
        raise CodebookError(f"{filename}, codebook: {error}") from error
    _check_references(filename, book)
    return book


T = TypeVar("T")


def _entry(where: str, body: Mapping[str, Any], kind: type[T]) -> T:
    """A record of the file as its type. Raises CodebookError naming the entry and the field."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # every kind here is a dataclass
    if unknown := body.keys() - known:
        raise CodebookError(f"{where}: unknown fields {sorted(unknown)}")
    try:
        return kind(**body)
    except TypeError as error:
        raise CodebookError(f"{where}: {error}") from error


def _worded(filename: str, part: str, raw: Mapping[str, Any], name: str) -> dict[str, list[Any]]:
    """The records of a list with the words about people under one name made into wordings."""
    rows = raw.get(part, [])
    return {
        part: [body | {name: _wordings(f"{filename}, {part} {body.get('id')!r}", body.get(name, ()))} for body in rows]
    }


def _wordings(where: str, rows: Iterable[Mapping[str, Any]]) -> tuple[Wording, ...]:
    """Words about people. Raises CodebookError, naming the entry, unless the first are for every list."""
    made = tuple(_entry(where, dict(row) | {"sets": tuple(row.get("sets", ()))}, Wording) for row in rows)
    if made and made[0].sets:
        raise CodebookError(f"{where}: the first words must be for every list, so without sets")
    return made


def _table(
    filename: str,
    part: str,
    raw: Mapping[str, Any],
    kind: type[T],
    *,
    key: str = "id",
    defaults: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, T]:
    """The records of a list by their key, in the order of the file. Raises CodebookError if empty or a key repeats."""
    table: dict[str, T] = {}
    for number, body in enumerate(raw.get(part, []), start=1):
        where = f"{filename}, {part} {number}"
        name = body.get(key)
        if not isinstance(name, str) or not name:
            raise CodebookError(f"{where}: missing {key!r}")
        if name in table:
            raise CodebookError(f"{where}: {name!r} appears twice")
        table[name] = _entry(f"{where} ({name})", dict(defaults) | body, kind)
    if not table:
        raise CodebookError(f"{filename}: no {part}")
    return table


def _strength(where: str, value: object) -> Strength:
    try:
        return Strength(str(value))
    except ValueError:
        raise CodebookError(f"{where}: strength {value!r}; expected strong, medium or weak") from None


def _rule(where: str, raw: Mapping[str, Any]) -> Rule:
    clauses = []
    for body in raw["clauses"]:
        needs = tuple(
            Need(need["count"], tuple(_strength(where, name) for name in need["of"])) for need in body["needs"]
        )
        clauses.append(Clause(body["id"], body["words"], needs))
    if not clauses:
        raise CodebookError(f"{where}: no clauses")
    return Rule(tuple(clauses), raw["summary"], raw["source"])


def _policies(
    filename: str,
    raw: Mapping[str, Any],
    outcomes: Mapping[str, Outcome],
    dimensions: set[str],
) -> dict[str, Policy]:
    policies: dict[str, Policy] = {}
    for body in raw["policies"]:
        where = f"{filename}, policy {body['id']!r}"
        steps = []
        for step in body["outcomes"]:
            if step["outcome"] not in outcomes:
                raise CodebookError(f"{where}: unknown outcome {step['outcome']!r}")
            patterns = []
            for pattern in step.get("patterns", []):
                positive = frozenset(pattern.get("positive", ()))
                negative = frozenset(pattern.get("negative", ()))
                if unknown := (positive | negative) - dimensions:
                    raise CodebookError(f"{where}: unknown dimensions {sorted(unknown)}")
                patterns.append(Pattern(positive, negative))
            steps.append((outcomes[step["outcome"]], tuple(patterns)))
        if steps[-1][1]:
            raise CodebookError(f"{where}: the last outcome must fit always, so without patterns")
        policies[body["id"]] = Policy(
            body["id"],
            body["label"],
            body["for"],
            body["source"],
            body["summary"],
            tuple(steps),
        )
    return policies


def _indicators(
    filename: str,
    raw: Mapping[str, Any],
    sets: Mapping[str, IndicatorSet],
    dimensions: Mapping[str, Dimension],
) -> dict[str, Indicator]:
    by_id: dict[str, Any] = {}
    for number, body in enumerate(raw["indicators"], start=1):
        where = f"{filename}, indicator {number} ({body.get('id')})"
        if body.get("id") in by_id:
            raise CodebookError(f"{where}: appears twice")
        if body.get("dimension") not in dimensions:
            raise CodebookError(f"{where}: unknown dimension {body.get('dimension')!r}")
        strength = {name: _strength(where, value) for name, value in body.get("strength", {}).items()}
        disputed = tuple(
            Dispute(
                item["set"],
                _strength(where, item["alternative"]),
                item["confidence"],
                item["why"],
            )
            for item in body.get("disputed", ())
        )
        asks = _wordings(where, body.get("asks", ()))
        named = (
            {key for item in asks for key in item.sets}
            | set(strength)
            | set(body.get("labels", ()))
            | {item.set for item in disputed}
        )
        if unknown := named - sets.keys():
            raise CodebookError(f"{where}: unknown sets {sorted(unknown)}")
        if not strength:
            raise CodebookError(f"{where}: in no set")
        complete = body | {
            "strength": MappingProxyType(strength),
            "disputed": disputed,
            "labels": MappingProxyType(body.get("labels", {})),
            "basis": tuple(body.get("basis", ())),
            "asks": asks,
        }
        by_id[body["id"]] = _entry(where, complete, Indicator)
    return by_id


def _check_references(filename: str, book: Codebook) -> None:
    """Raises CodebookError if a part of the file uses a name that no other part defines."""
    for item in book.sets.values():
        if item.inherent and item.inherent not in book.dimensions:
            raise CodebookError(f"{filename}, set {item.id!r}: unknown dimension {item.inherent!r}")
    for source in {book.rule.source} | {policy.source for policy in book.policies.values()}:
        if source not in book.sources:
            raise CodebookError(f"{filename}: unknown source {source!r}")
    for indicator in book.indicators.values():
        if unknown := set(indicator.basis) - book.basis.keys():
            raise CodebookError(f"{filename}, indicator {indicator.id!r}: unknown basis {sorted(unknown)}")
    for age in {item.age for item in book.sets.values()}:
        if not any(policy.age == age for policy in book.policies.values()):
            raise CodebookError(f"{filename}: no policy for {age!r}")
