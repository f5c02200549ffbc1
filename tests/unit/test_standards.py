"""HTCDS 2.0 and CTDC: the schema and the validator agree, and no conversion turns what is not known into a no."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.standards import (
    Field,
    Row,
    StandardsError,
    detect,
    document,
    from_htcds,
    generations,
    groups,
    htcds_schema,
    read_rows,
    to_htcds,
    validate,
    validate_file,
    write_rows,
)
from bield.standards.fields import LISTED, OF_A_PERSON

SCHEMA = jsonschema.Draft202012Validator(htcds_schema())
FIELDS = [item for group in groups().values() for item in group.fields]


def test_the_fields_are_those_of_the_source() -> None:
    """84 fields, 40 of them core, 3 deprecated, as counted in IOM's file."""
    assert len(FIELDS) == 84
    assert sum(item.core for item in FIELDS) == 40
    assert sum(item.deprecated for item in FIELDS) == 3


def test_what_is_mended_is_marked_as_ours() -> None:
    fields = {item.id: item for item in FIELDS}
    assert [item.value for item in fields["vic_MethodsOfControl"].added] == ["RestrictsMovement"]
    assert [item.value for item in fields["vic_TypeOfExploitation"].added] == ["ForcedCriminality"]
    assert len(fields["vic_MethodsOfControl"].allowed) == 17
    assert "Bield's" in json.dumps(htcds_schema()["properties"]["cases"])


def test_the_published_schema_is_what_the_fields_make() -> None:
    published = json.loads((files("bield.standards") / "schemas" / "htcds-2.0.schema.json").read_text(encoding="utf-8"))
    assert published == htcds_schema()
    jsonschema.Draft202012Validator.check_schema(published)


def right(field: Field) -> st.SearchStrategy[Any]:
    if field.holds == "choice":
        return st.sampled_from(field.allowed)
    if field.holds == "several":
        return st.lists(st.sampled_from(field.allowed), max_size=3, unique=True)
    by_kind = {
        "number": st.integers(0, 99),
        "checkbox": st.booleans(),
        "date": st.dates().map(lambda day: f"{day.year:04}-{day:%m-%d}"),
        "country": st.sampled_from(["VN", "GB"]),
        "language": st.sampled_from(["vi", "eng"]),
        "phone": st.just("+441412767724"),
    }
    one: st.SearchStrategy[Any] = by_kind.get(field.format or field.holds, st.text(max_size=9))
    return st.lists(one, max_size=2, unique=True) if field.holds == "texts" else one


wrong = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.lists(st.text(max_size=3), max_size=3), st.just({})
)


def a_group(name: str, values: Any) -> st.SearchStrategy[dict[str, Any]]:
    fields = {item.id: values(item) for item in groups()[name].fields}
    return st.fixed_dictionaries({}, optional=fields)


def a_case(values: Any) -> st.SearchStrategy[dict[str, Any]]:
    person = st.fixed_dictionaries({}, optional={name: a_group(name, values) for name in OF_A_PERSON})
    parts: dict[str, st.SearchStrategy[Any]] = {"persons": st.lists(person, max_size=2)}
    for name in groups():
        if name in LISTED:
            parts[LISTED[name]] = st.lists(a_group(name, values), max_size=2)
        elif name not in OF_A_PERSON:
            parts[name] = a_group(name, values)
    return st.fixed_dictionaries({}, optional=parts)


@given(st.lists(a_case(right), max_size=2).map(document))
def test_what_fits_is_taken_by_both(found: dict[str, Any]) -> None:
    assert validate(found) == []
    assert SCHEMA.is_valid(found)


@given(st.lists(a_case(lambda item: st.one_of(right(item), wrong)), max_size=1).map(document))
def test_the_validator_and_the_schema_agree(found: dict[str, Any]) -> None:
    assert (validate(found) == []) == SCHEMA.is_valid(found)


NAMES = ["format", "version", "cases", "persons", "victim", "case", "events", "x"]
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["format", "version", "cases", "persons", "victim", "case", "events", "x"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(json_values)
def test_they_agree_on_anything(found: Any) -> None:
    assert (validate(found) == []) == SCHEMA.is_valid(found)


@pytest.mark.parametrize(
    ("victim", "words"),
    [
        ({"vic_MethodsOfControl": ["Threats"]}, "'Threats' is not one of.*other spelling of PhysicalThreats"),
        ({"vic_MethodOfControl": []}, "there is no 'vic_MethodOfControl' here; near it: vic_MethodsOfControl"),
        ({"vic_AgeWhenTrafficked": "12"}, "expected a number; found a text"),
        ({"vic_TypeOfExploitation": "ForcedLabour"}, "expected a list; found a text"),
        ({"vic_TypeOfExploitation": ["ForcedLabour", "ForcedLabour"]}, "stands twice"),
    ],
)
def test_a_problem_says_where_and_what_was_expected(victim: dict[str, Any], words: str) -> None:
    (problem,) = validate(document([{"persons": [{"victim": victim}]}]))
    assert problem.path.startswith("cases[0].persons[0].victim")
    import re

    assert re.search(words, problem.words)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "line 1"), (b"\xff\xfe", "not UTF-8"), (b'{"a": }', "line 1, column 7"), (b"[" * 100_000, "nested|column")],
)
def test_a_file_that_is_no_json_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "cases.json"
    file.write_bytes(content)
    with pytest.raises(StandardsError, match=words):
        validate_file(file)
    with pytest.raises(StandardsError, match="No such file"):
        validate_file(tmp_path / "absent.json")


