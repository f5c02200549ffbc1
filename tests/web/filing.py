"""Choosing a file, checking what it would do, and going on."""

from __future__ import annotations

import html
import io
import re
from typing import Any

from django.test import Client
from django.urls import reverse


def choose(client: Client, begin: str, file: Any, **with_it: str) -> Any:
    """Choose a file: the page that shows what it would do, or what is wrong with it."""
    if isinstance(file, bytes):
        content, file = file, io.BytesIO(file)
        file.name = "file.csv" if content[:1] not in b"{[" else "file.json"
    return client.post(reverse(begin), {"file": file} | with_it, follow=True)


def go(client: Client, page: Any, *, button: str = "go") -> Any:
    """Press a button of the page that shows what a file would do."""
    return client.post(page.request["PATH_INFO"], pressed(page, button), follow=True)


def pressed(page: Any, button: str = "go") -> dict[str, str]:
    """What a browser sends with that button."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode())
    return dict(fields) | {button: "1"}


def choose_and_go(client: Client, begin: str, file: Any, **with_it: str) -> Any:
    """Both; the page of the file itself where it cannot be gone on with."""
    page = choose(client, begin, file, **with_it)
    return go(client, page) if 'name="go"' in page.content.decode() else page


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(page.content.decode())).split())
