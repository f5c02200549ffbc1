"""Collects every message for translators: those of code and templates, and the words of the data files."""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.core.management import CommandError, call_command
from django.test import override_settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "bield"
SERVICE = PACKAGE / "service"
TEMPLATE = ROOT / "var" / "messages" / "django.pot"

WORDS = {
    *("about", "answer", "anywhere", "apply", "ask", "asks", "body", "button", "by_when", "caution", "caveat"),
    *("child_rule", "task"),
    *("counts_from", "definition", "detail", "ends_early_at", "explanation", "hand_in", "help", "helps"),
    *("he", "inherent_fact", "items", "label", "law_says", "lead", "name", "not_known", "note", "not_to_do", "noun"),
    *("one", "plain", "question", "reason", "recipient", "reference", "seen", "sentence", "she", "summary", "text"),
    *("they", "title", "what", "who", "why", "why_voluntary", "withdrawal_effect", "words"),
}
"""The names of data files whose values people read."""
TABLES_OF_WORDS = {"labels", "plains"}
"""The names of tables whose values are all read."""
AS_THEY_ARE = {
    *("D", "G", "I", "L", "confidence", "id", "instrument", "key", "organisation", "provision", "slavery_source"),
    *("source", "stale_source", "value"),
}
"""The names whose values look like words and stay as they are: sources, laws, proper names, notes to ourselves."""
BESIDES = (
    "disclosure/data/words.v1.toml",
    "indicators/data/spellings.v1.toml",
    "law/data/*/bodies.v1.toml",
    "names/data/*",
    "service/demo/*",
    "standards/data/*",
)
"""Files that hold no words for a page: what is compared with names, names of bodies, standards, the made-up country."""

CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
SENTENCE = re.compile(r"[a-z]{2,} \w")
UNNAMED = re.compile(r"(?<!%)%[sdif]|\{\d*\}")


@dataclass(frozen=True, slots=True)
class Label:
    """Some words of a data file, and where they are."""

    text: str
    file: str
    entry: str


def labels(package: Path = PACKAGE) -> Iterator[Label]:
    """The words of every data file. Exits for a sentence under a name that is neither in WORDS nor in AS_THEY_ARE."""
    for path in sorted(package.rglob("*.toml")):
        file = path.relative_to(package)
        if not any(file.match(pattern) for pattern in BESIDES):
            yield from _labels(tomllib.loads(path.read_text(encoding="utf-8")), str(file), "", "", of_words=False)


def _labels(value: object, file: str, entry: str, name: str, *, of_words: bool) -> Iterator[Label]:
    if isinstance(value, dict):
        inside = str(value.get("id", value.get("key", entry)))
        for key, inner in value.items():
            yield from _labels(inner, file, inside, key, of_words=of_words or name in TABLES_OF_WORDS)
    elif isinstance(value, list):
        for inner in value:
            yield from _labels(inner, file, entry, name, of_words=of_words)
    elif isinstance(value, str) and (of_words or name in WORDS):
        if value:
            yield Label(value, file, f"{entry}, {name}" if entry else name)
    elif isinstance(value, str) and name not in AS_THEY_ARE and SENTENCE.search(value):
        sys.exit(
            f"{file}, {entry}: is {name!r} words that people read? Say so in WORDS or AS_THEY_ARE of tools/messages.py"
        )


def template() -> Catalog:
    """Every message as a catalogue without translations. Exits where xgettext is missing or refuses a file."""
    if shutil.which("xgettext") is None:
        sys.exit("tools/messages.py needs xgettext: install the Debian package gettext")
    with tempfile.TemporaryDirectory() as folder, override_settings(LOCALE_PATHS=[folder]):
        said = io.StringIO()
        try:
            with contextlib.chdir(PACKAGE):
                call_command("makemessages", all=True, keep_pot=True, no_obsolete=True, stdout=said, stderr=said)
        except CommandError as error:
            sys.exit(str(error))
        found = (Path(folder) / "django.pot").read_text(encoding="utf-8")
    catalog = read_po(io.StringIO(found.replace("nplurals=INTEGER; plural=EXPRESSION", "nplurals=2; plural=(n != 1)")))
    catalog.project, catalog.version = "Bield", ""
    for label in labels():
        catalog.add(label.text, locations=[(label.file, 1)], auto_comments=[f"{label.file}: {label.entry}"])
    return catalog


def problems(catalog: Catalog) -> list[str]:
    """What a translator could not work with: placeholders without a name, and messages put together on the way."""
    found = []
    for message in catalog:
        texts = [message.id] if isinstance(message.id, str) else list(message.id)
        if any(UNNAMED.search(text) for text in texts):
            found.append(f"{message.locations[0][0]}: name the placeholder in {texts[0]!r}")
    return found + [problem for path in sorted(PACKAGE.rglob("*.py")) for problem in made_up_on_the_way(path)]


def made_up_on_the_way(path: Path) -> list[str]:
    """The calls of gettext in a file whose words no tool can read: put together from parts instead of written out."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            found += [
                f"{path.name}:{node.lineno}: write the whole message out in {node.func.id}()"
                for argument in node.args
                if isinstance(argument, ast.JoinedStr | ast.BinOp)
            ]
    return found


def write(path: Path, catalog: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, omit_header=False, sort_output=True)


def translate_into(language: str, catalog: Catalog) -> Path:
    """Make or renew the catalogue of a language, keep what was translated, and compile it for Django."""
    path = SERVICE / "locale" / language / "LC_MESSAGES" / "django.po"
    known = Catalog(locale=language, project="Bield")
    if path.is_file():
        with path.open("rb") as file:
            known = read_po(file, locale=language)
    known.update(catalog)
    write(path, known)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, known)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say what a translator could not work with")
    parser.add_argument("--language", help="make or renew the catalogue of this language, such as gd or pl")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bield.service.settings")
    django.setup()
    catalog = template()
    if found := problems(catalog):
        sys.exit("\n".join(found))
    if options.language:
        print(translate_into(options.language, catalog).relative_to(ROOT))
    elif not options.check:
        write(TEMPLATE, catalog)
        print(f"{TEMPLATE.relative_to(ROOT)}: {len(catalog)} messages")


if __name__ == "__main__":
    main()
