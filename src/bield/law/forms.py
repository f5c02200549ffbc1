"""The notification in its legal versions: what it may contain, and about which people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bield.datafiles import DataError, build, check_parts, entries, no_repeats
from bield.law.reading import Confidence, LawError, NotRecorded, cached, holds, no_overlaps, read


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a field."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class NotificationField:
    """A field of a notification. identifies: it says, or helps to say, who somebody is.

    holds: what a value is. All but "words" and "day" are from a closed list.
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
    """Whether the police may pass it on to others, with the same protection."""
    place: str = ""
    """The place of its notification: the places that may be named in it."""

    def label_of(self, key: str) -> str:
        """The words for one of the choices. Raises LawError for any other value."""
        for item in self.choices:
            if item.key == key:
                return item.label
        raise LawError(f"{self.id} cannot be {key!r}; expected one of {sorted(item.key for item in self.choices)}")


@dataclass(frozen=True, slots=True)
class NotificationVersion:
    """What a notification may contain under a version of the rules. in_force: whether it binds anybody."""

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
    """What is known about it if it binds nobody, in words for a sender."""
    recipient_body: str = ""
    """The id of the body that receives it, if that body is recorded."""
    from_day: date | None = None
    to_day: date | None = None

    def field(self, field_id: str) -> NotificationField:
        """A field by its id. Raises LawError if this version has none."""
        for item in self.fields:
            if item.id == field_id:
                return item
        raise LawError(f"{self.id} has no field {field_id!r}")


@cached
def load_notification_versions() -> tuple[NotificationVersion, ...]:
    """Every version. Raises DataError saying what is wrong, and where."""
    return parse_notification_versions(*read("notification_fields"))


def parse_notification_versions(filename: str, raw: Mapping[str, Any]) -> tuple[NotificationVersion, ...]:
    """Turn the decoded file into versions, refusing anything unexpected."""
    check_parts(filename, raw, {"versions"})
    versions = []
    for where, body in entries(filename, "version", raw["versions"]):
        fields = [_field(at, row, body["place"]) for at, row in entries(where, "field", body.pop("fields", None))]
        no_repeats(where, "field", [row.id for row in fields])
        versions.append(build(NotificationVersion, where, body, fields=tuple(fields)))
    no_repeats(filename, "version", [item.id for item in versions])
    no_overlaps(filename, "version", versions, lambda one, other: one.place == other.place)
    return tuple(versions)


def _field(where: str, row: dict[str, Any], place: str) -> NotificationField:
    listed = row.pop("choices", None)
    choices = () if listed is None else tuple(build(Choice, at, item) for at, item in entries(where, "choice", listed))
    no_repeats(where, "choice", [item.key for item in choices])
    parsed = build(NotificationField, where, row, choices=choices, place=place)
    if (parsed.holds in ("choice", "several")) != bool(choices):
        raise DataError(f"{where}: choices go with, and only with, a field that holds a choice or several")
    return parsed


def notification_version(version_id: str) -> NotificationVersion:
    """A version by its id, whatever the day. Raises LawError if it does not exist."""
    for item in load_notification_versions():
        if item.id == version_id:
            return item
    raise LawError(f"no version of the notification is called {version_id!r}")


def notification_fields(place: str, *, on: date) -> NotificationVersion:
    """What a notification may contain in a place on a day. Check `in_force`: a proposal binds nobody.

    Raises NotRecorded if nothing was even proposed by that day.
    """
    for item in load_notification_versions():
        if item.place == place and holds(item, on):
            return item
    raise NotRecorded(f"no notification form is recorded for {place!r} on {on}")
