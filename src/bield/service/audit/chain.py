"""Checks the chains, signs where they end, and exports them for an inspector."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.db.models import Max
from django.utils import timezone

from bield.errors import UserError
from bield.service.audit.models import Event
from bield.service.audit.verifier import check, signature_holds, signed_text

FORMAT = "bield-checkpoint-1"


class ChainError(UserError):
    """A key or a checkpoint cannot be used."""


def events() -> Iterator[dict[str, Any]]:
    """Every event, strand by strand and in order; read in batches."""
    for event in Event.objects.order_by("strand", "number").iterator(chunk_size=2_000):
        yield event.as_dict()


def problems(checkpoint: Mapping[str, Any] | None = None) -> Iterator[str]:
    """One sentence for each thing that is wrong with the chains; see `verifier.check`."""
    return check(events(), checkpoint)


def new_key(path: Path) -> str:
    """Write a new private key to a file that only its owner may read, and return the public key in hexadecimal.

    Raises ChainError if the file is there already.
    """
    key = Ed25519PrivateKey.generate()
    try:
        path.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise ChainError(f"{path}: {error.strerror}") from error
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return _public(key)


def public_key(key_file: Path) -> str:
    """The public half of a private key, in hexadecimal."""
    return _public(_private_key(key_file))


def checkpoint(key_file: Path) -> dict[str, Any]:
    """Where every strand ends now, signed. Keep it away from the database."""
    key = _private_key(key_file)
    ends = Event.objects.values("strand").annotate(number=Max("number")).values_list("strand", "number")
    strands = {}
    for strand, number in ends:
        end = Event.objects.get(strand=strand, number=number)
        strands[str(strand)] = [number, end.hash]
    made = timezone.now().isoformat(timespec="seconds")
    result: dict[str, Any] = {"format": FORMAT, "made": made, "strands": strands}
    result["public_key"] = _public(key)
    result["signature"] = key.sign(signed_text(result)).hex()
    return result


def read_checkpoint(path: Path, public_key: str) -> dict[str, Any]:
    """A checkpoint with a valid signature. Raises ChainError for an invalid one, or a file that is not a checkpoint."""
    try:
        checkpoint = json.loads(path.read_text(encoding="utf-8"))
        signature, text = bytes.fromhex(checkpoint["signature"]), signed_text(checkpoint)
        key = bytes.fromhex(public_key)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ChainError(f"{path}: not a checkpoint, or not a public key in hexadecimal: {error}") from error
    if checkpoint["format"] != FORMAT or not signature_holds(key, text, signature):
        raise ChainError(f"{path}: it was not signed with this key, or it was changed")
    return dict(checkpoint)


def export(folder: Path) -> int:
    """Write events.jsonl and the verifier into a folder for an inspector. Returns the number of events."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / "events.jsonl").open("w", encoding="utf-8") as file:
        for count, event in enumerate(events(), start=1):  # noqa: B007  # the last count is the answer
            file.write(json.dumps(event, ensure_ascii=False) + "\n")
    verifier = (files("bield.service.audit") / "verifier.py").read_text(encoding="utf-8")
    (folder / "verifier.py").write_text(verifier, encoding="utf-8")
    return count


def _private_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise ChainError(f"{path}: not a private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ChainError(f"{path}: not an Ed25519 key; make one with `bield audit key`")
    return key


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
