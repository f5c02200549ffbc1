"""The built wheel works from anywhere: in an environment of its own, outside the checkout, with nothing set."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.deploy.serving import get, serving

ROOT = Path(__file__).parents[2]
NEEDED = ("src", "pyproject.toml", "README.md", "LICENSE", "tools/build_backend.py")
MADE_HERE = shutil.ignore_patterns("__pycache__", "*.egg-info")
SURVEY = "id,hazardous_work,low_or_no_salary\n1,yes,no\n2,,yes\n"


def copy_of_the_source(folder: Path) -> Path:
    """What a wheel is built from, without what earlier builds left in the checkout."""
    for name in NEEDED:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=MADE_HERE)
        else:
            shutil.copy(ROOT / name, target)
    return folder


def build(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(out)]
    return subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = build(copy_of_the_source(folder / "source"), folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("bield-*.whl"))


@pytest.fixture(scope="module")
def bield(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command as a fresh environment has it.

    The packages that Bield needs are those of this environment, named by a path file: a whole install would need the
    network. Bield itself comes from the wheel alone, since a path file inside that folder is not followed.
    """
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    packages = next(folder.glob("lib/python*/site-packages"))
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "bield"


@pytest.fixture
def nothing_set(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who set nothing, with a home of their own."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "home/data")}


def run(*command: object, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_wheel_assesses_and_serves_from_anywhere(bield: Path, tmp_path: Path, nothing_set: dict[str, str]) -> None:
    where = tmp_path / "anywhere"
    where.mkdir()
    imported = run(bield.with_name("python"), "-c", "import bield; print(bield.__file__)", cwd=where, env=nothing_set)
    assert Path(imported.stdout.strip()).is_relative_to(bield.parents[1]), imported.stderr
    assert "assess" in run(bield, "--help", cwd=where, env=nothing_set).stdout
    (where / "survey.csv").write_text(SURVEY)
    assessed = run(
        bield, "assess", "survey.csv", "--set", "adult_labour", "--out", "out.csv", cwd=where, env=nothing_set
    )
    assert assessed.returncode == 0, assessed.stderr
    assert len((where / "out.csv").read_text().splitlines()) == 3
    with serving(bield, cwd=where, env=nothing_set) as address:
        page = get(address + "/signs/")
        styles = re.findall(r'<link[^>]*href="([^"]+\.css)"', page)
        assert any("vendor/design-system" in name for name in styles)
        assert all(len(get(address + name)) > 1_000 for name in styles)
        assert "<form" in get(address + "/accounts/login/")  # this page reads the database
    assert sorted(path.name for path in where.iterdir()) == ["out.csv", "survey.csv"]
    assert (tmp_path / "home/data/bield/bield.sqlite3").is_file()
    assert not list(bield.parents[1].glob("lib/python*/**/*.sqlite3"))


@pytest.mark.slow
def test_everything_in_the_package_is_in_the_wheel(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("bield/")}
    source = ROOT / "src"
    files = {path.relative_to(source) for path in (source / "bield").rglob("*") if path.is_file()}
    wanted = {str(path) for path in files if "__pycache__" not in path.parts and path.name != ".made"}
    assert len(wanted) > 500
    assert wanted - packed == set()


@pytest.mark.slow
def test_no_wheel_is_built_without_the_design_system(tmp_path: Path) -> None:
    source = copy_of_the_source(tmp_path / "source")
    shutil.rmtree(source / "src/bield/service/static/vendor")
    built = build(source, tmp_path)
    assert built.returncode != 0
    assert "Run `make static` first" in built.stdout + built.stderr
    assert not list(tmp_path.glob("*.whl"))


def test_a_checkout_keeps_its_files_only_for_whoever_works_in_it(tmp_path: Path, nothing_set: dict[str, str]) -> None:
    ask = "from bield.service.settings import DATA; print(DATA)"
    own = str(tmp_path / "home/data/bield")
    for folder, env, expected in (
        (ROOT, {}, str(ROOT / "var")),
        (ROOT / "docs", {}, str(ROOT / "var")),
        (tmp_path, {}, own),
        (ROOT, {"DATA_DIR": "/srv/bield"}, "/srv/bield"),
    ):
        asked = run(sys.executable, "-c", ask, cwd=folder, env=nothing_set | env)
        assert asked.stdout.strip() == expected, asked.stderr
