"""The chain of events: appended only, and every way of spoiling it is found and named."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from bield.service.accounts.permissions import Role
from bield.service.audit import chain, triggers
from bield.service.audit.actions import SYSTEM, TypedText, record, record_many
from bield.service.audit.kinds import Kind, in_words
from bield.service.audit.models import Event
from bield.service.audit.verifier import signature_holds
from tests.conftest import triggers_of
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Spoil = Callable[..., None]


@pytest.fixture
def spoil() -> Spoil:
    """Change rows as somebody with the database's own password could: the triggers are taken away first."""

    def by_hand(sql: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            for statement in triggers.drop(connection.vendor, "audit_event"):
                cursor.execute(statement)
            cursor.execute(sql, values)
            for statement in triggers.create(connection.vendor, "audit_event"):
                cursor.execute(statement)

    return by_hand


@pytest.fixture
def events() -> list[Event]:
    """Six events of one actor and three of another."""
    with transaction.atomic():
        made = [record(Kind.PERSON_READ, actor="one", subject=f"p{number}", at=NOW) for number in range(6)]
        made += [record(Kind.PERSON_ADDED, actor="another", at=NOW, count=number) for number in range(3)]
    return made


def test_an_untouched_chain_verifies(events: list[Event]) -> None:
    assert list(chain.problems()) == []
    assert [event.number for event in events[:6]] == [1, 2, 3, 4, 5, 6]
    assert events[0].strand != events[6].strand


@pytest.mark.parametrize("sql", ["UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_or_remove(events: list[Event], sql: str) -> None:
    with pytest.raises(DatabaseError, match="keeps what was written"), transaction.atomic():
        connection.cursor().execute(sql)
    assert Event.objects.count() == len(events)


def where(event: Event) -> str:
    return f"strand {event.strand}, event {event.number}"


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "x"), ("kind", "person.changed"), ("subject", "p9"), ("facts", '{"a": 1}'), ("organisation", "x")],
)
def test_a_changed_event_is_named(events: list[Event], spoil: Spoil, column: str, value: str) -> None:
    spoil(f"UPDATE audit_event SET {column} = %s WHERE id = %s", value, events[2].pk)
    found = list(chain.problems())
    assert [line.split(":")[0] for line in found] == [where(events[2])]
    assert "changed" in found[0]


def test_a_removed_event_is_named(events: list[Event], spoil: Spoil) -> None:
    spoil("DELETE FROM audit_event WHERE id = %s", events[2].pk)
    assert list(chain.problems()) == [f"{where(events[3])}: removed: 1 before it"]


def test_an_inserted_event_is_named(events: list[Event], spoil: Spoil) -> None:
    """Somebody makes room and puts a well-made event in: the one after no longer follows."""
    late = events[5]
    forged = Event(strand=late.strand, number=7, at=NOW, kind="person.read", actor="one", previous="0" * 64)
    forged.hash = "1" * 64
    forged.save(force_insert=True)
    found = list(chain.problems())
    assert found
    assert all(line.startswith(where(forged)) for line in found)


def test_reordered_events_are_named(events: list[Event], spoil: Spoil) -> None:
    spoil("UPDATE audit_event SET number = 100 WHERE id = %s", events[1].pk)
    spoil("UPDATE audit_event SET number = 2 WHERE id = %s", events[2].pk)
    spoil("UPDATE audit_event SET number = 3 WHERE id = %s", events[1].pk)
    named = {line.split(":")[0] for line in chain.problems()}
    assert {f"strand {events[1].strand}, event {number}" for number in (2, 3)} <= named


@given(
    st.integers(0, 5),
    st.sampled_from(["actor", "kind", "subject", "organisation"]),
    st.text("abc.", min_size=1, max_size=9),
)
def test_any_change_to_any_event_is_found(place: int, column: str, value: str) -> None:
    with transaction.atomic():
        made = [record(Kind.PERSON_READ, actor="one", subject=f"p{number}", at=NOW) for number in range(6)]
        row = [dict(event.as_dict()) for event in made]
        row[place][column] = row[place][column] + value
        from bield.service.audit.verifier import check

        assert list(check(row))
        transaction.set_rollback(True)


