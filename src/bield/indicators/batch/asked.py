"""Turns the options of the command line into a request, and checks each option before a file is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bield.delimited import DECIMALS, Dialect, known_encoding
from bield.estimates.rules import SINGLE_UNIT_RULES
from bield.indicators.batch.columns import read_spellings, usual_spellings
from bield.indicators.batch.plan import Request
from bield.indicators.batch.problems import BatchError
from bield.indicators.batch.source import find_files
from bield.indicators.codebook import load


def request_of(
    files: Sequence[str],
    *,
    out: Path,
    indicator_set: str,
    fact: str,
    policy: str,
    counts: bool,
    keep_answers: bool,
    alternatives: Sequence[str],
    answers: Path | None,
    separator: str | None,
    encoding: str | None,
    decimal: str,
    other: Sequence[str],
    set_aside: Path | None,
    force: bool,
    weight: str | None,
    strata: str | None,
    cluster: str | None,
    by: Sequence[str],
    person_id: str | None,
    single_unit: str,
) -> Request:
    """The request for these options. Raises BatchError or CodebookError for an option that makes no sense."""
    named: dict[str, Sequence[str | None]] = {
        "--set": [indicator_set],
        "--fact": [fact],
        "--weight": [weight],
        "--strata": [strata],
        "--cluster": [cluster],
        "--by": by,
        "--id": [person_id],
        "--other": other,
    }
    for option, names in named.items():
        if any(name is not None and not name.strip() for name in names):
            raise BatchError(f"{option}: is empty; expected the name of a column, or leave the option out")
    if single_unit not in SINGLE_UNIT_RULES:
        raise BatchError(f"--single-unit {single_unit!r}: expected {', '.join(SINGLE_UNIT_RULES)}")
    if repeated := sorted({name for name in by if list(by).count(name) > 1}):
        raise BatchError(f"--by {repeated[0]!r}: given twice")
    input_files = find_files(files)
    spellings = read_spellings(answers) if answers else usual_spellings()
    return Request(
        files=input_files.files,
        given=input_files.places,
        out=out,
        indicator_set=indicator_set,
        fact=fact,
        policy=policy,
        codebook=load().with_alternatives(alternatives),
        spellings=spellings.with_decimal_comma() if decimal == "," else spellings,
        counts=counts,
        keep_answers=keep_answers,
        dialect=_dialect(separator, encoding, decimal),
        set_aside=set_aside,
        force=force,
        other=frozenset(other),
        weight=weight,
        strata=strata,
        cluster=cluster,
        by=tuple(by),
        id=person_id,
        single_unit=single_unit,
    )


def _dialect(separator: str | None, encoding: str | None, decimal: str) -> Dialect:
    mark = {"tab": "\t", r"\t": "\t"}.get(separator or "", separator)
    if mark is not None and (len(mark) != 1 or not mark.isascii() or mark.isalnum() or mark in '"\r\n\0'):
        raise BatchError(f"--separator {separator!r}: expected one sign such as ; or , or the word tab")
    if decimal not in DECIMALS:
        raise BatchError(f"--decimal {decimal!r}: expected a point or a comma")
    return Dialect(mark, known_encoding(encoding), decimal)
