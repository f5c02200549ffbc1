"""Recognises files of evidence by their content, never by their name, and makes their names safe."""

from __future__ import annotations

import io
import unicodedata
import zipfile

MOST_UNPACKED = 200 << 20
"""Bytes that a Word file may unpack to."""

MOST_RATIO = 200
"""How many times its own size a Word file may unpack to."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class NotEvidence(ValueError):
    """A file that cannot be accepted; the text says why, for the user to read."""


def type_of(content: bytes, allowed: tuple[str, ...]) -> str:
    """The type of a file by its content, such as ‘pdf’. Raises NotEvidence if it is not one of the allowed types."""
    file_type = _by_content(content)
    if file_type is None and (advice := _advice(content)):
        raise NotEvidence(advice)
    if file_type is None or not ({file_type, "jpeg" if file_type == "jpg" else file_type} & set(allowed)):
        raise NotEvidence(f"the content is of another type: add one of {', '.join(allowed)}")
    return file_type


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
    """What to do with a photograph or recording of a type that the form does not accept; empty for any other file."""
    brand = content[8:12] if content[4:8] == b"ftyp" else b""
    if brand in PHOTOS:
        return (
            "it is a photograph in the format of many telephones (HEIC), which the form does not accept: share or "
            "export it as JPEG on the telephone, and add that"
        )
    if brand or content.startswith(SOUNDS) or (content.startswith(b"RIFF") and content[8:12] in (b"WAVE", b"AVI ")):
        return (
            "it is a recording, which the form does not accept: keep it safe where it is, and say in the referral what "
            "it contains and who has it"
        )
    return ""


def _is_word(content: bytes) -> bool:
    """Whether a ZIP file is a Word document, judged by its list of parts without unpacking it.

    Raises NotEvidence if it would unpack to too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            infos = parts.infolist()
    except zipfile.BadZipFile:
        return False
    unpacked = sum(item.file_size for item in infos)
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(content), 1):
        raise NotEvidence(
            f"the file would unpack to more than {MOST_UNPACKED >> 20} MB, or to over {MOST_RATIO} times its size"
        )
    names = {item.filename for item in infos}
    return {"[Content_Types].xml", "word/document.xml"} <= names


def plain_name(name: str) -> str:
    """A file's name without any folder and without characters that have a meaning to an operating system.

    Letters of every script are kept, with the marks above and below them.

    >>> plain_name("../../etc/pass wd"), plain_name("ảnh hộ chiếu.jpg")
    ('pass wd', 'ảnh hộ chiếu.jpg')
    """
    base = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    allowed = (
        character
        for character in base
        if character.isalnum() or character in " ._-()" or unicodedata.category(character).startswith("M")
    )
    return "".join(allowed)[:100].strip(" .") or "file"


def saved_name(name: str, kind: str) -> str:
    """The name to save a file under: its own, with the ending of its real type.

    >>> saved_name("Паспорт.PDF", "pdf"), saved_name("scan.exe", "jpg")
    ('Паспорт.PDF', 'scan.exe.jpg')
    """
    ending = name.rsplit(".", 1)[-1].lower()
    return name if ending == kind or (ending, kind) == ("jpeg", "jpg") else f"{name}.{kind}"
