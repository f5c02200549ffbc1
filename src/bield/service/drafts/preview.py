"""The page that shows what an uploaded file would do, with a button to do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from bield.delimited import is_western
from bield.service.accounts.access import user_of
from bield.service.drafts.held import Line, Upload, hold, take_out, upload_of
from bield.service.paging import address_with

AT_ONCE: Final = 50
"""Rows on one page."""

Words = Any
"""A lazy text, translated when it is shown."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What may happen to a row. label: for one row. words: for a number of rows, as a lazy plural.

    acts: whether confirming does something with the row.
    """

    id: str
    label: Words
    words: Words
    acts: bool = True
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do: its rows, and the function that does it. Making a plan changes nothing."""

    lines: tuple[Line, ...]
    act: Callable[[], HttpResponse]


@dataclass(frozen=True, slots=True)
class FileImport:
    """A kind of file that can be taken in.

    begin: the URL name of the page to choose the file on. preview: the URL name of the page that shows its effects.
    room: the URL name and title of the room's first page. go: the words of the button, by number of rows. changed: the
    message if the file would no longer do what was shown. plan: works out what it would do now.
    """

    name: str
    begin: str
    preview: str
    room: tuple[str, Words]
    title: Words
    lead: Words
    kinds: tuple[Effect, ...]
    go: Words
    changed: Words
    plan: Callable[[HttpRequest, Upload], Plan]


def hold_for_preview(
    request: HttpRequest,
    file_import: FileImport,
    *,
    content: bytes,
    lines: Sequence[Line],
    about: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Hold a file and redirect to the page that shows what it would do. about: what was chosen with it."""
    hold(user_of(request), file_import.name, content=content, about=about, lines=lines, at=timezone.now())
    return redirect(file_import.preview)


def preview(request: HttpRequest, file_import: FileImport) -> HttpResponse:
    """Show what a file would do; do it, or delete the file."""
    user, now = user_of(request), timezone.now()
    if request.method == "POST":
        return _answer(request, file_import)
    held = upload_of(user, file_import.name, at=now)
    if held is None:
        messages.info(request, _gone())
        return redirect(file_import.begin)
    return render(request, "drafts/preview.html", _context(request, file_import, held))


@transaction.atomic
def _answer(request: HttpRequest, file_import: FileImport) -> HttpResponse:
    held = take_out(user_of(request), file_import.name, request.POST.get("held", ""), at=timezone.now())
    if held is None:
        messages.info(request, _gone())
        return redirect(file_import.begin)
    if "go" in request.POST:
        plan = file_import.plan(request, held)
        if plan.lines == held.lines:
            return plan.act()
        messages.warning(request, file_import.changed)
        return hold_for_preview(request, file_import, content=held.content, about=held.about, lines=plan.lines)
    messages.success(request, _("The file was deleted. Nothing was done with it."))
    return redirect(file_import.begin)


def _gone() -> str:
    return _("There is no file to check. It has been used, deleted or replaced, or was kept past its time limit.")


def _context(request: HttpRequest, file_import: FileImport, held: Upload) -> dict[str, Any]:
    counts = Counter(line.kind for line in held.lines)
    kind = request.GET.get("kind", "")
    chosen = [line for line in held.lines if line.kind == kind or kind not in counts]
    page = Paginator(chosen, AT_ONCE).get_page(request.GET.get("page"))
    effects = {effect.id: effect for effect in file_import.kinds}
    acting = sum(counts[effect.id] for effect in file_import.kinds if effect.acts)
    return {
        "file_import": file_import,
        "held": held,
        "counts": [
            (
                effect.words % {"count": counts[effect.id]},
                address_with(request.GET, kind=effect.id, page=""),
                effect.id == kind,
                effect.warns,
            )
            for effect in file_import.kinds
            if counts[effect.id]
        ],
        "all_url": address_with(request.GET, kind="", page="") if kind in counts else "",
        "rows": [(line, effects[line.kind]) for line in page.object_list],
        "page": page,
        "before": address_with(request.GET, page=str(page.number - 1)) if page.has_previous() else "",
        "next": address_with(request.GET, page=str(page.number + 1)) if page.has_next() else "",
        "minutes": settings.HELD_FILE_MINUTES,
        "western": is_western(held.content),
        "go": file_import.go % {"count": acting} if acting else "",
    }