# CTDC


def test_the_generations_have_as_many_columns_as_their_sources_say() -> None:
    assert {key: len(item.columns) for key, item in generations().items()} == {
        "k_anonymised": 63,
        "synthetic": 37,
        "grouped": 17,
    }
    for item in generations().values():
        assert detect([column.name for column in item.columns]) is item


def test_other_columns_are_refused_with_the_nearest() -> None:
    names = [column.name for column in generations()["synthetic"].columns]
    with pytest.raises(StandardsError, match=r"nearest is 'synthetic'.*'gendre'.*'gender'"):
        detect([name if name != "gender" else "gendre" for name in names])


def rows(generation: str) -> st.SearchStrategy[Row]:
    columns = generations()[generation].columns
    texts = st.fixed_dictionaries(
        {},
        optional={item.says: st.sampled_from(["VN", "Female", "18--20"]) for item in columns if item.holds == "text"},
    )
    flags = st.fixed_dictionaries(
        {item.says: st.sampled_from([True, False, None]) for item in columns if item.holds == "flag"}
    )
    return st.builds(Row, texts, flags)


@pytest.mark.parametrize("generation", ["k_anonymised", "synthetic", "grouped"])
@given(data=st.data())
def test_what_is_written_is_read_again(generation: str, data: st.DataObject) -> None:
    row, kind = data.draw(rows(generation)), generations()[generation]
    (again,) = read_rows(write_rows([row], kind), kind)
    assert (dict(again.texts), dict(again.flags)) == (dict(row.texts), dict(row.flags))


@given(rows("k_anonymised"), st.sampled_from(["synthetic", "grouped"]))
def test_what_is_not_known_is_never_written_as_a_no(row: Row, generation: str) -> None:
    (written,) = write_rows([row], generations()[generation])
    for column in generations()[generation].columns:
        if column.holds != "flag" or written[column.name] != "0":
            continue
        parts = [known for name, known in row.flags.items() if name == column.says]
        assert parts == [False] or (column.says.startswith("group.") and row.flag(column.says) is False)


def test_a_group_of_means_is_yes_if_any_is_and_no_only_if_all_are() -> None:
    def known(**means: bool | None) -> bool | None:
        return Row({}, {f"means.{name}": value for name, value in means.items()}).flag("group.DebtBondageEarnings")

    assert known(DebtBondage=True, TakesEarnings=None) is True
    assert known(DebtBondage=False, TakesEarnings=False) is False
    assert known(DebtBondage=False, TakesEarnings=None) is None
    assert known() is None


@given(rows("k_anonymised"))
def test_a_row_in_htcds_fits_and_comes_back_with_what_it_could_hold(row: Row) -> None:
    case, lost = to_htcds(row)
    if row.texts.get("citizenship", "VN") == "VN":
        assert validate(document([case])) == []
    back, _more = from_htcds(case)
    for name, known in back.flags.items():
        assert known in (True, None)
        if known:
            assert row.flags[name] is True
    assert {name for name, known in row.flags.items() if known is False} <= set(lost)
    yes = {name for name, known in row.flags.items() if known}
    assert yes == {name for name, known in back.flags.items() if known} | (yes & set(lost))


def test_what_has_no_column_is_named_as_lost() -> None:
    victim = {"vic_MethodsOfControl": ["Threats", "ThreatensChildrenFamily"], "vic_AgeWhenTrafficked": 12}
    row, lost = from_htcds({"persons": [{"victim": victim, "person": {"prs_Gender": "NonConforming"}}]})
    assert row.flags["means.Threats"] is True
    assert lost == ("prs_Gender", "vic_AgeWhenTrafficked", "vic_MethodsOfControl=ThreatensChildrenFamily")


def test_a_cell_that_is_neither_is_named() -> None:
    kind = generations()["k_anonymised"]
    with pytest.raises(StandardsError, match="row 2, meansOfControlThreats: 'maybe'"):
        read_rows([{}, {"meansOfControlThreats": "maybe"}], kind)
