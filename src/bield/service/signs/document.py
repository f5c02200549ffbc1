"""Makes the result as a PDF with Typst: tagged for screen readers, with the protective marking chosen."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import typst
from django.utils.formats import date_format

from bield.law import Place
from bield.service.signs.display import Shown


def result_pdf(shown: Shown, place: Place, *, marking: str, today: date) -> bytes:
    """The result as a PDF/UA-1 file. marking: shown at the top and bottom of each page; empty for none."""
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
        "act": shown.act,
        "answers": [asdict(answer) for answer in shown.answers],
        "without_police": shown.without_police,
        "otherwise": shown.otherwise,
        "made_with": shown.made_with,
        "emergency": place.emergency,
        "services": [
            {
                "name": entry.service.name,
                "what": entry.service.what,
                "numbers": [asdict(number) for number in entry.service.numbers],
                "verified": date_format(entry.service.verified_on),
                "stale": entry.stale,
            }
            for entry in shown.services
        ],
        "sets": [
            {
                "heading": shown_set.heading,
                "could_change": list(shown_set.words.could_change),
                "limits": list(shown_set.words.limits),
                "dimensions": [
                    {
                        "heading": dimension.words.heading,
                        "short": dimension.words.short,
                        "reasons": list(dimension.words.reasons),
                        "stave": {
                            "width": dimension.stave.width,
                            "height": dimension.stave.height,
                            "middle": dimension.stave.middle,
                            "marks": [asdict(mark) for mark in dimension.stave.marks],
                            "satisfying": list(dimension.stave.satisfying),
                        },
                    }
                    for dimension in shown_set.dimensions
                ],
            }
            for shown_set in shown.sets
        ],
    }
