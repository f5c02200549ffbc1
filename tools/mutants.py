"""Change the lines that protect somebody, one at a time, and list the changes that no test notices.

Cosmic Ray makes the changes; `mutants.toml` says which modules to change and which tests must notice. Each change is
tried in a copy of the checkout, so nothing here is touched. Whole, it takes hours: name subjects to try only those.
"""

from __future__ import annotations

import argparse
import difflib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators import boolean_replacer, comparison_operator_replacement, number_replacer, remove_decorator
from cosmic_ray.operators.operator import Example, Operator

ROOT = Path(__file__).resolve().parents[1]
SUBJECTS = Path(__file__).with_name("mutants.toml")
COPIED = ("src", "tests", "tools", "docs", "manage.py", "pyproject.toml", "README.md", "CHANGELOG.md", "Makefile")
PATIENCE = 300
"""Seconds after which a change that makes the tests hang counts as noticed."""

COMPARISONS = {
    f"ReplaceComparisonOperator_{first}_{second}"
    for first, second in (
        ("Eq", "NotEq"),
        ("NotEq", "Eq"),
        ("Lt", "LtE"),
        ("LtE", "Lt"),
        ("Gt", "GtE"),
        ("GtE", "Gt"),
        ("Is", "IsNot"),
        ("IsNot", "Is"),
    )
}


class DeleteStatement(Operator):  # type: ignore[misc]  # Cosmic Ray ships no types
    """Replaces a statement inside a function by `pass`; docstrings and imports are left."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """The places of statements that do something."""
        if node.type == "simple_stmt" and _does_something(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002 - Cosmic Ray calls it with one
        """The statement as `pass`."""
        passing = parso.parse("pass\n").children[0]  # type: ignore[no-untyped-call]
        passing.get_first_leaf().prefix = node.get_first_leaf().prefix
        return passing

    @classmethod
    def examples(cls) -> Sequence[Example]:
        """One deletion."""
        return (Example("def f():\n    g()\n", "def f():\n    pass\n"),)


def _does_something(node: Any) -> bool:
    first = node.children[0]
    inside = node.parent is not None and node.parent.type == "suite"
    return (
        inside
        and _function(node)
        and first.type not in ("string", "strings", "import_name", "import_from", "pass_stmt")
        and first.get_code().strip() != "pass"
    )


def _function(node: Any) -> bool:
    while node is not None:
        if node.type == "funcdef":
            return True
        node = node.parent
    return False


OPERATORS: tuple[type[Operator], ...] = (
    DeleteStatement,
    *(each for each in comparison_operator_replacement.operators() if each.__name__ in COMPARISONS),
    boolean_replacer.AddNot,
    boolean_replacer.ReplaceAndWithOr,
    boolean_replacer.ReplaceOrWithAnd,
    boolean_replacer.ReplaceTrueWithFalse,
    boolean_replacer.ReplaceFalseWithTrue,
    number_replacer.NumberReplacer,
    remove_decorator.RemoveDecorator,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A module that protects somebody, and the tests that must notice when a line of it changes.

    argued: changes that no test can notice, or that change nothing, as "line -> changed line", each with the reason.
    """

    name: str
    module: str
    tests: tuple[str, ...]
    argued: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. line: where; before, after: the lines that differ."""

    subject: Subject
    operator: str
    line: int
    before: str
    after: str
    code: str

    def change(self) -> str:
        """The change as `mutants.toml` writes one that is argued."""
        return f"{self.before} -> {self.after}"

    def argued(self) -> bool:
        """Whether somebody gave a reason why no test notices it."""
        return any(self.change() == change for change, _ in self.subject.argued)


def subjects(wanted: Sequence[str]) -> list[Subject]:
    """The subjects by name, or all. Raises SystemExit naming one that is not there."""
    found = {}
    for body in tomllib.loads(SUBJECTS.read_text(encoding="utf-8"))["subjects"]:
        argued = tuple((item["change"], item["because"]) for item in body.get("argued", ()))
        found[body["name"]] = Subject(body["name"], body["module"], tuple(body["tests"]), argued)
    if unknown := set(wanted) - found.keys():
        raise SystemExit(f"no subject is called {', '.join(sorted(unknown))}; there are {', '.join(found)}")
    return [found[name] for name in wanted or found]


def mutants(subject: Subject) -> Iterator[Mutant]:
    """Every change to a subject's module that still is Python."""
    source = (ROOT / subject.module).read_text(encoding="utf-8")
    seen = {source}
    for operator in OPERATORS:
        occurrence = 0
        while (code := mutate_code(source, operator(), occurrence)) is not None:
            occurrence += 1
            if code in seen or not _compiles(code):
                continue
            seen.add(code)
            yield _mutant(subject, operator.__name__, source, code)


