"""Make the lock files, with hashes and for every platform; or check that they fit and name no registry's host."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {
    "requirements.lock": ["pyproject.toml"],
    "requirements-dev.lock": [
        "pyproject.toml",
        "--group",
        "dev",
        "--extra",
        "spark",
        "-c",
        "requirements.lock",
    ],
    "requirements-node.lock": ["requirements-node.in"],
}
UV = [
    str(Path(sys.executable).parent / "uv"),
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-annotate",
    "--no-header",
]
NPM_LOCK = "package-lock.json"


def write() -> None:
    for name, sources in LOCKS.items():
        subprocess.run([*UV, *sources, "-o", name], check=True, cwd=ROOT)
    npm = ["npm", "install", "--package-lock-only", "--omit-lockfile-registry-resolved"]
    subprocess.run(npm, check=True, cwd=ROOT)


def problems() -> list[str]:
    """What is wrong with the lock files as they stand; asks no registry."""
    found = []
    for name in (*LOCKS, NPM_LOCK):
        text = (ROOT / name).read_text(encoding="utf-8")
        if re.search(r"https?://|--(extra-)?index-url|--find-links", text):
            found.append(f"{name} names where packages come from; make it with `make lock`")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {"requirements.lock": project["project"]["dependencies"]}
    wanted["requirements-dev.lock"] = [
        *project["dependency-groups"]["dev"],
        *project["project"]["optional-dependencies"]["spark"],
    ]
    for name, requirements in wanted.items():
        locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / name).read_text(), re.MULTILINE))
        for requirement in requirements:
            package = re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")
            if package not in locked:
                found.append(f"{name} lacks {package}; make it with `make lock`")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="make them anew")
    if parser.parse_args().write:
        write()
    if found := problems():
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
