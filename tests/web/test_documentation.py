"""The documentation site is shown in development, and nothing beside its folder is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.http import FileResponse
from django.test import Client

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> Path:
    """A folder as `make docs` leaves it, with something else beside it."""
    (tmp_path / "secret.txt").write_text("not for reading")
    site = tmp_path / "docs"
    (site / "how-to").mkdir(parents=True)
    (site / "index.html").write_text("<h1>Contents</h1>")
    (site / "how-to" / "deploy.html").write_text("<h1>Deploy</h1>")
    settings.DOCUMENTATION = str(site)
    return site


def shown(client: Client, path: str) -> str:
    with closing(client.get(path, follow=True)) as response:
        assert response.status_code == 200
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert isinstance(response, FileResponse)
        return b"".join(response).decode()


def test_the_site_is_shown_without_signing_in(built: Path, client: Client) -> None:
    assert shown(client, "/docs/") == "<h1>Contents</h1>"
    assert shown(client, "/docs/how-to/deploy.html") == "<h1>Deploy</h1>"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "how-to/../../secret.txt",
        "..%2fsecret.txt",
        "/secret.txt",
        "how-to/",
        "{}",
    ],
)
def test_nothing_outside_its_folder_is_shown_and_no_folder_is_listed(built: Path, client: Client, path: str) -> None:
    outside = path.format(built.parent / "secret.txt")
    assert client.get(f"/docs/{outside}").status_code in (400, 404)


def test_before_it_is_built_there_is_no_page(tmp_path: Path, client: Client, settings: Any) -> None:
    settings.DOCUMENTATION = str(tmp_path / "never-built")
    assert client.get("/docs/index.html").status_code == 404
