"""Putting back what a merge changed. What was changed since stays as it is, and is said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from bield.service.cases.actions import write_fingerprints
from bield.service.cases.models import Channel, Consent, Fingerprint, Identity, Merge, Person, SignAnswer, StepMark
from bield.service.merging.parts import move, rows_of
from bield.service.merging.snapshot import ANSWER, MARK, answers_of, back, changed, columns_of, identity_of, marks_of
from bield.service.notifications import intake


def put_back(done: Merge, kept: Person, other: Person) -> list[str]:
    """Give each record what it had. Returns what stays with the record that goes on, in words."""
    before, after = done.before["before"], done.before["after"]
    stays = []
    unsigned = not _answers(kept, before["answers"], after["answers"])
    for name, pks in done.before["moved"].items():
        here = {str(pk) for pk in rows_of(name, kept).values_list("pk", flat=True)}
        move(name, [pk for pk in pks if pk in here], to=other)
    for person, marks in ((kept, before["marks"]), (other, done.before["marks"])):
        _marks(person, marks, after["marks"])
    added = set(after["consents"]) - set(before["consents"])
    Consent.objects.filter(pk__in=added, person=kept, decision="reset").delete()
    if not _identity(kept, before["identity"], after["identity"]):
        stays.append(_("who they are, and the ways to reach them"))
    if not _columns(kept, before["columns"], after["columns"]):
        stays.append(_("some of what decides the next steps"))
    if unsigned:
        stays.append(_("some answers to the signs"))
    intake.part(done.before["joined"])
    _open_again(done, other)
    return stays


def _open_again(done: Merge, other: Person) -> None:
    for pk, since in done.before["held"]:
        Person.objects.filter(pk=pk).update(same_as=other, merged_at=datetime.fromisoformat(since))
    Person.objects.filter(pk=other.pk).update(same_as=None, merged_at=None, closed_at=None, closing="")


def _columns(kept: Person, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Put columns back. Returns whether every one that the merge changed went back."""
    now, whole = columns_of(kept), True
    for name in changed(before, after):
        if now[name] == after[name]:
            back(kept, name, before[name])
        else:
            whole = False
    kept.version += 1
    kept.save(update_fields=[*before, "version"])
    return whole


def _identity(kept: Person, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Put the identity and the ways to reach them back. Returns whether nobody changed them since."""
    if before == after:
        return True
    if identity_of(kept) != after:
        return False
    Channel.objects.filter(person=kept).delete()
    Channel.objects.bulk_create(
        Channel(person=kept, kind=kind, safe=safe, details=details) for kind, safe, details in before["channels"]
    )
    if before["names"] is None:
        Fingerprint.objects.filter(person=kept).delete()
        Identity.objects.filter(person=kept).delete()
        return True
    row = Identity.objects.get(person=kept)
    row.names, row.version = before["names"], row.version + 1
    at, by = before["changed"]
    row.changed_at, row.changed_by_id = datetime.fromisoformat(at), UUID(by)
    row.save(update_fields=["names", "version", "changed_at", "changed_by"])
    write_fingerprints(kept, before["names"])
    return True


def _answers(kept: Person, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Put answers to the signs back. Returns whether nobody changed those that the merge changed."""
    now, whole = answers_of(kept), True
    for key in changed(before, after):
        if now.get(key) != after.get(key):
            whole = False
            continue
        _write(SignAnswer.objects.get(person=kept, indicator=key), ANSWER, before[key])
    return whole


def _marks(person: Person, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Put marks on steps back that the merge took away, where nobody marked them again."""
    now = marks_of(person)
    for step in before:
        if step not in after and step not in now:
            _write(StepMark(person=person), MARK, before[step])


def _write(row: SignAnswer | StepMark, names: tuple[str, ...], values: list[Any]) -> None:
    for name, value in zip(names, values, strict=True):
        field: Any = row._meta.get_field(name.removesuffix("_id"))
        setattr(row, name, field.to_python(value) if value else value)
    row.save()
