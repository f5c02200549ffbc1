"""Makes PDF documents that screen readers can read, with Typst, and responses for files to save."""

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
    """The heading of a section; level 2 is a subsection."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Lines:
    """Paragraphs."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a label and its value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; without headings, a plain list."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Lines | Facts | Table


def as_pdf(title: str, blocks: Sequence[Block], *, marking: str = "", watermark: str = "") -> bytes:
    """The blocks under a title as a PDF/UA-1 file.

    marking: shown at the top and bottom of each page. watermark: a few words across each page.
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
    """Whether the fonts on this computer have every letter of a text."""
    values = {"title": text, "marking": "", "watermark": "", "blocks": [{"kind": "lines", "lines": (text,)}]}
    try:
        compiled(_template(), "document", values)
    except NoTypeface:
        return False
    return True


class NoTypeface(ValueError):
    """No font on this computer has some of the letters."""


UNPRINTABLE: Final = _(
    "Some letters could not be printed, because no font on this computer has them. They are shown as empty boxes here. "
    "The file version has them."
)


def compiled(template: bytes, name: str, values: dict[str, Any], *, accessible: bool = True) -> bytes:
    """A template filled with values that JSON can store, as PDF. Raises NoTypeface if letters would be missing.

    Typst finds them because the standard for accessible PDF does not allow text that cannot be displayed.
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
    """A response that the browser saves and does not show."""
    header = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": header})


@cache
def _template() -> bytes:
    return (files("bield.service") / "document.typ").read_bytes()
