"""Files of evidence: what they are is told by their content, never by their name."""

from __future__ import annotations

import io
import unicodedata
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
    if found is None and (advice := _advice(content)):
        raise NotEvidence(advice)
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


PHOTOS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
"""The brands of ISO media files (ISO/IEC 14496-12) that hold a photograph: what telephones make."""

SOUNDS = (b"ID3", b"OggS", b"fLaC", b"#!AMR", b"\xff\xfb", b"\xff\xf1", b"\x1aE\xdf\xa3")


def _advice(content: bytes) -> str:
    """What to do with a file that people often have and the form does not take; empty for any other."""
    brand = content[8:12] if content[4:8] == b"ftyp" else b""
    if brand in PHOTOS:
        return (
            "it is a photograph as telephones keep it (HEIC), which the form does not take: share or export it as JPEG "
            "on the telephone, and add that"
        )
    if brand or content.startswith(SOUNDS) or (content.startswith(b"RIFF") and content[8:12] in (b"WAVE", b"AVI ")):
        return (
            "it is a recording, which the form does not take: keep it safe where it is, and write what it holds and "
            "who has it into the referral"
        )
    return ""


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

    Letters of every script stay, with the signs above and below them.

    >>> plain_name("../../etc/pass wd"), plain_name("ảnh hộ chiếu.jpg")
    ('pass wd', 'ảnh hộ chiếu.jpg')
    """
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    kept = (sign for sign in last if sign.isalnum() or sign in " ._-()" or unicodedata.category(sign).startswith("M"))
    return "".join(kept)[:100].strip(" .") or "file"


def saved_name(name: str, kind: str) -> str:
    """The name under which a file is saved again: its own, ending as its content is.

    >>> saved_name("Паспорт.PDF", "pdf"), saved_name("scan.exe", "jpg")
    ('Паспорт.PDF', 'scan.exe.jpg')
    """
    ending = name.rsplit(".", 1)[-1].lower()
    return name if ending == kind or (ending, kind) == ("jpeg", "jpg") else f"{name}.{kind}"
