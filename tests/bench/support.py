"""Measure the pages of support for a service with many episodes on PostgreSQL, and counting measures from many facts.

Part of `make bench`. The country is made once and used again after that.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import statistics
import subprocess
import sys
import time
import tracemalloc
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.bench.run import BIELD, machine, put_into

MARK = ("<!-- support: begin -->", "<!-- support: end -->")
NAME = "bield_bench_support"
TIMES = 60
OPEN = 1_000
"""Open episodes of the service that asks: as many as its page looks through."""


def set_up(server: str, episodes: int, facts: int) -> bool:
    """Make the database, its country and many episodes where they are missing. False where no PostgreSQL answers."""
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
    from bield.service.statistics.models import SupportFact
    from bield.service.support.models import Episode

    if not Episode.objects.exists():
        subprocess.run([BIELD, "demo", "--people", str(episodes + 300)], check=True, stdout=subprocess.DEVNULL)
        _episodes(episodes)
    if SupportFact.objects.count() < facts:
        _facts(facts)
    with ours.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return True


def _episodes(count: int, size: int = 2_000) -> None:
    """Episodes of TARA, each with five entries."""
    from django.utils import timezone

    from bield.service.accounts.models import User
    from bield.service.cases.models import Person
    from bield.service.demo.country import DOMAIN
    from bield.service.support.models import Entry, Episode

    random, now, today = Random(5), timezone.now(), timezone.localdate()
    isla = User.objects.get(email=f"isla@{DOMAIN}")
    team = isla.memberships.get().team
    people = list(Person.objects.filter(episodes__isnull=True).values_list("pk", flat=True)[:count])
    for start in range(0, len(people), size):
        episodes: list[Any] = []
        entries: list[Any] = []
        for number, pk in enumerate(people[start : start + size], start=start):
            began = today - timedelta(days=random.randint(1, 2_000))
            still = number < OPEN
            ended = None if still else min(began + timedelta(days=random.randint(30, 500)), today)
            episode = Episode(
                person_id=pk, team=team, state="open" if still else "closed", asked_by=isla, asked_at=now, words="",
                route="tara", worker=isla, began_on=began, ended_on=ended, ending="" if still else "ready",
                grounds_on=began + timedelta(days=7), last_seen_on=today - timedelta(days=random.randint(0, 40)),
            )  # fmt: skip
            episodes.append(episode)
            for part, code in (
                ("need", "health"),
                ("risk", "found"),
                ("goal", ""),
                ("contact", "seen"),
                ("review", ""),
            ):
                due = today + timedelta(days=random.randint(-20, 60)) if part in ("need", "risk") else None
                entries.append(
                    Entry(
                        episode=episode, part=part, code=code, state="held" if part == "review" else "open",
                        open=part in ("need", "risk", "goal"), due=due, by=isla, at=now, changed_at=now,
                        details={"what": "A doctor", "words": "To sleep", "on": began.isoformat(), "says": "He comes"},
                    )
                )  # fmt: skip
        Episode.objects.bulk_create(episodes)
        Entry.objects.bulk_create(entries)


def _facts(count: int, size: int = 10_000) -> None:
    """Facts as many years of a whole country would leave them."""
    from bield.service.statistics.models import SupportFact, SupportSpan

    random = Random(6)
    for _start in range(0, count, size):
        facts = [
            SupportFact(
                key=uuid.uuid4(), provider=random.choice(["tara", "migrant-help"]), sex="woman", band="25_34",
                world="GB", direction="better",
            )
            for _number in range(size)
        ]  # fmt: skip
        SupportFact.objects.bulk_create(facts)
        spans = []
        for fact in facts:
            first = date(random.randint(2018, 2026), random.randint(1, 12), 1)
            last = date(first.year + 1, random.randint(1, 12), 1)
            shared = {"provider": fact.provider, "sex": fact.sex, "band": fact.band}
            spans += [
                SupportSpan(fact=fact, kind=kind, first=first, last=last, **shared) for kind in ("support", "crisis")
            ]
        SupportSpan.objects.bulk_create(spans)


def pages() -> list[str]:
    """A team's page, lists, an episode and its pages, and the measures: time, queries and size."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bield.service.accounts.models import User
    from bield.service.demo.country import DOMAIN
    from bield.service.support.models import Episode

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.DEBUG = False
    isla, greer = Client(), Client()
    isla.force_login(User.objects.get(email=f"isla@{DOMAIN}"))
    greer.force_login(User.objects.get(email=f"greer@{DOMAIN}"))
    mine = Episode.objects.filter(team__organisation__body="tara", state="open").order_by("-asked_at")
    own = f"/support/{mine[0].pk}/"
    asked: dict[str, Callable[[], object]] = {
        "Today, 1,000 people in her name": lambda: isla.get("/home/"),
        "the team’s page, 1,000 open": lambda: isla.get("/support/"),
        "the list": lambda: isla.get("/support/list/"),
        "ended, longest first": lambda: isla.get("/support/list/", {"state": "closed", "sort": "longest"}),
        "not seen for longest": lambda: isla.get("/support/list/", {"sort": "seen"}),
        "an episode": lambda: isla.get(own),
        "its plan": lambda: isla.get(f"{own}plan/"),
        "the plan as PDF": lambda: isla.get(f"{own}plan/en/document/"),
        "services that fit": lambda: isla.get(f"{own}services/"),
        "the yearly measures": lambda: greer.get("/statistics/support/"),
    }
    lines = [
        "| page | median | 95th percentile | queries | HTML | gzipped |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, ask in asked.items():
        with CaptureQueriesContext(connection) as queries:
            answer = ask()
        asked_of_database = len(queries)
        content = getattr(answer, "getvalue", bytes)()
        size, small = len(content) / 1024, len(gzip.compress(content)) / 1024
        times = sorted(_seconds(ask) for _ in range(TIMES))
        middle, slow = (1000 * seconds for seconds in (statistics.median(times), times[int(TIMES * 0.95) - 1]))
        lines.append(
            f"| {name} | {middle:.0f} ms | {slow:.0f} ms | {asked_of_database} | {size:.1f} KiB | {small:.1f} KiB |"
        )
    tracemalloc.start()
    isla.get("/support/")
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return [*lines, "", f"The team’s page takes {peak:.0f} MiB at its highest, as Python counts it."]


def _seconds(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=20_000)
    parser.add_argument("--facts", type=int, default=200_000)
    parser.add_argument("--server", default=os.environ.get("POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres"))
    parser.add_argument("--write", type=Path, help="put the table into this page")
    asked = parser.parse_args()
    if not set_up(asked.server, asked.episodes, asked.facts):
        sys.exit("no PostgreSQL answers; set POSTGRES to the address of one")
    size = f"{asked.episodes:,} episodes of one service with five entries each and {asked.facts:,} facts"
    lines = [
        f"Measured with `make bench` on {machine()}: {size}",
        f"on PostgreSQL, each page {TIMES} times, the whole of Django in one process.",
        "",
        *pages(),
    ]
    put_into(asked.write, MARK, lines)


if __name__ == "__main__":
    main()
