"""What no line of a log may hold: the tokens that open something for whoever has them."""

from __future__ import annotations

import logging
import re

ADDRESSES = ("accounts/invitation", "support/calendar", "accounts/password/reset/key", "accounts/confirm-email")
TOKENS = re.compile(rf"(/(?:{'|'.join(ADDRESSES)})/)[^\s?\"']+")
"""The addresses that end in a token."""


class HidesTokens(logging.Filter):
    """Leaves a token out of whatever is written of its address."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        hidden = TOKENS.sub(r"\1…", text)
        if hidden != text:
            record.msg, record.args = hidden, None
        return True
