"""The reader of data files: what it makes, and how it names what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import pytest

from bield.datafiles import DataError, build, build_all, check_parts, decode, entries, read
from bield.service import codelists


@dataclass(frozen=True, slots=True)
class Wheel:
    id: str
    size: int = 10


@dataclass(frozen=True, slots=True)
class Cart:
    id: str
    colour: Literal["red", "blue"]
    wheels: tuple[Wheel, ...] = ()
    spare: Wheel | None = None
    from_day: date | None = None
    to_day: date | None = None


RED: dict[str, Any] = {"id": "a", "colour": "red"}


def test_a_table_becomes_a_dataclass_with_those_inside_it() -> None:
    cart = build(
        Cart, "carts, cart 'a'", RED | {"wheels": [{"id": "w"}, {"id": "v", "size": 3}], "to": date(2026, 1, 2)}
    )
    assert cart == Cart("a", "red", (Wheel("w"), Wheel("v", 3)), to_day=date(2026, 1, 2))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "green"}, "^carts, cart 'a': colour cannot be 'green'"),
        ({"id": 3}, "^carts, cart 'a': id cannot be 3"),
        ({"size": 3}, "^carts, cart 'a': unknown names \\['size'\\]$"),
        ({"wheels": [{"id": "w", "size": "big"}]}, "^carts, cart 'a', wheels 'w': size cannot be 'big'"),
        ({"wheels": [{"size": 1}]}, "^carts, cart 'a', wheels 1: missing \\['id'\\]$"),
        ({"wheels": [{"id": "w", "spokes": 3}]}, "^carts, cart 'a', wheels 'w': unknown names \\['spokes'\\]$"),
        ({"wheels": ["w"]}, "^carts, cart 'a', wheels 1: expected a table$"),
        ({"wheels": "w"}, "^carts, cart 'a': wheels cannot be 'w'"),
        ({"from": "2026-01-01"}, "^carts, cart 'a': from_day cannot be '2026-01-01'"),
        ({"from": date(2026, 1, 2), "to": date(2026, 1, 1)}, "^carts, cart 'a': ends before it begins$"),
    ],
)
def test_what_is_wrong_is_named_with_its_entry(change: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        build(Cart, "carts, cart 'a'", RED | change)


def test_a_dataclass_or_nothing_is_checked_inside_too() -> None:
    with pytest.raises(DataError, match="unknown names"):
        build(Cart, "carts, cart 'a'", RED | {"spare": {"id": "w", "spokes": 3}})
    assert build(Cart, "carts, cart 'a'", RED | {"spare": {"id": "w"}}).spare == Wheel("w")


def test_rows_are_named_by_id_key_or_number_and_stand_once() -> None:
    rows = [{"id": "a"}, {"key": "b"}, {}]
    assert [where for where, _body in entries("file", "row", rows)] == ["file, row 'a'", "file, row 'b'", "file, row 3"]
    with pytest.raises(DataError, match=r"file: wheel \['w'\] more than once"):
        build_all(Wheel, "file", "wheel", [{"id": "w"}, {"id": "w"}])
    nothing: list[object] = [None, [], {}, "x", ["x"]]
    for strange in nothing:
        with pytest.raises(DataError, match=r"^file.*expected a"):
            build_all(Wheel, "file", "wheel", strange)


def test_parts_are_all_there_and_no_others() -> None:
    with pytest.raises(DataError, match=r"file: missing parts \['b'\]"):
        check_parts("file", {"a": 1}, {"a", "b"})
    with pytest.raises(DataError, match=r"file: unknown parts \['c'\]"):
        check_parts("file", {"a": 1, "c": 1}, {"a"})


@pytest.mark.parametrize(("content", "words"), [(b"a = ", "^x"), (b"a = '\xff'", "^x"), (None, "no such")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "x.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DataError, match=words):
        decode(file, "x.toml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"x\.toml: cannot be read"):
        decode(tmp_path, "x.toml")


def test_a_package_without_the_file() -> None:
    with pytest.raises(DataError, match=r"none\.v1\.toml: there is no such file"):
        read("bield.law", "none.v1.toml")


def test_the_names_of_the_code_lists_are_those_of_the_file() -> None:
    """The type checker knows the lists by these names, so no page can ask for one that is not there."""
    assert get_args(codelists.ListName) == tuple(codelists.lists())
