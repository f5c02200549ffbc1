"""Composes a notification in two pages: what is known, then what will be said and whether it singles somebody out.

Both the page for senders without a record here and the page of a record (in `cases`) use it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from bield.disclosure import Finding, Identified, Notice
from bield.law import notification_version
from bield.service.notifications import display, intake
from bield.service.notifications.forms import SaidForm, SendForm
from bield.service.notifications.same_person import said_before


@dataclass(frozen=True, slots=True)
class Draft:
    """A notification in the making. found: minimised already; reference: the sender's own for the person."""

    found: Notice | Identified
    sender: intake.Sender
    reference: str
    elsewhere: str

    @property
    def notice(self) -> Notice:
        return self.found.notice if isinstance(self.found, Identified) else self.found

    def finding(self) -> Finding | None:
        """Whether the combination singles the person out; None if they may be identified anyway."""
        if isinstance(self.found, Identified):
            return None
        return intake.judge(self.found, said_before(self.sender.team, self.reference))


def check_page(request: HttpRequest, form: SaidForm, draft: Draft, **values: Any) -> HttpResponse:
    """The second page, before anything is sent."""
    finding = draft.finding()
    send = SendForm(None, finding=finding, initial={"request_key": secrets.token_hex(16)})
    return _check_page(request, form, draft, finding, send, **values)


def _check_page(
    request: HttpRequest, form: SaidForm, draft: Draft, finding: Finding | None, send: SendForm, **values: Any
) -> HttpResponse:
    version = notification_version(draft.notice.version)
    identity = draft.found.identity if isinstance(draft.found, Identified) else ()
    return render(
        request,
        "notifications/check.html",
        {
            "form": send,
            "carried": form.carried(),
            "said": display.said_rows(draft.notice),
            "identity": [(version.field(name).label, words) for name, words in identity],
            "withheld": display.withheld_labels(version.id, draft.notice.withheld),
            "finding": finding,
            "rare": display.rare_words(finding, version) if finding else [],
            "changed": display.withheld_labels(version.id, finding.changed) if finding else [],
            "version": version,
            "rests_on": draft.found.rests_on if isinstance(draft.found, Identified) else "",
        }
        | values,
    )


def send(
    request: HttpRequest,
    form: SaidForm,
    draft: Draft,
    *,
    at: datetime,
    data: Mapping[str, Any],
    notify: Callable[..., intake.Sent] = intake.notify,
    **values: Any,
) -> intake.Sent | HttpResponse:
    """Send it, or show the second page again with what is wrong. notify: the function that sends it."""
    finding = draft.finding()
    chosen = SendForm(data, finding=finding)
    if not chosen.is_valid():
        return _check_page(request, form, draft, finding, chosen, **values)
    broader, minimised = chosen.broader(), draft.found
    if broader and isinstance(minimised, Notice):
        minimised = minimised.broadened(broader)
    extra = intake.Extra(
        local_reference=draft.reference,
        elsewhere=(draft.elsewhere,) if draft.elsewhere else (),
        request_key=chosen.cleaned_data["request_key"],
        if_rare=chosen.reason() or intake.REFUSE,
        broader=broader,
    )
    try:
        return notify(minimised, sender=draft.sender, way="page", at=at, extra=extra)
    except intake.Refused as error:
        # Also raised if the numbers have changed since the page was shown: it is shown again with the new ones.
        chosen.add_error(None, gettext(str(error)))
        return _check_page(request, form, draft, finding, chosen, **values)
