"""Measure the record's pages over a large made-up country on PostgreSQL, and writers of events against each other.

Part of `make bench`. The country is made once (a quarter of an hour for a million people) and used again after that.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from tests.bench.run import BIELD, machine, put_into

MARK = ("<!-- records: begin -->", "<!-- records: end -->")
NAME = "bield_bench"
TIMES = 60
"""How often each page is asked for: enough for a 95th percentile."""


def set_up(server: str, people: int) -> bool:
    """Make the database and its country where they are missing. False where no PostgreSQL answers."""
    import psycopg

    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=3) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
            if not there:
                connection.execute(f"CREATE DATABASE {NAME}")
    except psycopg.OperationalError:
        return False
    os.environ |= {
        "DATABASE_URL": re.sub(r"/[^/]*$", f"/{NAME}", server),
        "DJANGO_SETTINGS_MODULE": "bield.service.settings",
    }
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection as ours

    call_command("migrate", verbosity=0)
    from bield.service.cases.models import Person

    if Person.objects.count() < people:
        subprocess.run([BIELD, "demo", "--people", str(people)], check=True, stdout=subprocess.DEVNULL)
    with ours.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return True


def pages() -> list[str]:
    """Every list, sort and filter, a deep page, finding, and a record: time, queries and size."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bield.service.accounts.models import User
    from bield.service.cases.access import people_visible_to
    from bield.service.demo.country import DOMAIN
    from bield.service.paging import _encode

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.DEBUG = False  # or every query is kept in memory
    user = User.objects.get(email=f"effie@{DOMAIN}")
    client = Client()
    client.force_login(user)
    mine = people_visible_to(user)
    count = mine.count()
    middle = mine.order_by("-changed_at", "-pk")[count // 2]
    half = mine.order_by("reference", "pk")[count // 2]
    named = mine.filter(identity__isnull=False).select_related("identity").order_by("-changed_at")[0]
    whole_name = " ".join(named.identity.names[part] for part in ("given_names", "family_name"))
    record = f"/people/{named.pk}/"
    asked: dict[str, Callable[[], object]] = {
        "the list, changed last first": lambda: client.get("/people/"),
        "a page half way down": lambda: client.get(
            "/people/", {"state": "all", "after": _encode(middle.changed_at, middle.pk)}
        ),
        "by reference, half way down": lambda: client.get(
            "/people/", {"state": "all", "sort": "reference", "after": _encode(half.reference, half.pk)}
        ),
        "begun last first": lambda: client.get("/people/", {"sort": "opened"}),
        "changed longest ago first": lambda: client.get("/people/", {"sort": "oldest"}),
        "only mine": lambda: client.get("/people/", {"whose": "mine"}),
        "under 18, in one council": lambda: client.get("/people/", {"age": "under_18", "council": "glasgow-city"}),
        "waiting for a lead": lambda: client.get("/people/", {"review": "asked"}),
        "closed": lambda: client.get("/people/", {"state": "closed"}),
        "find by name": lambda: client.post("/find/", {"find": whole_name}),
        "find by reference": lambda: client.post("/find/", {"find": named.shown_reference}),
        "find nobody": lambda: client.post("/find/", {"find": "Nobody Atall"}),
        "a record": lambda: client.get(record),
        "its timeline": lambda: client.get(f"{record}timeline/"),
        "who they are": lambda: client.get(f"{record}identity/"),
        "the signs of one part": lambda: client.get(f"{record}signs/5/"),
    }
    lines = []
    for name, ask in asked.items():
        with CaptureQueriesContext(connection) as queries:
            answer = ask()
        asked_of_database = len(queries)  # now: the log is emptied by the next request
        size = len(gzip.compress(getattr(answer, "getvalue", bytes)())) / 1024
        times = sorted(_seconds(ask) for _ in range(TIMES))
        middle_time, slow = (1000 * seconds for seconds in (statistics.median(times), times[int(TIMES * 0.95) - 1]))
        lines.append(f"| {name} | {middle_time:.0f} ms | {slow:.0f} ms | {asked_of_database} | {size:.1f} KiB |")
    return [f"Of these people {count:,} belong to the team that asks.", "", *_head(), *lines]


def _head() -> list[str]:
    return [
        "| page | median | 95th percentile | queries | gzipped |",
        "| --- | --- | --- | --- | --- |",
    ]


def _seconds(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def _write(how: str, actor: str, seconds: float, counts: multiprocessing.Queue[int]) -> None:
    """Write events for a while, each in a transaction of its own; say how many."""
    import django

    django.setup()
    from django.db import transaction
    from django.utils import timezone

    from bield.service.audit.actions import record
    from bield.service.audit.kinds import Kind
    from bield.service.audit.models import Event

    made, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        with transaction.atomic():
            if how == "plain":
                Event.objects.create(
                    strand=0,
                    number=uuid.uuid4().int >> 66,
                    at=timezone.now(),
                    kind=Kind.PERSON_READ.value,
                    actor=actor,
                    previous="",
                    hash="",
                )
            else:
                record(Kind.PERSON_READ, actor=actor, subject=actor)
        made += 1
    counts.put(made)


def _rate(how: str, actors: list[str], seconds: float = 5) -> float:
    """Events a second, with as many writers as actors."""
    counts: multiprocessing.Queue[int] = multiprocessing.get_context("spawn").Queue()
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write, args=(how, actor, seconds, counts)) for actor in actors]
    for writer in writers:
        writer.start()
    made = sum(counts.get() for _ in writers)
    for writer in writers:
        writer.join()
    return made / seconds


def writers() -> list[str]:
    """The chain beside plain inserts into the same table, in a database of its own."""
    eight = [str(uuid.uuid4()) for _ in range(8)]
    rows = {
        "1 writer, plain inserts": _rate("plain", eight[:1]),
        "1 writer, chained": _rate("chained", eight[:1]),
        "8 writers, plain inserts": _rate("plain", eight),
        "8 people at work, chained": _rate("chained", eight),
        "8 writers who are one person, chained: the worst case": _rate("chained", eight[:1] * 8),
    }
    plain = {True: rows["1 writer, plain inserts"], False: rows["8 writers, plain inserts"]}
    return [
        "| writers of events, each event a transaction | a second | of plain inserts |",
        "| --- | --- | --- |",
        *(f"| {name} | {rate:,.0f} | {rate / plain[name.startswith('1')]:.2f} |" for name, rate in rows.items()),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--server", default=os.environ.get("POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres"))
    parser.add_argument("--write", type=Path, help="put the tables into this page")
    asked = parser.parse_args()
    if not set_up(asked.server, asked.people):
        sys.exit("no PostgreSQL answers; set POSTGRES to the address of one")
    lines = [
        f"Measured with `make bench` on {machine()}: {asked.people:,} people on PostgreSQL, each page {TIMES} times,",
        "the whole of Django in one process without a web server.",
        "",
        *pages(),
        "",
        *writers(),
    ]
    put_into(asked.write, MARK, lines)


if __name__ == "__main__":
    main()
