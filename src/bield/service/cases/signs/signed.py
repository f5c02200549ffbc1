"""Makes the hash of a signed assessment, and finds assessments that are no longer what was signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bield.indicators import StoredError
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases.models import Assessment
from bield.service.sealing import SealError
from bield.service.signs import saved

FORMAT: Final = "bield-signed-2"
AT_ONCE: Final = 500
SEALED: Final = ("words", "nonce")


def new_nonce() -> str:
    """A secret that keeps an assessment's hash from giving its words away. It is sealed like the words."""
    return secrets.token_hex(32)


def fingerprint(check_file: Mapping[str, Any], sources: Any, words: Any, nonce: str) -> str:
    """SHA-256 of the answers with their sources and, as an HMAC keyed with the nonce, of what was said or seen.

    Somebody who has the hash and guesses the words cannot tell whether the guess is right, since the nonce is secret.
    """
    said = hmac.new(bytes.fromhex(nonce), _canonical(words), hashlib.sha256).hexdigest()
    covered = {"format": FORMAT, "check": check_file, "sources": sources, "words": said}
    return hashlib.sha256(_canonical(covered)).hexdigest()


def fingerprint_of(row: Assessment) -> str:
    """The hash that an assessment should have. Older ones without a nonce have the hash of the answers alone.

    Raises SealError if its words cannot be opened, and StoredError if its answers cannot be read.
    """
    if row.nonce is None:
        return hashlib.sha256(saved.to_json(saved.from_dict(row.check_file)).encode()).hexdigest()
    return fingerprint(row.check_file, row.sources, row.words, row.nonce)


def problems() -> Iterator[str]:
    """One sentence for each assessment that is not what was signed; nothing if all are."""
    signed = _signed()
    for row in Assessment.objects.order_by("pk").defer(*SEALED).iterator(AT_ONCE):
        if words := _problem(row, signed.pop(str(row.pk), None)):
            yield f"assessment {row.pk}: {words}"
    deleted = set(Event.objects.filter(kind=Kind.DELETED.value).values_list("subject", flat=True))
    for assessment, (person, _hash) in signed.items():
        if person not in deleted:
            yield f"assessment {assessment}: removed: it was signed, and its record was not deleted"


def uncovered() -> int:
    """How many assessments were signed before what was said or seen was part of the hash."""
    return Assessment.objects.filter(nonce=None).count()


def _signed() -> dict[str, tuple[str, str]]:
    """What the events say was signed: for each assessment, the person and the hash."""
    events = Event.objects.filter(kind=Kind.ASSESSMENT_SIGNED.value).values_list("subject", "facts")
    return {facts["assessment"]: (subject, facts["sha256"]) for subject, facts in events.iterator(AT_ONCE)}


def _problem(row: Assessment, in_event: tuple[str, str] | None) -> str:
    if in_event is None:
        return "inserted: no event records its signing"
    try:
        row.refresh_from_db(fields=SEALED)
        matches = fingerprint_of(row) == row.digest
    except SealError:
        return "changed, or sealed with a key that is not at hand: what was said or seen cannot be opened"
    except (StoredError, ValueError):
        return "changed: its answers cannot be read"
    if not matches:
        return "changed: its answers, their sources or what was said or seen do not give the hash that it carries"
    return "" if in_event == (str(row.person_id), row.digest) else "changed: its event records another hash or record"


def _canonical(value: Any) -> bytes:
    """The same bytes for the same value, whatever order a database returns the keys in."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