def _compiles(code: str) -> bool:
    try:
        compile(code, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _mutant(subject: Subject, operator: str, source: str, code: str) -> Mutant:
    old, new = source.splitlines(), code.splitlines()
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    _, first, last, start, end = next(block for block in blocks if block[0] != "equal")
    before = " ".join(line.strip() for line in old[first:last])
    after = " ".join(line.strip() for line in new[start:end])
    return Mutant(subject, operator, first + 1, before, after, code)


def copy_to(folder: Path) -> Path:
    """A copy of the checkout for changes to be tried in."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, folder / name)
    return folder


def noticed(mutant: Mutant, checkout: Path) -> bool:
    """Whether a test fails when the change is made."""
    file = checkout / mutant.subject.module
    source = file.read_text(encoding="utf-8")
    file.write_text(mutant.code, encoding="utf-8")
    try:
        return not passes(mutant.subject, checkout)
    finally:
        file.write_text(source, encoding="utf-8")


def passes(subject: Subject, checkout: Path) -> bool:
    """Whether the tests of a subject pass in a checkout."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "--no-header", *subject.tests]
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return False
    return ran.returncode == 0


def survivors(subject: Subject, checkouts: queue.Queue[Path], every: int) -> list[Mutant]:
    """The changes to a subject that no test notices. every: try each n-th change only."""
    todo = [mutant for mutant in list(mutants(subject))[::every] if not mutant.argued()]
    began = time.monotonic()

    def attempt(mutant: Mutant) -> Mutant | None:
        checkout = checkouts.get()
        try:
            return None if noticed(mutant, checkout) else mutant
        finally:
            checkouts.put(checkout)

    with ThreadPoolExecutor(checkouts.qsize()) as pool:
        found = []
        for number, mutant in enumerate(pool.map(attempt, todo), start=1):
            print(f"\r{subject.name}: {number} of {len(todo)}", end="", file=sys.stderr, flush=True)
            found += [mutant] if mutant else []
    print(file=sys.stderr)
    minutes = (time.monotonic() - began) / 60
    print(f"{subject.name}: {len(todo)} changes, {len(found)} not noticed, {minutes:.1f} minutes", flush=True)
    for mutant in found:
        print(f"  {subject.module}:{mutant.line} {mutant.change()}", flush=True)
    return found


def main() -> int:
    """Try the subjects that are named, or all. Returns 1 when a change was not noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="subjects of mutants.toml; all of them if none is named")
    parser.add_argument("--every", type=int, default=1, help="try each n-th change only")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="how many to try side by side")
    options = parser.parse_args()
    chosen = subjects(options.names)
    with tempfile.TemporaryDirectory(prefix="bield-mutants-") as folder:
        checkouts: queue.Queue[Path] = queue.Queue()
        for number in range(options.at_once):
            checkouts.put(copy_to(Path(folder) / str(number)))
        whole = checkouts.get()
        for subject in chosen:
            if not passes(subject, whole):
                print(f"{subject.name}: its tests fail before anything is changed; mend them first")
                return 1
        checkouts.put(whole)
        found = [mutant for subject in chosen for mutant in survivors(subject, checkouts, options.every)]
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
