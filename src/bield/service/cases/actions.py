"""Changes to a person's record. Each change leaves an event in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext

from bield import law
from bield.births import Birth, Disagreement, disagreement
from bield.disclosure.minimisation import IDENTITY_CONSENT, may_identify
from bield.indicators import Answer
from bield.names import forms
from bield.service import reference
from bield.service.accounts.access import colleagues, colleagues_in
from bield.service.accounts.models import Team, User
from bield.service.accounts.news import News, tell
from bield.service.accounts.permissions import Permission
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind
from bield.service.cases.consents import consent_on, consent_then, consents_on, taken_back_too_early
from bield.service.cases.crosswalks import AGE_OF_NOTIFICATION
from bield.service.cases.events import lock, note, touch
from bield.service.cases.models import (
    AgeAssessment,
    Assessment,
    Channel,
    Consent,
    Encounter,
    Fingerprint,
    HandOver,
    Identity,
    Person,
    Review,
    Sharing,
    SignAnswer,
    StepMark,
)
from bield.service.cases.same_person.merged import merged_records
from bield.service.cases.signs import signed
from bield.service.cases.states import ConsentAnswer, ConsentState, ReviewState
from bield.service.cases.steps import close_steps
from bield.service.changes import Conflict, NotNow, set_fields
from bield.service.days import day_of, order_error
from bield.service.drafts.actions import forget, forget_pages
from bield.service.notifications import intake
from bield.service.sealing import digests
from bield.service.signs import saved
from bield.service.signs.state import Check

ABOUT: Final = frozenset(
    {
        "age", "age_then", "believed_under_18", "council", "danger", "decision_on", "exploitation", "gender",
        "missing", "offence", "parental_rights_in_uk", "referral",
    }
)  # fmt: skip
"""The columns of a record that say what the next steps depend on."""

V = TypeVar("V", Person, Identity, Encounter)


def locked(model: type[V], pk: Any, expected: int) -> V:
    """A row, locked until the transaction ends. Raises Conflict if it is no longer the version that was opened."""
    row = model._default_manager.select_for_update().get(pk=pk)
    if row.version != expected:
        raise Conflict(row)
    row.version += 1
    return row


def lapse_review(person: Person, by: User, at: datetime) -> None:
    """Cancel an approval after the record changed: a review covers the record as it was then."""
    lapsed = Person.objects.filter(pk=person.pk, review=ReviewState.APPROVED).update(review="")
    if lapsed:
        person.review = ""
        note(Kind.REVIEW_LAPSED, person, by, at=at)


@transaction.atomic
def add_person(*, team: Team, by: User, at: datetime, values: Mapping[str, Any]) -> Person:
    """Begin a record. values: what AboutForm returns, and for made-up people a reference."""
    for _attempt in range(5):
        try:
            with transaction.atomic():
                person = Person.objects.create(
                    team=team,
                    worker=by,
                    opened_at=at,
                    changed_at=at,
                    **({"reference": reference.new()} | dict(values)),
                )
        except IntegrityError:
            continue  # the reference is taken: one chance in many millions
        note(Kind.PERSON_ADDED, person, by, at=at)
        return person
    raise NotNow("no free reference was found; try again")


@transaction.atomic
def change_about(
    *, person: Person, expected: int, by: User, at: datetime, values: Mapping[str, Any], assessed: bool = False
) -> tuple[str, ...]:
    """Change what decides the next steps. Returns the names of what no longer holds because the age changed.

    A new age that the date of birth contradicts is marked as in doubt, unless a doubt was shown before or the age comes
    from an age assessment (assessed): then it is a decision. Raises Conflict if somebody else changed it first.
    """
    row = locked(Person, person.pk, expected)
    row.team = person.team
    age_before, doubt_was_shown = row.age, bool(row.age_doubt)
    if "age" in values:
        row.age_doubt = ""  # somebody has decided
    changed = set_fields(row, values, allowed=ABOUT)
    row.changed_at = at
    row.save(update_fields=[*values, "age_doubt", "version", "changed_at"])
    note(Kind.PERSON_CHANGED, row, by, at=at, fields=len(changed))
    reset = _reset_after_age(row, age_before, by, at) if row.age != age_before else ()
    if row.age != age_before:
        update_identity_basis(row, by=by, at=at)
    if changed:
        lapse_review(row, by, at)
    if row.age != age_before and not doubt_was_shown and not assessed:
        identity = Identity.objects.filter(person=row).first()
        _doubt_age(row, identity.names.get("born", "") if identity else "", by, at)
    return reset


def _reset_after_age(person: Person, before: str, by: User, at: datetime) -> tuple[str, ...]:
    """Undo what depended on the age: answers about consent and marks on steps. Returns what no longer holds."""
    note(Kind.AGE_CHANGED, person, by, at=at, before=before, now=person.age)
    reset = []
    for kind, standing in consents_on(person, on=day_of(at)).items():
        if standing.answer is None or standing.state not in (ConsentState.GIVEN, ConsentState.REFUSED):
            continue
        version = standing.answer.text_version
        Consent.objects.create(
            person=person, kind=kind, decision=ConsentAnswer.RESET, on=day_of(at), text_version=version, by=by, at=at
        )
        forget(f"consent:{person.pk}:{kind}")
        note(Kind.CONSENT_RESET, person, by, at=at, consent=kind)
        reset.append(f"consent:{kind}")
    if StepMark.objects.filter(person=person).delete()[0]:
        reset.append("steps")
    if Assessment.objects.filter(person=person).exists():
        reset.append("assessment")
    return tuple(reset)


@transaction.atomic
def assess_age(*, person: Person, by: User, at: datetime, on: date, council: str, result: str) -> tuple[str, ...]:
    """Record a council's age assessment. If it settled the age, change the age and undo what depended on it."""
    row = lock(person)
    AgeAssessment.objects.create(person=row, on=on, council=council, result=result, by=by, at=at)
    note(Kind.AGE_ASSESSED, row, by, at=at, result=result)
    close_steps(row, "age_assessment", on=on, by=by, at=at)
    if result != "inconclusive":
        Person.objects.filter(pk=row.pk).update(age_doubt="")
    if result == "inconclusive" or result == row.age:
        touch(row, at)
        return ()
    values = {"age": result, "believed_under_18": False}
    return change_about(person=person, expected=row.version, by=by, at=at, values=values, assessed=True)


