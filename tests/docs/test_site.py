"""The documentation site: a broken link stops the build, it needs nobody else, and every library is in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Run what `make docs` runs on another folder."""
    line = re.search(r"sphinx-build (.+) -d \S+ docs \S+$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert line
    command = [sys.executable, "-m", "sphinx", *line[1].split(), "-c", str(DOCS), str(source), str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built from the pages as they are."""
    target = tmp_path_factory.mktemp("site")
    built = build(DOCS, target)
    assert built.returncode == 0, built.stderr
    return target


@pytest.mark.slow
@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("[a page](none.md)", "none.md"),
        ("[a heading](other.md#no-such-heading)", "no-such-heading"),
        ("[a heading here](#no-such-heading)", "no-such-heading"),
        ("![a picture](none.png)", "none.png"),
    ],
)
def test_a_broken_link_stops_the_build(tmp_path: Path, link: str, complaint: str) -> None:
    source = tmp_path / "docs"
    source.mkdir()
    (source / "index.md").write_text(f"# Contents\n\n{link}\n\n```{{toctree}}\nother\n```\n")
    (source / "other.md").write_text("# Other\n\n## A heading\n\n[good](#a-heading), [good](index.md)\n")
    built = build(source, tmp_path / "site")
    assert built.returncode != 0
    assert complaint in built.stderr


@pytest.mark.slow
def test_every_page_is_in_the_site(site: Path) -> None:
    pages = [page.relative_to(DOCS).with_suffix(".html") for page in DOCS.rglob("*") if page.suffix in (".md", ".rst")]
    assert len(pages) > 50
    assert not [page for page in pages if not (site / page).is_file()]


@pytest.mark.slow
def test_every_library_is_in_the_reference(site: Path) -> None:
    package = ROOT / "src" / "bield"
    libraries = {path.parent.name for path in package.glob("*/__init__.py")} - {"service"}
    assert len(libraries) >= 6
    documented = {page.name.split(".")[0] for page in (DOCS / "api").glob("*.rst")}
    assert libraries <= documented
    assert 'id="bield.disclosure.minimise"' in (site / "api" / "disclosure.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_pages_call_nobody_and_pass_a_strict_content_policy(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"(?:https?:)?//", text), page
        assert not re.findall(r"<script>|<style|\son\w+=\"", text), page
    for sheet in site.rglob("*.css"):
        assert "//" not in re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL), sheet


@pytest.mark.slow
def test_pages_can_be_searched_without_a_server_of_searches(site: Path) -> None:
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert "minimis" in index
    assert '<script src="searchindex.js"' in (site / "search.html").read_text(encoding="utf-8")
