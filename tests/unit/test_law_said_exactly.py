"""What the law's words reach and what they do not: support before a decision, how sure a step is."""

from __future__ import annotations

from datetime import date

import pytest

from bield.law.dated import on as law_on
from bield.law.pathway import Situation, next_steps
from bield.law.support import load_support


def test_a_step_is_no_surer_than_the_clock_it_shows() -> None:
    """Whether the 90 days begin on the day of the decision or the next is not settled, so the step is not either."""
    decided = Situation(
        age="adult", referral="reasonable_grounds", decision_on=date(2026, 11, 25), consents={"support": "given"}
    )
    steps = {item.due: item for item in next_steps(decided, on=date(2026, 11, 25)) if item.due}
    clock = law_on(date(2026, 11, 25)).clock("adult_support")
    assert steps[clock.ends(date(2026, 11, 25))].confidence == clock.confidence == "unconfirmed"


@pytest.mark.parametrize("answer", ["refused", "withdrawn"])
def test_no_power_of_section_9_is_named_to_somebody_who_refuses_the_referral(answer: str) -> None:
    refused = Situation(age="adult", consents={"nrm_referral": answer})
    step = {item.id: item for item in next_steps(refused, on=date(2026, 11, 25))}["referral-refused"]
    assert not step.provision
    assert "before any decision" not in step.why


def test_support_before_a_decision_is_for_somebody_whose_referral_is_being_decided() -> None:
    rule = next(item for item in load_support().phases if item.id == "before")
    assert "reg 3(4)(a)" in rule.source
    assert "refuses the referral" in rule.law_says
    assert "negative" in rule.law_says
