"""How Sphinx builds the documentation site from this folder (`make docs`)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]

project = "Bield"
release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_static", "_templates"]
default_role = "code"  # our docstrings write `name` as Markdown does
myst_heading_anchors = 4  # a link may lead to any heading
smartquotes = False
suppress_warnings = ["misc.highlighting_failure"]  # Pygments does not know CSV

autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
add_module_names = False
maximum_signature_line_length = 80

html_theme = "basic"  # Sphinx's own frame; ours is _templates/layout.html and _static/site.css
html_css_files = ["site.css"]
html_static_path = ["_static"]
templates_path = ["_templates"]
html_title = "Bield: documentation"
html_copy_source = html_show_sourcelink = html_use_index = False
html_domain_indices = False


def lead_to_the_site(_app: Sphinx, _path: Path, _page: str, content: list[str]) -> None:
    """Turn the links of a page at the root of the repository, shown under project/, into links of the site."""
    content[0] = content[0].replace("](docs/", "](../")
    content[0] = re.sub(r"\]\(([A-Z]+)\.md", lambda link: f"]({link[1].lower()}.md", content[0])


def lead_to_the_project(_app: Sphinx, _page: str, content: list[str]) -> None:
    """Turn the links of a guide to a page at the root of the repository into links to that page of the site."""
    content[0] = re.sub(r"\]\(\.\./\.\./([A-Z]+)\.md", lambda link: f"](../project/{link[1].lower()}.md", content[0])


def setup(app: Sphinx) -> None:
    app.connect("include-read", lead_to_the_site)
    app.connect("source-read", lead_to_the_project)
