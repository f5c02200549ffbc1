"""Tests cannot reach the network: one that tries fails at once (the block warns, and warnings are errors)."""

from __future__ import annotations

import socket

import pytest


def test_no_test_reaches_another_machine() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as caller, pytest.raises(UserWarning, match=r"192\.0\.2\.1"):
        caller.connect(("192.0.2.1", 80))  # an address kept for documentation
