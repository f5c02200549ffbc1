"""The API against its own description: whatever is sent, no fault of the server, and answers as they are described."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode

from bield.service.accounts.permissions import Role
from bield.service.notifications import actions
from bield.service.notifications.models import Notification, Request
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FEW = settings(
    max_examples=min(40, settings().max_examples),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
AS_DESCRIBED, OTHERWISE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
REQUESTS = [
    ("/api/v1/notifications", "POST", AS_DESCRIBED),
    ("/api/v1/notifications", "POST", OTHERWISE),
    ("/api/v1/notifications", "GET", AS_DESCRIBED),
    ("/api/v1/notifications", "GET", OTHERWISE),
    ("/api/v1/notifications/{shown}", "GET", AS_DESCRIBED),
    ("/api/v1/notifications/{shown}", "GET", OTHERWISE),
    ("/api/v1/fields", "GET", AS_DESCRIBED),
]


@pytest.fixture
def described() -> Iterator[Any]:
    """The description that the API gives of itself; the application is called without a network.

    As in Django's own client, a request does not close the connection to the database, which the test goes on with.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(("path", "method", "mode"), REQUESTS)
def test_no_request_breaks_the_api(world: World, described: Any, path: str, method: str, mode: GenerationMode) -> None:
    key = actions.make_key(team=world.team, name="System", by=world.cast[Role.ADMINISTRATOR], at=NOW)[1]
    operation = described[path][method]
    seen: Counter[int] = Counter()

    @FEW
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {key}"})
        seen[response.status_code] += 1
        operation.validate_response(response)  # its schema, for the status that it has
        assert response.status_code < 500

    call()
    assert seen
    assert Notification.objects.count() == Request.objects.count()
