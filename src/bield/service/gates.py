"""The gate before a view: it fetches the record if the user may have it, and notes every reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Generic, TypeVar
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from bield.service.accounts.access import user_of
from bield.service.accounts.models import User
from bield.service.audit.kinds import Kind

GET_OR_POST = ["GET", "HEAD", "POST"]

Row = TypeVar("Row")
View = Callable[Concatenate[HttpRequest, Row, ...], HttpResponse]


@dataclass(frozen=True, slots=True)
class Gate(Generic[Row]):
    """How a room gives a view one of its records.

    key: the name of the record's id in the URL pattern.
    fetch: returns the record if the user may have it; raises Http404 or PermissionDenied for everybody else.
    note: writes the event that a user read it.
    """

    key: str
    fetch: Callable[[User, UUID], Row]
    note: Callable[[Kind, Row, User], object]

    def before(self, reading: Kind) -> Callable[[View[Row]], Callable[..., HttpResponse]]:
        """A decorator that puts the gate before a view. reading: the event that its page leaves, in one transaction."""

        def gated(view: View[Row]) -> Callable[..., HttpResponse]:
            @wraps(view)
            def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
                with transaction.atomic():
                    user = user_of(request)
                    row = self.fetch(user, kwargs.pop(self.key))
                    if request.method != "POST":
                        self.note(reading, row, user)
                    response = view(request, row, *args, **kwargs)
                    if request.method == "POST" and not moves_on(response):
                        self.note(reading, row, user)
                    return response

            return wrapped

        return gated


def moves_on(response: HttpResponse) -> bool:
    """Whether a response shows nothing itself and only redirects."""
    return 300 <= response.status_code < 400
