"""What translators get: every word of the data files with where it is, and nothing that they could not work with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages import Catalog
from tools import messages


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_label_comes_with_its_file_and_its_entry(tmp_path: Path) -> None:
    write(
        tmp_path,
        "room/data/parts.v1.toml",
        'source = "A law of 2015"\n[[parts]]\nid = "need"\ntitle = "Needs"\n'
        'fields = [{ id = "what", label = "What" }]\n'
        '[[parts]]\nid = "x"\nlabels = { adult = "Grown up" }\n',
    )
    assert list(messages.labels(tmp_path)) == [
        messages.Label("Needs", "room/data/parts.v1.toml", "need, title"),
        messages.Label("What", "room/data/parts.v1.toml", "what, label"),
        messages.Label("Grown up", "room/data/parts.v1.toml", "x, adult"),
    ]


def test_a_sentence_under_a_name_that_nobody_sorted_stops_the_tool(tmp_path: Path) -> None:
    write(tmp_path, "room/data/x.v1.toml", '[[rows]]\nid = "a"\nhint = "Ask them first"\n')
    with pytest.raises(SystemExit, match="'hint'"):
        list(messages.labels(tmp_path))


def test_the_words_of_the_real_data_files_are_found() -> None:
    found = {label.text: label for label in messages.labels()}
    assert found["In their words"].file == "service/support/data/parts.v1.toml"
    assert found["Afghanistan"].file == "disclosure/data/countries.v1.toml"
    assert not [label for label in found.values() if re.search(r"%(?!\()", label.text)]  # a template would ask for %%


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ('_("Whole")', False),
        ("_(row.label)", False),
        ('_("%(n)d days") % {"n": 3}', False),
        ('_(f"{n} days")', True),
        ('_("One " + two)', True),
        ('gettext("%s days" % n)', True),
        ('ngettext("a day", f"{n} days", n)', True),
    ],
)
def test_a_message_put_together_on_the_way_is_named(tmp_path: Path, code: str, wrong: bool) -> None:
    found = messages.made_up_on_the_way(write(tmp_path, "view.py", f"\n{code}\n"))
    assert [line.split(":")[:2] for line in found] == ([["view.py", "2"]] if wrong else [])


@pytest.mark.parametrize(
    ("text", "wrong"), [("%(day)s is past", False), ("100 % sure", False), ("%s is past", True), ("{} is past", True)]
)
def test_a_placeholder_without_a_name_is_named(text: str, wrong: bool) -> None:
    catalog = Catalog()
    catalog.add(text, locations=[("view.py", 1)])
    assert [line for line in messages.problems(catalog) if text in line] == (
        [f"view.py: name the placeholder in {text!r}"] if wrong else []
    )


def test_a_catalogue_is_renewed_and_keeps_what_was_translated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "SERVICE", tmp_path)
    first, second = Catalog(), Catalog()
    first.add("Needs")
    second.add("Needs")
    second.add("Risks")
    path = messages.translate_into("cy", first)
    path.write_text(path.read_text().replace('msgid "Needs"\nmsgstr ""', 'msgid "Needs"\nmsgstr "Anghenion"'))
    renewed = messages.translate_into("cy", second).read_text(encoding="utf-8")
    assert 'msgid "Needs"\nmsgstr "Anghenion"' in renewed
    assert 'msgid "Risks"\nmsgstr ""' in renewed
    assert path.with_suffix(".mo").is_file()
