"""The files of deploy/ fit their formats, and keep what the documentation promises of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.main import get_command

from bield.cli import app
from tests.conftest import needs

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = ("bield.service", "bield-nightly.service", "bield-nightly.timer")
HARDENED = (
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "CapabilityBoundingSet=",
)
SECRETS = {"SECRET_KEY", "IDENTITY_KEYS", "INDEX_KEYS", "DATABASE_URL"}


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile: the word, and the rest with its continued lines."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(word, rest) for word, _space, rest in (line.partition(" ") for line in lines) if word]


def test_the_compose_file_fits_its_published_schema(compose: Any) -> None:
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(compose, json.loads(schema.read_text(encoding="utf-8")))


def test_compose_names_no_secret_in_clear_and_publishes_only_the_proxy(compose: Any) -> None:
    services = compose["services"]
    for name in ("bield", "migrate", "nightly"):
        settings = services[name]["environment"]
        assert not SECRETS & settings.keys()
        assert {f"{secret}_FILE" for secret in SECRETS} <= settings.keys()
        assert {Path(settings[f"{secret}_FILE"]).name for secret in SECRETS} <= set(services[name]["secrets"])
        assert services[name]["read_only"] is True
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["inside"]["internal"] is True
    assert services["database"]["networks"] == ["inside"]
    assert all(secret["file"].startswith("./secrets/") for secret in compose["secrets"].values())
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8")


def test_the_image_runs_as_nobody_in_particular_and_keeps_no_secret() -> None:
    found = instructions()
    last = max(number for number, (word, _rest) in enumerate(found) if word == "FROM")
    final = found[last:]
    assert len([word for word, _rest in found if word == "FROM"]) == 2
    assert ("USER", "bield") in final
    assert [word for word, _rest in final if word == "HEALTHCHECK"]
    kept = " ".join(rest for word, rest in found if word in ("ENV", "ARG"))
    assert not [name for name in SECRETS if name in kept]


@pytest.mark.parametrize("source", ["compose", "units", "image"])
def test_commands_that_deployment_calls_exist(compose: Any, source: str) -> None:
    commands = {
        "compose": [service["command"][1:] for service in compose["services"].values() if "command" in service],
        "units": [
            re.findall(r"\S+", line)
            for unit in UNITS
            for line in re.findall(
                r"^ExecStart=/opt/bield/bin/bield (.*)", _text(unit).replace("\\\n", " "), re.MULTILINE
            )
        ],
        "image": [json.loads(rest)[1:] for word, rest in instructions() if word == "CMD"],
    }[source]
    assert commands
    known: Any = get_command(app)
    for name, *words in commands:
        options = {option for parameter in known.commands[name].params for option in parameter.opts}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options


def _text(unit: str) -> str:
    return (DEPLOY / "systemd" / unit).read_text(encoding="utf-8")


@pytest.mark.parametrize("unit", ["bield.service", "bield-nightly.service"])
def test_units_are_hardened(unit: str) -> None:
    lines = _text(unit).splitlines()
    assert [line for line in HARDENED if line not in lines] == []


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    needs("systemd-analyze", "systemd", there=shutil.which("systemd-analyze") is not None)
    for unit in UNITS:
        # The program must be there to be checked: this environment's stands in for it.
        bield = str(Path(sys.executable).with_name("bield"))
        (tmp_path / unit).write_text(_text(unit).replace("/opt/bield/bin/bield", bield))
    units = [str(tmp_path / unit) for unit in UNITS]
    checked = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    for unit in units[:2]:
        exposed = ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit]
        rated = subprocess.run(exposed, capture_output=True, text=True, check=False)
        assert rated.returncode == 0, rated.stdout


def test_the_example_of_the_environment_names_settings_that_exist() -> None:
    documented = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    units = "".join(_text(unit) for unit in UNITS)
    named = re.findall(r"^([A-Z_]+?)(?:_FILE)?=", (DEPLOY / "bield.env.example").read_text(), re.MULTILINE)
    assert set(named) > SECRETS
    assert [name for name in named if f"`{name}`" not in documented and f"${{{name}}}" not in units] == []
