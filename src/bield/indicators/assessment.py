"""Works out what a person's answers add up to: each dimension, the conclusion, and what is not known yet.

Every answer is yes, no or unknown, and silence is unknown. The rule is monotone, so taking every unknown as no and
then as yes bounds the truth exactly: positive, negative, or undetermined with the answers that would settle it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import combinations, product

from bield.errors import UserError
from bield.indicators.codebook import Codebook, Outcome, load
from bield.indicators.rule import STRENGTHS, Clause, Counts, Rule, Strength


class Answer(StrEnum):
    """What is known about an indicator. Not asked, refused and not known are all unknown."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """What is known about a dimension or a conclusion."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNDETERMINED = "undetermined"

    @classmethod
    def between(cls, lower: bool, upper: bool) -> Status:  # noqa: FBT001  # two bounds, in order
        """The status, from the truth values if unknown answers count as no (lower) and as yes (upper)."""
        if lower:
            return cls.POSITIVE
        return cls.UNDETERMINED if upper else cls.NEGATIVE


class AnswerError(UserError):
    """An answer is for an indicator that does not exist, or is not yes, no or unknown."""


@dataclass(frozen=True, slots=True)
class Sign:
    """An indicator as it was answered, with its strength in the set."""

    id: str
    label: str
    strength: Strength
    answer: Answer


@dataclass(frozen=True, slots=True)
class DimensionResult:
    """A dimension: its status, the clauses that hold, and what could still change it."""

    id: str
    label: str
    plain: str
    status: Status
    signs: tuple[Sign, ...]
    clauses: tuple[Clause, ...]
    settles_positive: tuple[Counts, ...]
    """The smallest numbers of unknown signs, by strength, that would make it positive if they were yes."""
    settles_negative: tuple[Counts, ...]
    """The smallest numbers of unknown signs, by strength, that would make it negative if they were no."""

    def answered(self, answer: Answer) -> tuple[Sign, ...]:
        return tuple(sign for sign in self.signs if sign.answer is answer)

    @property
    def found(self) -> Counts:
        """How many signs of each strength are present."""
        return Counts.of(sign.strength for sign in self.answered(Answer.YES))

    @property
    def lone_strong(self) -> Sign | None:
        """The strong sign that alone does not make the dimension positive, if there is one."""
        if self.status is Status.POSITIVE:
            return None
        strong = [sign for sign in self.answered(Answer.YES) if sign.strength is Strength.STRONG]
        return strong[0] if strong else None

    @property
    def deciding(self) -> tuple[Sign, ...]:
        """The unknown signs with an answer that could still change this dimension."""
        ways = self.settles_positive
        return tuple(sign for sign in self.answered(Answer.UNKNOWN) if any(way[sign.strength] > 0 for way in ways))

    def smallest_sets(self) -> Iterator[frozenset[str]]:
        """Every smallest set of unknown indicators that, all answered yes, would make it positive."""
        unknown = self.answered(Answer.UNKNOWN)
        fewest = min((way.total for way in self.settles_positive), default=0)
        for way in self.settles_positive:
            if way.total != fewest:
                continue
            choices = [
                combinations([sign.id for sign in unknown if sign.strength is strength], way[strength])
                for strength in STRENGTHS
            ]
            for parts in product(*choices):
                yield frozenset(key for part in parts for key in part)

    @property
    def clause_signs(self) -> tuple[Sign, ...]:
        """The signs that satisfy the first clause that holds: as few as it needs, strongest first."""
        if not self.clauses:
            return ()
        unused = sorted(self.answered(Answer.YES), key=lambda sign: STRENGTHS.index(sign.strength))
        chosen: list[Sign] = []
        for need in self.clauses[0].needs:
            for sign in [sign for sign in unused if sign.strength in need.of][: need.count]:
                chosen.append(sign)
                unused.remove(sign)
        return tuple(chosen)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the dimensions add up to under a policy.

    indicated: whether the signs point to trafficking. possible: every outcome that unknown answers leave open, one if
    the conclusion is settled. by_fact: the fact that establishes exploitation without any signs, if there is one.
    """

    policy: str
    asked_policy: str
    indicated: Status
    possible: tuple[Outcome, ...]
    by_fact: str = ""

    @property
    def outcome(self) -> Outcome | None:
        """The outcome, or None while more than one is possible."""
        return self.possible[0] if len(self.possible) == 1 else None


@dataclass(frozen=True, slots=True)
class Assessment:
    """A person's answers, assessed with a set of indicators."""

    codebook: Codebook
    indicator_set: str
    answers: Mapping[str, Answer]
    """The answers given, yes or no; every other indicator is unknown."""
    inherent: Answer
    act: Answer
    dimensions: tuple[DimensionResult, ...]
    conclusion: Conclusion

    def dimension(self, key: str) -> DimensionResult:
        return next(item for item in self.dimensions if item.id == key)

    @property
    def enough_to_act(self) -> bool:
        """Whether there is enough to act on: a positive dimension, a fact that is known, or a strong sign alone."""
        by_signs = any(item.status is Status.POSITIVE or item.lone_strong for item in self.dimensions)
        return by_signs or bool(self.conclusion.by_fact)

    @property
    def outside_the_set(self) -> tuple[str, ...]:
        """The labels of signs that were seen but that this set does not count."""
        return tuple(
            self.codebook.indicators[key].label
            for key, answer in self.answers.items()
            if answer is Answer.YES and self.indicator_set not in self.codebook.indicators[key].strength
        )


