"""Reads notifications from a body's own system, by file or API, in the same way and with errors that name values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from bield import delimited, law
from bield.births import birth_written, disagreement
from bield.delimited import Dialect
from bield.disclosure import Identified, Notice, combination_rules, ladder, minimise, places
from bield.errors import UserError
from bield.law import LawError, NotificationField, NotificationVersion
from bield.service.days import day_of
from bield.service.notifications.intake import BROADEN, REFUSE, Extra, Sender, Sent, notify

MOST_ROWS: Final = 2_000
LONGEST: Final = 2_000
"""How many characters a value may have."""

AGREED: Final = ("given", "refused", "not_asked")
OWN: Final = ("id", "reference", "agreed", "elsewhere", "if_rare")
"""The names a system may use besides the fields of the version: its own id for the notification, its reference for the
person, whether they agreed, the bodies known to have notified, and what to do if the combination is rare."""

ZEROS: Final = "differ only in leading zeros, which spreadsheets drop: write both as your system has them"

SET_HERE: Final = ("body", "notified_on", "identity_agreed")


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a notification. row: its line in a file; 0 elsewhere."""

    field: str
    words: str
    row: int = 0


class Mistakes(ValueError):
    """A notification or file that cannot be accepted; found: every mistake."""

    def __init__(self, found: list[Mistake]) -> None:
        super().__init__("; ".join(f"{item.field}: {item.words}" for item in found))
        self.found = found


@dataclass(frozen=True, slots=True)
class Payload:
    """A notification from a system, checked."""

    record: Mapping[str, Any]
    age: str
    agreed: str
    extra: Extra
    line: int = 0
    """Its line in a file."""

    def send(self, sender: Sender, version: NotificationVersion, *, way: str, at: datetime) -> Sent:
        """Minimise and send it. Raises intake.Refused."""
        return notify(self.minimised(sender, version, on=day_of(at)), sender=sender, way=way, at=at, extra=self.extra)

    def minimised(self, sender: Sender, version: NotificationVersion, *, on: date) -> Notice | Identified:
        """What may be said of it if it is sent on this day."""
        consents = {"notification_identity": self.agreed if self.age != "child" else ""}
        return minimise(self.record, version, consents, self.age, body=sender.team.organisation.body, on=on)


def columns(version: NotificationVersion) -> list[str]:
    """The names that a file or a request may use, in order."""
    return [*OWN, *(item.id for item in version.fields if item.id not in SET_HERE)]


DOUBTS = {
    "birth_leaves_open": "the date of birth leaves open whether they are 18: say not_sure, or the full date",
    "birth_says_child": "the date of birth makes them under 18 today: say child, or not_sure, or correct the date",
    "birth_says_adult": "the date of birth makes them 18 or over today: say adult, or not_sure, or correct the date",
}


def read(values: Mapping[str, Any], version: NotificationVersion, *, on: date) -> Payload:
    """Check a notification. Several values of a field come as a list, or joined with +. Raises Mistakes.

    on: the day it is sent, for ages.
    """
    mistakes = [
        Mistake(name[:60], f"there is no such field; expected {', '.join(columns(version))}")
        for name in values
        if name not in columns(version)
    ]
    record: dict[str, Any] = {}
    for field in version.fields:
        given = _words(values.get(field.id)) if field.holds == "words" else _list(values.get(field.id))
        if not given or field.id in SET_HERE:
            continue
        given = _as_listed(field, given)
        if problem := _problem(field, given):
            mistakes.append(Mistake(field.id, problem))
        record[field.id] = given
    if not record.get("age") and not any(item.field == "age" for item in mistakes):
        mistakes.append(Mistake("age", f"expected one of {_keys(version.field('age'))}"))
    agreed = _one(values.get("agreed")).lower() or "not_asked"
    if agreed not in AGREED:
        mistakes.append(Mistake("agreed", f"{agreed[:60]!r} is not known; expected one of {', '.join(AGREED)}"))
    mistakes += _age_mistakes(record, on=on)
    extra, more = _extra(values)
    if mistakes + more:
        raise Mistakes(mistakes + more)
    return Payload(record, record["age"][0], agreed, extra)


