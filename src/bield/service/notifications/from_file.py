"""Works out what a file of notifications would do, row by row, and then does it. Working it out changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bield.disclosure import Identified, Notice
from bield.law import NotificationVersion
from bield.service.days import day_of
from bield.service.drafts.held import Line
from bield.service.notifications.display import kept_words, rare_words, said_rows, value_words, withheld_labels
from bield.service.notifications.intake import (
    Findings,
    Refused,
    Sender,
    TooRare,
    Weighed,
    known,
    made_before,
    store_all,
    weigh,
)
from bield.service.notifications.models import Notification, Request
from bield.service.notifications.payload import ZEROS, Mistake, Mistakes, Payload, rows_of
from bield.service.notifications.same_person import hashes_of, said_before_of

AS_IT_IS: Final = "as_it_is"
BROADER: Final = "broader"
KEPT: Final = "kept"
BEFORE: Final = "before"
REFUSED: Final = "refused"

LONGEST_NUMBER: Final = 12
"""How many digits an id may have for its leading zeros to be compared."""

AT_ONCE: Final = 5_000
"""How many hashes one query looks for."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that can be sent, as it was judged."""

    payload: Payload
    found: Notice | Identified
    weighed: Weighed


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen to each row, in words, and the rows that would be sent."""

    lines: tuple[Line, ...]
    ready: tuple[Ready, ...]


def plan(content: bytes, sender: Sender, version: NotificationVersion, *, at: datetime) -> Plan:
    """Work out what a file would do. Raises Mistakes if no row can be sent."""
    rows = rows_of(content, version, on=day_of(at))
    lines, ready, mistakes = {}, [], list(rows.mistakes)
    earlier = _Earlier.of(sender, rows.found)
    for payload in rows.found:
        minimised = payload.minimised(sender, version, on=day_of(at))
        try:
            line, weighed = _planned(payload, minimised, version, earlier)
        except Mistakes as error:
            mistakes += error.found
            continue
        lines[payload.line] = line
        if weighed is not None:
            earlier.add(payload, weighed.notice)
            ready.append(Ready(payload, minimised, weighed))
    if not lines:
        raise Mistakes(mistakes)
    lines |= {line: _refused(line, of_line) for line, of_line in _by_line(mistakes)}
    return Plan(tuple(lines[line] for line in sorted(lines)), tuple(ready))


@transaction.atomic
def send(planned: Plan, sender: Sender, *, at: datetime) -> tuple[int, int]:
    """Send the planned rows. Returns how many were sent, and how many somebody else had sent meanwhile."""
    ready = [(item.found, item.weighed, item.payload.extra) for item in planned.ready]
    made = store_all(ready, sender=sender, way="file", at=at)
    return made, len(planned.ready) - made


def _by_line(mistakes: Iterable[Mistake]) -> Iterator[tuple[int, list[Mistake]]]:
    by_line: dict[int, list[Mistake]] = defaultdict(list)
    for mistake in mistakes:
        by_line[mistake.row].append(mistake)
    yield from by_line.items()


def _place(line: int) -> str:
    return _("Line %(line)d") % {"line": line}


def _refused(line: int, mistakes: Sequence[Mistake]) -> Line:
    return Line(_place(line), REFUSED, notes=tuple(f"{item.field}: {item.words}" for item in mistakes))


def _planned(
    payload: Payload, minimised: Notice | Identified, version: NotificationVersion, earlier: _Earlier
) -> tuple[Line, Weighed | None]:
    """A row in words, and as it was judged if it would be sent. Raises Mistakes if it is refused."""
    try:
        if earlier.with_other_zeros(payload.extra.request_key):
            raise Mistakes([Mistake("id", f"this and one that was sent before {ZEROS}", payload.line)])
        if before := earlier.made(payload, minimised):
            words = _("Sent before, as %(reference)s.") % {"reference": before.shown_reference}
            return Line(_place(payload.line), BEFORE, notes=(words,)), None
        weighed = weigh(
            minimised, earlier.sender.team, payload.extra, besides=earlier.said(payload), findings=earlier.findings
        )
    except TooRare as error:
        rare = "; ".join(rare_words(error.finding, version))
        raise Mistakes([Mistake("row", f"{error} ({rare})" if rare else str(error), payload.line)]) from error
    except Refused as error:
        raise Mistakes([Mistake("row", str(error), payload.line)]) from error
    return _sent(payload, minimised, weighed, version), weighed


def _sent(payload: Payload, minimised: Notice | Identified, weighed: Weighed, version: NotificationVersion) -> Line:
    """A row that would be sent, in words."""
    original = minimised.notice if isinstance(minimised, Identified) else minimised
    without_constants = Notice(
        version.id, tuple(item for item in weighed.notice.said if item[0] not in ("body", "notified_on"))
    )
    broader = tuple(
        (
            _(version.field(name).label),
            ", ".join(value_words(version, name, value) for value in original.values(name)) or "–",
            ", ".join(value_words(version, name, value) for value in weighed.notice.values(name)) or _("left out"),
        )
        for name in weighed.broadened
        if original.values(name) != weighed.notice.values(name)
    )
    kind = BROADER if broader else KEPT if weighed.kept_because else AS_IT_IS
    said = [pair for pair in said_rows(without_constants) if pair[0] not in {item[0] for item in broader}]
    return Line(_place(payload.line), kind, tuple(said), broader, tuple(_notes(minimised, weighed, version)))


def _notes(minimised: Notice | Identified, weighed: Weighed, version: NotificationVersion) -> Iterator[str]:
    original = minimised.notice if isinstance(minimised, Identified) else minimised
    if isinstance(minimised, Identified):
        names = ", ".join(withheld_labels(version.id, [name for name, _words in minimised.identity]))
        if names:
            yield _("Who they are is sent too, and is not shown here: %(names)s.") % {"names": names}
    if original.withheld:
        names = ", ".join(withheld_labels(version.id, original.withheld))
        yield _("Not sent: %(names)s.") % {"names": names}
    if weighed.kept_because:
        why = kept_words(weighed.kept_because)
        yield _("Few people share what is said, so it can single them out. It is sent because: %(why)s.") % {"why": why}
    if weighed.again:
        yield _("You notified about this person before, so they are not counted a second time.")


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What this body sent before, and in the rows above. It is read from the database once for all rows.

    requests: the hashes of those ids in the file that were used before. people: what was said before, by the person's
    reference. above: what the rows above say, by the hash of the person's reference.
    """

    sender: Sender
    requests: frozenset[str]
    people: Mapping[str, list[Notice]]
    above: dict[str, list[Notice]]
    findings: Findings

    @staticmethod
    def of(sender: Sender, rows: Sequence[Payload]) -> _Earlier:
        keys = {key for row in rows for key in (row.extra.request_key, *_with_other_zeros(row.extra.request_key))}
        requests = _existing(
            Request.objects.filter(team=sender.team), "key", (hashes_of("request", key) for key in keys)
        )
        before = said_before_of(sender.team, {row.extra.local_reference for row in rows})
        people = {reference: [known(item) for item in rows] for reference, rows in before.items()}
        return _Earlier(sender, requests, people, {}, {})

    def _sent(self, key: str) -> bool:
        return any(item in self.requests for item in hashes_of("request", key))

    def with_other_zeros(self, key: str) -> bool:
        """Whether an id is new but was sent before with more or fewer leading zeros."""
        return not self._sent(key) and any(self._sent(other) for other in _with_other_zeros(key))

    def made(self, row: Payload, minimised: Notice | Identified) -> Notification | None:
        """The notification that this row made before, if any. Raises KeyUsed if its id was used for another."""
        key = row.extra.request_key
        return made_before(self.sender.team, minimised, row.extra) if self._sent(key) else None

    def _person(self, row: Payload) -> tuple[str, ...]:
        reference = row.extra.local_reference
        return hashes_of("person", self.sender.team.organisation.body, reference) if reference.strip() else ()

    def said(self, row: Payload) -> list[Notice]:
        """What was said about the same person before, and in the rows above."""
        hashes = self._person(row)
        return self.people[row.extra.local_reference] + (self.above.get(hashes[0], []) if hashes else [])

    def add(self, row: Payload, notice: Notice) -> None:
        """Remember what a row would say."""
        if hashes := self._person(row):
            self.above.setdefault(hashes[0], []).append(notice)


def _with_other_zeros(key: str) -> set[str]:
    if not key.isdecimal():
        return set()
    number = key.lstrip("0")
    return {number.zfill(digits) for digits in range(max(len(number), 1), LONGEST_NUMBER + 1)} - {key}


def _existing(rows: QuerySet[Any], name: str, hashes: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """Which of these hashes a column contains."""
    wanted = [item for several in hashes for item in several]
    existing: set[str] = set()
    for first in range(0, len(wanted), AT_ONCE):
        batch = wanted[first : first + AT_ONCE]
        existing.update(rows.filter(**{f"{name}__in": batch}).values_list(name, flat=True))
    return frozenset(existing)
