"""The notification by its legal versions: what it may hold, and about which people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bield.datafiles import DataError, build, check_parts, entries, no_repeats
from bield.law.reading import Confidence, LawError, NotRecorded, holds, kept, no_overlaps, read


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a field."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class NotificationField:
    """One thing that a notification may say. identifies: it says, or helps to say, who somebody is.

    holds: what a value is. Everything but words is from a closed list.
    """

    id: str
    label: str
    identifies: bool
    about: Literal["any", "child_or_consenting_adult"]
    source: str
    confidence: Confidence
    holds: Literal["choice", "several", "place", "country", "body", "day", "words"] = "words"
    choices: tuple[Choice, ...] = ()
    onward: bool = False
    """Whether the police may pass it on to others, under the same bar."""
    place: str = ""
    """Whose notification it is in: which places may be named in it."""

    def label_of(self, key: str) -> str:
        """The words for one of the choices. Raises LawError for another value."""
        for item in self.choices:
            if item.key == key:
                return item.label
        raise LawError(f"{self.id} cannot be {key!r}; expected one of {sorted(item.key for item in self.choices)}")


@dataclass(frozen=True, slots=True)
class NotificationVersion:
    """What a notification may hold under one version of the rules. in_force: whether anybody is bound by it."""

    id: str
    place: str
    title: str
    in_force: bool
    recipient: str
    note: str
    source: str
    confidence: Confidence
    fields: tuple[NotificationField, ...]
    why_voluntary: str = ""
    """What is known of it where nobody is bound, in words for a sender."""
    recipient_body: str = ""
    """The id of the body that receives it, where that body is recorded."""
    from_day: date | None = None
    to_day: date | None = None

    def field(self, field_id: str) -> NotificationField:
        """A field by its id. Raises LawError if this version has none."""
        for item in self.fields:
            if item.id == field_id:
                return item
        raise LawError(f"{self.id} has no field {field_id!r}")


@kept
def load_notification_versions() -> tuple[NotificationVersion, ...]:
    """Every version. Raises DataError saying what is wrong, and where."""
    return parse_notification_versions(*read("notification_fields"))


def parse_notification_versions(filename: str, raw: Mapping[str, Any]) -> tuple[NotificationVersion, ...]:
    """Turn the decoded file into versions, refusing anything unexpected."""
    check_parts(filename, raw, {"versions"})
    found = []
    for where, body in entries(filename, "version", raw["versions"]):
        rows = [_field(at, row, body["place"]) for at, row in entries(where, "field", body.pop("fields", None))]
        no_repeats(where, "field", [row.id for row in rows])
        found.append(build(NotificationVersion, where, body, fields=tuple(rows)))
    no_repeats(filename, "version", [item.id for item in found])
    no_overlaps(filename, "version", found, lambda one, other: one.place == other.place)
    return tuple(found)


def _field(where: str, row: dict[str, Any], place: str) -> NotificationField:
    listed = row.pop("choices", None)
    choices = () if listed is None else tuple(build(Choice, at, item) for at, item in entries(where, "choice", listed))
    no_repeats(where, "choice", [item.key for item in choices])
    found = build(NotificationField, where, row, choices=choices, place=place)
    if (found.holds in ("choice", "several")) != bool(choices):
        raise DataError(f"{where}: choices go with, and only with, a field that holds a choice or several")
    return found


def notification_version(version_id: str) -> NotificationVersion:
    """A version by its id, whatever the day. Raises LawError if it does not exist."""
    for item in load_notification_versions():
        if item.id == version_id:
            return item
    raise LawError(f"no version of the notification is called {version_id!r}")


def notification_fields(place: str, *, on: date) -> NotificationVersion:
    """What a notification may hold in a place on a day. Look at `in_force`: a proposal binds nobody.

    Raises LawError where nothing was even proposed by that day.
    """
    for item in load_notification_versions():
        if item.place == place and holds(item, on):
            return item
    raise NotRecorded(f"no notification form is recorded for {place!r} on {on}")