@transaction.atomic
def change_identity(
    *,
    person: Person,
    expected: int,
    by: User,
    at: datetime,
    names: Mapping[str, str],
    channels: Sequence[Mapping[str, str]],
) -> Disagreement:
    """Record who somebody is, and the ways to reach them. expected: 0 if nothing was recorded when the page was opened.

    Returns how the date of birth contradicts the age, if it does: then they are treated as a child until somebody
    decides. Raises Conflict if somebody else changed it first.
    """
    current = Identity.objects.select_for_update().filter(person=person).first()
    if (current.version if current else 0) != expected:
        raise Conflict(current or Identity(person=person, names={}))
    born_before = current.names.get("born", "") if current else ""
    Identity.objects.update_or_create(
        person=person, defaults={"names": dict(names), "version": expected + 1, "changed_at": at, "changed_by": by}
    )
    write_fingerprints(person, names)
    Channel.objects.filter(person=person).delete()
    Channel.objects.bulk_create(
        Channel(
            person=person,
            kind=channel["kind"],
            safe=channel["safe"],
            details={"value": channel["value"], "note": channel["note"]},
        )
        for channel in channels
    )
    born = names.get("born", "")
    person.eighteen_from = _turning_18(Birth.read(born)) if born else None
    person.save(update_fields=["eighteen_from"])
    note(Kind.IDENTITY_CHANGED, person, by, at=at, channels=len(channels))
    touch(person, at)
    born_unchanged = current is not None and born_before == born
    return "" if born_unchanged else _doubt_age(person, born, by, at)


def _turning_18(born: Birth) -> str:
    """The text that `Person.turns_18` reads."""
    first, last = (day.replace(day=1).isoformat() for day in born.turns())
    return first if first == last else f"{first}/{last}"