def assess(
    answers: Mapping[str, Answer | str],
    indicator_set: str,
    *,
    policy: str,
    codebook: Codebook | None = None,
    inherent: Answer | str = Answer.UNKNOWN,
    act: Answer | str = Answer.UNKNOWN,
) -> Assessment:
    """Assess a person's answers with a set of indicators.

    answers: indicator id to yes, no or unknown; an indicator left out is unknown. One that the set does not use is
        kept but not counted.
    policy: how the dimensions combine (`palermo`, `three_part`, `published_table`). A child is always assessed under
        the children's rule, whatever policy is given; the conclusion says which was used.
    inherent: whether the fact that the set is about is established, if the set has one: for child_sexual, that the
        child was used or offered for prostitution or pornography.
    act: whether somebody recruited, moved, harboured or received the person. No indicator measures it, so it is
        stored beside them and changes no result.

    Raises AnswerError for an unknown indicator or answer, CodebookError for an unknown set or policy.

    >>> result = assess({"dest_violence_on_victims": "yes"}, "adult_sexual", policy="palermo")
    >>> result.dimension("coercion_at_destination").status.value
    'undetermined'
    """
    book = codebook or load()
    given = _parse(answers, book)
    fact = _answer("inherent", inherent)
    results = tuple(assess_dimension(book, indicator_set, dimension, given) for dimension in book.dimensions)
    return Assessment(
        codebook=book,
        indicator_set=indicator_set,
        answers=given,
        inherent=fact,
        act=_answer("act", act),
        dimensions=results,
        conclusion=_conclude(book, indicator_set, policy, results, fact),
    )


def _answer(key: str, value: Answer | str) -> Answer:
    try:
        return Answer(value)
    except ValueError:
        raise AnswerError(f"{key}: {value!r} is not an answer; expected yes, no or unknown") from None


def _parse(answers: Mapping[str, Answer | str], book: Codebook) -> dict[str, Answer]:
    """The answers in the order of the codebook, so that their order never matters."""
    if unknown := answers.keys() - book.indicators.keys():
        raise AnswerError(f"{sorted(unknown)[0]!r} is not an indicator of {book.id}")
    parsed = {key: _answer(key, answers[key]) for key in book.indicators if answers.get(key) is not None}
    return {key: answer for key, answer in parsed.items() if answer is not Answer.UNKNOWN}


