"""What the command line does with mistakes, faults and signals: one clear line, and no traceback."""

from __future__ import annotations

import errno
import signal
import sqlite3
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

from bield.errors import UserError

WRONG_INPUT = 2
"""Exit status for something the person who asked can mend."""
FAULT = 70
"""Exit status for a fault of Bield's (EX_SOFTWARE)."""
STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Guard(TyperGroup):
    """The group of all commands: whatever one of them raises is said in one line."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            if hasattr(error, "exit_code") or getattr(error, "errno", None) == errno.EPIPE:
                raise  # a usage error, or a reader that went away: typer says these itself
            raise typer.Exit(_told(error)) from error


def _told(error: Exception) -> int:
    """Say what went wrong. Returns the exit status."""
    if words := _mendable(error):
        say(words)
        return WRONG_INPUT
    # An exception's own words may hold what stood in a file, so only its kind and its place are said.
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "bield" in Path(frame.filename).parts] or frames
    place = f" at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    say(
        f"a fault of Bield's ({type(error).__name__}{place}), not of your files. Please report this line "
        "with the options you gave, and without the files"
    )
    return FAULT


def _mendable(error: Exception) -> str:
    """What the person can mend, in words; nothing if it is a fault."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return f"{error.filename}: {reason}" if error.filename else reason
    if isinstance(error, UnicodeEncodeError) or str(error) == "embedded null byte":
        return "a name that was given holds bytes that no file's name may hold here"
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    if isinstance(error, sqlite3.Error):
        return "a file cannot be read or written as a database"
    return _of_django(error) if "django" in sys.modules else ""


def _of_django(error: Exception) -> str:
    from django.core.exceptions import AppRegistryNotReady, ImproperlyConfigured
    from django.db import DatabaseError, InterfaceError

    if isinstance(error, ImproperlyConfigured):
        return " ".join(str(error).split())
    if isinstance(error, AppRegistryNotReady):
        return "the settings cannot be read; see docs/reference/settings.md"
    if isinstance(error, DatabaseError | InterfaceError):
        return (
            f"the database cannot be used ({type(error).__name__}): check DATABASE_URL, and that "
            "`bield migrate` has been run"
        )
    return ""


def say(words: str, *, error: bool = True) -> None:
    """Print words, whatever bytes a file's name is made of; an error on standard error with our name before it."""
    text = f"bield: {words}" if error else words
    typer.echo(text.encode("utf-8", "backslashreplace").decode(), err=error)


@contextmanager
def stopping_cleanly() -> Iterator[Callable[[], None]]:
    """A request to stop ends the work like an exception, so that half-written files are removed.

    Gives a function to call between pieces of work: an exception raised while C code imports a module is lost there.
    """
    asked: list[int] = []

    def check() -> None:
        if asked:
            raise SystemExit(128 + asked[0])

    def stop(number: int, _: FrameType | None) -> None:
        asked.append(number)
        for item in ours:
            signal.signal(item, signal.SIG_IGN)
        check()

    here = threading.current_thread() is threading.main_thread()  # only there can handlers be set
    # One that is ignored stays so: whoever runs this under nohup wants it to go on.
    usual = (signal.SIG_DFL, signal.default_int_handler)
    ours = {item: found for item in STOPPING if here and (found := signal.getsignal(item)) in usual}
    for item in ours:
        signal.signal(item, stop)
    try:
        yield check
    finally:
        for item, before in ours.items():
            signal.signal(item, before)