def _doubt_age(person: Person, born: str, by: User, at: datetime) -> Disagreement:
    """Compare the age with a new date of birth. Somebody who may be under 18 then counts as a child."""
    row = lock(person)
    doubt = disagreement(row.age, Birth.read(born) if born else None, on=day_of(at))
    if doubt in ("birth_says_child", "birth_leaves_open"):
        values = {"age": "uncertain", "believed_under_18": True}
        change_about(person=row, expected=row.version, by=by, at=at, values=values)
    Person.objects.filter(pk=row.pk).update(age_doubt=doubt)
    return doubt


def write_fingerprints(person: Person, names: Mapping[str, str]) -> None:
    """Rebuild the blind index of a person's names with the current key."""
    Fingerprint.objects.filter(person=person).delete()
    Fingerprint.objects.bulk_create(Fingerprint(person=person, digest=digest) for digest in digests_of(names))


def digests_of(names: Mapping[str, str]) -> list[str]:
    """The digests, with the current key, of every name that somebody can be found by."""
    full_name = f"{names.get('given_names', '')} {names.get('family_name', '')}"
    return sorted({digests(form)[0] for form in forms(full_name) | forms(names.get("nickname", ""))})


@transaction.atomic
def answer_signs(
    *,
    person: Person,
    by: User,
    at: datetime,
    answers: Mapping[str, tuple[Answer, str]],
    words: Mapping[str, str] | None = None,
    inherent: Answer | None = None,
    kind: Kind = Kind.SIGNS_CHANGED,
) -> None:
    """Save answers to signs with their sources; an unknown answer deletes an earlier one.

    words: what was said or seen, by sign; the words of signs that are not in it stay as they are.
    inherent: whether the fact that makes something exploitation of a child by itself is known; None leaves it as it is.

    Only what differs is written, so that two people answering different signs do not undo each other.
    """
    saved_answers = {row.indicator: row for row in SignAnswer.objects.select_for_update().filter(person=person)}
    changed = 0
    for indicator, (answer, source) in answers.items():
        earlier = saved_answers.get(indicator)
        words_before = earlier.words if earlier else ""
        said = words.get(indicator, words_before) if words is not None else words_before
        same = earlier is not None and (earlier.answer, earlier.source, earlier.words) == (answer.value, source, said)
        if same or (not earlier and answer is Answer.UNKNOWN):
            continue
        changed += 1
        if answer is Answer.UNKNOWN:
            SignAnswer.objects.filter(person=person, indicator=indicator).delete()
            continue
        SignAnswer.objects.update_or_create(
            person=person,
            indicator=indicator,
            defaults={"answer": answer.value, "source": source, "words": said, "by": by, "at": at},
        )
    if inherent is not None and inherent.value != person.inherent:
        changed += 1
        Person.objects.filter(pk=person.pk).update(inherent=inherent.value)
        person.inherent = inherent.value
    if changed:
        note(kind, person, by, at=at, signs=changed)
        lapse_review(person, by, at)
        touch(person, at)


@transaction.atomic
def sign_assessment(*, person: Person, check: Check, by: User, at: datetime) -> Assessment:
    """Sign the answers as they are now. The assessment can never be changed, only superseded.

    Raises NotNow if nothing was answered, or nothing has changed since the last one.
    """
    lock(person)
    answers = list(person.answers.all())
    sources = {answer.indicator: answer.source for answer in answers}
    words = {answer.indicator: answer.words for answer in answers if answer.words}
    if not sources:
        raise NotNow("no sign has an answer yet")
    check_file, nonce = saved.as_dict(check), signed.new_nonce()
    digest = signed.fingerprint(check_file, sources, words, nonce)
    last = Assessment.objects.filter(person=person, superseded_by__isnull=True).first()
    if last and (last.check_file, last.sources, last.words or {}) == (check_file, sources, words):
        raise NotNow("nothing has changed since the last assessment")
    assessment = Assessment.objects.create(
        person=person,
        supersedes=last,
        check_file=check_file,
        sources=sources,
        words=words,
        nonce=nonce,
        digest=digest,
        by=by,
        at=at,
    )
    close_steps(person, "assessment", on=day_of(at), by=by, at=at)
    note(Kind.ASSESSMENT_SIGNED, person, by, at=at, assessment=str(assessment.pk), sha256=digest)
    lapse_review(person, by, at)
    touch(person, at)
    return assessment


