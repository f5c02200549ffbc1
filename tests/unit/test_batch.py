"""Batches: the same answers as one person's assessment, rows in order, and bad input said in one line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from bield.cli import app
from bield.indicators import Answer, assess, load
from bield.indicators.batch.columns import packed_answers, usual_spellings
from bield.indicators.batch.plan import Request
from bield.indicators.batch.run import run
from bield.indicators.batch.summary import summarise
from bield.indicators.packed import unpack
from tests import natasha

BOOK = load()
DIMENSIONS = list(BOOK.dimensions)
SCHEMA = Path(__file__).parents[2] / "src/bield/indicators/schemas/assess-summary-2.schema.json"


def random_people(rows: int, seed: int = 1) -> pa.Table:
    """Made-up people with unknown answers, a set each, and columns that pass through."""
    random = np.random.default_rng(seed)
    columns: dict[str, Any] = {"person": pa.array([f"{row:07d}" for row in range(rows)])}
    columns["which"] = pa.array(random.choice(list(BOOK.sets), rows))
    columns["sold"] = pa.array(random.choice(["yes", "no", ""], rows))
    for key in BOOK.indicators:
        chance = random.random(rows)
        columns[key] = pa.array(chance < random.uniform(0.03, 0.3), mask=chance > 0.9)
    return pa.table(columns)


def cli(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["assess", *map(str, words)])


def one_by_one(people: pa.Table, rows: list[int], policy: str, fact: str) -> list[tuple[str, ...]]:
    """The statuses and the conclusion of some rows, from the assessment of one person. fact: an answer or a column."""
    found = []
    for row in people.take(rows).to_pylist():
        answers = {key: Answer.YES if row[key] else Answer.NO for key in BOOK.indicators if row[key] is not None}
        result = assess(answers, row["which"], policy=policy, inherent=row.get(fact, fact) or "unknown")
        outcome = result.conclusion.outcome
        found.append((*(item.status.value for item in result.dimensions), outcome.id if outcome else "undetermined"))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "fact"),
    [
        ("palermo", "sold"),
        ("three_part", "yes"),
        ("published_table", "unknown"),
        ("three_part", "no"),
    ],
)
def test_a_hundred_thousand_random_people_cell_by_cell(here: Path, policy: str, fact: str) -> None:
    people = random_people(100_000)
    pq.write_table(people, "people.parquet", row_group_size=7_001)
    result = cli("people.parquet", "--set", "which", "--out", "result.parquet", "--policy", policy, "--fact", fact)
    assert result.exit_code == 0, result.output
    written = pq.read_table("result.parquet")
    assert written.column_names == ["person", "which", "sold", *DIMENSIONS, "conclusion"]
    assert written["person"].to_pylist() == people["person"].to_pylist()
    rows = list(range(100_000)) if policy == "palermo" else list(range(0, 100_000, 50))
    columns = [written[name].to_pylist() for name in (*DIMENSIONS, "conclusion")]
    assert [tuple(column[row] for column in columns) for row in rows] == one_by_one(people, rows, policy, fact)


@given(st.lists(st.sampled_from([True, False, None]), max_size=300), st.integers(0, 9), st.integers(0, 9))
def test_arrow_bits_wherever_they_begin(cells: list[bool | None], before: int, after: int) -> None:
    padded = pa.array([True, None, False, None, True, True, False, None, None][:before] + cells + [True] * after)
    column = padded.slice(before, len(cells)).cast(pa.bool_())
    packed, bad = packed_answers(column, usual_spellings())
    yes = unpack(packed.yes, len(cells)).astype(bool)
    known = np.ones(len(cells), bool) if packed.known is None else unpack(packed.known, len(cells)).astype(bool)
    assert [bool(y) if k else None for y, k in zip(yes, known, strict=True)] == cells
    assert not len(bad)


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["yes", "No", " REFUSED "]),
        pa.array(["1", "0", ""]),
        pa.array([1, 0, None], pa.int8()),
        pa.array([1.0, 0.0, float("nan")]),
        pa.array(["TRUE", "false", "Don't know"]),
        pa.array(["y", "n", None]).dictionary_encode(),
        pa.array([True, False, None]),
        pa.array(["yes", "no", "na"], pa.large_string()),
    ],
)
def test_usual_spellings(column: pa.Array) -> None:
    packed, bad = packed_answers(column, usual_spellings())
    assert packed.known is not None
    assert unpack(packed.known, 3).tolist() == [1, 1, 0]
    assert unpack(packed.yes, 2).tolist() == [1, 0]
    assert not len(bad)


def test_csv_folders_globs_counts_and_text_that_stays_as_it_was(here: Path) -> None:
    Path("survey").mkdir()
    for name, value in (("b", "yes"), ("a", "no")):
        Path(f"survey/{name}.csv").write_text(
            f'id,note,dest_debt_bondage,dest_violence_on_victims\n007,"two\nlines",{value},y\n'
        )
    result = cli("survey", "--set", "adult_sexual", "--out", "out.csv", "--counts")
    assert result.exit_code == 0, result.output
    rows = pacsv.read_csv(
        "out.csv",
        convert_options=pacsv.ConvertOptions(column_types={"id": pa.string()}),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
    ).to_pylist()
    assert [row["id"] for row in rows] == ["007", "007"]
    assert rows[0]["note"] == "two\nlines"
    assert [row["coercion_at_destination"] for row in rows] == ["undetermined", "positive"]
    assert [row["coercion_at_destination_strong"] for row in rows] == [1, 2]
    globbed = cli("survey/*.csv", "--set", "adult_sexual", "--out", "out2.csv", "--json")
    assert json.loads(globbed.stdout)["rows"] == 2


def test_keeping_the_answers_and_the_other_reading(here: Path) -> None:
    Path("one.csv").write_text(
        "rvuln_difficulties_in_the_past,rvuln_difficulty_organising_travel,rvuln_economic_reasons\n1,0,1\n"
    )
    asked = ("one.csv", "--set", "adult_labour", "--out", "out.csv", "--keep-answers", "--counts")
    assert cli(*asked).exit_code == 0
    row = pacsv.read_csv("out.csv").to_pylist()[0]
    assert row["rvuln_economic_reasons"] == 1
    assert row["recruitment_by_abuse_of_vulnerability_medium"] == 1
    assert cli(*asked, "--force", "--alternative", "rvuln_difficulties_in_the_past").exit_code == 0
    row = pacsv.read_csv("out.csv").to_pylist()[0]
    assert row["recruitment_by_abuse_of_vulnerability_medium"] == 2


def test_natasha_in_a_file(here: Path) -> None:
    Path("n.csv").write_text(",".join(natasha.SIGNS) + "\n" + ",".join("y" for _ in natasha.SIGNS) + "\n")
    result = cli("n.csv", "--set", "adult_sexual", "--out", "out.csv", "--json")
    summary = json.loads(result.stdout)
    assert summary["conclusion"]["indicated"]["positive"] == 1
    assert len(summary["absent_indicators"]) == 66 - len(natasha.SIGNS)


def test_the_json_is_as_its_schema_says(here: Path) -> None:
    people = random_people(500).append_column("w", pa.array(np.linspace(1, 3, 500)))
    pq.write_table(people, "p.parquet")
    result = cli("p.parquet", "--set", "child_labour", "--out", "o.parquet", "--json", "--weight", "w", "--by", "which")
    summary = json.loads(result.stdout)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(summary)
    assert len(summary["estimates"]) == (4 + 1) * 7 * 2
    assert not Draft202012Validator(schema).is_valid(summary | {"rows": "many"})


def test_a_mapping_of_answers(here: Path) -> None:
    Path("f.csv").write_text("hazardous_work,bad_living_conditions\noui,nein\n9,ja\n")
    Path("map.toml").write_text('yes = ["oui", "ja"]\nno = ["nein"]\nunknown = ["9"]\n')
    assert cli("f.csv", "--set", "child_sexual", "--out", "o.csv", "--answers", "map.toml", "--counts").exit_code == 0
    rows = pacsv.read_csv("o.csv").to_pylist()
    assert [(row["exploitation_strong"], row["exploitation_medium"]) for row in rows] == [(1, 0), (0, 1)]


def test_setting_bad_rows_aside(here: Path) -> None:
    Path("f.csv").write_text("id,hazardous_work,w\n1,yes,1\n2,often,2\n3,no,heavy\n4,,4\n")
    asked = ("f.csv", "--set", "adult_labour", "--out", "o.csv", "--weight", "w")
    result = cli(*asked, "--set-aside", "bad.csv", "--json")
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert (summary["rows"], summary["set_aside"]) == (2, 2)
    assert [row["id"] for row in pacsv.read_csv("o.csv").to_pylist()] == [1, 4]
    bad = pacsv.read_csv("bad.csv").to_pylist()
    assert [(row["bield_row"], row["id"]) for row in bad] == [(2, 2), (3, 3)]
    assert bad[0]["bield_problem"].startswith("hazardous_work: not an answer")
    assert bad[1]["bield_problem"].startswith("w: not a weight")


GOOD = "id,hazardous_work\n1,yes\n"


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        ("id,hazardos_work\n1,yes\n", [], "'hazardos_work': did you mean 'hazardous_work'?"),
        ("id,hazardous_work\n1,yes\n2,often\n", [], "f.csv, row 2, column 'hazardous_work': the cell is not an answer"),
        (GOOD, ["--set", "adults"], "'adults' is not a set"),
        (GOOD, ["--set", "id"], "row 1, column 'id': the cell is not a set"),
        ("", [], "f.csv: the file is empty"),
        ("id,hazardous_work\n", [], "f.csv: no rows"),
        ("id,name\n1,x\n", [], "no column is named for an indicator"),
        ("id,hazardous_work,hazardous_work\n1,yes,no\n", [], "'hazardous_work' appears twice"),
        ("id,hazardous_work,conclusion\n1,yes,no\n", [], "'conclusion' has the name of a result"),
        ("id,hazardous_work\n1,yes,3\n", [], "f.csv, line 2: 3 cells where the headings have 2"),
        (GOOD, ["--policy", "strict"], "'strict' is not a policy"),
        (GOOD, ["--weight", "wt"], "no column 'wt'"),
        (GOOD, ["--weight", "hazardous_work"], "the cell is not a weight"),
        (GOOD, ["--other", "nothing"], "no column 'nothing'"),
        (GOOD, ["--alternative", "hazardous_work"], "not a disputed indicator"),
        (GOOD, ["--single-unit", "guess"], "'guess'"),
        (GOOD, ["--cluster", "id"], "stratum '(all)' has only one sampling unit"),
        (GOOD, ["--answers", "none.toml"], "none.toml: there is no such file"),
        (GOOD, ["--out", "o.xlsx"], "o.xlsx: results are written as .parquet or .csv"),
        (GOOD, ["--out", "f.csv"], "f.csv: is one of the files to read"),
        (GOOD, ["--out", "no/such/o.csv"], "does not exist"),
        (GOOD, ["--set-aside", "bad.parquet"], "set aside as .csv"),
    ],
)
def test_bad_input_is_one_clear_line_and_leaves_nothing(here: Path, content: str, words: list[str], said: str) -> None:
    Path("f.csv").write_text(content)
    defaults = ["--set", "adult_labour", "--out", "o.csv"]
    asked = [
        *words,
        *(word for pair in zip(defaults[::2], defaults[1::2], strict=True) if pair[0] not in words for word in pair),
    ]
    result = cli("f.csv", *asked)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert result.stderr.startswith("bield: ")
    assert "Traceback" not in result.stderr
    assert [item.name for item in here.iterdir()] == ["f.csv"]


def test_damaged_and_missing_files(here: Path) -> None:
    pq.write_table(random_people(1000), "whole.parquet")
    Path("cut.parquet").write_bytes(Path("whole.parquet").read_bytes()[:-3000])
    Path("text.txt").write_text("x")
    Path("text.pdf").write_text("x")
    for name, said in [
        ("cut.parquet", "not a whole Parquet file"),
        ("absent.csv", "no such file"),
        ("text.txt", "if it is, name it .csv"),
        ("text.pdf", "expected a file ending in"),
    ]:
        result = cli(name, "--set", "adult_labour", "--out", "o.parquet")
        assert result.exit_code == 2
        assert said in result.stderr
    assert not Path("o.parquet").exists()


def test_files_that_do_not_belong_together(here: Path) -> None:
    Path("a.csv").write_text("hazardous_work\nyes\n")
    Path("b.csv").write_text("id,hazardous_work\n1,yes\n")
    result = cli("a.csv", "b.csv", "--set", "adult_labour", "--out", "o.parquet")
    assert (result.exit_code, "b.csv: a column 'id'" in result.stderr) == (2, True)
    pq.write_table(pa.table({"hazardous_work": [True]}), "c.parquet")
    result = cli("a.csv", "c.parquet", "--set", "adult_labour", "--out", "o.parquet")
    assert (result.exit_code, "cannot be assessed together" in result.stderr) == (2, True)


def test_a_bad_value_late_leaves_an_earlier_result_alone(here: Path) -> None:
    Path("o.csv").write_text("yesterday's result")
    rows = "\n".join(["yes"] * 300_000)
    Path("f.csv").write_text(f"hazardous_work\n{rows}\nperhaps\n")
    result = cli("f.csv", "--set", "adult_labour", "--out", "o.csv", "--force")
    assert (result.exit_code, "row 300001" in result.stderr) == (2, True)
    assert Path("o.csv").read_text() == "yesterday's result"
    assert {item.name for item in here.iterdir()} == {"f.csv", "o.csv"}


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.usefixtures("java")
def test_spark_gives_the_same_rows_and_the_same_sums(here: Path) -> None:
    people = random_people(100_000, seed=5).append_column("w", pa.array(np.linspace(1, 3, 100_000)))
    Path("in").mkdir()
    pq.write_table(people.slice(0, 60_000), "in/a.parquet", row_group_size=20_000)
    pq.write_table(people.slice(60_000), "in/b.parquet", row_group_size=10_000)
    files = (Path("in/a.parquet").resolve(), Path("in/b.parquet").resolve())
    wanted: dict[str, Any] = {"indicator_set": "which", "weight": "w", "by": ("which",)}
    local = run(Request(files=files, out=here / "local.parquet", **wanted))
    from bield.indicators.batch.problems import BatchError
    from bield.indicators.batch.spark import run_on_spark

    spark = run_on_spark(Request(files=files, out=here / "spark.parquet", **wanted), master="local[2]")
    assert pq.read_table("spark.parquet").equals(pq.read_table("local.parquet"))
    ours, theirs = summarise(local, engine="x"), summarise(spark, engine="x")
    for one, other in zip(ours["estimates"], theirs["estimates"], strict=True):
        assert one["share"] == pytest.approx(other["share"])
    assert ours["dimensions"] == theirs["dimensions"]
    bad = pa.table({"hazardous_work": ["yes", "perhaps"]})
    pq.write_table(bad, "bad.parquet")
    asked = Request(files=((here / "bad.parquet"),), out=here / "no.parquet", indicator_set="adult_labour")
    with pytest.raises(BatchError, match="row 2, column 'hazardous_work': the cell"):
        run_on_spark(asked, master="local[2]")
    assert not (here / "no.parquet").exists()
    aside = replace(asked, out=here / "some.parquet", set_aside=here / "aside.csv")
    finished = run_on_spark(aside, master="local[2]")
    assert (finished.tally.rows, finished.tally.set_aside) == (1, 1)
    assert pacsv.read_csv("aside.csv").to_pylist()[0]["bield_row"] == 2
    assert sorted(item.name for item in Path("some.parquet").iterdir()) == ["_SUCCESS", "part-000000.parquet"]


def test_a_very_large_row_group_is_streamed_to_the_same_result(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(random_people(3000), "p.parquet")
    assert cli("p.parquet", "--set", "which", "--out", "a.parquet").exit_code == 0
    monkeypatch.setattr("bield.indicators.batch.source.LARGE_ROW_GROUP", 10)
    assert cli("p.parquet", "--set", "which", "--out", "b.parquet").exit_code == 0
    assert pq.read_table("a.parquet").equals(pq.read_table("b.parquet"))


@pytest.mark.parametrize(
    ("options", "outcome", "words"),
    [
        ([], "undetermined", "taken as not known for every child"),
        (["--fact", "unknown"], "undetermined", "taken as not known for every child"),
        (["--fact", "yes"], "child_indicated", "taken as true of every child"),
        (["--fact", "no"], "child_not_established", "taken as not true of any child"),
    ],
)
def test_nobody_is_taken_to_have_been_used_unless_that_is_said(
    here: Path, options: list[str], outcome: str, words: str
) -> None:
    """A child with signs of recruitment and none of exploitation: only the fact itself settles the conclusion."""
    present = {key for key, item in BOOK.indicators.items() if item.dimension == "coercive_recruitment"}
    keys = list(BOOK.indicators)
    Path("f.csv").write_text(f"{','.join(keys)}\n{','.join('yes' if key in present else 'no' for key in keys)}\n")
    result = cli("f.csv", "--set", "child_sexual", "--out", "o.parquet", *options)
    assert result.exit_code == 0, result.output
    (row,) = pq.read_table("o.parquet").to_pylist()
    assert (row["coercive_recruitment"], row["exploitation"], row["conclusion"]) == ("positive", "negative", outcome)
    said = " ".join(result.output.split())
    assert words in said
    assert "Additional exploitation" in said
