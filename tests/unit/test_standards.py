"""HTCDS 2.0 and CTDC: the schema and the validator agree, and no conversion turns what is not known into a no."""

from __future__ import annotations

import json
import re
from datetime import date
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bield.errors import UserError
from bield.standards import (
    Cases,
    Field,
    Row,
    StandardsError,
    convert,
    detect,
    document,
    from_htcds,
    generations,
    groups,
    htcds_schema,
    read_cases,
    read_rows,
    summarised,
    to_htcds,
    validate,
    write_rows,
)
from bield.standards.fields import LISTED, OF_A_PERSON

SCHEMA = jsonschema.Draft202012Validator(htcds_schema(), format_checker=jsonschema.FormatChecker(["date"]))
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
        "number": st.integers(0, 30),
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
        ({"vic_MethodsOfControl": ["Threats"]}, "not one of.*other spelling of PhysicalThreats"),
        ({"vic_MethodOfControl": []}, "there is no 'vic_MethodOfControl' here; near it: vic_MethodsOfControl"),
        ({"vic_AgeWhenTrafficked": "12"}, "expected a number; found a text"),
        ({"vic_TypeOfExploitation": "ForcedLabour"}, "expected a list; found a text"),
        ({"vic_TypeOfExploitation": ["ForcedLabour", "ForcedLabour"]}, "appears twice"),
    ],
)
def test_a_problem_says_where_and_what_was_expected(victim: dict[str, Any], words: str) -> None:
    (problem,) = validate(document([{"persons": [{"victim": victim}]}]))
    assert problem.path.startswith("cases[0].persons[0].victim")
    import re

    assert re.search(words, problem.words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"{\xff\xfe", "not UTF-8"),
        (b'{"a": }', "line 1, column 7"),
        (b"[" * 100_000, "nested|column"),
        (b'{"a": NaN}', "not numbers in JSON"),
        (b'{"a": ' + b"9" * 9999 + b"}", "too many digits"),
        (b"PK\3\4\xff", "not UTF-8"),
        (b"a,b\n1,2\n", "no heading is a field of HTCDS"),
        (b"vic_MethodsOfControl,vic_MethodsOfControl\n1,2\n", "appears twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(content: bytes, words: str) -> None:
    with pytest.raises(UserError, match=f"^cases.x.*({words})"):
        read_cases("cases.x", content, today=TODAY)


TODAY = date(2026, 11, 25)


def victims(*cells: dict[str, Any]) -> bytes:
    return json.dumps(document([{"persons": [item]} for item in cells])).encode()


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"person": {"prs_Birthdate": "2001-02-29"}}, "a day of the calendar"),
        ({"person": {"prs_Birthdate": "1999-3-1"}}, "a day of the calendar"),
        ({"person": {"prs_Birthdate": "01/03/1999"}}, "a day of the calendar"),
        ({"person": {"prs_Birthdate": "2026-11-26"}}, "the birth date is in the future"),
        ({"person": {"prs_FirstName": "Zdravka7\0"}}, "not text"),
        ({"person": {"prs_FirstName": "\ud800Zdravka7"}}, "not text"),
        ({"person": {"prs_NumberOfChildren": -1}}, "a number from 0 to 30"),
        ({"person": {"prs_NumberOfChildren": 1.5}}, "a whole number"),
        ({"person": {"prs_MailingLatitude": 91}}, "from -90 to 90"),
        ({"person": {"prs_MailingCountry": "Vietnam"}}, "such as VN; this is a country's name"),
        ({"person": {"prs_MailingCountry": "gb"}}, "write it in capitals"),
        ({"person": {"prs_Citizenship": ["ZZ"]}}, "two letters such as VN$"),
        ({"person": {"prs_Citizenship": ["VN;GB"]}}, "several values in one: write each"),
        ({"person": {"prs_Gender": "feminine"}}, "did you mean Feminine"),
        ({"victim": {"vic_AgeWhenTrafficked": 130}}, "from 0 to 120"),
        ({"victim": {"vic_TypeOfExploitation": ["Forced Labour"]}}, "did you mean ForcedLabour"),
        ({"victim": {"vic_TypeOfExploitation": ["SexualExploitaton"]}}, "did you mean SexualExploitation"),
        ({"victim": {"vic_TypeOfExploitation": "ForcedLabour;Servitude"}}, "several values in one: write each"),
        ({"victim": {"vic_TraffickingStatus": "Zdravka7"}}, "not one of"),
    ],
)
def test_what_a_standard_does_not_take_is_said_without_the_value(person: dict[str, Any], words: str) -> None:
    found = read_cases("cases.json", victims(person), today=TODAY)
    assert len(found.problems) == 1, found.problems
    (said,) = map(str, summarised(found.problems))
    assert re.search(words, said), said
    assert "Zdravka7" not in said
    assert not found.cases


