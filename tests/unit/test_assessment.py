"""Three-valued assessment: the bounds, what would settle them, the conclusion, and known stories."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.indicators import (
    Age,
    Answer,
    AnswerError,
    Exploitation,
    Person,
    Status,
    assess,
    assess_person,
    load,
)
from bield.indicators.assessment import Assessment, DimensionResult, assess_dimension
from tests import natasha

BOOK = load()
SETS = list(BOOK.sets)
ANSWERS = st.dictionaries(st.sampled_from(sorted(BOOK.indicators)), st.sampled_from(list(Answer)), max_size=67)
SMALL = "abuse_of_vulnerability_at_destination"


def ticked(*signs: str, indicator_set: str = "adult_labour", policy: str = "palermo") -> Assessment:
    return assess(dict.fromkeys(signs, Answer.YES), indicator_set, policy=policy)


def everything_else_no(*signs: str, indicator_set: str, policy: str = "palermo") -> Assessment:
    answers = dict.fromkeys(BOOK.indicators, Answer.NO) | dict.fromkeys(signs, Answer.YES)
    return assess(answers, indicator_set, policy=policy)


def statuses(assessment: Assessment) -> list[str]:
    return [item.status.value[:3] for item in assessment.dimensions]


@pytest.mark.parametrize("indicator_set", SETS)
def test_the_bounds_are_the_truth_over_every_completion(indicator_set: str) -> None:
    signs = [item.id for item in BOOK.signs(indicator_set, SMALL)]
    for given_answers in product(list(Answer), repeat=len(signs)):
        answers = dict(zip(signs, given_answers, strict=True))
        result = _small(answers, indicator_set)
        unknown = [key for key, answer in answers.items() if answer is Answer.UNKNOWN]
        seen = {
            _small(answers | dict(zip(unknown, way, strict=True)), indicator_set).status
            for way in product([Answer.YES, Answer.NO], repeat=len(unknown))
        }
        expected = seen.pop() if len(seen) == 1 else Status.UNDETERMINED
        assert result.status is expected


def _small(answers: dict[str, Answer], indicator_set: str) -> DimensionResult:
    return assess_dimension(BOOK, indicator_set, SMALL, answers)


@given(ANSWERS, st.sampled_from(SETS))
def test_smallest_sets_settle_it_and_nothing_smaller_does(answers: dict[str, Answer], key: str) -> None:
    for item in assess(answers, key, policy="palermo").dimensions:
        sets = list(item.smallest_sets())
        assert bool(sets) == (item.status is Status.UNDETERMINED)
        unknown = {sign.id for sign in item.answered(Answer.UNKNOWN)}
        for chosen in sets[:20]:
            assert chosen <= unknown
            yes = answers | dict.fromkeys(chosen, Answer.YES)
            assert assess(yes, key, policy="palermo").dimension(item.id).status is Status.POSITIVE
            for left_out in chosen:
                fewer = answers | dict.fromkeys(chosen - {left_out}, Answer.YES)
                status = assess(fewer, key, policy="palermo").dimension(item.id).status
                assert status is Status.UNDETERMINED


@given(ANSWERS, st.sampled_from(SETS))
def test_enough_no_settles_it_the_other_way(answers: dict[str, Answer], key: str) -> None:
    for item in assess(answers, key, policy="palermo").dimensions:
        for way in item.settles_negative:
            chosen: list[str] = []
            for sign in item.answered(Answer.UNKNOWN):
                taken = [other for other in item.signs if other.id in chosen]
                if sum(other.strength is sign.strength for other in taken) < way[sign.strength]:
                    chosen.append(sign.id)
            no = answers | dict.fromkeys(chosen, Answer.NO)
            assert assess(no, key, policy="palermo").dimension(item.id).status is Status.NEGATIVE


@given(ANSWERS, st.sampled_from(SETS), st.randoms())
def test_the_order_of_the_answers_does_not_matter(answers: dict[str, Answer], key: str, random: object) -> None:
    shuffled = list(answers.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert assess(dict(shuffled), key, policy="palermo") == assess(answers, key, policy="palermo")


@given(ANSWERS, st.sampled_from(sorted(BOOK.indicators)), st.sampled_from(SETS))
def test_one_more_tick_never_lowers_a_dimension(answers: dict[str, Answer], sign: str, key: str) -> None:
    order = [Status.NEGATIVE, Status.UNDETERMINED, Status.POSITIVE]
    before = assess(answers | {sign: Answer.NO}, key, policy="palermo")
    after = assess(answers | {sign: Answer.YES}, key, policy="palermo")
    for low, high in zip(before.dimensions, after.dimensions, strict=True):
        assert order.index(low.status) <= order.index(high.status)


@given(ANSWERS, st.sampled_from(SETS), st.sampled_from(["palermo", "three_part", "published_table"]))
def test_the_conclusion_covers_every_way_the_dimensions_can_turn_out(
    answers: dict[str, Answer], key: str, policy: str
) -> None:
    result = assess(answers, key, policy=policy, inherent=Answer.NO)
    rules = BOOK.policy_for(key, policy)
    positive = {item.id for item in result.dimensions if item.status is Status.POSITIVE}
    unsettled = [item.id for item in result.dimensions if item.status is Status.UNDETERMINED]
    reached = {
        rules.outcome(frozenset(positive | set(more)))
        for size in range(len(unsettled) + 1)
        for more in combinations(unsettled, size)
    }
    assert set(result.conclusion.possible) == reached
    assert result.conclusion.indicated is Status.between(
        all(item.indicated for item in reached), any(item.indicated for item in reached)
    )


@pytest.mark.parametrize(("policy", "patterns"), [("published_table", 12), ("three_part", 21), ("palermo", 31)])
def test_how_many_of_the_64_patterns_point_to_trafficking(policy: str, patterns: int) -> None:
    names = list(BOOK.dimensions)
    every = [frozenset(chosen) for size in range(7) for chosen in combinations(names, size)]
    assert sum(BOOK.policy(policy).outcome(pattern).indicated for pattern in every) == patterns


@pytest.mark.parametrize(
    ("positive", "outcome"),
    [
        ("", "not_indicated"),
        ("E", "exploited"),
        ("DE", "deception_and_exploitation"),
        ("DEK", "trafficking_indicated"),
        ("CEK", "trafficking_indicated"),
        ("CE", "not_in_the_table"),
        ("EK", "not_in_the_table"),
        ("VE", "not_in_the_table"),
        ("D", "not_in_the_table"),
    ],
)
def test_the_published_rows(positive: str, outcome: str) -> None:
    """The four rows for Moldova (labour force survey 2008), from a transcription citing WCMS_105023, and its gaps."""
    names = dict(zip("DCVEKA", BOOK.dimensions, strict=True))
    pattern = frozenset(names[letter] for letter in positive)
    assert BOOK.policy("published_table").outcome(pattern).id == outcome


@pytest.mark.parametrize(
    ("ticks", "expected"),
    [
        ("deceived_nature_of_job", "nnnn"),
        ("deceived_nature_of_job deceived_education_access", "pppp"),
        ("recruit_threats_of_violence recruit_debt_bondage", "nppp"),
        ("excessive_working_days_or_hours bad_living_conditions", "pnpn"),
        ("hazardous_work bad_living_conditions", "nnnp"),
        ("dest_forced_tasks_or_clients dest_threats_inform_family_community_public", "nppp"),
        ("dvuln_dependency_on_exploiters dvuln_economic_reasons", "nnnp"),
    ],
)
def test_the_same_ticks_in_different_sets(ticks: str, expected: str) -> None:
    signs = ticks.split()
    dimension = BOOK.indicators[signs[0]].dimension
    found = "".join(everything_else_no(*signs, indicator_set=key).dimension(dimension).status.value[0] for key in SETS)
    assert found == expected


def test_natasha() -> None:
    """TARA training pack, exercise 2. Our coding: see tests/natasha.py."""
    result = everything_else_no(*natasha.SIGNS, indicator_set="adult_sexual")
    assert statuses(result) == ["pos", "neg", "pos", "pos", "pos", "pos"]
    forced = result.dimension("coercive_recruitment")
    assert forced.lone_strong is not None
    assert forced.lone_strong.id == "recruit_abduction_forced_marriage_adoption_sale"
    for policy in ("palermo", "three_part", "published_table"):
        other = everything_else_no(*natasha.SIGNS, indicator_set="adult_sexual", policy=policy)
        assert other.conclusion.indicated is Status.POSITIVE
    fewer = [sign for sign in natasha.SIGNS if sign != "no_social_protection"]
    fragile = everything_else_no(*fewer, indicator_set="adult_sexual").dimension("exploitation")
    assert fragile.status is Status.NEGATIVE
    assert fragile.found.medium == 2


def test_what_is_not_asked_is_unknown() -> None:
    result = ticked(*natasha.SIGNS, indicator_set="adult_sexual")
    assert result.dimension("coercive_recruitment").status is Status.UNDETERMINED
    assert result.conclusion.indicated is Status.POSITIVE


def test_six_construction_workers_in_wuppertal() -> None:
    """Boell Foundation, 2014 (our coding): control found, exploitation not reached, and said so."""
    result = everything_else_no(
        "deceived_wages",
        "deceived_work_contract",
        "low_or_no_salary",
        "no_respect_of_labour_laws_or_contract",
        "dest_violence_on_victims",
        "dest_threats_of_violence",
        "dest_violence_on_family",
        "dest_withholding_of_wages",
        indicator_set="adult_labour",
    )
    assert statuses(result) == ["neg", "neg", "neg", "neg", "pos", "neg"]
    assert result.conclusion.indicated is Status.NEGATIVE
    assert [item.id for item in result.conclusion.possible] == ["means_without_exploitation"]


def test_adi_at_the_stage_of_recruitment() -> None:
    """Human Rights at Sea, 2014 (our coding): nothing known of the destination, so nothing is concluded."""
    result = ticked(
        "deceived_work_contract",
        "deceived_travel_recruitment_conditions",
        "recruit_debt_bondage",
        "rvuln_lack_of_information",
    )
    assert set(statuses(result)) == {"und"}
    assert result.conclusion.indicated is Status.UNDETERMINED
    assert result.conclusion.outcome is None


def test_the_two_disputed_cells_change_123_sets_of_ticks() -> None:
    """All 65,536 sets of ticks of the dimension, adult labour; the number is in the reference."""
    from bield.indicators import Counts

    names = BOOK.signs("adult_labour", "recruitment_by_abuse_of_vulnerability")
    disputed = [item for item in names if item.disputed]
    both = BOOK.with_alternatives([item.id for item in disputed])
    changed = 0
    for ticks in product([False, True], repeat=len(names)):
        chosen = [item for item, tick in zip(names, ticks, strict=True) if tick]
        before = Counts.of(item.strength["adult_labour"] for item in chosen)
        after = Counts.of(both.indicators[item.id].strength["adult_labour"] for item in chosen)
        changed += BOOK.rule.holds(before) is not BOOK.rule.holds(after)
    assert changed == 123


def test_a_child_needs_no_means() -> None:
    result = everything_else_no(
        "excessive_working_days_or_hours",
        "bad_living_conditions",
        indicator_set="child_labour",
        policy="published_table",
    )
    assert result.conclusion.indicated is Status.POSITIVE
    assert result.conclusion.policy == "child"
    assert result.conclusion.asked_policy == "published_table"


@pytest.mark.parametrize(
    ("inherent", "indicated"),
    [(Answer.YES, Status.POSITIVE), (Answer.NO, Status.NEGATIVE), (Answer.UNKNOWN, Status.UNDETERMINED)],
)
def test_sexual_exploitation_of_a_child_needs_no_sign(inherent: Answer, indicated: Status) -> None:
    answers = dict.fromkeys(BOOK.indicators, Answer.NO)
    result = assess(answers, "child_sexual", policy="palermo", inherent=inherent)
    assert result.dimension("exploitation").label == "Additional exploitation"
    assert result.dimension("exploitation").status is Status.NEGATIVE
    assert result.conclusion.indicated is indicated
    assert bool(result.conclusion.by_fact) is (inherent is Answer.YES)


@pytest.mark.parametrize(
    ("age", "exploitation", "sets"),
    [
        (Age.ADULT, Exploitation.LABOUR, ("adult_labour",)),
        (Age.UNDER_18, Exploitation.SEXUAL, ("child_sexual",)),
        (Age.NOT_SURE, Exploitation.LABOUR, ("child_labour",)),
        (Age.NOT_SURE, Exploitation.NOT_SURE, ("child_labour", "child_sexual")),
        (Age.ADULT, Exploitation.BOTH, ("adult_labour", "adult_sexual")),
    ],
)
def test_which_sets_apply(age: Age, exploitation: Exploitation, sets: tuple[str, ...]) -> None:
    person = Person(age, exploitation)
    assert person.sets == sets
    assert person.treated_as_child is (age is not Age.ADULT)
    results = assess_person(person, {}, policy="palermo")
    assert tuple(item.indicator_set for item in results) == sets


def test_a_sign_outside_the_set_is_kept_and_not_counted() -> None:
    result = ticked("no_access_to_education", indicator_set="adult_sexual")
    assert result.outside_the_set == ("No access to education",)
    assert result.dimension("exploitation").found.total == 0


@pytest.mark.parametrize(
    ("answers", "words"),
    [({"dest_debt": "yes"}, "'dest_debt' is not an indicator"), ({"hazardous_work": "often"}, "'often'")],
)
def test_answers_that_make_no_sense_are_named(answers: dict[str, str], words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        assess(answers, "adult_labour", policy="palermo")
