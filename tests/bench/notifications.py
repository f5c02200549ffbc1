"""Measure notifications: how many a second through the API, and the register's lists and counts at a million.

Part of `make bench`. On PostgreSQL, with a server of our own for the API; the rows are made by the database itself.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import re
import statistics
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.crash import CLIENTS, Server, free_port, prepare
from tests.bench.run import machine, put_into

MARK = ("<!-- notifications: begin -->", "<!-- notifications: end -->")
NAME = "bield_notes"
TIMES = 60
SECONDS = 15
"""For which each load is kept up."""

FILL = """
INSERT INTO notifications_notification (
  id, reference, team_id, to_id, way, basis, sent_at, version, body, age, gender, country_of_origin, recovered_where,
  activity_where, trafficking, slavery, type, identity_agreed, referral, urgent, withheld, broadened, kept_because,
  local, again, elsewhere, already_known, outcome, waits, acknowledged_at, closed_at)
SELECT gen_random_uuid(), 'B' || lpad(to_hex(n), 6, '0'), %(team)s, %(to)s, 'api', 'voluntary',
  now() - power(random(), 1.5) * 1000 * interval '1 day', 'scotland-2019-proposal',
  (%(bodies)s::text[])[1 + floor(power(random(), 2) * array_length(%(bodies)s::text[], 1))],
  (ARRAY['adult','adult','adult','child','not_sure'])[1 + floor(random() * 5)],
  (ARRAY['man','man','woman','not_known'])[1 + floor(random() * 4)],
  (%(countries)s::text[])[1 + floor(power(random(), 3) * array_length(%(countries)s::text[], 1))],
  (%(places)s::text[])[1 + floor(power(random(), 2) * array_length(%(places)s::text[], 1))],
  (%(places)s::text[])[1 + floor(power(random(), 2) * array_length(%(places)s::text[], 1))],
  'yes', 'no', (ARRAY['labour','labour','sexual','offence','labour+offence','unknown'])[1 + floor(random() * 6)],
  'no', 'none', random() < 0.05, '[]', '[]', '', '', false, '[]', false,
  CASE WHEN n %% 100 = 0 THEN '' ELSE 'picture' END, CASE WHEN n %% 500 = 0 THEN 'sender' ELSE '' END,
  CASE WHEN n %% 200 = 0 THEN NULL ELSE now() END, CASE WHEN n %% 100 = 0 THEN NULL ELSE now() END
