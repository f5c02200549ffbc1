"""Saves a check as a file for the user to keep, and reads it: the assessments, and the choices behind them."""

from __future__ import annotations

import json
from typing import Any

from bield.indicators import StoredError
from bield.indicators.person import Age, Exploitation
from bield.indicators.stored import from_dict as assessment_from
from bield.indicators.stored import to_dict
from bield.service.signs.state import GENDERS, Check, older_version

FORMAT = "bield-check-1"


def to_json(check: Check) -> str:
    """The check as JSON: choices, answers and results. It identifies nobody."""
    return json.dumps(as_dict(check), indent=2, ensure_ascii=False)


def as_dict(check: Check) -> dict[str, Any]:
    """The check as a dict that JSON can store."""
    return {
        "format": FORMAT,
        "age": check.age.value if check.age else "",
        "exploitation": check.exploitation.value if check.exploitation else "",
        "gender": check.gender,
        "assessments": [to_dict(assessment) for assessment in check.assessments()],
    }


def from_json(text: str) -> Check:
    """Read a saved check with the list of signs it was made with. Raises StoredError if it is none, or was changed."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StoredError("it is not a JSON file") from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise StoredError("it was not saved by this tool")
    return from_dict(raw)


def from_dict(raw: dict[str, Any]) -> Check:
    """As `from_json`, but from the decoded object, and with the codebook that it was made with, however old."""
    assessments = [assessment_from(stored) for stored in _list(raw, "assessments") if isinstance(stored, dict)]
    if not assessments:
        raise StoredError("it holds no assessment")
    first = assessments[0]
    try:
        check = Check(
            age=Age(str(raw.get("age"))),
            exploitation=Exploitation(str(raw.get("exploitation"))),
            gender=str(raw.get("gender")),
            inherent=first.inherent,
            answers=first.answers,
            policy=first.conclusion.asked_policy,
            alternatives=first.codebook.alternatives,
            version=older_version(first.codebook),
        )
    except ValueError as error:
        raise StoredError("it does not say who it is about") from error
    if check.gender not in GENDERS or list(check.assessments()) != assessments:
        raise StoredError("its parts do not belong together: one of them was changed")
    return check


def _list(raw: dict[str, Any], key: str) -> list[Any]:
    value = raw.get(key)
    return value if isinstance(value, list) else []
