"""Puts back what a merge changed. What was changed since stays, and is reported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from bield import law
from bield.service.accounts.models import User
from bield.service.audit.kinds import Kind
from bield.service.cases.actions import change_about, write_fingerprints
from bield.service.cases.consents import consent_on, standing, strictness
from bield.service.cases.events import note
from bield.service.cases.models import Channel, Consent, Fingerprint, Identity, Merge, Person, SignAnswer, StepMark
from bield.service.cases.states import ConsentAnswer
from bield.service.days import day_of
from bield.service.merging.parts import move, rows_of
from bield.service.merging.snapshot import (
    ANSWER,
    MARK,
    answers_of,
    changed,
    columns_of,
    identity_of,
    marks_of,
    restore_column,
)
from bield.service.notifications import intake


def put_back(done: Merge, kept: Person, other: Person, *, by: User, at: datetime) -> list[str]:
    """Give each record back what it had. Returns, in words, what stays with the kept record.

    Both records keep what protects the person: a stricter answer about consent given meanwhile, and a doubt about age.
    """
    before, after = done.before["before"], done.before["after"]
    stays = []
    narrowed = _copy_stricter_consents(done, kept, other, by, at)
    now_maybe_child = kept.age != "adult" and after["columns"]["age"] == "adult" and other.age == "adult"
    answers_stay = not _restore_answers(kept, before["answers"], after["answers"])
    if _give_answers_back(other, kept, before["answers"], after["answers"]):
        answers_stay = True
    for name, pks in done.before["moved"].items():
        still_in_kept = {str(pk) for pk in rows_of(name, kept).values_list("pk", flat=True)}
        if name == "answers":
            still_in_kept -= {
                str(row.pk) for row in SignAnswer.objects.filter(person=kept, indicator__in=_signs_of(other))
            }
        move(name, [pk for pk in pks if pk in still_in_kept], to=other)
    for person, marks in ((kept, before["marks"]), (other, done.before["marks"])):
        _restore_marks(person, marks, after["marks"])
    added = set(after["consents"]) - set(before["consents"])
    Consent.objects.filter(pk__in=added, person=kept, decision=ConsentAnswer.RESET).delete()
    if not _restore_identity(kept, before["identity"], after["identity"]):
        stays.append(_("who they are, and the ways to reach them"))
    if not _restore_columns(kept, before["columns"], after["columns"]):
        stays.append(_("some of what decides the next steps"))
    if answers_stay:
        stays.append(_("some answers to the signs"))
    if narrowed:
        words = _("what they said about %(kinds)s: it counts in both records until you ask each of them")
        stays.append(words % {"kinds": ", ".join(narrowed)})
    intake.part(done.before["joined"])
    _reopen(done, other)
    if now_maybe_child:
        other.refresh_from_db()
        change_about(person=other, expected=other.version, by=by, at=at, values={"age": "uncertain"})
        stays.append(_("the age: it is ‘not sure’ in the other record until somebody decides"))
    return stays


def _copy_stricter_consents(done: Merge, kept: Person, other: Person, by: User, at: datetime) -> list[str]:
    """Copy to the other record answers about consent, given since the merge, that are stricter than its own.

    Nobody knows which of the two people was asked while they were one record, so the stricter answer counts for both.
    Returns the kinds of consent, in words, for which an answer was copied.
    """
    day, copied = day_of(at), []
    since = Consent.objects.filter(person=kept, at__gt=done.at).order_by("kind", "-pk")
    titles = {kind.id: kind.title for kind in law.consents(settings.PLACE, on=day)}
    for kind in dict.fromkeys(since.values_list("kind", flat=True)):
        answer = since.filter(kind=kind).first()
        theirs = consent_on(other, kind, on=day)
        if answer is None or not theirs.given or strictness(standing(answer, on=day)) >= strictness(theirs):
            continue
        answer.pk, answer.person, answer.by, answer.at = None, other, by, at
        answer.save(force_insert=True)
        note(Kind.CONSENT_ASKED, other, by, at=at, consent=kind, decision=answer.decision)
        copied.append(_(titles.get(kind, kind)))
    return copied


def _give_answers_back(other: Person, kept: Person, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Give the other record back its answers to signs that were changed since; the change stays in the kept record.

    Returns whether there was one.
    """
    now, gave_back = answers_of(kept), False
    for key in after.keys() - before.keys():
        if now.get(key) != after[key]:
            _write(SignAnswer(person=other, indicator=key), ANSWER, after[key])
            gave_back = True
    return gave_back


def _reopen(done: Merge, other: Person) -> None:
    Person.objects.filter(pk__in=done.before["held"]).update(same_as=other)
    Person.objects.filter(pk=other.pk).update(same_as=None, merged_at=None, closed_at=None, closing="")


def _restore_columns(kept: Person, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Put columns back. Returns whether every one that the merge changed went back."""
    now, whole = columns_of(kept), True
    for name in changed(before, after):
        if now[name] == after[name]:
            restore_column(kept, name, before[name])
        else:
            whole = False
    kept.version += 1
    kept.save(update_fields=[*before, "version"])
    return whole


def _signs_of(person: Person) -> list[str]:
    return list(SignAnswer.objects.filter(person=person).values_list("indicator", flat=True))


def _restore_identity(kept: Person, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
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


def _restore_answers(kept: Person, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Put answers to the signs back. Returns whether nobody changed those that the merge changed."""
    now, whole = answers_of(kept), True
    for key in changed(before, after):
        if now.get(key) != after.get(key):
            whole = False
            continue
        _write(SignAnswer.objects.get(person=kept, indicator=key), ANSWER, before[key])
    return whole


def _restore_marks(person: Person, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Put back marks on steps that the merge removed, unless somebody marked them again."""
    now = marks_of(person)
    for step in before:
        if step not in after and step not in now:
            _write(StepMark(person=person), MARK, before[step])


def _write(row: SignAnswer | StepMark, names: tuple[str, ...], values: list[Any]) -> None:
    for name, value in zip(names, values, strict=True):
        field: Any = row._meta.get_field(name.removesuffix("_id"))
        setattr(row, name, field.to_python(value) if value else value)
    row.save()
