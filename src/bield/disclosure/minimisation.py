"""The one place where identity stops: says what a notification about a person may contain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from bield.disclosure.ladders import ladder
from bield.law import NotificationField, NotificationVersion, notification_version

IDENTITY_CONSENT: Final = "notification_identity"
"""The consent that identity in a notification rests on."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class NotMinimal(ValueError):
    """A value is not from the closed list of its field. The message does not repeat it: it may be somebody's name."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What may be said about somebody who has not agreed to be identified.

    It cannot contain an identity: every value is from the closed list of a field that does not identify, in the version
    of the notification that it names, and it refuses anything else when it is made. said: values by field, in the order
    of the version. withheld: fields that were known and are not said.
    """

    version: str
    said: tuple[tuple[str, tuple[str, ...]], ...]
    withheld: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        fields = {item.id: item for item in notification_version(self.version).fields}
        for name, values in self.said:
            if name not in fields or not allowed(fields[name], values):
                raise NotMinimal(f"{name if name in fields else 'a field'} is not from its closed list")
        if unknown := set(self.withheld) - fields.keys():
            raise NotMinimal(f"{len(unknown)} withheld fields are not in {self.version}")

    def values(self, name: str) -> tuple[str, ...]:
        """The values of a field; empty if it is not said."""
        return dict(self.said).get(name, ())

    def value(self, name: str) -> str:
        """The values of a field joined with +; empty if it is not said."""
        return "+".join(self.values(name))

    def onward(self) -> Notice:
        """The part of it that the police may pass on to others."""
        version = notification_version(self.version)
        return Notice(self.version, tuple(item for item in self.said if version.field(item[0]).onward))

    def broadened(self, values: Mapping[str, str]) -> Notice:
        """The same with some fields said more broadly; an empty value leaves the field out.

        Raises NotMinimal if that would say more than before.
        """
        version, said = notification_version(self.version), dict(self.said)
        withheld = set(self.withheld)
        for name, value in values.items():
            rungs = ladder(version.field(name))
            before = said.get(name, ())
            if rungs is None or not all(rungs.holds(value, item) for item in before or ("",)):
                raise NotMinimal(f"{name}: that would say more, not less")
            if value:
                said[name] = (value,)
            elif said.pop(name, None):
                withheld.add(name)
        order = [item.id for item in version.fields]
        ordered = tuple((name, said[name]) for name in order if name in said)
        return Notice(self.version, ordered, tuple(name for name in order if name in withheld))


@dataclass(frozen=True, slots=True)
class Identified:
    """A notice and, because the person agreed or is a child, who they are. identity: words by field."""

    notice: Notice
    identity: tuple[tuple[str, str], ...]
    rests_on: Literal["consent", "child"]


def allowed(field: NotificationField, values: tuple[str, ...]) -> bool:
    """Whether a field may have these values for anybody: they are from its closed list and do not identify."""
    if field.identifies or field.about != "any" or not values or len(set(values)) != len(values):
        return False
    if len(values) > 1 and field.holds != "several":
        return False
    if field.holds == "day":
        return all(_is_day(item) for item in values)
    rungs = ladder(field)
    return rungs is not None and all(item in rungs for item in values)


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return bool(_DAY.fullmatch(value))


def may_identify(consents: Mapping[str, str], age: str) -> Literal["consent", "child", ""]:
    """Why a person may be identified: they agreed, or they are a child; empty if they may not be.

    Somebody with an uncertain age may be an adult, and section 38 protects adults, so only their agreement allows it.
    consents: the decision that is valid today, by kind. age: adult, child or not_sure.
    """
    if age == "child":
        return "child"
    return "consent" if consents.get(IDENTITY_CONSENT) == "given" else ""


def minimise(
    record: Mapping[str, object],
    version: NotificationVersion,
    consents: Mapping[str, str],
    age: str,
    *,
    body: str,
    on: date,
) -> Notice | Identified:
    """What a notification about a person may say.

    record: all that is known, by field of the version; a value is a text, or several. body: the id of the body that
    notifies; on: the day. Without agreement the result is a Notice, which does not depend on any identifying field; a
    value that is not from the closed list of its field is withheld. A blank value counts as not known.
    """
    basis = may_identify(consents, age)
    agreed = {"child": "child", "consent": "yes", "": "no"}[basis]
    set_here = {"body": (body,), "notified_on": (on.isoformat(),), "age": (age,), "identity_agreed": (agreed,)}
    said, withheld, identity = [], [], []
    for field in version.fields:
        values = set_here.get(field.id) or _texts(record.get(field.id))
        if not values:
            continue
        if allowed(field, values):
            said.append((field.id, values))
        elif basis and field.identifies:
            identity.append((field.id, "; ".join(values)))
        else:
            withheld.append(field.id)
    notice = Notice(version.id, tuple(said), tuple(withheld))
    return Identified(notice, tuple(identity), basis) if basis else notice


def _texts(value: object) -> tuple[str, ...]:
    """A value as texts in a fixed order, without blanks and repeats."""
    items = value if isinstance(value, list | tuple | set | frozenset) else [value]
    texts = {item.strip() for item in items if isinstance(item, str) and item.strip()}
    return tuple(sorted(texts))