def assess_dimension(
    book: Codebook, indicator_set: str, dimension: str, given: Mapping[str, Answer]
) -> DimensionResult:
    """Assess a dimension of a set, from answers that are already parsed."""
    signs = tuple(
        Sign(
            item.id,
            item.label_in(indicator_set),
            item.strength[indicator_set],
            given.get(item.id, Answer.UNKNOWN),
        )
        for item in book.signs(indicator_set, dimension)
    )
    present = Counts.of(sign.strength for sign in signs if sign.answer is Answer.YES)
    unknown = Counts.of(sign.strength for sign in signs if sign.answer is Answer.UNKNOWN)
    status = Status.between(book.rule.holds(present), book.rule.holds(present + unknown))
    open_ = status is Status.UNDETERMINED
    definition = book.dimensions[dimension]
    return DimensionResult(
        id=dimension,
        label=definition.label_in(indicator_set),
        plain=definition.plain_in(indicator_set),
        status=status,
        signs=signs,
        clauses=book.rule.satisfied(present),
        settles_positive=_enough_yes(book.rule, present, unknown) if open_ else (),
        settles_negative=_enough_no(book.rule, present, unknown) if open_ else (),
    )


@lru_cache(maxsize=4096)
def _enough_yes(rule: Rule, found: Counts, unknown: Counts) -> tuple[Counts, ...]:
    """The smallest numbers of unknown signs that, if they were yes, would make the rule hold."""
    return _smallest(unknown, lambda more: rule.holds(found + more))


@lru_cache(maxsize=4096)
def _enough_no(rule: Rule, found: Counts, unknown: Counts) -> tuple[Counts, ...]:
    """The smallest numbers of unknown signs that, if they were no, would keep the rule from holding."""
    return _smallest(unknown, lambda fewer: not rule.holds(found + unknown - fewer))


def _smallest(limit: Counts, works: Callable[[Counts], bool]) -> tuple[Counts, ...]:
    """The minimal counts within the limit that work, fewest signs first, then strongest first."""
    candidates = [
        Counts(strong, medium, weak)
        for strong in range(limit.strong + 1)
        for medium in range(limit.medium + 1)
        for weak in range(limit.weak + 1)
    ]
    minimal: list[Counts] = []
    for counts in sorted(candidates, key=lambda item: (item.total, -item.strong, -item.medium)):
        if not any(counts.covers(smaller) for smaller in minimal) and works(counts):
            minimal.append(counts)
    return tuple(minimal)


@cache
def _completions(undetermined: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Every way the undetermined dimensions could turn out, each as the set that would be positive."""
    names = sorted(undetermined)
    return tuple(frozenset(chosen) for size in range(len(names) + 1) for chosen in combinations(names, size))


def possible_outcomes(
    book: Codebook, policy: str, positive: frozenset[str], undetermined: frozenset[str]
) -> tuple[Outcome, ...]:
    """Every outcome that the undetermined dimensions leave open, in the policy's order.

    Exact, because no two dimensions share an indicator: each undetermined one can turn out either way.
    """
    rules = book.policy(policy)
    reached = {rules.outcome(positive | more).id for more in _completions(undetermined)}
    return tuple(outcome for outcome, _ in rules.steps if outcome.id in reached)


def indicated(outcomes: tuple[Outcome, ...]) -> Status:
    """Whether all, some or none of the possible outcomes say that the signs point to trafficking."""
    answers = [outcome.indicated for outcome in outcomes]
    return Status.between(all(answers), any(answers))


def with_fact(status: Status, fact: Answer) -> Status:
    """The status of a dimension that a fact alone establishes, from its signs and what is known about the fact."""
    if fact is Answer.YES:
        return Status.POSITIVE
    return Status.UNDETERMINED if fact is Answer.UNKNOWN and status is Status.NEGATIVE else status


def _conclude(
    book: Codebook,
    indicator_set: str,
    asked: str,
    results: tuple[DimensionResult, ...],
    fact: Answer,
) -> Conclusion:
    set_definition = book.indicator_set(indicator_set)
    policy = book.policy_for(indicator_set, asked)
    statuses = {result.id: result.status for result in results}
    by_fact = ""
    if set_definition.inherent:
        statuses[set_definition.inherent] = with_fact(statuses[set_definition.inherent], fact)
        by_fact = set_definition.inherent_fact if fact is Answer.YES else ""
    outcomes = possible_outcomes(
        book,
        policy.id,
        frozenset(key for key, status in statuses.items() if status is Status.POSITIVE),
        frozenset(key for key, status in statuses.items() if status is Status.UNDETERMINED),
    )
    return Conclusion(
        policy=policy.id,
        asked_policy=asked,
        indicated=indicated(outcomes),
        possible=outcomes,
        by_fact=by_fact,
    )
