"""Whatever options and files a command is given, nobody sees an exception, nor what somebody answered."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from bield.cli import app
from bield.guard import FAULT
from bield.indicators import load

SECRET = "Zdravka7"
"""Stands in cells and nowhere else, so no message may hold it."""

FILES: dict[str, bytes] = {
    "good.csv": f"id,hazardous_work,w,s,c,note\n1,yes,1.5,a,x,\n2,no,2,a,y,\n3,,heavy,b,x,{SECRET}\n".encode(),
    "odd.csv": f"id,hazardous_work,low_or_no_salary\n1,yes,no\n2,{SECRET},{SECRET}\n".encode(),
    "excel.csv": "sep=;\r\nid;hazardous_work;w;s;c\r\n1;ja;1,5;ä;x\r\n;;;;\r\n".encode(),
    "cp1252.csv": "id;hazardous_work;straße\n1;yes;é\n".encode("cp1252"),
    "late.csv": b"id,hazardous_work\n" + b"1,yes\n" * 3 + b"2,\xff\n",
    "utf16.csv": "id\thazardous_work\tw\n1\tyes\t2\n".encode("utf-16"),
    "short.csv": f"id,hazardous_work,w\n1,yes\n{SECRET},no,2\n".encode(),
    "long.csv": f"id,hazardous_work\n1,yes,{SECRET},{SECRET}\n".encode(),
    "quote.csv": f'id,hazardous_work\n1,"{SECRET}\n2,no\n'.encode(),
    "twice.csv": b"id,hazardous_work,hazardous_work\n1,yes,no\n",
    "unnamed.csv": b"id,hazardous_work,,\n1,yes,,\n",
    "misspelt.csv": b"id,hazardos_work,low_or_no_salery\n1,yes,no\n",
    "headings.csv": b"id,hazardous_work\n",
    "blank.csv": b"\n\n",
    "empty.csv": b"",
    "nul.csv": b"\0\0,hazardous_work\0\n1,\0\n",
    "markup.csv": b"id,hazardous_work,s\n1,yes,[/red]\n2,no,[bold\n3,no,\x1b[31m\n",
    "cut.csv.gz": gzip.compress(b"id,hazardous_work\n1,yes\n" * 999)[:-9],
    "not.csv.gz": b"id,hazardous_work\n1,yes\n",
    "tab.tsv": b"id\thazardous_work\n1\tyes\n",
    "not.parquet": f"id,hazardous_work\n{SECRET},yes\n".encode(),
    "empty.parquet": b"",
    "book.xlsx": b"PK\3\4",
    "spss.sav": b"$FL2",
    "stata.dta": b"<stata_dta>",
    "packed.zip": b"PK\3\4",
    "notes.txt": b"hazardous_work\nyes\n",
    "picture.png": b"\x89PNG",
}
TABLES: dict[str, pa.Table] = {
    "good.parquet": pa.table({"hazardous_work": [True, None], "w": [1.0, 2.0], "s": ["a", "b"], "c": [1, 2]}),
    "lists.parquet": pa.table({"hazardous_work": [["yes"], None], "w": [[1.0], None], "s": [{"a": 1}, None]}),
    "kinds.parquet": pa.table(
        {
            "hazardous_work": pa.array([b"yes", None]),
            "low_or_no_salary": pa.array([2, -1], pa.decimal128(5, 1)),
            "w": pa.array([1, 2], pa.duration("s")),
            "s": pa.array([1, None], pa.timestamp("us")),
            "c": pa.nulls(2),
        }
    ),
    "none.parquet": pa.table({"hazardous_work": pa.array([], pa.bool_())}),
    "nocolumns.parquet": pa.table({}),
}
COLUMNS = ["id", "hazardous_work", "w", "s", "c", "", " ", "nothing", "conclusion", "\udcff", "[/]", "--", "ä"]
OPTIONS: dict[str, list[str]] = {
    "--set": ["adult_labour", "child_sexual", "adults", *COLUMNS],
    "--fact": ["yes", "no", "unknown", "maybe", *COLUMNS],
    "--policy": ["palermo", "three_part", "published_table", "", "strict"],
    "--out": [
        "o.csv",
        "o.parquet",
        "o.CSV",
        "o.xlsx",
        "",
        ".",
        "..",
        "/",
        "no/o.csv",
        "good.csv",
        "sub/o.csv",
        "a\0.csv",
    ],
    "--alternative": ["", "hazardous_work", "rvuln_difficulties_in_the_past"],
    "--answers": ["", ".", "absent.toml", "good.csv", "lists.toml", "wrong.toml", "late.csv", "deep.toml"],
    "--separator": [",", ";", "tab", "", ";;", "a", "\n", '"', "é"],
    "--encoding": ["cp1252", "utf-16", "utf-8", "rot13", "hex", "", "none", "idna", "utf-7", "undefined", "a\0b"],
    "--decimal": [".", ",", "", ";"],
    "--other": COLUMNS,
    "--set-aside": ["aside.csv", "", "o.csv", "aside.txt", "good.csv", "no/a.csv"],
    "--weight": COLUMNS,
    "--strata": COLUMNS,
    "--cluster": COLUMNS,
    "--by": COLUMNS,
    "--id": COLUMNS,
    "--single-unit": ["refuse", "centre", "certainty", "", "guess"],
    "--engine": ["local", "", "both"],
    "--counts": [],
    "--keep-answers": [],
    "--force": [],
    "--json": [],
}
NAMES = [*FILES, *TABLES, ".", "sub", "*.csv", "**", "[", "absent.csv", "", "a\0b", "\udcff.csv", "/dev/null"]


@pytest.fixture
def survey(here: Path) -> Path:
    """A folder of every kind of file that somebody may have."""
    for name, content in FILES.items():
        Path(name).write_bytes(content)
    for name, table in TABLES.items():
        pq.write_table(table, name)
    Path("sub").mkdir()
    Path("lists.toml").write_text('yes = ["ja"]\nno = ["nein"]\n')
    Path("wrong.toml").write_text('yes = "ja"\nno = [[1]]\n')
    Path("deep.toml").write_text("yes = " + "[" * 9000)
    return here


def cli(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def check(result: Result) -> None:
    assert result.exit_code in (0, 1, 2), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert SECRET not in result.output


def pairs() -> st.SearchStrategy[list[str]]:
    one = st.sampled_from(list(OPTIONS)).flatmap(
        lambda name: st.sampled_from([[name, value] for value in OPTIONS[name]] or [[name]])
    )
    return st.lists(one, max_size=5).map(lambda found: [word for pair in found for word in pair])


@pytest.mark.slow
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2), pairs())
def test_no_exception_reaches_anybody_whatever_is_asked(survey: Path, names: list[str], options: list[str]) -> None:
    given_already = set(options)
    rest = [
        word
        for pair in (["--set", "adult_labour"], ["--out", "o.csv"])
        if pair[0] not in given_already
        for word in pair
    ]
    check(cli("assess", *names, *options, *rest))
    assert not list(survey.rglob("*.partial"))
    for made in ("o.csv", "o.CSV", "o.parquet", "aside.csv", "sub/o.csv"):
        Path(made).unlink(missing_ok=True)
    assert {item.name for item in survey.iterdir()} >= {*FILES, *TABLES}
    assert all(Path(name).read_bytes() == content for name, content in FILES.items())


@pytest.mark.slow
@pytest.mark.parametrize("option", [name for name in OPTIONS if OPTIONS[name]])
def test_every_value_of_every_option_alone(survey: Path, option: str) -> None:
    for name in ("good.csv", "good.parquet", "kinds.parquet", "lists.parquet"):
        for value in OPTIONS[option]:
            words = {"--set": "adult_labour", "--out": "o.csv", option: value}
            check(cli("assess", name, *(word for pair in words.items() for word in pair), "--force"))


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.text("idyesno,;\t\"'\n\r\0é[]", max_size=120).map(str.encode)))
def test_any_bytes_after_good_headings(here: Path, content: bytes) -> None:
    for name, head in (("f.csv", b"id,hazardous_work\n1,yes\n"), ("g.csv", b""), ("h.parquet", b"PAR1")):
        Path(name).write_bytes(head + content)
        check(cli("assess", name, "--set", "adult_labour", "--out", "o.csv", "--force"))


def test_a_fault_is_one_line_without_what_stood_in_the_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError(SECRET)

    Path("f.csv").write_text("hazardous_work\nyes\n")
    monkeypatch.setattr("bield.indicators.batch.run.run", fail)
    result = cli("assess", "f.csv", "--set", "adult_labour", "--out", "o.csv")
    assert result.exit_code == FAULT
    assert result.stderr.count("\n") == 1
    assert "KeyError" in result.stderr
    assert SECRET not in result.output


def test_names_from_outside_are_shown_as_they_are_and_obeyed_by_nothing(here: Path) -> None:
    """Square brackets are markup to the library that prints, and an escape is an order to a terminal."""
    Path("f.csv").write_text("hazardous_work,s\nyes,[/red]\nno,[bold]x\nno,\x1b[31mred\n")
    result = cli("assess", "f.csv", "--set", "adult_labour", "--by", "s", "--out", "[green]o.csv")
    assert result.exit_code == 0, result.output
    for words in ("s [/red]: estimates", "s [bold]x: estimates", "Written to [green]o.csv"):
        assert words in result.output
    assert "\x1b" not in result.output


# Files of cases

CASES: dict[str, bytes] = {
    "good.json": b'{"format": "htcds", "version": "2.0", "cases": [{"persons": [{"person": {"prs_Title": "Dr"}}]}]}',
    "bad.json": f'{{"format": "{SECRET}", "cases": {{"{SECRET} x": ["{SECRET}"]}}}}'.encode(),
    "table.csv": b"prs_Gender;vic_MethodsOfControl\nFeminine;DebtBondage\n",
    "odd.csv": f"prs_Gender,prs_Birthdate\n{SECRET},{SECRET}\n{SECRET}\n".encode(),
    "cp1252.csv": "prs_FirstName\nZoë\n".encode("cp1252"),
    "other.csv": b"a,b\n1,2\n",
    "empty.csv": b"",
    "deep.json": b"[" * 9999,
    "cut.json": b'{"format": ',
}
FORMS = ["htcds", "htcds-table", "k_anonymised", "synthetic", "grouped", "", "htcds2"]


@pytest.mark.slow
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([*CASES, "absent.json", ".", "", "\udcff", "a\0b"]),
    st.sampled_from(FORMS),
    st.sampled_from(["o.json", "o.csv", "table.csv", "", "no/o.csv", ".", "o\0.csv"]),
    st.lists(
        st.sampled_from(["--force", "--encoding=cp1252", "--encoding=hex", "--encoding="]), max_size=2, unique=True
    ),
)
def test_no_file_of_cases_ends_in_an_exception(here: Path, name: str, to: str, out: str, more: list[str]) -> None:
    for file, content in CASES.items():
        Path(file).write_bytes(content)
    check(cli("convert", name, "--to", to, "--out", out, *more))
    check(cli("validate", name, *[word for word in more if word != "--force"]))
    assert not list(here.glob(".*"))


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.text('{}[]":,prs_Gendr012\n;é', max_size=80).map(str.encode)))
def test_any_bytes_as_cases(here: Path, content: bytes) -> None:
    for head in (b"", b"prs_Gender,prs_FirstName\n", b'{"format": "htcds", "version": "2.0", "cases": ['):
        Path("f").write_bytes(head + content)
        check(cli("validate", "f"))


@pytest.mark.parametrize("to", FORMS[:5])
def test_a_table_is_converted_and_what_comes_out_is_valid(here: Path, to: str) -> None:
    Path("t.csv").write_bytes(CASES["table.csv"])
    out = "o.json" if to == "htcds" else "o.csv"
    asked = ("convert", "t.csv", "--to", to, "--out", out)
    assert cli(*asked).exit_code == 0
    assert cli("validate", out).exit_code == 0
    assert Path(out).stat().st_mode & 0o077 == 0
    again = cli(*asked)
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    assert cli(*asked, "--force").exit_code == 0
    assert cli("convert", "odd.csv", "--to", to, "--out", "x" + out).exit_code == 2


def test_a_file_with_problems_is_not_converted(here: Path) -> None:
    Path("odd.csv").write_bytes(CASES["odd.csv"])
    result = cli("convert", "odd.csv", "--to", "htcds", "--out", "o.json")
    assert (result.exit_code, Path("o.json").exists()) == (1, False)
    check(result)


# Excel of Europe


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_as_excel_writes_it(here: Path, separator: str, told: bool, encoding: str) -> None:
    rows = [
        ["id", "hazardous_work", "w", "straße"],
        ["007", "yes", '"1,5"', "é"],
        ["", "", "", ""],
        ["8", "no", "2", "ü"],
    ]
    head = f"sep={separator}\r\n" if told else ""
    text = head + "\r\n".join(separator.join(row) for row in rows) + "\r\n"
    Path("f.csv").write_bytes(text.encode(encoding))
    options = ["--encoding", "cp1252"] if encoding == "cp1252" else []
    asked = ("f.csv", "--set", "adult_labour", "--weight", "w", "--decimal", ",", *options)
    result = cli("assess", *asked, "--out", "o.parquet")
    assert result.exit_code == 0, result.output
    assert "1 rows without a single value left out" in result.output
    written = pq.read_table("o.parquet").to_pylist()
    assert [(row["id"], row["straße"]) for row in written] == [("007", "é"), ("8", "ü")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("short.csv", "short.csv, line 2: 2 cells where the headings have 3"),
        ("long.csv", "long.csv, line 2: 4 cells where the headings have 2"),
        ("late.csv", "late.csv, line 5, byte 3: not UTF-8"),
        ("cp1252.csv", "cp1252.csv, line 1, byte 23: not UTF-8; save it as CSV UTF-8, or say"),
        ("unnamed.csv", "no heading above column 3, 4"),
        ("twice.csv", "'hazardous_work' appears twice"),
        ("book.xlsx", "is a workbook: choose File, Save As, CSV UTF-8"),
        ("spss.sav", "is of SPSS: choose File, Export"),
        ("stata.dta", "export delimited FILE.csv"),
        ("packed.zip", "unpack it first"),
        ("lists.parquet", "the column 'hazardous_work' is of type list<"),
        ("cut.csv.gz", "not a whole gzip file"),
    ],
)
def test_what_cannot_be_read_says_where_and_the_way_out(survey: Path, name: str, said: str) -> None:
    result = cli("assess", name, "--set", "adult_labour", "--out", "o.csv")
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
    assert not Path("o.csv").exists()


def test_a_workbook_in_a_folder_is_not_passed_over(here: Path) -> None:
    Path("in").mkdir()
    Path("in/a.csv").write_text("hazardous_work\nyes\n")
    Path("in/b.xlsx").write_bytes(b"PK")
    result = cli("assess", "in", "--set", "adult_labour", "--out", "o.csv")
    assert (result.exit_code, "b.xlsx: is a workbook" in result.stderr) == (2, True)


def test_every_misnamed_heading_at_once_with_options_that_work(here: Path) -> None:
    Path("f.csv").write_text(
        "id,hazardous_work,Low or no salery,very_bad_working_condition,it's no_social_protection\n1,yes,2,3,4\n"
    )
    asked = ("assess", "f.csv", "--set", "adult_labour", "--out", "o.csv")
    result = cli(*asked)
    assert result.exit_code == 2
    for name in ("low_or_no_salary", "very_bad_working_conditions", "no_social_protection"):
        assert f"did you mean '{name}'?" in result.stderr
    import shlex

    options = shlex.split(result.stderr.rpartition("add: ")[2])
    assert cli(*asked, *options).exit_code == 0


def test_absent_indicators_are_named(here: Path) -> None:
    Path("f.csv").write_text("hazardous_work\nyes\n")
    result = cli("assess", "f.csv", "--set", "adult_labour", "--out", "o.csv")
    said = result.output.replace("\n", " ").split()
    absent = [
        key for key, item in load().indicators.items() if "adult_labour" in item.strength and key != "hazardous_work"
    ]
    assert {f"{key}," for key in absent[:-1]} <= set(said)


def test_nobody_is_counted_twice_where_an_id_tells_people_apart(here: Path) -> None:
    Path("a.csv").write_text(f"id,hazardous_work\n{SECRET},yes\n2,no\n")
    Path("b.csv").write_text(f"id,hazardous_work\n3,no\n{SECRET} ,no\n,yes\n")
    asked = ("assess", "a.csv", "b.csv", "--set", "adult_labour", "--id", "id", "--out", "o.parquet")
    result = cli(*asked)
    assert (result.exit_code, "b.csv, row 2, column 'id': the cell is not an id of its own" in result.stderr) == (
        2,
        True,
    )
    check(result)
    assert cli(*asked, "--set-aside", "aside.csv").exit_code == 0
    assert pq.read_table("o.parquet")["id"].to_pylist() == [SECRET, "2", "3"]
    assert cli(*[word for word in asked if word not in ("--id", "id")], "--force").exit_code == 0


def test_the_same_file_by_two_names_is_read_once(here: Path) -> None:
    Path("f.csv").write_text("hazardous_work\nyes\n")
    result = cli("assess", "f.csv", "./f.csv", here / "f.csv", "*.csv", "--set", "adult_labour", "--out", "o.parquet")
    assert result.output.startswith("1 people assessed")


# Where results go


def test_a_result_is_replaced_only_when_that_is_said(here: Path) -> None:
    Path("f.csv").write_text("hazardous_work\nyes\n")
    Path("o.csv").write_text("last year's")
    asked = ("assess", "f.csv", "--set", "adult_labour", "--out", "o.csv")
    refused = cli(*asked)
    assert (refused.exit_code, "o.csv: is there already" in refused.stderr) == (2, True)
    assert Path("o.csv").read_text() == "last year's"
    assert cli(*asked, "--force").exit_code == 0
    assert "hazardous" not in Path("o.csv").read_text()


@pytest.mark.parametrize("given_as", ["in", "in/*.csv", "in/**/*.csv", "./in/"])
@pytest.mark.parametrize("option", ["--out", "--set-aside"])
def test_no_result_is_put_among_what_is_read(here: Path, given_as: str, option: str) -> None:
    Path("in/deep").mkdir(parents=True)
    Path("in/a.csv").write_text("hazardous_work\nyes\n")
    words = {"--out": "o.csv", "--set-aside": "aside.csv", option: "in/result.csv"}
    result = cli("assess", given_as, "--set", "adult_labour", *(word for pair in words.items() for word in pair))
    assert (result.exit_code, "would be read" in result.stderr) == (2, True), result.output
    assert [item.name for item in Path("in").rglob("*.*")] == ["a.csv"]


SLOWLY = """
import signal
import time
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored where the tests themselves run under nohup
import bield.indicators.batch.run as batch
import bield.indicators.batch.source as source
from bield.cli import main
source.CSV_BLOCK_BYTES = 64
once = batch.Tally.add
batch.Tally.add = lambda *given: (once(*given), time.sleep(0.05))
main()
"""
"""Many small pieces, each of which takes its time."""


@pytest.fixture
def long_run(here: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts an assessment that is in the middle of writing, for a minute, when this returns."""
    Path("in.csv").write_text("hazardous_work\n" + "yes\n" * 30_000)
    begun: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        words = ["assess", "in.csv", "--set", "adult_labour", "--out", "o.csv"]
        process = subprocess.Popen([sys.executable, "-c", SLOWLY, *words], stderr=subprocess.PIPE)
        begun.append(process)
        while not list(here.glob(".*.partial")):
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.01)
        return process

    yield start
    for process in begun:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_run_that_is_stopped_leaves_nothing(
    here: Path, long_run: Callable[[], subprocess.Popen[bytes]], number: signal.Signals
) -> None:
    process = long_run()
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode == 128 + number
    assert b"Traceback" not in said
    assert [item.name for item in here.iterdir()] == ["in.csv"]


def test_what_a_killed_run_left_goes_with_the_next(here: Path, long_run: Callable[[], subprocess.Popen[bytes]]) -> None:
    process = long_run()
    process.kill()
    process.communicate()
    assert len(list(here.glob(".*.partial"))) == 1
    running = here / f".x.csv.{_host_of(here)}.{os.getpid()}.01234567.partial"
    running.touch()
    Path("f.csv").write_text("hazardous_work\nyes\n")
    assert cli("assess", "f.csv", "--set", "adult_labour", "--out", "o.csv").exit_code == 0
    assert list(here.glob(".*.partial")) == [running]


def _host_of(folder: Path) -> str:
    """The host in the name of a file that was left."""
    return next(folder.glob(".*.partial")).name.split(".")[3]