FROM generate_series(1, %(rows)s) AS n
"""


def set_up(server: str) -> str:
    """A database of its own, empty but for a council, the police and a key. Returns the key; empty without a server."""
    import psycopg

    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=3) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {NAME}")
    except psycopg.OperationalError:
        return ""
    os.environ |= {
        "DATABASE_URL": re.sub(r"/[^/]*$", f"/{NAME}", server),
        "DJANGO_SETTINGS_MODULE": "bield.service.settings",
        "CONN_MAX_AGE": "60",  # as in production
    }
    return prepare()


def fill(rows: int) -> None:
    """Make the register: skewed as such registers are, a few councils and countries with most of it."""
    from django.db import connection

    from bield import law
    from bield.disclosure import countries
    from bield.service.accounts.models import Organisation, Team

    values: dict[str, Any] = {
        "rows": rows,
        "team": Team.objects.get(organisation__body="glasgow-city").pk,
        "to": Organisation.objects.get(body="police-scotland").pk,
        "bodies": [item.id for item in law.bodies("scotland", on=law.load_place("scotland").services[0].verified_on)],
        "countries": ["VN", "GB", "CN", "AL", "RO", *(key for key in countries().parents if len(key) == 2)],
        "places": [
            "glasgow-city",
            "city-of-edinburgh",
            "scotland",
            "",
            *(item.id for item in law.councils("scotland")),
        ],
    }
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
        cursor.execute("VACUUM ANALYZE")


def load(key: str, name: str) -> str:
    """Send with as many clients as there are, for a while. A line of the table."""
    server = Server(free_port())
    server.start()
    times: list[float] = []
    lock, until = threading.Lock(), time.perf_counter() + SECONDS

    def work(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        number, own = 0, []
        while time.perf_counter() < until:
            number += 1
            begun = time.perf_counter()
            status = _post(connection, key, f"{name}-{client}-{number}")
            own.append(time.perf_counter() - begun)
            assert status == 201, status
        with lock:
            times.extend(own)

    _post(
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=120), key, f"{name}-first"
    )  # counts the register
    until = time.perf_counter() + SECONDS
    threads = [threading.Thread(target=work, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.kill()
    times.sort()
    p50, p95, p99 = (1000 * times[int(len(times) * part) - 1] for part in (0.5, 0.95, 0.99))
    return f"| {name} | {len(times) / SECONDS:,.0f} | {p50:.0f} ms | {p95:.0f} ms | {p99:.0f} ms |"


def _post(connection: http.client.HTTPConnection, key: str, idempotency: str) -> int:
    body = {
        "age": "adult",
        "gender": "man",
        "type": ["labour"],
        "recovered_where": "scotland",
        "reference": idempotency,
    }
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency, "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/notifications", json.dumps(body | {"reference": idempotency}), headers)
    response = connection.getresponse()
    response.read()
    return response.status


def plain() -> str:
    """Inserts of the same row and nothing else, one after the other: what the same disk does."""
    from django.utils import timezone

    from bield.service.notifications.models import Notification

    row = Notification.objects.order_by("-sent_at")[0]
    made, until = 0, time.perf_counter() + 5
    while time.perf_counter() < until:
        made += 1
        row.pk, row.reference, row.sent_at = None, f"P{made:06}", timezone.now()
        row.id = Notification._meta.pk.get_default()
        row.save(force_insert=True)
    Notification.objects.filter(reference__startswith="P").delete()
    return f"| one writer, plain inserts of the row and nothing else | {made / 5:,.0f} | | | |"


def pages() -> list[str]:
    """The inbox, its filters, finding and the report."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bield.service.accounts.models import Membership, Team, User
    from bield.service.notifications.models import Notification
    from bield.service.paging import _encode

    settings.ALLOWED_HOSTS, settings.DEBUG, settings.DEMO = ["testserver"], False, True
    officer = User.objects.create(email="officer@police.example", name="Officer")
    Membership.objects.create(
        user=officer, team=Team.objects.get(organisation__body="police-scotland"), role="police_officer"
    )
    client = Client()
    client.force_login(officer)
    middle = Notification.objects.order_by("-sent_at", "-pk")[Notification.objects.count() // 2]
    inbox = "/notifications/inbox/"
    asked: dict[str, Callable[[], object]] = {
        "the inbox": lambda: client.get(inbox),
        "half way down": lambda: client.get(inbox, {"after": _encode(middle.sent_at, middle.pk)}),
        "oldest first": lambda: client.get(inbox, {"sort": "oldest"}),
        "not acknowledged yet": lambda: client.get(inbox, {"state": "new"}),
        "open": lambda: client.get(inbox, {"state": "open"}),
        "urgent and open": lambda: client.get(inbox, {"state": "urgent"}),
        "a question waits": lambda: client.get(inbox, {"state": "waits"}),
        "from a small body": lambda: client.get(inbox, {"body": "tara"}),
        "found in Orkney": lambda: client.get(inbox, {"recovered_where": "orkney-islands"}),
        "one notification": lambda: client.get(f"/notifications/{middle.pk}/"),
        "the largest page: notify without a record": lambda: client.get("/notifications/new/"),
    }
    lines = ["| page | median | 95th percentile | queries | gzipped |", "| --- | --- | --- | --- | --- |"]
    for name, ask in asked.items():
        with CaptureQueriesContext(connection) as queries:
            answer = ask()
        count = len(queries)
        size = len(gzip.compress(getattr(answer, "getvalue", bytes)())) / 1024
        times = sorted(_seconds(ask) for _ in range(TIMES))
        middle_time, slow = (1000 * seconds for seconds in (statistics.median(times), times[int(TIMES * 0.95) - 1]))
        lines.append(f"| {name} | {middle_time:.0f} ms | {slow:.0f} ms | {count} | {size:.1f} KiB |")
    whole = _seconds(lambda: client.get(f"{inbox}report/"))
    return [*lines, "", f"The report on half a year of them, which reads each row, took {whole:.1f} s."]


def _seconds(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def combination() -> str:
    """Whether a combination singles somebody out, against the register."""
    from datetime import date

    from bield.disclosure import Notice, identifiability, minimise
    from bield.law import notification_fields
    from bield.service.notifications.register import _counted

    tracemalloc.start()
    begun = time.perf_counter()
    register = _counted()
    built, memory = time.perf_counter() - begun, tracemalloc.get_traced_memory()[1] / (1 << 20)
    tracemalloc.stop()
    known = {"country_of_origin": "FJ", "recovered_where": "orkney-islands", "gender": "woman", "type": ["sexual"]}
    day = date(2026, 11, 24)
    notice = minimise(known, notification_fields("scotland", on=day), {}, "adult", body="fife", on=day)
    assert isinstance(notice, Notice)
    times = []
    for _time in range(TIMES):
        register._tables.clear()  # or it would be counted once
        times.append(_seconds(lambda: identifiability(notice, register)))
    times.sort()
    slow = 1000 * times[int(TIMES * 0.95) - 1]
    return (
        f"Whether a combination singles somebody out, asked of {register.people:,} people: "
        f"{1000 * statistics.median(times):.0f} ms, 95th percentile {slow:.0f} ms. Counting the register from the "
        f"database took {built:.1f} s (with memory traced) and {memory:.0f} MiB at its highest; it is done once in "
        f"`REGISTER_SECONDS`, in the background, while requests use the counts before."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--server", default=os.environ.get("POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres"))
    parser.add_argument("--write", type=Path, help="put the tables into this page")
    asked = parser.parse_args()
    os.environ["DEBUG"] = "no"  # or every query is kept in memory
    key = set_up(asked.server)
    if not key:
        sys.exit("no PostgreSQL answers; set POSTGRES to the address of one")
    empty = load(key, f"{CLIENTS} clients, an empty register")
    alone = plain()
    fill(asked.rows)
    full = load(key, f"{CLIENTS} clients, {asked.rows:,} in the register")
    lines = [
        f"Measured with `make bench` on {machine()}: PostgreSQL, `bield serve` and the clients on one machine. Each",
        "notification is minimised, judged, stored and noted in the audit chain before it is acknowledged.",
        "",
        "| notifications through the API | a second | median | 95th percentile | 99th |",
        "| --- | --- | --- | --- | --- |",
        empty,
        full,
        alone,
        "",
        f"With {asked.rows:,} notifications, each page {TIMES} times, the whole of Django in one process:",
        "",
        *pages(),
        "",
        combination(),
    ]
    put_into(asked.write, MARK, lines)


if __name__ == "__main__":
    main()
