"""The register of a server is counted while nobody waits: the copy before is used until the next one is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError

from bield.disclosure import Register
from bield.disclosure.combination.rules import judged_fields
from bield.service.notifications import register


def of(people: int) -> Register:
    """A register of so many people of whom nothing is said."""
    return Register([([""] * len(judged_fields()), people)], place="scotland")


def comes_true(what: Callable[[], bool]) -> bool:
    """Whether something comes true before long."""
    until = time.monotonic() + 30
    while not (found := what()) and time.monotonic() < until:
        time.sleep(0.01)
    return found


@pytest.fixture(autouse=True)
def _nothing_counted_yet(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(register, "_held", register._Held())
    settings.REGISTER_SECONDS = 0


def test_a_server_counts_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = threading.Event()

    def count() -> Register:
        counted.set()
        return of(3)

    monkeypatch.setattr(register, "_counted", count)
    register.count_in_background()
    assert counted.wait(30)
    assert register.register_now().people == 3


def test_only_a_server_counts_in_the_background() -> None:
    """The application itself, as another server or a test imports it, begins nothing."""
    import bield.service.wsgi  # noqa: F401

    assert not register._held.in_background
    assert "register" not in {thread.name for thread in threading.enumerate()}


def test_nobody_waits_while_an_old_copy_is_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(register, "_counted", lambda: of(3))
    register.count_in_background()
    assert comes_true(lambda: register.register_now().people == 3)

    def slowly() -> Register:
        assert go_on.wait(30)
        return of(4)

    monkeypatch.setattr(register, "_counted", slowly)
    assert [register.register_now().people for _asked in range(3)] == [3, 3, 3]
    go_on.set()
    assert comes_true(lambda: register.register_now().people == 4)


def test_where_the_database_fails_the_copy_before_is_used(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setattr(register, "_counted", lambda: of(3))
    register.count_in_background()
    assert comes_true(lambda: register.register_now().people == 3)

    def fail() -> Register:
        raise DatabaseError

    monkeypatch.setattr(register, "_counted", fail)
    assert comes_true(lambda: register.register_now().people == 3 and "not counted" in caplog.text)
    monkeypatch.setattr(register, "_counted", lambda: of(5))
    assert comes_true(lambda: register.register_now().people == 5)