def test_a_name_given_twice_is_said() -> None:
    content = victims({"person": {"prs_Title": "a"}}).replace(
        b'"prs_Title": "a"', b'"prs_Title": "a", "prs_Title": "b"'
    )
    (problem,) = read_cases("cases.json", content, today=TODAY).problems
    assert "'prs_Title' appears twice" in problem.words


def test_thousands_of_one_kind_are_one_line() -> None:
    bad = {"person": {"prs_MailingCountry": "Vietnam"}, "victim": {"vic_Strange": 1}}
    found = read_cases("cases.json", victims(*[bad] * 3000), today=TODAY)
    lines = [str(item) for item in summarised(found.problems)]
    assert len(lines) == 2
    assert all("(3,000 times, first at cases[0].persons[0]" in line for line in lines)
    table = "prs_MailingCountry\n" + "Vietnam\n" * 3000
    (line,) = map(str, summarised(read_cases("cases.csv", table.encode(), today=TODAY).problems))
    assert line.startswith("prs_MailingCountry: expected a country")
    assert line.endswith("(3,000 times, first at line 2, prs_MailingCountry)")


@pytest.mark.parametrize("content", [victims(*[{"victim": {"vic_X": 1}}] * 50), b"prs_Gender\n" + b"x\n" * 50])
def test_no_more_problems_are_looked_for_than_asked(content: bytes) -> None:
    found = read_cases("cases", content, today=TODAY, most=7)
    assert len(found.problems) == 7
    assert not found.cases


# Tables of HTCDS


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("between", [";", " ", ", ", "|"])
def test_a_table_is_read_as_the_same_cases(separator: str, between: str) -> None:
    means = between.join(["DebtBondage", "Threats"])
    rows = [
        [
            "prs_FirstName",
            "prs_Birthdate",
            "prs_Citizenship",
            "prs_Deceased",
            "vic_MethodsOfControl",
            "vic_AgeWhenTrafficked",
        ],
        ["Zdravka", "2001-05-17", "BG", "no", f'"{means}"', "16"],
        ["", "", "", "", "", ""],
        ["", "", "", "", "", "17"],
    ]
    content = "\r\n".join(separator.join(row) for row in rows).encode("utf-8-sig")
    found = read_cases("cases.csv", content, today=TODAY)
    assert found.problems == ()
    assert [case["persons"] for case in found.cases] == [
        [
            {
                "person": {
                    "prs_FirstName": "Zdravka",
                    "prs_Birthdate": "2001-05-17",
                    "prs_Citizenship": ["BG"],
                    "prs_Deceased": False,
                },
                "victim": {"vic_MethodsOfControl": ["DebtBondage", "PhysicalThreats"], "vic_AgeWhenTrafficked": 16},
            }
        ],
        [{"victim": {"vic_AgeWhenTrafficked": 17}}],
    ]


def test_a_table_says_its_lines_and_headings() -> None:
    content = b"prs_FirstNam,prs_Birthdate,prs_Deceased\nZdravka7,1999-02-30,Zdravka7\nZdravka7,1\n"
    said = [str(item) for item in summarised(read_cases("cases.csv", content, today=TODAY).problems)]
    assert said == [
        "heading 'prs_FirstNam': is not a field of HTCDS; did you mean prs_FirstName?",
        "line 3: 2 cells where the headings have 3",
        "line 2, prs_Birthdate: expected a day of the calendar such as 2026-03-31",
        "line 2, prs_Deceased: expected true or false; found a text",
    ]


