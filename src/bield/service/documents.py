"""Printed pages, set with Typst as a PDF that screen readers can read; and files to be saved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files

import typst
from django.http import HttpResponse


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
    values = {
        "title": title,
        "marking": marking,
        "watermark": watermark,
        "blocks": [{"kind": type(block).__name__.lower(), **asdict(block)} for block in blocks],
    }
    pdf: bytes = typst.compile(_template(), sys_inputs={"document": json.dumps(values)}, pdf_standards=["ua-1"])
    return pdf


def as_file(content: bytes, kind: str, name: str) -> HttpResponse:
    """An answer that the browser saves and does not show."""
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@cache
def _template() -> bytes:
    return (files("bield.service") / "document.typ").read_bytes()
