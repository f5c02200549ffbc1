"""Turns mistakes, faults and signals on the command line into one clear line, without a traceback."""

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
"""Exit status for something the user can put right."""
FAULT = 70
"""Exit status for a fault in Bield (EX_SOFTWARE)."""
STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Guard(TyperGroup):
    """The group of all commands: it reports whatever a command raises in one line."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            if hasattr(error, "exit_code") or getattr(error, "errno", None) == errno.EPIPE:
                raise  # a usage error, or a reader that went away: typer says these itself
            raise typer.Exit(_report(error)) from error


def _report(error: Exception) -> int:
    """Print what went wrong. Returns the exit status."""
    if words := _user_message(error):
        say(words)
        return WRONG_INPUT
    # An exception's own message may contain data from a file, so this prints only its kind and its place.
    frames = traceback.extract_tb(error.__traceback__)
    our_frames = [frame for frame in frames if "bield" in Path(frame.filename).parts] or frames
    place = f" at {Path(our_frames[-1].filename).name}:{our_frames[-1].lineno}" if our_frames else ""
    say(
        f"a fault of Bield's ({type(error).__name__}{place}), not of your files. Please report this line "
        "with the options you gave, and without the files"
    )
    return FAULT


def _user_message(error: Exception) -> str:
    """What the user can put right, in words; empty if it is a fault."""
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
    """Print words, whatever bytes a file's name has. An error goes to standard error with our name before it."""
    text = f"bield: {words}" if error else words
    typer.echo(text.encode("utf-8", "backslashreplace").decode(), err=error)


@contextmanager
def stopping_cleanly() -> Iterator[Callable[[], None]]:
    """Turn a signal to stop into an exception, so that half-written files are removed.

    Gives a function to call between pieces of work, because an exception raised while C code imports a module is lost.
    """
    received: list[int] = []

    def check() -> None:
        if received:
            raise SystemExit(128 + received[0])

    def stop(number: int, _: FrameType | None) -> None:
        received.append(number)
        for each in handlers:
            signal.signal(each, signal.SIG_IGN)
        check()

    main_thread = threading.current_thread() is threading.main_thread()  # only the main thread can set handlers
    # An ignored signal stays ignored: with nohup the user wants the work to continue.
    usual = (signal.SIG_DFL, signal.default_int_handler)
    handlers = {each: handler for each in STOPPING if main_thread and (handler := signal.getsignal(each)) in usual}
    for each in handlers:
        signal.signal(each, stop)
    try:
        yield check
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