def one_person() -> st.SearchStrategy[dict[str, Any]]:
    """A case of one person whose texts a table can hold."""

    def told(item: Field) -> st.SearchStrategy[Any]:
        if item.holds in ("text", "texts") and not item.format:
            return st.sampled_from(["Zdravka", "a, b", 'c "d"', "two\nlines", "=1+1"])
        return right(item).filter(lambda value: value != [])

    def group(name: str) -> st.SearchStrategy[dict[str, Any]]:
        return a_group(name, told).filter(bool)

    person = st.fixed_dictionaries({}, optional={name: group(name) for name in OF_A_PERSON})
    parts = {name: group(name) for name in groups() if name not in OF_A_PERSON and name not in LISTED}
    return st.builds(lambda one, rest: {"persons": [one], **rest}, person, st.fixed_dictionaries({}, optional=parts))


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], max_examples=60)
@given(st.lists(one_person(), min_size=1, max_size=3))
def test_a_table_and_json_hold_the_same(cases: list[dict[str, Any]]) -> None:
    cases = [case for case in cases if len(case) > 1 or case["persons"][0]]
    begun = Cases("htcds", (), tuple(cases))
    text, lost = convert(begun, "htcds-table")
    assert not lost
    assume(cases)
    back = read_cases("t.csv", text.encode(), today=date(9999, 12, 31))
    assert back.problems == ()
    assert list(back.cases) == cases


@pytest.mark.parametrize("change", [str.upper, str.lower, str])
def test_capitals_of_headings_do_not_matter(change: Any) -> None:
    table = f"{change('prs_Gender')},{change('vic_AgeWhenTrafficked')}\nFeminine,16\n"
    assert read_cases("t.csv", table.encode(), today=TODAY).problems == ()
    for item in generations().values():
        names = ",".join(change(column.name) for column in item.columns)
        found = read_cases("c.csv", f"{names}\n{',' * (len(item.columns) - 1)}\n".encode(), today=TODAY)
        assert (found.kind, found.problems) == (item.id, ())


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
    with pytest.raises(StandardsError, match="row 2, meansOfControlThreats: expected 1, 0, -99"):
        read_rows([{}, {"meansOfControlThreats": "maybe"}], kind)


@pytest.mark.parametrize("source", list(generations()))
@pytest.mark.parametrize("target", [*generations(), "htcds", "htcds-table"])
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(data=st.data())
def test_every_generation_is_read_checked_and_converted(source: str, target: str, data: st.DataObject) -> None:
    """Nothing that is not known becomes a no, and each yes is carried or counted as lost."""
    drawn = data.draw(st.lists(rows(source), min_size=1, max_size=3))
    begun = [Row({name: value for name, value in row.texts.items() if name != "year"}, row.flags) for row in drawn]
    begun = [Row({**row.texts, "citizenship": "VN", "country": "GB"}, row.flags) for row in begun]
    text, _ = convert(Cases(source, (), rows=tuple(begun)), source)
    found = read_cases("f.csv", text.encode(), today=TODAY)
    assert (found.kind, found.problems, len(found.rows)) == (source, (), len(begun))
    made, lost = convert(found, target)
    again = read_cases("g", made.encode(), today=TODAY)
    assert again.problems == ()
    assert len(again.rows) + len(again.cases) == len(begun)
    for before, after in zip(found.rows, again.rows, strict=False):
        for name, known in after.flags.items():
            assert known is None or known == before.flag(name)
        for name, known in before.flags.items():
            assert known is None or name in after.flags or name in lost or (target == "grouped" and "means." in name)


@pytest.mark.parametrize("source", list(generations()))
def test_a_cell_of_ctdc_that_cannot_be_is_said_with_its_line(source: str) -> None:
    names = [item.name for item in generations()[source].columns]
    bad = {item.name: "Zdravka7" for item in generations()[source].columns if item.holds == "flag"}
    bad |= {"citizenship": "Vietnam", "yearOfRegistration": "16"}
    content = ",".join(names) + "\n" + ",".join(bad.get(name, "") for name in names) + "\n"
    said = [str(item) for item in summarised(read_cases("f.csv", content.encode(), today=TODAY).problems)]
    assert len(said) == len(bad)
    assert all(line.startswith("line 2, ") and "Zdravka7" not in line for line in said)


def test_a_no_of_ctdc_is_said_to_have_no_place_in_htcds() -> None:
    row = Row({}, {"means.Threats": False, "means.DebtBondage": True})
    _, lost = convert(Cases("k_anonymised", (), rows=(row,)), "htcds")
    assert lost == {"means.Threats": 1}