@transaction.atomic
def answer_consent(*, person: Person, kind: str, by: User, at: datetime, values: Mapping[str, Any]) -> Consent:
    """Record an answer about one consent. Raises NotNow for taking back an agreement that was not given."""
    lock(person)
    standing = consent_on(person, kind, on=day_of(at))
    if values["decision"] == ConsentAnswer.WITHDRAWN and not standing.given:
        raise NotNow("there is no agreement to take back")
    wrong_order = order_error(gettext("When they answered"), values["on"], gettext("Holds until"), values.get("until"))
    if wrong := taken_back_too_early(standing, values) or wrong_order:
        raise NotNow(wrong)
    version = law.consent(kind, place=settings.PLACE, on=day_of(at)).text_version
    forget(f"consent:{person.pk}:{kind}")
    answer = Consent.objects.create(person=person, kind=kind, by=by, at=at, text_version=version, **values)
    event = Kind.CONSENT_WITHDRAWN if answer.decision == ConsentAnswer.WITHDRAWN else Kind.CONSENT_ASKED
    note(event, person, by, at=at, consent=kind, decision=answer.decision)
    if kind == IDENTITY_CONSENT:
        update_identity_basis(person, by=by, at=at)
    close_steps(person, f"consent.{kind}", on=answer.on, by=by, at=at)
    lapse_review(person, by, at)
    touch(person, at)
    return answer


def update_identity_basis(person: Person, *, by: User, at: datetime) -> None:
    """Tell the police what allows them, today, to know who somebody is, and until when.

    Called after anything that may end it (any answer about this consent, a change of age, an age assessment), and after
    sending a notification.
    """
    standing = consent_on(person, IDENTITY_CONSENT, on=day_of(at))
    basis = may_identify({IDENTITY_CONSENT: standing.state}, AGE_OF_NOTIFICATION[person.age])
    intake.identity_rests_on(person.team, person.reference, basis=basis, until=standing.until, by=by, at=at)


@transaction.atomic
def share(*, person: Person, by: User, at: datetime, values: Mapping[str, Any]) -> Sharing:
    """Record that something was shared with another body, and the consent that allowed it, if any.

    Raises NotNow if that consent was not given on that day.
    """
    kind = values["consent"]
    if kind and not consent_then(person, kind, on=values["on"]).given:
        raise NotNow("they had not agreed to this on that day")
    sharing = Sharing.objects.create(person=person, by=by, at=at, **values)
    note(Kind.SHARED, person, by, at=at, what=sharing.what, to=sharing.to, consent=kind or "none")
    touch(person, at)
    return sharing


@transaction.atomic
def hand_over(*, person: Person, to: User, by: User, at: datetime, words: str) -> HandOver:
    """Pass the record to a colleague of the same team. Raises NotNow if they cannot work on it."""
    row = lock(person)
    if not colleagues(person.team).filter(pk=to.pk).exists():
        raise NotNow("they are not in this team, or may not change its records")
    if to.pk == row.worker_id:
        raise NotNow("they already have the record")
    handed = HandOver.objects.create(person=row, before_id=row.worker_id, after=to, note=words, by=by, at=at)
    Person.objects.filter(pk=row.pk).update(worker=to, changed_at=at)
    note(Kind.HANDED_OVER, person, by, at=at, before=str(row.worker_id), after=str(to.pk))
    if to.pk != by.pk:
        tell([to], News.HANDED_OVER)
    return handed


