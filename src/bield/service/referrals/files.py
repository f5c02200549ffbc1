"""Files of evidence: what they are is told by their content, never by their name."""

from __future__ import annotations

import io
import zipfile

MOST_UNPACKED = 200 << 20
"""Bytes that a Word file may unpack to."""

MOST_RATIO = 200
"""How many times its size a Word file may unpack to."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class NotEvidence(ValueError):
    """A file cannot be taken; the text says why, for the person to read."""


def type_of(content: bytes, allowed: tuple[str, ...]) -> str:
    """What a file is, of the types that are allowed. Raises NotEvidence for anything else."""
    found = _by_content(content)
    if found is None or not ({found, "jpeg" if found == "jpg" else found} & set(allowed)):
        raise NotEvidence(f"the content is none of: {', '.join(allowed)}")
    return found


def _by_content(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(OLE):
        return "doc"
    return "docx" if content.startswith(b"PK\x03\x04") and _is_word(content) else None


def _is_word(content: bytes) -> bool:
    """Whether a ZIP file is a Word document, judged by its list of parts; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            infos = parts.infolist()
    except zipfile.BadZipFile:
        return False
    unpacked = sum(item.file_size for item in infos)
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(content), 1):
        raise NotEvidence("the file would unpack to far more than it should")
    names = {item.filename for item in infos}
    return {"[Content_Types].xml", "word/document.xml"} <= names


def plain_name(name: str) -> str:
    """A file's name without any folder and without characters that mean something to a system.

    >>> plain_name("../../etc/pass wd")
    'pass wd'
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isalnum() or sign in " ._-()")[:100].strip(" .") or "file"
