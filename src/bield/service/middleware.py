"""What every page needs: a line in the log, headers, and an answer where the law it rests on is not recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from secrets import token_hex
from time import perf_counter
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bield.law import NotRecorded
from bield.service.logs import request_id
from bield.service.metrics import note_request

requests = logging.getLogger("bield.requests")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class NotesRequests:
    """Logs and counts each request by the name of its route: never its address, which may hold a token, nor who asked.

    The time is that until the answer begins; a file that is streamed takes longer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began, name = perf_counter(), token_hex(8)
        mark = request_id.set(name)
        try:
            response = self.get_response(request)
            seconds, route = perf_counter() - began, _route(request)
            line = {
                "method": request.method if request.method in METHODS else "other",
                "route": route,
                "status": response.status_code,
                "ms": round(seconds * 1000),
            }
            requests.info("%(method)s %(route)s %(status)d in %(ms)d ms", line)
            note_request(route, response.status_code, seconds)
        finally:
            request_id.reset(mark)
        response.headers["X-Request-ID"] = name
        return response


def _route(request: HttpRequest) -> str:
    """The name of the page that was asked for; `unknown` where there is no such page."""
    return request.resolver_match.view_name if request.resolver_match else "unknown"


class PrivatePages:
    """No page is kept: not by the browser's cache, not by anything between, not for the Back button after leaving."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Robots-Tag", "noindex")
        return response


class SaysWhatIsNotRecorded:
    """A page whose law is not recorded for this place says so in words, and changes nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NotRecorded):
            return None
        return render(request, "problem.html", {"kind": "not_recorded"}, status=404)
