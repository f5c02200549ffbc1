"""Counts which signs came before a positive decision, over all records, with small numbers hidden."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import F

from bield import indicators
from bield.disclosure import combination_rules, protected
from bield.service.cases.models import SignAnswer
from bield.service.referrals.models import Decision
from bield.service.signs.labels import sign_label

POSITIVE = ("rg_positive", "cg_positive")


@dataclass(frozen=True, slots=True)
class BeforePositive:
    """People with a positive decision, and how many of them had each sign; empty where the number is small."""

    people: str
    least: int
    rows: tuple[tuple[str, str], ...]


def before_positive() -> BeforePositive:
    """For each sign, count the people with a positive decision and that sign on their record."""
    least = combination_rules().threshold.people
    people = set(Decision.objects.filter(kind__in=POSITIVE).values_list("referral__person", flat=True))
    before = SignAnswer.objects.filter(
        answer="yes",
        person__referrals__decisions__kind__in=POSITIVE,
        at__lte=F("person__referrals__decisions__at"),
    )
    counts = Counter(indicator for _person, indicator in before.values_list("person", "indicator").distinct())
    codebook = indicators.load()
    safe_counts = protected(dict(counts), least=least, adds_up=False)  # a person may have several signs
    sign_rows = [
        (sign_label(codebook, key, ()), f"{number:,}")
        for key, number in safe_counts.items()
        if number is not None and key in codebook.indicators
    ]
    total = f"{len(people):,}" if len(people) >= least else ""
    return BeforePositive(
        total, least, tuple(sorted(sign_rows, key=lambda row: (-int(row[1].replace(",", "")), row[0])))
    )
