"""Every address with a real record in it, and everybody who may open it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.test import Client

from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission, Role
from bield.service.audit.models import Event
from bield.service.cases.access import person_for
from bield.service.cases.models import Person
from bield.service.notifications import actions as notices
from bield.service.notifications.models import Notification
from bield.service.referrals import actions as referrals
from bield.service.urls import urlpatterns
from tests.supporting import Service, make_service
from tests.web.test_referrals import PNG
from tests.web.test_service import addresses
from tests.web.test_support_roles import filled, set_out
from tests.world import NOW, World


@dataclass(frozen=True)
class Opened:
    """One address as somebody opened it."""

    route: str
    address: str
    user: User
    response: Any


def everything(world: World, service: Service) -> dict[str, Any]:
    """A child and an adult with something in every place; and the values of the addresses."""
    values = set_out(service)
    child = Person.objects.get(pk=values["<uuid:person_id>"])
    found, by = world.notify(extra={"local_reference": child.reference}), world.cast[Role.FIRST_RESPONDER]
    question = notices.ask(found, by=world.officer, at=NOW, question="still")
    key, _text = notices.make_key(team=world.team, name="System", by=world.cast[Role.ADMINISTRATOR], at=NOW)
    referral = referrals.begin(person_for(by, child.pk, Permission.REFERRAL_MAKE), by=by, at=NOW)
    evidence = referrals.add_evidence(referral, name="x", content=PNG, shows="", by=by, at=NOW)
    done, other = world.merge_an_empty_record_into(child), world.person(age=child.age)
    encounter, assessment = child.encounters.get(), child.assessments.get()
    return values | {
        "<uuid:notification_id>": found.pk,
        "<int:question_id>": question.pk,
        "<int:key_id>": key.pk,
        "<uuid:referral_id>": referral.pk,
        "<uuid:evidence_id>": evidence.pk,
        "<uuid:other_id>": other.pk,
        "<int:merge_id>": done.pk,
        "<int:encounter_id>": encounter.pk,
        "<uuid:assessment_id>": assessment.pk,
        "<slug:kind>": "support",
        "<slug:step_id>": "ask-support",
    }


def subjects(values: dict[str, Any]) -> dict[str, str]:
    """The records that an address may show, by what stands in the address."""
    person = Person.objects.get(pk=values["<uuid:person_id>"])
    return {
        "person_id": str(person.pk),
        "episode_id": str(person.pk),
        "referral_id": str(person.pk),
        "grant_id": str(person.pk),
        "notification_id": str(values["<uuid:notification_id>"]),
    }


def shown(response: Any) -> str:
    """What an answer shows: a page's text; anything else is a file of the record."""
    if not response["Content-Type"].startswith("text/"):
        return "file"
    return str(response.getvalue().decode())


def readers(world: World, service: Service) -> list[User]:
    return [
        world.cast[Role.LEAD],
        world.cast[Role.FIRST_RESPONDER],
        service.isla,
        service.lead,
        service.guardian,
        world.officer,
    ]


@dataclass(frozen=True)
class Page:
    """What one address gave one user, kept without the database it was read from."""

    route: str
    address: str
    email: str
    status: int
    content_type: str
    text: str
    """The page, or a table; of any other file only that it is one."""
    noted: frozenset[tuple[str, str]]
    """The events that the reading left: kind and subject."""

    @property
    def is_page(self) -> bool:
        return self.status == 200 and self.content_type.startswith("text/html")


@dataclass(frozen=True)
class Reading:
    """Every address as everybody who works with records opened it, in a country that was made for it."""

    pages: tuple[Page, ...]
    subjects: Mapping[str, str]
    """The records that an address may show, by what stands in the address."""
    references: frozenset[str]
    """Whatever shows one of these shows a record."""


def read_all(world: World, *, method: str) -> Reading:
    """Open every address, and keep what each gave and which events it left."""
    service = make_service(world)
    values = everything(world, service)
    pages, last = [], last_event()
    for found in crawl_with(world, service, values, method=method):
        noted = frozenset(Event.objects.filter(pk__gt=last).values_list("kind", "subject"))
        last = last_event()
        kind = found.response["Content-Type"]
        text = shown(found.response)
        pages.append(Page(found.route, found.address, found.user.email, found.response.status_code, kind, text, noted))
    person = Person.objects.get(pk=values["<uuid:person_id>"])
    notification = Notification.objects.get(pk=values["<uuid:notification_id>"])
    references = frozenset({person.shown_reference, notification.shown_reference})
    return Reading(tuple(pages), subjects(values), references)


def last_event() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


SKIPPED = ("accounts/", "api/", "demo/")


def crawl(world: World) -> Iterator[Opened]:
    """Open every address as everybody who works with records; those that one may not open are left out."""
    service = make_service(world)
    yield from crawl_with(world, service, everything(world, service), method="get")


def crawl_with(world: World, service: Service, values: dict[str, Any], *, method: str) -> Iterator[Opened]:
    """The same over a country that was set out before. Each answer is given before the next address is opened."""
    routes = [route for route in addresses(urlpatterns) if not route.startswith(SKIPPED)]
    for user in readers(world, service):
        client = Client()
        client.force_login(user)
        for route in routes:
            address = filled(route, values)
            if "<" in address:
                continue
            response = getattr(client, method)(address)
            # 410: a grant that is over; its page holds nothing of the person, which test_account.py holds it to.
            if response.status_code not in (302, 403, 404, 405, 410):
                yield Opened(route, address, user, response)
