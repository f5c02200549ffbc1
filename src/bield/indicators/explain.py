"""Explains an assessment in plain sentences that a court, a supervisor and the person could read.

Every sentence goes through gettext (`translations`), and no number is given as a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from typing import Protocol

from bield.indicators.assessment import (
    Answer,
    Assessment,
    DimensionResult,
    Sign,
    Status,
    assess_dimension,
)
from bield.indicators.rule import STRENGTHS, Counts, Strength


class Translations(Protocol):
    """The source of sentences in another language: a gettext catalogue, or Django's translation module."""

    def gettext(self, message: str, /) -> str: ...
    def ngettext(self, singular: str, plural: str, number: int, /) -> str: ...


ENGLISH: Translations = NullTranslations()

_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight"),
    *("nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
)


@dataclass(frozen=True, slots=True)
class DimensionExplanation:
    """A dimension in words. short: one line; reasons: which answers count, and why they do or do not settle it."""

    id: str
    heading: str
    short: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToFindOut:
    """A sign that is not known and could still change a dimension, with an open question for it."""

    id: str
    label: str
    dimension: str
    question: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole assessment in words, from the answer to its grounds.

    answer: all of it in one sentence. more: what the answer leaves out and a reader needs beside it. conclusion: only
    about what was answered. could_change: what other answers would add, always with an ‘if’.
    """

    about: str
    answer: str
    more: tuple[str, ...]
    summary: str
    conclusion: tuple[str, ...]
    could_change: tuple[str, ...]
    dimensions: tuple[DimensionExplanation, ...]
    standing_alone: tuple[str, ...]
    find_out: tuple[ToFindOut, ...]
    how_to_find_out: tuple[str, ...]
    limits: tuple[str, ...]
    grounds: tuple[str, ...]

    def as_text(self) -> str:
        """All of it as plain text, one line for each paragraph."""
        lines = [self.about, self.answer, self.summary, *self.conclusion]
        for item in self.dimensions:
            lines += [f"{item.heading}. {item.short}", *item.reasons]
        lines += [*self.standing_alone, *self.could_change, *self.how_to_find_out]
        lines += [f"{item.label}: {item.question}" for item in self.find_out]
        return "\n".join([*lines, *self.limits, *self.grounds])


def explain(assessment: Assessment, *, translations: Translations = ENGLISH) -> Explanation:
    """Put an assessment into words.

    translations: gettext translations of the language to use; English if left out.
    """
    words = _Words(translations)
    return Explanation(
        about=words.about(assessment),
        answer=words.answer(assessment),
        more=words.more(assessment),
        summary=words.summary(assessment),
        conclusion=words.conclusion(assessment),
        could_change=words.could_change(assessment),
        dimensions=tuple(words.dimension(item) for item in assessment.dimensions),
        standing_alone=words.standing_alone(assessment.dimensions),
        find_out=words.find_out(assessment),
        how_to_find_out=words.how_to_find_out(),
        limits=words.limits(),
        grounds=words.grounds(assessment),
    )


def number_in_words(count: int, *, translations: Callable[[str], str] = ENGLISH.gettext) -> str:
    """A small number as a word, a larger one in figures."""
    return translations(_NUMBERS[count]) if count < len(_NUMBERS) else str(count)


class _Words:
    """The sentences in a language."""

    def __init__(self, translations: Translations) -> None:
        self._ = translations.gettext
        self.plural = translations.ngettext

    def listed(self, items: Iterable[str], last: str = "") -> str:
        """'a, b and c'. last: the word before the last item, instead of ‘and’."""
        words = list(items)
        joiner = last or self._("and")
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {joiner} {words[-1]}"

    def number(self, count: int) -> str:
        return number_in_words(count, translations=self._)

    def counted(self, counts: Counts, *, more: bool = False) -> str:
        """'one strong sign and two medium signs', or 'one more strong sign' if `more`."""
        kinds = {
            Strength.STRONG: (self._("strong sign"), self._("strong signs")),
            Strength.MEDIUM: (self._("medium sign"), self._("medium signs")),
            Strength.WEAK: (self._("weak sign"), self._("weak signs")),
        }
        extra = f"{self._('more')} " if more else ""
        parts = [
            f"{self.number(counts[strength])} {extra}{kinds[strength][counts[strength] != 1]}"
            for strength in STRENGTHS
            if counts[strength]
        ]
        return self.listed(parts) or self._("no signs")

    def ways(self, ways: Sequence[Counts]) -> str:
        return self.listed((self.counted(way, more=True) for way in ways), self._("or"))

    def about(self, assessment: Assessment) -> str:
        book = assessment.codebook
        label = book.indicator_set(assessment.indicator_set).label
        return self._("Assessed with the list for: {label} ({title}).").format(
            label=self._(label).lower(), title=book.title
        )

    def answer(self, assessment: Assessment) -> str:
        """What the signs add up to, in one sentence."""
        outcome, found = assessment.conclusion.outcome, self._found(assessment)
        if outcome is not None:
            return self._(outcome.sentence)
        if found:
            return self._(
                "There are signs of {names}; it is too early to say whether they add up to trafficking."
            ).format(names=self.listed(found))
        return self._("It is too early to say.") if assessment.answers else self._("No sign is recorded yet.")

    def more(self, assessment: Assessment) -> tuple[str, ...]:
        """What the answer in one sentence leaves out: the fact, what is found, what has too few signs."""
        found, settled = self._found(assessment), assessment.conclusion.outcome is not None
        return tuple(
            sentence
            for sentence in (
                self._by_fact(assessment),
                self._there_are(found) if found and settled else "",
                self._too_few(self._begun(assessment)),
            )
            if sentence
        )

    def summary(self, assessment: Assessment) -> str:
        """What is found and what has too few signs, in one or two sentences."""
        results = assessment.dimensions
        sentences = [self._there_are(self._found(assessment)), self._too_few(self._begun(assessment))]
        if any(sentences):
            return " ".join(filter(None, sentences))
        if any(item.status is Status.UNDETERMINED for item in results):
            return self._("No sign is recorded yet.")
        return self._("None of the parts is found from these answers.")

    def _found(self, assessment: Assessment) -> list[str]:
        return [self._name(assessment, item) for item in assessment.dimensions if item.status is Status.POSITIVE]

    def _begun(self, assessment: Assessment) -> list[str]:
        """The dimensions with a sign that are not settled."""
        return [
            self._name(assessment, item)
            for item in assessment.dimensions
            if item.status is Status.UNDETERMINED and item.answered(Answer.YES)
        ]

    def _name(self, assessment: Assessment, result: DimensionResult) -> str:
        """What a dimension is called within a sentence; version 1 of the codebook has only its heading, in quotes."""
        noun = assessment.codebook.dimensions[result.id].noun
        return self._(noun) if noun else f"‘{self._(result.plain)}’"

    def _there_are(self, names: Sequence[str]) -> str:
        return self._("There are signs of {names}.").format(names=self.listed(names)) if names else ""

    def _too_few(self, names: Sequence[str]) -> str:
        words = self._("There are some signs of {names}, too few to say more.")
        return words.format(names=self.listed(names)) if names else ""

    def _by_fact(self, assessment: Assessment) -> str:
        words = self._(
            "Because {fact}, exploitation is established by that fact alone. The part on other exploitation only "
            "describes what else the child may have suffered."
        )
        fact = assessment.conclusion.by_fact
        return words.format(fact=self._(fact)) if fact else ""

    def conclusion(self, assessment: Assessment) -> tuple[str, ...]:
        result = assessment.conclusion
        sentences = [self._by_fact(assessment)] if result.by_fact else []
        if result.outcome is not None:
            sentences.append(self._(result.outcome.sentence))
        elif assessment.enough_to_act:
            sentences.append(self._("What they all add up to depends on what is not known yet."))
        else:
            sentences.append(self._("It is too early to say."))
        if assessment.act is Answer.NO:
            sentences.append(
                self._(
                    "You said that nobody recruited, moved, harboured or received the person. Trafficking "
                    "includes such an act; without it, slavery, servitude or forced labour may still be there."
                )
            )
        return tuple(sentences)

    def could_change(self, assessment: Assessment) -> tuple[str, ...]:
        """What unknown answers would add if they were yes."""
        result, set_definition = assessment.conclusion, assessment.codebook.indicator_set(assessment.indicator_set)
        sentences = []
        if set_definition.inherent and assessment.inherent is Answer.UNKNOWN:
            sentences.append(
                self._("It is not known whether {fact}. If so, exploitation is established by that fact alone.").format(
                    fact=self._(set_definition.inherent_fact)
                )
            )
        sentences += [
            self._("‘{dimension}’ would be found with {more}.").format(
                dimension=self._(item.plain), more=self.ways(item.settles_positive)
            )
            for item in assessment.dimensions
            if item.status is Status.UNDETERMINED
        ]
        if result.outcome is None and any(item.indicated for item in result.possible):
            sentences.append(
                self._("Whether it would then amount to trafficking depends on which of these are found together.")
            )
        return tuple(sentences)

    def dimension(self, result: DimensionResult) -> DimensionExplanation:
        return DimensionExplanation(
            id=result.id,
            heading=self._(result.plain),
            short=self._short(result),
            reasons=tuple(self._reasons(result)),
        )

    def _short(self, result: DimensionResult) -> str:
        signs = self.counted(result.found)
        if result.status is Status.POSITIVE:
            return self._("Found: {found}").format(found=signs)
        if result.status is Status.NEGATIVE:
            return self._("Not found: {found}, and what is not known could not change it").format(found=signs)
        if not result.found.total:
            return self._("Too early to say: no sign seen yet")
        return self._("Too early to say: {found}; {more} would settle it").format(
            found=signs, more=self.counted(result.settles_positive[0], more=True)
        )

    def _reasons(self, result: DimensionResult) -> Iterable[str]:
        yes, no = result.answered(Answer.YES), result.answered(Answer.NO)
        if yes:
            yield self._("Seen or told: {signs}.").format(signs=self._signs(yes))
        if no:
            yield self._("Answered no: {signs}.").format(signs=self.listed(_quoted(sign) for sign in no))
        if result.clauses:
            ways = "; ".join(self._(item.words) for item in result.clauses)
            yield self.plural(
                "The rule is met in this way: {ways}.",
                "The rule is met in these ways: {ways}.",
                len(result.clauses),
            ).format(ways=ways)
        if result.status is Status.UNDETERMINED:
            yield self._("It would be found with {more}.").format(more=self.ways(result.settles_positive))
            yield self._("Not known, and able to change it: {signs}.").format(
                signs=self.listed(_quoted(sign) for sign in result.deciding)
            )
        if result.status is Status.NEGATIVE:
            yield self._("Fewer signs than the rule asks for.")

    def _signs(self, signs: Sequence[Sign]) -> str:
        return self.listed(f"{_quoted(sign)} ({self._(sign.strength.value)})" for sign in signs)

    def standing_alone(self, results: Sequence[DimensionResult]) -> tuple[str, ...]:
        return tuple(
            self._(
                "One strong sign stands alone under ‘{dimension}’: {sign}. The rule asks for more, but a strong "
                "sign matters by itself and should be acted on."
            ).format(dimension=self._(item.plain), sign=_quoted(item.lone_strong))
            for item in results
            if item.lone_strong is not None
        )

    def find_out(self, assessment: Assessment) -> tuple[ToFindOut, ...]:
        """The unknown signs that could change a dimension, nearest to settled first, at most three of each."""
        unsettled = sorted(
            (item for item in assessment.dimensions if item.status is Status.UNDETERMINED),
            key=lambda item: min(way.total for way in item.settles_positive),
        )
        return tuple(
            ToFindOut(
                sign.id,
                sign.label,
                self._(item.plain),
                self._(assessment.codebook.indicators[sign.id].question),
            )
            for item in unsettled
            for sign in _strongest(item.deciding)[:3]
        )

    def how_to_find_out(self) -> tuple[str, ...]:
        return (
            self._(
                "Look first at what others already hold: colleagues, records, other services. The person "
                "should not have to tell it twice."
            ),
            self._(
                "If you do talk, make it safe and private, with an interpreter the person accepts, who "
                "has no tie to the people who may be exploiting them. Say why you ask and who will know."
            ),
            self._(
                "These open a subject; they are not a list to read out. The person may skip any of them, or "
                "stop. Never press. Not wanting to answer is not a no."
            ),
            self._("With a child, leave questions to people trained to ask them."),
        )

    def limits(self) -> tuple[str, ...]:
        return (
            self._(
                "No tool can identify trafficking or rule it out. This supports a professional's judgement and "
                "does not replace it."
            ),
            self._("Nothing here is a finding that a crime took place, or that anyone is to blame."),
            self._(
                "The signs say nothing about whether somebody recruited, moved, harboured or received the person. "
                "That is a separate part of the definition and needs to be considered separately."
            ),
        )

    def grounds(self, assessment: Assessment) -> tuple[str, ...]:
        """The rule, the policy and the doubts about the sources."""
        book = assessment.codebook
        policy = book.policy(assessment.conclusion.policy)
        sentences = [
            f"{self._(book.rule.summary)} {self._confidence(assessment, book.rule.source)}",
            f"{self._(policy.label)}. {self._(policy.summary)} {self._confidence(assessment, policy.source)}",
            self._(book.caution),
        ]
        for item in book.disputed:
            dispute = item.dispute_in(assessment.indicator_set)
            if dispute is None:
                continue
            used = item.strength.get(assessment.indicator_set)
            sentences.append(
                self._("The sources differ on ‘{label}’: {why} Used here: {used}. {effect}").format(
                    label=self._(item.label_in(assessment.indicator_set)),
                    why=self._(dispute.why),
                    used=self._(used.value) if used else self._("not in this list"),
                    effect=self._effect(assessment, item.id),
                )
            )
        if assessment.outside_the_set:
            sentences.append(
                self._("Seen, but not part of this list and so not counted: {signs}.").format(
                    signs=self.listed(f"‘{label}’" for label in assessment.outside_the_set)
                )
            )
        return tuple(sentences)

    def _confidence(self, assessment: Assessment, key: str) -> str:
        source = assessment.codebook.sources[key]
        return self._("Source: {title}. How sure: {confidence}.").format(
            title=self._(source.title), confidence=self._(source.confidence)
        )

    def _effect(self, assessment: Assessment, disputed: str) -> str:
        """Whether the alternative strength of a disputed indicator would change anything here."""
        book = assessment.codebook
        other = book.original.with_alternatives(set(book.alternatives) ^ {disputed})
        dimension = book.indicators[disputed].dimension
        before = assessment.dimension(dimension).status
        after = assess_dimension(other, assessment.indicator_set, dimension, assessment.answers)
        if after.status is before:
            return self._("The other reading would change nothing here.")
        return self._("With the other reading, ‘{dimension}’ would be {status}.").format(
            dimension=self._(after.plain), status=self._(after.status.value)
        )


def _quoted(sign: Sign | None) -> str:
    return f"‘{sign.label}’" if sign else ""


def _strongest(signs: Sequence[Sign]) -> list[Sign]:
    return sorted(signs, key=lambda sign: STRENGTHS.index(sign.strength))
