#!/usr/bin/env python3
"""Check a file of Bield's events with only Python: python3 verifier.py events.jsonl [checkpoint.json KEY]

Each event is one line of JSON. Events are in strands; within a strand each is numbered from 1 and holds the hash of
the one before, so that none can be changed, removed, inserted or moved without breaking the chain there. A checkpoint,
signed with a key that is not in the database (Ed25519; KEY is the public key in hexadecimal), also shows if a tail was
cut off or a whole chain was computed again. Bield itself checks with this file.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

FIELDS = ("strand", "number", "at", "kind", "actor", "organisation", "subject", "facts", "previous")
START = "0" * 64


def digest(event: Mapping[str, Any]) -> str:
    """The hash of an event: SHA-256 of its fields as JSON, in this order, with the hash of the event before it."""
    values = [event[name] for name in FIELDS]
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check(events: Iterable[Mapping[str, Any]], checkpoint: Mapping[str, Any] | None = None) -> Iterator[str]:
    """One sentence for each thing that is wrong; nothing if all is well. events: by strand, then by number."""
    expected = dict(checkpoint["strands"]) if checkpoint else {}
    strand, number, previous = None, 0, START
    for event in events:
        if event["strand"] != strand:
            yield from _ends(strand, number, expected)
            strand, number, previous = event["strand"], 0, START
        where = f"strand {strand}, event {event['number']}"
        number += 1
        if event["number"] > number:
            yield f"{where}: removed: {event['number'] - number} before it"
        elif event["number"] < number:
            yield f"{where}: inserted or repeated: its number was used before"
        if digest(event) != event["hash"]:
            yield f"{where}: changed or reordered: it does not give the hash that it carries"
        elif event["previous"] != previous and event["number"] == number:
            yield f"{where}: inserted, reordered or recomputed: it does not follow from the event before it"
        number, previous = event["number"], event["hash"]
        if str(strand) in expected and expected[str(strand)][0] == number and expected[str(strand)][1] != event["hash"]:
            yield f"{where}: recomputed: the checkpoint has another hash for it"
    yield from _ends(strand, number, expected)
    for missing in sorted(expected, key=int):
        yield f"strand {missing}: removed: the checkpoint has {expected[missing][0]} events"


def _ends(strand: int | None, number: int, expected: dict[str, list[Any]]) -> Iterator[str]:
    end = expected.pop(str(strand), None)
    if end and number < end[0]:
        yield f"strand {strand}: cut: it ends at event {number}, and the checkpoint has {end[0]}"


def signed_text(checkpoint: Mapping[str, Any]) -> bytes:
    """The text that a checkpoint's signature covers."""
    values = {name: checkpoint[name] for name in ("format", "made", "strands")}
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()


# Ed25519 as in RFC 8032, section 5.1, for checking only.
P, D = 2**255 - 19, -121665 * pow(121666, -1, 2**255 - 19)
ORDER = 2**252 + 27742317777372353535851937790883648493


def _add(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    x, y = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    z, w = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, w - z, w + z, y + x
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(count: int, point: tuple[int, ...]) -> tuple[int, ...]:
    result: tuple[int, ...] = (0, 1, 1, 0)
    while count:
        if count & 1:
            result = _add(result, point)
        point, count = _add(point, point), count >> 1
    return result


def _point(octets: bytes) -> tuple[int, ...]:
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signature_holds(key: bytes, text: bytes, signature: bytes) -> bool:
    """Whether a 64-byte Ed25519 signature of a text is valid for a 32-byte public key."""
    try:
        public, r = _point(key), _point(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % ORDER
    a, b = _times(s, BASE), _add(r, _times(h, public))
    return s < ORDER and all((a[i] * b[2] - b[i] * a[2]) % P == 0 for i in (0, 1))


def main(arguments: list[str]) -> int:
    with open(arguments[0], encoding="utf-8") as file:  # noqa: PTH123  # this file needs only Python
        events = [json.loads(line) for line in file]
    checkpoint = None
    if len(arguments) == 3:
        with open(arguments[1], encoding="utf-8") as file:  # noqa: PTH123
            checkpoint = json.load(file)
        signature = bytes.fromhex(checkpoint["signature"])
        if not signature_holds(bytes.fromhex(arguments[2]), signed_text(checkpoint), signature):
            sys.stdout.write("the checkpoint was not signed with this key\n")
            return 1
    problems = list(check(events, checkpoint))
    lines = problems or [f"{len(events)} events: each follows from the one before it"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
