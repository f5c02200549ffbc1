"""Stores assessments as JSON with the codebook's version, so that one stored today gives the same result in years."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bield.errors import UserError
from bield.indicators.assessment import AnswerError, Assessment, assess
from bield.indicators.codebook import CodebookError, load

FORMAT = "bield-assessment-1"


class StoredError(UserError):
    """A stored assessment cannot be read, or its answers no longer give its result."""


def to_dict(assessment: Assessment) -> dict[str, Any]:
    """What is needed to repeat the assessment, and its result."""
    conclusion = assessment.conclusion
    return {
        "format": FORMAT,
        "codebook": {
            "id": assessment.codebook.id,
            "version": assessment.codebook.version,
            "alternatives": list(assessment.codebook.alternatives),
        },
        "indicator_set": assessment.indicator_set,
        "policy": conclusion.asked_policy,
        "inherent": assessment.inherent.value,
        "act": assessment.act.value,
        "answers": {key: answer.value for key, answer in assessment.answers.items()},
        "result": _result(assessment),
    }


def _result(assessment: Assessment) -> dict[str, Any]:
    conclusion = assessment.conclusion
    return {
        "dimensions": {
            item.id: {
                "status": item.status.value,
                "clauses": [clause.id for clause in item.clauses],
                "found": {
                    "strong": item.found.strong,
                    "medium": item.found.medium,
                    "weak": item.found.weak,
                },
            }
            for item in assessment.dimensions
        },
        "conclusion": {
            "policy": conclusion.policy,
            "indicated": conclusion.indicated.value,
            "possible": [outcome.id for outcome in conclusion.possible],
        },
    }


def to_json(assessment: Assessment) -> str:
    return json.dumps(to_dict(assessment), indent=2, ensure_ascii=False)


def from_json(text: str) -> Assessment:
    """Read an assessment and repeat it with the codebook version it was made with.

    Raises StoredError if it is not one of ours, needs a codebook we do not have, or its result was changed.
    """
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise StoredError(f"not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise StoredError(f"not an assessment: expected an object, found {type(raw).__name__}")
    return from_dict(raw)


def from_dict(raw: Mapping[str, Any]) -> Assessment:
    """As `from_json`, from the decoded object."""
    if raw.get("format") != FORMAT:
        raise StoredError(f"format is {raw.get('format')!r}; expected {FORMAT!r}")
    try:
        book = raw["codebook"]
        codebook = load(str(book["id"]), str(book["version"]))
        assessment = assess(
            dict(raw["answers"]),
            str(raw["indicator_set"]),
            policy=str(raw["policy"]),
            codebook=codebook.with_alternatives(book["alternatives"]),
            inherent=str(raw["inherent"]),
            act=str(raw["act"]),
        )
    except KeyError as error:
        raise StoredError(f"missing {error}") from error
    except (TypeError, ValueError, AnswerError, CodebookError) as error:
        raise StoredError(str(error)) from error
    if raw.get("result") != _result(assessment):
        raise StoredError("the result does not follow from the answers: one of them was changed")
    return assessment
