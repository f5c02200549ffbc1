"""The result as a PDF, set with Typst: tagged for screen readers, marked as its maker chooses."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import typst
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield.law import Place
from bield.service.signs.display import Shown


def result_pdf(shown: Shown, place: Place, *, marking: str, today: date) -> bytes:
    """The result as a PDF/UA-1 file. marking: shown at the head and foot of each page; empty for none."""
    pdf: bytes = typst.compile(
        _template(),
        sys_inputs={"result": json.dumps(_values(shown, place, marking, today))},
        pdf_standards=["ua-1"],
    )
    return pdf


@cache
def _template() -> bytes:
    return (files("bield.service.signs") / "result.typ").read_bytes()


def _values(shown: Shown, place: Place, marking: str, today: date) -> dict[str, Any]:
    return {
        "marking": marking,
        "made": date_format(today),
        "about": shown.about,
        "summary": list(shown.summary),
        "act": shown.act,
        "emergency": place.emergency,
        "guidance": place.guidance,
        "guidance_source": place.guidance_source,
        "services": [
            {
                "name": item.service.name,
                "what": item.service.what,
                "numbers": [asdict(number) for number in item.service.numbers],
                "verified": date_format(item.service.verified_on),
                "stale": item.stale,
            }
            for item in shown.services
        ],
        "sets": [
            {
                "heading": item.heading,
                "about": item.words.about,
                "conclusion": list(item.words.conclusion),
                "could_change": list(item.words.could_change),
                "standing_alone": list(item.words.standing_alone),
                "limits": list(item.words.limits),
                "grounds": list(item.words.grounds),
                "how_to_find_out": list(item.words.how_to_find_out),
                "find_out": [asdict(question) for question in item.words.find_out],
                "dimensions": [
                    {
                        "heading": row.words.heading,
                        "short": row.words.short,
                        "reasons": list(row.words.reasons),
                        "stave": {
                            "width": row.stave.width,
                            "height": row.stave.height,
                            "middle": row.stave.middle,
                            "marks": [asdict(mark) for mark in row.stave.marks],
                            "satisfying": list(row.stave.satisfying),
                        },
                        "signs": [
                            {
                                "label": sign.label,
                                "answer": _(sign.answer.value),
                                "strength": _(sign.strength.value),
                            }
                            for sign in row.signs
                        ],
                    }
                    for row in item.dimensions
                ],
            }
            for item in shown.sets
        ],
    }
