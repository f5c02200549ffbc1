"""Metrics in the form of Prometheus, on a port of this machine: counts of requests and never of people.

There is no label for the method: how often one form was sent would be close to how many people there are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import Final

from django.db import DatabaseError, connection, transaction
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bield.service.nightly.models import last_done

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where the library lets the processes of one server count together; it looks when it is first imported."""

REQUESTS: Final = Counter("bield_requests", "Requests answered, by page and class of status.", ["route", "status"])
SECONDS: Final = Histogram("bield_request_seconds", "Time until an answer begins, by page.", ["route"])
EVENTS: Final = Counter("bield_events_written", "Events that the server wrote to the chains.")


def note_request(route: str, status: int, seconds: float) -> None:
    """Count an answered request."""
    REQUESTS.labels(route, f"{status // 100}xx").inc()
    SECONDS.labels(route).observe(seconds)


def note_events(number: int = 1) -> None:
    """Count events once the transaction under way has kept them."""
    transaction.on_commit(partial(EVENTS.inc, number), robust=True)


class Nights(Collector):
    """When each step of `bield nightly` last succeeded, as the database has it when it is asked."""

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "bield_nightly_last_success_timestamp_seconds", "When a step last succeeded.", labels=["step"]
        )
        try:
            for step, at in last_done().items():
                family.add_metric([step], at.timestamp())
        except DatabaseError:
            pass  # the other metrics must still be read, and /health/ says that the database is away
        finally:
            connection.close()  # each scrape has a thread of its own
        yield family


def listen(port: int) -> None:
    """Answer with the metrics of all processes at this port of this machine, from a thread of this process."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=os.environ[FOLDER])  # type: ignore[no-untyped-call]  # it ships partial types
    registry.register(Nights())
    start_http_server(port, addr="127.0.0.1", registry=registry)
