"""A visitor's browser, as far as HTTP goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from bield.service.accounts.permissions import Role
from tests import natasha
from tests.supporting import Service, make_service
from tests.web.crawl import Reading, read_all
from tests.world import World, make

Walk = Callable[..., None]


@pytest.fixture(autouse=True)
def _no_database_unless_asked() -> None:
    """pytest-django refuses the database to tests that do not ask: a check of the signs never does."""


@pytest.fixture
def world(db: None) -> World:
    """Two councils, a cast with every role, and no record yet."""
    return make()


@pytest.fixture
def at_work(world: World) -> Callable[[Role], Client]:
    """A browser in which one of the cast is signed in."""

    def sign_in(role: Role) -> Client:
        client = Client()
        client.force_login(world.cast[role])
        return client

    return sign_in


@pytest.fixture
def service(world: World) -> Service:
    """TARA, beside the councils."""
    return make_service(world)


@pytest.fixture
def isla(service: Service) -> Client:
    """A browser in which somebody is signed in who supports people at TARA."""
    client = Client()
    client.force_login(service.isla)
    return client


@pytest.fixture(autouse=True)
def _made_up_country(settings: Any) -> None:
    """As in the demo, no second factor is asked; tests of the second factor say otherwise."""
    settings.DEMO = True


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what the service keeps on disk."""
    return tmp_path_factory.mktemp("storage")


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings: Any, storage: Path) -> None:
    """No test writes where a developer keeps a database."""
    settings.STORAGE = storage


@pytest.fixture(scope="session")
def reading(django_db_setup: None, django_db_blocker: Any, storage: Path) -> Reading:
    """Every page as everybody who works with records reads it: opened once, for all the tests that only read them.

    Nothing of it stays in the database.
    """
    with django_db_blocker.unblock(), override_settings(DEMO=True, STORAGE=storage), transaction.atomic():
        found = read_all(make(), method="get")
        transaction.set_rollback(True)
    return found


@pytest.fixture
def walk(client: Client) -> Walk:
    """Go through a check with the signs of Natasha's story, or others."""

    def go(
        *,
        age: str = "adult",
        exploitation: str = "sexual",
        gender: str = "woman",
        signs: tuple[str, ...] = natasha.SIGNS,
    ) -> None:
        client.post("/signs/")
        about = {"age": age, "exploitation": exploitation, "gender": gender}
        assert client.post("/signs/about/", about).status_code == 302
        for number in range(1, 7):
            answers = dict.fromkeys(signs, "yes")
            assert client.post(f"/signs/part/{number}/", answers | {"go": "next"}).status_code == 302

    return go
