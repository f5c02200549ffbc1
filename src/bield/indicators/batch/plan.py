"""What the user requests of a batch, and how the columns of its files are used for it."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from bield.delimited import Dialect
from bield.indicators.assessment import Answer
from bield.indicators.batch.columns import Spellings, usual_spellings
from bield.indicators.batch.problems import BatchError
from bield.indicators.codebook import Codebook, load

CONCLUSION = "conclusion"
NEARLY = 0.84
"""How similar (0 to 1, difflib's ratio) a column's name must be to an indicator's for an error to suggest it."""


@dataclass(frozen=True)
class Request:
    """What the user requests.

    given: the folders and patterns that the files came from; no result may be written there.
    indicator_set: the id of a set, or the name of a column with a set for each person.
    fact: whether the fact that a set is about is established, if a set has one (`IndicatorSet.inherent_fact`): yes, no
        or unknown for everybody, or the name of a column that says so for each person.
    id: the column that tells people apart; nobody may be in it twice.
    other: columns that are not indicators although their names are similar to one.
    weight, strata, cluster, by: column names of a survey's design; estimates are made if any is given.
    """

    files: tuple[Path, ...]
    out: Path
    indicator_set: str
    given: tuple[str, ...] = ()
    fact: str = "unknown"
    policy: str = "palermo"
    codebook: Codebook = field(default_factory=load)
    spellings: Spellings = field(default_factory=usual_spellings)
    counts: bool = False
    keep_answers: bool = False
    dialect: Dialect = field(default_factory=Dialect)
    set_aside: Path | None = None
    force: bool = False
    id: str | None = None
    other: frozenset[str] = frozenset()
    weight: str | None = None
    strata: str | None = None
    cluster: str | None = None
    by: tuple[str, ...] = ()
    single_unit: str = "refuse"

    @property
    def survey(self) -> bool:
        return bool(self.weight or self.strata or self.cluster or self.by)

    @property
    def design_columns(self) -> tuple[str, ...]:
        """The columns that say who somebody is and how they were sampled."""
        named = (self.id, self.weight, self.strata, self.cluster, *self.by)
        return tuple(dict.fromkeys(name for name in named if name))


@dataclass(frozen=True)
class Plan:
    """How the columns of the files are used.

    answers: the indicator columns, in the order of the codebook. kept: the columns that are copied, in the order of the
    file. absent: indicators of the sets in use that have no column; they are unknown for everybody.
    """

    request: Request
    answers: tuple[str, ...]
    kept: tuple[str, ...]
    absent: tuple[str, ...]
    set_column: str | None
    sets: tuple[str, ...]
    fact_column: str | None = None

    @property
    def facts(self) -> tuple[Answer, ...]:
        """The possible answers about the fact that a set is about."""
        return tuple(Answer) if self.fact_column else (Answer(self.request.fact),)

    @property
    def read(self) -> tuple[str, ...]:
        """The columns to read, in the order of the file."""
        return tuple(dict.fromkeys((*self.kept, *self.answers)))

    def result_columns(self) -> tuple[str, ...]:
        dimensions = tuple(self.request.codebook.dimensions)
        counted = tuple(f"{name}_{level}" for name in dimensions for level in LEVELS)
        return (*dimensions, CONCLUSION, *(counted if self.request.counts else ()))


LEVELS = ("strong", "medium", "weak")


def make_plan(request: Request, names: Sequence[str], where: Path) -> Plan:
    """Match the columns of a file with the request. Raises BatchError with the first thing to put right."""
    book = request.codebook
    if repeated := sorted({name for name in names if list(names).count(name) > 1}):
        raise BatchError(f"{where}: the column {repeated[0]!r} appears twice")
    if absent := [name for name in (*request.design_columns, *sorted(request.other)) if name not in names]:
        raise BatchError(f"{where}: " + "; ".join(f"no column {name!r}{_nearest(name, names)}" for name in absent))
    set_column = None if request.indicator_set in book.sets else request.indicator_set
    if set_column is not None and set_column not in names:
        known = ", ".join(book.sets)
        raise BatchError(
            f"{set_column!r} is not a set of {book.id} ({known}) and not a column of {where}"
            f"{_nearest(set_column, [*book.sets, *names])}"
        )
    sets = tuple(book.sets) if set_column else (request.indicator_set,)
    fact_column = _fact_column(request, sets, names, where)
    for key in sets:
        if book.sets[key].age == "adult":
            book.policy_for(key, request.policy)
    book.policy(request.policy)
    answers = tuple(key for key in book.indicators if key in names)
    _refuse_near_misses(request, names, where)
    if not answers:
        raise BatchError(
            f"{where}: no column is named for an indicator of {book.id} (the first is {next(iter(book.indicators))!r})"
        )
    kept = tuple(name for name in names if request.keep_answers or name not in book.indicators)
    plan = Plan(
        request=request,
        answers=answers,
        kept=kept,
        absent=tuple(
            key
            for key, item in book.indicators.items()
            if key not in names and any(name in item.strength for name in sets)
        ),
        set_column=set_column,
        sets=sets,
        fact_column=fact_column,
    )
    if clash := sorted(set(kept) & set(plan.result_columns())):
        raise BatchError(f"{where}: the column {clash[0]!r} has the name of a result; rename it in the file first")
    return plan


def _fact_column(request: Request, sets: Sequence[str], names: Sequence[str], where: Path) -> str | None:
    """The column that says whether the fact holds; None if it is the same for everybody."""
    sets_with_fact = [request.codebook.sets[key] for key in sets if request.codebook.sets[key].inherent]
    if request.fact == Answer.UNKNOWN:
        return None
    if not sets_with_fact:
        known_sets = [item.id for item in request.codebook.sets.values() if item.inherent]
        raise BatchError(f"--fact is for {', '.join(known_sets)}; the set asked for rests on no such fact")
    if request.fact in set(Answer):
        return None
    if request.fact not in names:
        raise BatchError(
            f"--fact {request.fact!r}: expected yes, no, unknown or a column of {where}{_nearest(request.fact, names)}"
        )
    return request.fact


def _nearest(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _refuse_near_misses(request: Request, names: Sequence[str], where: Path) -> None:
    """Raises BatchError for columns with names similar to an absent indicator's, because they are probably misspelt.

    It names all of them at once, with the options to copy if they are something else after all.
    """
    indicators = request.codebook.indicators
    absent = [key for key in indicators if key not in names]
    used = {*indicators, *request.other, *request.design_columns, request.indicator_set, request.fact}
    near = {name: match for name in names if name not in used and (match := _indicator_near(name, absent))}
    if not near:
        return
    meant = "".join(f"\n  {name!r}: did you mean {match!r}?" for name, match in near.items())
    options = " ".join(f"--other {shlex.quote(name)}" for name in near)
    count = "a column is" if len(near) == 1 else f"{len(near)} columns are"
    raise BatchError(
        f"{where}: {count} no indicator, but nearly named like one:{meant}\n"
        f"Put the headings right; or, for what is something else, add: {options}"
    )


def _indicator_near(name: str, absent: Sequence[str]) -> str:
    plain = name.strip().casefold().replace("-", "_").replace(" ", "_")
    return next(iter(difflib.get_close_matches(plain, absent, n=1, cutoff=NEARLY)), "")


def check_types(plan: Plan, schema: pa.Schema, where: Path) -> None:
    """Raises BatchError for columns with cells that cannot be answers, sets, labels or weights: lists, for example."""
    request = plan.request
    for name in dict.fromkeys((*plan.answers, plan.set_column, plan.fact_column, *request.design_columns)):
        if name is None:
            continue
        kind = schema.field(name).type
        wanted = "numbers" if name == request.weight else "text, numbers or true and false"
        if not _has_values(kind):
            raise BatchError(f"{where}: the column {name!r} is of type {kind}; expected {wanted}")
    if request.out.name.lower().endswith(".csv"):
        for name in plan.kept:
            if pa.types.is_nested(schema.field(name).type):
                raise BatchError(
                    f"{where}: the column {name!r} is of type {schema.field(name).type}, which a CSV file cannot hold; "
                    "write the result as .parquet"
                )


def _has_values(kind: pa.DataType) -> bool:
    """Whether cells of this type are single values."""
    if pa.types.is_nested(kind):
        return False
    if pa.types.is_dictionary(kind):
        return _has_values(kind.value_type)
    try:
        pa.nulls(1, kind).dictionary_encode()
    except (pa.ArrowException, TypeError):
        return False
    return True


def result_schema(plan: Plan, source: pa.Schema) -> pa.Schema:
    """The columns that are written: those that are copied unchanged, then the results."""
    status = pa.dictionary(pa.int8(), pa.string())
    fields = [source.field(name) for name in plan.kept]
    fields += [pa.field(name, status) for name in plan.request.codebook.dimensions]
    fields.append(pa.field(CONCLUSION, status))
    if plan.request.counts:
        names = plan.result_columns()[len(plan.request.codebook.dimensions) + 1 :]
        fields += [pa.field(name, pa.uint8()) for name in names]
    return pa.schema(fields)