class TestCheckpoints:
    """A signed note of where the chains end, kept elsewhere."""

    @pytest.fixture
    def key(self, tmp_path: Path) -> tuple[Path, str]:
        return tmp_path / "key.pem", chain.new_key(tmp_path / "key.pem")

    @pytest.fixture
    def kept(self, events: list[Event], key: tuple[Path, str], tmp_path: Path) -> dict[str, Any]:
        (tmp_path / "kept.json").write_text(json.dumps(chain.checkpoint(key[0])))
        return chain.read_checkpoint(tmp_path / "kept.json", key[1])

    def test_a_chain_that_only_grew_agrees(self, kept: dict[str, Any]) -> None:
        with transaction.atomic():
            record(Kind.PERSON_READ, actor="one")
            record(Kind.PERSON_READ, actor="a third")
        assert list(chain.problems(kept)) == []

    def test_a_cut_tail_is_found(self, kept: dict[str, Any], events: list[Event], spoil: Spoil) -> None:
        spoil("DELETE FROM audit_event WHERE id = %s", events[5].pk)
        assert list(chain.problems()) == []
        strand = events[5].strand
        assert list(chain.problems(kept)) == [f"strand {strand}: cut: it ends at event 5, and the checkpoint has 6"]

    def test_a_strand_taken_out_whole_is_found(self, kept: dict[str, Any], events: list[Event], spoil: Spoil) -> None:
        spoil("DELETE FROM audit_event WHERE strand = %s", events[6].strand)
        assert list(chain.problems()) == []
        assert list(chain.problems(kept)) == [f"strand {events[6].strand}: removed: the checkpoint has 3 events"]

    def test_a_chain_computed_anew_is_found(self, kept: dict[str, Any], events: list[Event], spoil: Spoil) -> None:
        spoil("DELETE FROM audit_event")
        with transaction.atomic():
            for number in range(6):
                record(Kind.PERSON_READ, actor="one", subject=f"p{number + 1}", at=NOW)
            for number in range(3):
                record(Kind.PERSON_ADDED, actor="another", at=NOW, count=number)
        assert list(chain.problems()) == []
        found = list(chain.problems(kept))
        assert found == [f"{where(events[5])}: recomputed: the checkpoint has another hash for it"]

    def test_a_checkpoint_that_was_changed_is_refused(
        self, kept: dict[str, Any], key: tuple[Path, str], tmp_path: Path
    ) -> None:
        strand = next(iter(kept["strands"]))
        (tmp_path / "kept.json").write_text(json.dumps(kept | {"strands": {strand: [1, "0" * 64]}}))
        with pytest.raises(chain.ChainError, match="not signed with this key, or it was changed"):
            chain.read_checkpoint(tmp_path / "kept.json", key[1])

    def test_a_key_is_not_written_over(self, key: tuple[Path, str]) -> None:
        with pytest.raises(chain.ChainError, match="File exists"):
            chain.new_key(key[0])
        assert key[0].stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 1, "made": 1, "strands": 1, "signature": "zz"}'])
    def test_what_is_no_checkpoint_is_refused(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "x").write_text(content)
        with pytest.raises(chain.ChainError, match="x: "):
            chain.read_checkpoint(tmp_path / "x", "00")

    def test_an_inspector_needs_nothing_but_python(
        self, kept: dict[str, Any], key: tuple[Path, str], tmp_path: Path
    ) -> None:
        assert chain.export(tmp_path / "out") == Event.objects.count()
        command = [sys.executable, "-I", "verifier.py", "events.jsonl", str(tmp_path / "kept.json"), key[1]]
        run = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=False)
        assert (run.returncode, run.stdout) == (0, "9 events: each follows from the one before it\n")
        lines = (tmp_path / "out/events.jsonl").read_text().splitlines()
        (tmp_path / "out/events.jsonl").write_text("\n".join(lines[:-1]))
        run = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=False)
        assert run.returncode == 1
        assert "cut" in run.stdout


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32), st.integers(0, 511))
def test_our_check_of_signatures_agrees_with_cryptography(text: bytes, seed: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(text)
    assert signature_holds(public, text, signature)
    spoilt = bytearray(signature)
    spoilt[bit // 8] ^= 1 << bit % 8
    assert not signature_holds(public, text, bytes(spoilt))
    assert not signature_holds(public, text + b"!", signature)


def test_the_published_example_of_a_signature() -> None:
    """RFC 8032, section 7.1, test 2."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert signature_holds(public, b"\x72", signature)


@pytest.mark.parametrize("words", ["two words", "naïve", "", "x" * 65, "line\nbreak"])
def test_nothing_typed_goes_into_an_event(words: str) -> None:
    with transaction.atomic(), pytest.raises(TypedText):
        record(Kind.PERSON_READ, actor="one", note=words)


def test_an_event_goes_with_what_it_tells_of(world: World) -> None:
    """If the change does not happen, neither does the event."""
    before = Event.objects.count()

    def begins_and_fails() -> None:
        with transaction.atomic():
            world.person()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        begins_and_fails()
    assert Event.objects.count() == before


def test_many_at_once_are_chained_like_one_by_one(events: list[Event]) -> None:
    record_many({"kind": Kind.PERSON_READ.value, "actor": actor, "at": NOW} for actor in ("one", "two", "one"))
    assert Event.objects.count() == len(events) + 3
    assert list(chain.problems()) == []


def test_an_auditor_reads_events_and_no_record(world: World, at_work: Callable[[Role], Client]) -> None:
    person = world.full_person()
    client = at_work(Role.AUDITOR)
    page = client.get("/accounts/events/").content.decode()
    assert "Began the record" in page
    assert person.shown_reference in page
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", page.split("<table")[1])  # no raw id, in no column
    for secret in ("Zdravka", "Quillfeather", "07700", "sleeves"):
        assert secret not in page
    narrowed = client.get("/accounts/events/?kind=identity.changed").content.decode()
    assert "Changed the identity" in narrowed.split("<tbody")[1]
    assert "Began the record" not in narrowed.split("<tbody")[1]
    assert "Enter a valid date" in client.get("/accounts/events/?since=31/2/2026").content.decode()
    file = client.get("/accounts/events/file/").getvalue().decode("utf-8-sig")
    assert file.splitlines()[0] == "at,who,what,about,subject,facts,strand_and_number"
    assert Event.objects.filter(kind=Kind.EVENTS_EXPORTED, actor=str(world.cast[Role.AUDITOR].pk)).count() == 1


def test_an_auditor_of_another_organisation_sees_nothing_of_ours(world: World) -> None:
    from bield.service.accounts.models import Membership

    person = world.full_person()
    Membership.objects.filter(user=world.outsider).update(role=Role.AUDITOR)
    client = Client()
    client.force_login(world.outsider)
    assert str(person.pk) not in client.get("/accounts/events/").content.decode()
    assert str(person.pk) not in client.get("/accounts/events/file/").getvalue().decode()


def test_what_a_command_does_is_the_systems(world: World) -> None:
    with transaction.atomic():
        event = record(Kind.DELETED, actor=SYSTEM)
    assert event.actor == "system"


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_event_has_words(kind: Kind) -> None:
    words = in_words(kind.value)
    assert words
    assert words != kind.value


def test_the_account_of_a_survivor_and_those_of_colleagues_are_told_apart() -> None:
    from bield.service.audit.kinds import OF_COLLEAGUES, OF_SUPPORT

    assert not OF_SUPPORT & OF_COLLEAGUES
    assert {Kind.ACCOUNT_READ, Kind.ACCOUNT_GRANTED, Kind.GRANTED_READ} <= OF_SUPPORT
    named = {kind for kind in Kind if kind.value.startswith("account.")}
    assert named <= OF_SUPPORT | OF_COLLEAGUES  # a new kind that begins so is put on one side


@pytest.mark.parametrize("clash", ["id", "strand, number"])
def test_replacing_an_event_is_refused(world: World, clash: str) -> None:
    world.person()
    event = Event.objects.order_by("pk").first()
    assert event
    row = {str(field.column): getattr(event, field.attname) for field in Event._meta.fields} | {"facts": "{}"}
    if clash == "id":
        row["number"] = event.number + 5
    else:
        del row["id"]
    columns, marks = ", ".join(f'"{name}"' for name in row), ", ".join(["%s"] * len(row))
    insert = f"INTO audit_event ({columns}) VALUES ({marks})"
    by_vendor = {
        "sqlite": f"INSERT OR REPLACE {insert}",
        "postgresql": f"INSERT {insert} ON CONFLICT ({clash}) DO UPDATE SET facts = excluded.facts",
    }
    refused = pytest.raises(DatabaseError, match="keeps what was written")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(by_vendor[connection.vendor], list(row.values()))


@pytest.mark.django_db(transaction=True)
def test_a_test_of_whole_transactions_leaves_the_triggers_as_they_were() -> None:
    before = triggers_of(connection)
    call_command("flush", interactive=False, verbosity=0)
    assert before
    assert triggers_of(connection) == before