def _age_mistakes(record: Mapping[str, Any], *, on: date) -> list[Mistake]:
    """A day of birth that contradicts the age: one of the two is wrong, and only the sender knows which."""
    given = {name: "".join(record.get(name, ())) for name in ("age", "date_of_birth")}
    doubt = disagreement(given["age"], birth_written(given["date_of_birth"]), on=on)
    return [Mistake("age", DOUBTS[doubt])] if doubt else []


def _extra(values: Mapping[str, Any]) -> tuple[Extra, list[Mistake]]:
    mistakes = []
    elsewhere, if_rare = _list(values.get("elsewhere")), _one(values.get("if_rare")) or BROADEN
    for item in elsewhere:
        try:
            law.body(item)
        except LawError as error:
            mistakes.append(Mistake("elsewhere", str(error)[:200]))
    ways = [BROADEN, REFUSE, *(item.id for item in combination_rules().reasons)]
    if if_rare not in ways:
        mistakes.append(Mistake("if_rare", f"{if_rare[:60]!r} is not known; expected one of {', '.join(ways)}"))
    for name in ("id", "reference"):
        if len(_one(values.get(name))) > 80:
            mistakes.append(Mistake(name, "expected at most 80 characters"))
        elif delimited.scientific(_one(values.get(name))):
            mistakes.append(Mistake(name, delimited.SCIENTIFIC))
    extra = Extra(
        local_reference=_one(values.get("reference")),
        elsewhere=tuple(elsewhere),
        request_key=_one(values.get("id")),
        if_rare=if_rare,
    )
    return extra, mistakes


def _list(value: Any) -> list[str]:
    items = value if isinstance(value, list | tuple) else str(value).split("+") if value not in (None, "") else []
    return sorted({str(item).strip() for item in items if str(item).strip()})


def _words(value: Any) -> list[str]:
    """Free text as it is: the + in a telephone number joins nothing."""
    return _list(value if isinstance(value, list | tuple) else [value or ""])


def _one(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _as_listed(field: NotificationField, given: list[str]) -> list[str]:
    """Codes as the list spells them, whatever their capitals; free text as it is."""
    rungs = ladder(field)
    if field.holds == "words" or rungs is None:
        return given
    listed = {key.casefold(): key for key in rungs.parents}
    return sorted({listed.get(item.casefold(), item) for item in given})


_AMBIGUOUS = re.compile(
    r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}"  # the day or the month first
    r"|\d{1,2}[ /.-][^\W\d]{3,9}[ /.-]\d{2}"  # which century
    r"|\d{5}(?:[.,]\d+)?"  # a spreadsheet's count of days
)


def _problem(field: NotificationField, given: list[str]) -> str:
    """What is wrong with the values of a field; empty if nothing. It never repeats identifying text."""
    if field.id == "date_of_birth" and any(_AMBIGUOUS.fullmatch(item) for item in given):
        return "expected year-month-day, such as 1999-03-01, so that nobody takes the day for the month"
    if field.holds == "words" and any(delimited.scientific(item) for item in given):
        return delimited.SCIENTIFIC
    if field.holds == "words":
        return f"expected at most {LONGEST} characters" if any(len(item) > LONGEST for item in given) else ""
    if len(given) > 1 and field.holds != "several":
        return "expected one value"
    rungs = ladder(field)
    wrong = [item for item in given if rungs is None or item not in rungs]
    if not wrong:
        return ""
    return f"{wrong[0][:60]!r} is not known; expected {_keys(field)}"


def _keys(field: NotificationField) -> str:
    if field.choices:
        return "one of " + ", ".join(item.key for item in field.choices)
    if field.holds == "country":
        return "a country by ISO 3166-1 alpha-2, such as VN, or a continent, such as asia"
    if field.holds == "place":
        return place_codes(field.place)
    return "a body by its id"


def place_codes(place: str) -> str:
    """The codes that a field for a place accepts, in words."""
    rungs, councils = places(place), law.councils(place)
    regions = [key for key in rungs.parents if key.startswith("region_")]
    wide = [key for key in rungs.parents if key not in regions and key not in {item.id for item in councils}]
    parts = [f"a council by its id, such as {councils[0].id}" if councils else ""]
    parts += [f"a region, such as {regions[0]}" if regions else "", _either(wide)]
    return "; ".join(part for part in parts if part)


