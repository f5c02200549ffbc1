"""Printed pages, set with Typst as a PDF that screen readers can read; and files to be saved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import typst
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a part; level 2 is a part within a part."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Lines:
    """Paragraphs."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of what and its value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; without headings, a plain list."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Lines | Facts | Table


def as_pdf(title: str, blocks: Sequence[Block], *, marking: str = "", watermark: str = "") -> bytes:
    """The blocks under a title as a PDF/UA-1 file.

    marking: shown at the head and foot of each page. watermark: a few words across each page.
    """
    values: dict[str, Any] = {
        "title": title,
        "marking": marking,
        "watermark": watermark,
        "blocks": [{"kind": type(block).__name__.lower(), **asdict(block)} for block in blocks],
    }
    try:
        return compiled(_template(), "document", values)
    except NoTypeface:
        values["blocks"] = [{"kind": "lines", "lines": (str(UNPRINTABLE),)}, *values["blocks"]]
        return compiled(_template(), "document", values, accessible=False)


def can_print(text: str) -> bool:
    """Whether the typefaces of this machine have every letter of a text."""
    values = {"title": text, "marking": "", "watermark": "", "blocks": [{"kind": "lines", "lines": (text,)}]}
    try:
        compiled(_template(), "document", values)
    except NoTypeface:
        return False
    return True


class NoTypeface(ValueError):
    """No typeface of this machine has some of the letters."""


UNPRINTABLE: Final = _(
    "Some letters could not be printed with the typefaces of this machine, and stand here as empty boxes. "
    "The same as a file has them."
)


def compiled(template: bytes, name: str, values: dict[str, Any], *, accessible: bool = True) -> bytes:
    """A template filled with values that JSON can hold, as PDF. Raises NoTypeface where letters would be missing.

    That is found by the standard for accessible PDF, which does not allow text that cannot be displayed.
    """
    try:
        pdf: bytes = typst.compile(
            template, sys_inputs={name: json.dumps(values)}, pdf_standards=["ua-1"] if accessible else []
        )
    except typst.TypstError as error:
        if "could not be displayed" in str(error):
            raise NoTypeface from error
        raise
    return pdf


def as_file(content: bytes, kind: str, name: str) -> HttpResponse:
    """An answer that the browser saves and does not show."""
    header = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": header})


@cache
def _template() -> bytes:
    return (files("bield.service") / "document.typ").read_bytes()
