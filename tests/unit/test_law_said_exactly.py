"""What the law's words reach and what they do not: support before a decision, how sure a step is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args

import pytest

from bield.law.dated import on as law_on
from bield.law.pathway import Cite, Situation, Step, StepRule, certainty, load_pathway, next_steps
from bield.law.places import load_place
from bield.law.reading import Confidence
from bield.law.support import phases, support_of

TODAY = date(2026, 11, 25)
LAST_OF_POLICY, FIRST_OF_STATUTE = date(2018, 3, 31), date(2018, 4, 1)
SUPPORTED = {"support": "given"}
SURE = get_args(Confidence)


def steps(*, on: date = TODAY, **known: Any) -> dict[str, Step]:
    found = next_steps(Situation(**({"age": "adult"} | known)), on=on, place="scotland")
    return {step.id: step for step in found}


# Support before a decision, and after one: what is cited for whom


REGULATION_3 = "2015 Act, section 10; SSI 2018/90, regulation 3"
POSITIVE, HEADS = "reasonable_grounds", "2015 Act, section 9(4)"
BOTH_HEADS = "2015 Act, section 9(4); for slavery, servitude or forced labour alone, SSI 2018/90, regulation 3(5)"


@pytest.mark.parametrize("step", ["health", "legal-advice"])
@pytest.mark.parametrize(
    ("known", "cited"),
    [
        ({}, ""),
        ({"consents": SUPPORTED | {"nrm_referral": "refused"}}, ""),
        ({"referral": "sent", "consents": SUPPORTED | {"nrm_referral": "withdrawn"}}, ""),
        ({"referral": "negative_reasonable", "decision_on": TODAY}, ""),
        ({"referral": "sent"}, BOTH_HEADS),
        ({"referral": "sent", "slavery_only": "no"}, HEADS),
        ({"referral": "sent", "slavery_only": "yes"}, "SSI 2018/90, regulation 3(5)"),
        (
            {"referral": "reasonable_grounds", "decision_on": FIRST_OF_STATUTE, "slavery_only": "no"},
            "2015 Act, section 9(4)",
        ),
        ({"referral": POSITIVE, "decision_on": LAST_OF_POLICY, "slavery_only": "no"}, ""),
        ({"referral": "negative_conclusive", "decision_on": TODAY, "slavery_only": "no"}, HEADS),
    ],
)
def test_the_heads_of_support_are_cited_only_for_those_whom_the_law_reaches(
    step: str, known: dict[str, Any], cited: str
) -> None:
    found = steps(**({"consents": SUPPORTED} | known))[step]
    assert found.provision == cited
    assert ("heads of support" in found.why) is bool(cited)


@pytest.mark.parametrize("answer", ["refused", "withdrawn"])
def test_no_power_of_section_9_is_named_to_somebody_who_refuses_the_referral(answer: str) -> None:
    step = steps(consents={"nrm_referral": answer})["referral-refused"]
    assert not step.provision
    assert "before any decision" not in step.why
    assert step.confidence == "unconfirmed"
    assert "own reading" in step.source


@pytest.mark.parametrize(
    ("decided", "slavery_only", "step", "last", "cited"),
    [
        (FIRST_OF_STATUTE, "no", "support-period", date(2018, 6, 30), "2015 Act, section 9; SSI 2018/90"),
        (
            FIRST_OF_STATUTE,
            "yes",
            "support-period-slavery",
            date(2018, 6, 30),
            "2015 Act, section 10; SSI 2018/90, regulation 3",
        ),
        (LAST_OF_POLICY, "no", "support-period-policy", date(2018, 5, 15), ""),
        (LAST_OF_POLICY, "not_known", "support-period-policy", date(2018, 5, 15), ""),
    ],
)
def test_a_period_rests_on_what_held_on_the_day_of_the_decision(
    decided: date, slavery_only: str, step: str, last: date, cited: str
) -> None:
    found = steps(referral="reasonable_grounds", decision_on=decided, slavery_only=slavery_only, consents=SUPPORTED)
    assert [name for name in found if name.startswith("support-period")] == [step]
    assert (found[step].due, found[step].provision) == (last, cited)
    assert ("no statutory period" in found[step].detail) is (decided == LAST_OF_POLICY)


@pytest.mark.parametrize(
    ("slavery_only", "decided", "cited"),
    [
        ("no", FIRST_OF_STATUTE, "2015 Act, section 9(3)"),
        ("yes", FIRST_OF_STATUTE, "SSI 2018/90, regulation 3(4)"),
        ("no", LAST_OF_POLICY, ""),
    ],
)
def test_support_after_a_conclusive_decision_cites_its_own_words(slavery_only: str, decided: date, cited: str) -> None:
    found = steps(referral="conclusive_positive", decision_on=decided, slavery_only=slavery_only)["after-positive"]
    assert found.provision == cited


@pytest.mark.parametrize(
    ("phase", "source", "for_slavery"),
    [
        ("before", "s.9(3)(a)", "reg 3(4)(a)"),
        ("statutory", "s.9(1) and (2)", "s.10; SSI 2018/90 reg 3"),
        ("beyond", "s.9(3)", "reg 3(4)"),
        ("after", "s.9(3)", "reg 3(4)"),
    ],
)
def test_a_part_of_support_cites_the_words_that_reach_the_person(phase: str, source: str, for_slavery: str) -> None:
    days: dict[str, Any] = {"grounds_on": date(2026, 2, 1), "conclusive_on": date(2026, 9, 1)}
    for slavery_only, cited, other in ((False, source, for_slavery), (True, for_slavery, source)):
        found = phases(date(2026, 1, 1), place="scotland", slavery_only=slavery_only, **days)
        rule = {item.rule.id: item.rule for item in found}[phase]  # type: ignore[index]
        assert cited in rule.source
        assert other not in rule.source


def test_support_before_a_decision_is_for_somebody_whose_referral_is_being_decided() -> None:
    rule = next(item for item in support_of("scotland").phases if item.id == "before")
    assert "refuses the referral" in rule.law_says
    assert "negative" in rule.law_says


def test_a_decision_before_1_april_2018_has_no_statutory_part() -> None:
    found = phases(date(2018, 3, 1), place="scotland", grounds_on=LAST_OF_POLICY)
    assert [item.rule.id for item in found] == ["before", "policy", "beyond"]
    policy = found[1].rule
    assert not policy.duty
    assert "no statutory period" in policy.law_says
    assert "s.9" not in policy.source


# How sure a step is


def test_a_step_is_no_surer_than_the_clock_it_shows() -> None:
    """Whether the 90 days begin on the day of the decision or the next is not settled, so the step is not either."""
    found = steps(referral="reasonable_grounds", decision_on=TODAY, consents=SUPPORTED)["support-period"]
    assert found.confidence == law_on(TODAY, "scotland").clock("adult_support").confidence == "unconfirmed"


def test_a_step_is_no_surer_than_what_it_names_of_a_panel() -> None:
    found = steps(age="under_18", council="glasgow-city")["child-panel"]
    row = law_on(TODAY, "scotland").get("devolved_decision_glasgow")
    assert row is not None
    assert found.confidence == row.confidence == "unconfirmed"
    assert steps(age="under_18", council="city-of-edinburgh")["child-panel"].confidence == "confirmed"


@pytest.mark.parametrize(("after", "sure"), [(365, "confirmed"), (366, "unconfirmed")])
def test_a_step_is_no_surer_than_the_number_it_gives(after: int, sure: Confidence) -> None:
    tara = next(item for item in load_place("scotland").services if item.id == "tara")
    day = tara.verified_on + timedelta(days=after)
    found = steps(on=day, gender="woman", exploitation=frozenset({"sexual"}), consents=SUPPORTED)["support-tara"]
    assert found.confidence == sure


@pytest.mark.parametrize("rule", load_pathway().steps, ids=lambda rule: f"{rule.place} {rule.id}")
def test_no_step_is_surer_than_a_provision_it_cites(rule: StepRule) -> None:
    law = law_on(TODAY, rule.place)
    cited = [Cite(rule.provision, rule.why, {}, rule.rests_on), *rule.cites]
    for cite in cited:
        found = certainty(rule, law, law, cite=cite, clock=None, panel="")
        rows = [row for key in cite.rests_on if (row := law.get(key))]
        assert all(SURE.index(found) >= SURE.index(row.confidence) for row in rows)
        assert SURE.index(found) >= SURE.index(rule.confidence)


# No signs, and the path of a child


def test_where_the_signs_point_to_nothing_nothing_is_said_to_be_believed() -> None:
    known: dict[str, Any] = {"age": "uncertain", "believed_under_18": True, "parental_rights_in_uk": "no"}
    found = steps(signs="none", **known)
    assert "age-presumption" not in found
    assert "guardian" not in found
    assert "age-not-sure" in found
    for step in found.values():
        assert "reason to believe" not in f"{step.detail} {step.why}"
        assert "reasonable grounds to believe" not in f"{step.detail} {step.why}"
    assert {"age-presumption", "guardian"} <= steps(signs="indicated", **known).keys()


@pytest.mark.parametrize("signs", ["not_assessed", "undetermined", "indicated"])
def test_that_there_is_reason_to_believe_is_a_condition_and_no_finding(signs: str) -> None:
    known: dict[str, Any] = {
        "age": "uncertain",
        "believed_under_18": True,
        "parental_rights_in_uk": "no",
        "signs": signs,
    }
    found = steps(**known)
    assert "holds where there is reason to believe" in found["age-presumption"].why
    assert "The council decides whether" in found["guardian"].why