@transaction.atomic
def ask_review(*, person: Person, by: User, at: datetime, words: str) -> Review:
    """Ask a lead to review the record. Raises NotNow if a review is waiting already."""
    row = lock(person)
    if row.review == ReviewState.ASKED:
        raise NotNow("a review has already been asked for")
    review = Review.objects.create(person=row, asked_by=by, asked_at=at, question=words)
    Person.objects.filter(pk=row.pk).update(review=ReviewState.ASKED, changed_at=at)
    note(Kind.REVIEW_ASKED, person, by, at=at)
    tell(colleagues_in([person.team_id], Permission.RECORD_REVIEW).exclude(pk=by.pk), News.REVIEW_ASKED)
    return review


@transaction.atomic
def decide_review(*, person: Person, by: User, at: datetime, decision: str, words: str) -> None:
    """Record a lead's answer. Raises NotNow if no review is waiting, or they asked for it themselves."""
    row = lock(person)
    waiting = list(Review.objects.filter(person=row, decided_at__isnull=True))  # two, where two records were merged
    if not waiting:
        raise NotNow("no review is waiting")
    if by.pk in {review.asked_by_id for review in waiting}:
        raise NotNow("somebody else must review what you asked about")
    for review in waiting:
        review.decided_by, review.decided_at, review.decision, review.comment = by, at, decision, words
        review.save()
    Person.objects.filter(pk=row.pk).update(review=decision, changed_at=at)
    note(Kind.REVIEW_DECIDED, person, by, at=at, decision=decision)
    tell(User.objects.filter(pk__in={review.asked_by_id for review in waiting}), News.REVIEW_DECIDED)


def set_support_state(person: Person, *, state: str, ended_on: date | None, at: datetime) -> None:
    """Store the state of support on the record, since retention waits for it. The room of support writes the event."""
    Person.objects.filter(pk=person.pk).update(support=state, support_ended_on=ended_on, changed_at=at)
    person.support, person.support_ended_on, person.changed_at = state, ended_on, at


@transaction.atomic
def close(*, person: Person, by: User, at: datetime, reason: str, same_as: Person | None = None) -> None:
    """Close the record, which starts its retention period. Raises NotNow if it is closed already.

    same_as: the record to keep, if this one duplicates it; opening this one again removes the link.
    """
    row = lock(person)
    if row.closed_at is not None:
        raise NotNow("the record is already closed")
    Person.objects.filter(pk=row.pk).update(closed_at=at, closing=reason, same_as=same_as, changed_at=at)
    note(Kind.CLOSED, person, by, at=at, reason=reason)
    if same_as is not None:
        note(Kind.DUPLICATE_CLOSED, same_as, by, at=at, other=person.shown_reference)


@transaction.atomic
def reopen(*, person: Person, by: User, at: datetime) -> None:
    """Open a closed record again. Raises NotNow if it is open."""
    row = lock(person)
    if row.closed_at is None:
        raise NotNow("the record is already open")
    if row.same_as is not None:
        note(Kind.DUPLICATE_REOPENED, row.same_as, by, at=at, other=person.shown_reference)
    Person.objects.filter(pk=row.pk).update(closed_at=None, closing="", same_as=None, changed_at=at)
    note(Kind.REOPENED, person, by, at=at)


def _ids_of(person: Person) -> list[str]:
    """The ids, as used in addresses, of a person's record and of every row that points to it, in any room."""
    ids = [str(person.pk)]
    for relation in Person._meta.related_objects:
        model: Any = relation.related_model
        if isinstance(model._meta.pk, models.UUIDField):
            rows = model._base_manager.filter(**{relation.field.name: person}).exclude(pk=person.pk)
            ids += [str(pk) for pk in rows.values_list("pk", flat=True)]
    return ids


@transaction.atomic
def delete(people: Iterable[Person], *, actor: object, rule: str) -> int:
    """Delete records for good, identity first. Returns how many. Their events stay, and hold no identity."""
    count = 0
    for person in people:
        delete(merged_records(person), actor=actor, rule=rule)
        forget_pages(_ids_of(person))
        for model in (Fingerprint, Channel, Identity):
            model._default_manager.filter(person=person).delete()
        record(Kind.DELETED, actor=actor, organisation=person.team.organisation_id, subject=person.pk, rule=rule)
        person.delete()
        count += 1
    return count
