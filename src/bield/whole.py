"""Writes files of people's answers whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bield.errors import UserError


def check_new(path: Path, *, force: bool) -> None:
    """Raises UserError if a target exists already, has no folder or cannot be written. force: allow an existing one."""
    if "\0" in str(path):
        raise UserError(f"{str(path)!r}: is not the name of a file")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise UserError(f"{path}: the folder {folder} does not exist")
    if path.exists() and not force:
        raise UserError(f"{path}: is there already; choose another name, or say --force to replace it")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise UserError(f"{path}: cannot be written here")


MARK = ".partial"
"""The ending of a half-written file's name. The host and the process that writes it come before it."""


@contextmanager
def partial(path: Path) -> Iterator[Path]:
    """A hidden file next to `path` to write to. It gets the name `path` if all went well, and is deleted if not.

    Files that a killed run left in the folder are deleted first, because they contain people's answers.
    """
    _remove_left_over(path.parent)
    hidden = path.with_name(f".{path.name[:100]}.{_host()}.{os.getpid()}.{uuid.uuid4().hex[:8]}{MARK}")
    try:
        yield hidden
        if path.is_dir() and not hidden.is_dir():
            raise UserError(f"{path}: is a folder; choose another name")
        if hidden.is_dir() and path.exists():
            raise UserError(f"{path}: already exists; choose another name or remove it")
        if hidden.exists():
            hidden.replace(path)
    finally:
        _remove(hidden)


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "host"


def _remove_left_over(folder: Path) -> None:
    """Delete half-written files of processes on this machine that no longer run."""
    for item in folder.glob(f".*{MARK}"):
        owner = re.fullmatch(rf"\..+\.{_host()}\.([0-9]+)\.[0-9a-f]{{8}}{re.escape(MARK)}", item.name)
        if owner and not _runs(int(owner[1])):
            _remove(item)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # somebody else's
    return True


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
