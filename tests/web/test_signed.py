"""The hash of a signed assessment covers all that was signed, also what was said or seen, and gives none of it away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from typer.testing import CliRunner

from bield.cli import app
from bield.service.audit.models import Event
from bield.service.audit.triggers import drop
from bield.service.cases import actions
from bield.service.cases.keeping.rotation import rotate
from bield.service.cases.models import Assessment, Person
from bield.service.cases.signs import signed
from bield.service.changes import NotNow
from bield.service.sealing import seal
from bield.service.signs import saved
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

WORDS = {"dest_violence_on_victims": "A burn on the left arm.", "dest_confiscation_of_documents": "He keeps it."}


@pytest.fixture
def assessment(world: World) -> Assessment:
    person = world.person()
    world.answer(person, dict.fromkeys(WORDS, ("yes", "seen")), WORDS)
    return world.sign(person)


def spoil(**values: str | None) -> None:
    """Change columns of every assessment as somebody would who has the database, and neither triggers nor keys."""
    with connection.cursor() as cursor:
        for statement in drop(connection.vendor, "cases_assessment"):
            cursor.execute(statement)
        for name, value in values.items():
            cursor.execute(f"UPDATE cases_assessment SET {name} = %s", [value])


def test_what_was_signed_verifies(assessment: Assessment) -> None:
    assert list(signed.problems()) == []
    assert signed.uncovered() == 0
    said = CliRunner().invoke(app, ["audit", "verify"])
    assert said.exit_code == 0
    assert "1 assessments: each is what was signed." in said.output


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (lambda row: {"words": seal(WORDS | {"dest_violence_on_victims": "A burn on the right arm."})}, "changed"),
        (lambda row: {"words": seal({})}, "changed"),
        (lambda row: {"words": None}, "changed"),
        (lambda row: {"nonce": None}, "changed"),
        (lambda row: {"nonce": seal("00" * 32)}, "changed"),
        (lambda row: {"words": "not sealed"}, "cannot be opened"),
        (lambda row: {"sources": json.dumps(row.sources | {"dest_violence_on_victims": "told"})}, "changed"),
        (lambda row: {"check_file": json.dumps(row.check_file | {"gender": "man"})}, "changed"),
        (lambda row: {"digest": "0" * 64}, "changed"),
    ],
)
def test_any_change_of_what_was_signed_is_found(
    assessment: Assessment, values: Callable[[Assessment], dict[str, Any]], says: str
) -> None:
    spoil(**values(assessment))
    (problem,) = signed.problems()
    assert str(assessment.pk) in problem
    assert says in problem
    assert not any(words in problem for words in WORDS.values())
    said = CliRunner().invoke(app, ["audit", "verify"])
    assert said.exit_code == 1
    assert problem in said.output


def test_words_and_hash_that_fit_each_other_are_found_by_the_event(assessment: Assessment) -> None:
    nonce, other = "11" * 32, {"dest_violence_on_victims": "Nothing."}
    digest = signed.fingerprint(assessment.check_file, assessment.sources, other, nonce)
    spoil(words=seal(other), nonce=seal(nonce), digest=digest)
    assert ["its event records another hash" in item for item in signed.problems()] == [True]


def test_an_assessment_that_was_taken_out_or_put_in_is_found(world: World, assessment: Assessment) -> None:
    kept = {item.attname: getattr(assessment, item.attname) for item in Assessment._meta.local_fields}
    Assessment.objects.filter(pk=assessment.pk).delete()
    assert ["removed" in item for item in signed.problems()] == [True]
    Assessment.objects.create(**kept)
    assert list(signed.problems()) == []
    Assessment.objects.create(**kept | {"id": "7f0c3c3e-3b3b-4f3b-8f3b-3b3b3b3b3b3b"})
    assert ["inserted" in item for item in signed.problems()] == [True]


def test_a_record_that_was_deleted_as_is_due_takes_its_assessments_along(world: World, assessment: Assessment) -> None:
    actions.delete([assessment.person], actor="system", rule="record")
    assert not Person.objects.exists()
    assert list(signed.problems()) == []


def test_the_hash_tells_nobody_what_was_said(world: World) -> None:
    people = [world.person(), world.person()]
    for person in people:
        world.answer(person, dict.fromkeys(WORDS, ("yes", "seen")), WORDS)
    first, second = (world.sign(person) for person in people)
    assert first.digest != second.digest, "the same words are not seen to be the same"
    with connection.cursor() as cursor:
        cursor.execute("SELECT nonce FROM cases_assessment")
        assert all(first.nonce not in token for (token,) in cursor.fetchall()), "the nonce is sealed"
    assert first.nonce not in json.dumps(list(Event.objects.values_list("facts", flat=True)))


def test_an_assessment_of_before_keeps_verifying(world: World, assessment: Assessment) -> None:
    old = hashlib.sha256(saved.to_json(saved.from_dict(assessment.check_file)).encode()).hexdigest()
    facts = {"assessment": str(assessment.pk), "sha256": old}
    spoil(nonce=None, digest=old)
    with connection.cursor() as cursor:
        for statement in drop(connection.vendor, "audit_event"):
            cursor.execute(statement)
        cursor.execute("UPDATE audit_event SET facts = %s WHERE kind = 'assessment.signed'", [json.dumps(facts)])
    assert list(signed.problems()) == []
    assert signed.uncovered() == 1
    spoil(check_file=json.dumps(assessment.check_file | {"gender": "man"}))
    assert ["changed" in item for item in signed.problems()] == [True]


def test_keys_may_change_and_it_still_verifies(settings: Any, assessment: Assessment) -> None:
    from cryptography.fernet import Fernet

    new = Fernet.generate_key().decode()
    settings.IDENTITY_KEYS = [new, *settings.IDENTITY_KEYS]
    rotate()
    settings.IDENTITY_KEYS = [new]
    settings.INDEX_KEYS = ["another"]
    assert list(signed.problems()) == []


def test_signing_the_same_again_is_still_refused(world: World, assessment: Assessment) -> None:
    with pytest.raises(NotNow, match="nothing has changed"):
        world.sign(Person.objects.get())