def an_area(place: str) -> str:
    """The code of a council for an example; of the whole place if it has no councils."""
    councils = {item.id for item in law.councils(place)}
    return next((key for key in places(place).parents if key in councils), next(iter(places(place).parents)))


def _either(codes: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(codes[:-1]), *codes[-1:])))


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file. found: those that can be sent; mistakes: what is wrong with the others."""

    found: tuple[Payload, ...]
    mistakes: tuple[Mistake, ...]


def rows_of(content: bytes, version: NotificationVersion, *, on: date) -> Rows:
    """Every row of a CSV file, checked; a row must have its own id. Raises Mistakes for a file that cannot be read.

    on: the day they are sent, for ages.
    """
    lines = _lines(content, columns(version))
    payloads, mistakes = [], list[Mistake]()
    problems = _id_problems({line: values.get("id", "") for line, values in lines})
    for line, values in lines:
        try:
            payload = read(values, version, on=on)
        except Mistakes as error:
            mistakes += [Mistake(item.field, item.words, line) for item in error.found]
            continue
        if line in problems:
            mistakes.append(Mistake("id", problems[line], line))
        else:
            payloads.append(replace(payload, line=line))
    if not lines:
        raise Mistakes([Mistake("file", "there is no row under the headings")])
    return Rows(tuple(payloads), tuple(mistakes))


def _id_problems(ids: Mapping[int, str]) -> dict[int, str]:
    """What is wrong with the ids of a file, by line. Two ids that are alike are both refused, because either may be the
    wrong one. The message never repeats an id, because it may be a case number.
    """
    by_id: dict[str, list[int]] = defaultdict(list)
    by_number: dict[str, list[int]] = defaultdict(list)
    for line, key in ids.items():
        by_id[key.casefold()].append(line)
        if key.isdecimal():
            by_number[key.lstrip("0")].append(line)
    problems = {}
    for line, key in ids.items():
        same_id = [other for other in by_id[key.casefold()] if other != line]
        same_number = [other for other in by_number.get(key.lstrip("0"), ()) if other != line]
        if not key:
            problems[line] = "expected your own id for this notification, which no other row has"
        elif same_id:
            problems[line] = f"line {same_id[0]} has the same id"
        elif same_number:
            problems[line] = f"this and the id in line {same_number[0]} {ZEROS}"
    return problems


def _lines(content: bytes, names: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Each row that is not blank, with the line it begins on."""
    try:
        layout, rows = delimited.rows_of("file", content, Dialect(), guess=True)
    except UserError as error:
        words = str(error).removeprefix("file").lstrip(",: ").partition(", or say")[0]
        raise Mistakes([Mistake("file", words)]) from error
    if any("\0" in cell for _line, cells in rows for cell in cells):
        raise Mistakes([Mistake("file", "this is not a CSV file")])
    headings = _headings(layout.names, names, line=layout.skip)
    if len(rows) > MOST_ROWS:
        raise Mistakes([Mistake("file", f"more than {MOST_ROWS:,} rows: send it in parts", rows[MOST_ROWS][0])])
    for line, cells in rows:
        if any(cell.strip() for cell in cells[len(headings) :]):
            raise Mistakes([Mistake("file", "this row has more values than there are headings", line)])
    return [
        (line, {name: cell.strip() for name, cell in zip(headings, cells, strict=False) if cell.strip()})
        for line, cells in rows
    ]


def _headings(found: Sequence[str], names: Sequence[str], *, line: int) -> list[str]:
    """The headings as our list spells them. Raises Mistakes for an unknown heading, or one that appears twice."""
    headings = [_known(name.strip(), names) for name in found]
    mistakes = [
        Mistake(name[:60], f"there is no such field; expected {', '.join(names)}", line)
        for name in headings
        if name not in names
    ]
    mistakes += [
        Mistake(name, "this heading appears twice: delete one column", line)
        for name in names
        if headings.count(name) > 1
    ]
    if mistakes:
        raise Mistakes(mistakes)
    return headings


def _known(heading: str, names: Sequence[str]) -> str:
    """A heading as our list spells it, whatever its capitals; unchanged if our list does not have it."""
    plain = heading.casefold().replace(" ", "_")
    return plain if plain in names else heading
