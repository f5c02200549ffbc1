"""Kills the server again and again while systems send, and shows that nothing acknowledged is lost and nothing doubled.

python -m tests.bench.crash                                  # 2,000 requests on PostgreSQL, a database of its own
python -m tests.bench.crash --sqlite --requests 150          # what CI runs
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = 8
POSTGRES = "postgres://postgres@127.0.0.1:5432"
NAME = "bield_crash"
GIVE_UP_AFTER = 60.0
"""Seconds without an answer after which a request is taken to be lost for good."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Server:
    """The service as it is put to work, in a process group of its own so that all of it can be killed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [str(Path(sys.executable).parent / "bield"), "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _attempt in range(300):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/health/")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server does not start")

    def kill(self) -> None:
        """Kill -9, the whole group at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Senders:
    """Systems that send until each of their requests is acknowledged, repeating after every fault."""

    def __init__(self, port: int, key: str, requests: int) -> None:
        self.port, self.key = port, key
        self.waiting = list(range(requests))
        self.acknowledged: dict[int, str] = {}
        self.faults = 0
        self.wrong: list[str] = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._work) for _client in range(CLIENTS)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def busy(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def _work(self) -> None:
        while True:
            with self.lock:
                if not self.waiting:
                    return
                number = self.waiting.pop()
            self._send(number)

    def _send(self, number: int) -> None:
        given_up_at = time.monotonic() + GIVE_UP_AFTER
        while time.monotonic() < given_up_at:
            try:
                status, answer = self._post(number)
            except (OSError, http.client.HTTPException, ValueError):
                with self.lock:
                    self.faults += 1
                time.sleep(0.05)
                continue
            if status in (200, 201):
                with self.lock:
                    self.acknowledged[number] = answer["reference"]
                return
            if status < 500:
                with self.lock:
                    self.wrong.append(f"request {number}: {status} {answer}")
                return
        with self.lock:
            self.wrong.append(f"request {number}: no answer in {GIVE_UP_AFTER:.0f} seconds")

    def _post(self, number: int) -> tuple[int, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        body = {"age": "adult", "gender": "man", "type": ["labour"], "recovered_where": "scotland"}
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Idempotency-Key": f"crash-{number}",
            "Content-Type": "application/json",
        }
        try:
            text = json.dumps(body | {"reference": f"P-{number}"})
            connection.request("POST", "/api/v1/notifications", text, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


def prepare() -> str:
    """Make the tables, a council and the police, and a key for the council's system. Returns the key."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bield.service.accounts.actions import set_up_organisation
    from bield.service.accounts.models import User
    from bield.service.notifications.actions import make_key

    call_command("migrate", verbosity=0)
    set_up_organisation("police-scotland", domains=["police.example"], team="National unit")
    team = set_up_organisation("glasgow-city", domains=["glasgow.example"], team="Adult protection")
    by = User.objects.create(email="admin@glasgow.example", name="Administrator")
    return make_key(team=team, name="CareSystem", by=by, at=timezone.now())[1]


def found_wrong(senders: Senders, requests: int) -> list[str]:
    """What does not hold afterwards; nothing if everything does."""
    from bield.service.audit import chain
    from bield.service.audit.models import Event
    from bield.service.notifications.models import Notification, Request

    stored = Counter(Notification.objects.values_list("reference", flat=True))
    told = Counter(Event.objects.filter(kind="notification.sent").values_list("subject", flat=True))
    wrong = list(senders.wrong)
    acknowledged = {reference.replace("-", "") for reference in senders.acknowledged.values()}
    if len(acknowledged) != len(senders.acknowledged):
        wrong.append("two requests were acknowledged with one notification")
    if lost := acknowledged - stored.keys():
        wrong.append(f"{len(lost)} acknowledged and not there")
    if sum(stored.values()) != requests or max(stored.values(), default=0) > 1:
        wrong.append(f"{sum(stored.values())} notifications for {requests} requests")
    if Request.objects.count() != requests:
        wrong.append(f"{Request.objects.count()} keys for {requests} requests")
    if len(told) != requests or max(told.values(), default=0) > 1:
        wrong.append(f"{sum(told.values())} events for {requests} requests")
    return [*wrong, *chain.problems()]


def run(*, requests: int, kills: int, seed: int) -> int:
    """Send while the server is killed. Returns what the process ends with."""
    chance, key = random.Random(seed), prepare()
    server = Server(free_port())
    server.start()
    senders = Senders(server.port, key, requests)
    began = time.monotonic()
    senders.start()
    killed = 0
    while senders.busy():
        # Kills are spread over the work, at moments nobody chose: after so many more acknowledged.
        due = int(requests * (killed + chance.random()) / (kills + 1))
        while senders.busy() and len(senders.acknowledged) < due:
            time.sleep(0.005)
        if killed == kills or not senders.busy():
            time.sleep(0.05)
            continue
        server.kill()
        killed += 1
        server.start()
    server.kill()
    wrong = found_wrong(senders, requests)
    seconds = time.monotonic() - began
    print(
        f"{requests:,} requests by {CLIENTS} clients, the server killed {killed} times, {senders.faults:,} faults met: "
        f"{len(senders.acknowledged):,} acknowledged in {seconds:.0f} s"
    )
    for item in wrong[:20]:
        print(f"wrong: {item}")
    print("nothing lost, nothing twice, the chain verifies" if not wrong and killed == kills else "it does not hold")
    return 1 if wrong or killed != kills else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=38)
    parser.add_argument("--sqlite", action="store_true", help="a database in a folder that goes afterwards")
    parser.add_argument("--postgres", default=POSTGRES, help="a server on which a database may be made")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bield.service.settings")
    values = {"requests": options.requests, "kills": options.kills, "seed": options.seed}
    if options.sqlite:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["DATABASE_URL"] = f"sqlite:///{folder}/crash.sqlite3"
            return run(**values)
    import psycopg

    with psycopg.connect(f"{options.postgres}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {NAME}")
    os.environ["DATABASE_URL"] = f"{options.postgres}/{NAME}"
    return run(**values)


if __name__ == "__main__":
    sys.exit(main())
