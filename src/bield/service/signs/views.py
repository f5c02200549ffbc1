"""The pages of a check of the signs, from the first question to the result. The server stores nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield.indicators import Answer, load
from bield.indicators.lists import checklists
from bield.indicators.lists import reactions as common_reactions
from bield.indicators.person import Age, Exploitation
from bield.law import load_place
from bield.service.signs import saved, state
from bield.service.signs.display import show
from bield.service.signs.document import result_pdf
from bield.service.signs.forms import (
    AboutForm,
    DimensionForm,
    MarkingForm,
    OtherwiseForm,
    SavedCheckForm,
)
from bield.service.signs.state import Check, StateError

View = Callable[Concatenate[HttpRequest, Check, ...], HttpResponse]


def with_check(view: View) -> Callable[..., HttpResponse]:
    """Pass the check in this browser to a view; show a page that says what to do if it was changed or is too old."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            check = state.read(request)
        except StateError:
            response = render(request, "signs/stale.html", status=409)
            state.forget(response)
            return response
        return view(request, check, *args, **kwargs)

    return wrapped


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the check, as the list of steps shows it."""

    number: int
    title: str
    seen: int
    answered: bool
    current: bool


def _steps(check: Check, current: int = 0) -> list[Step]:
    book = check.codebook
    steps = []
    for number, dimension in enumerate(book.dimensions.values(), start=1):
        given = [answer for key, answer in check.answers.items() if book.indicators[key].dimension == dimension.id]
        steps.append(
            Step(
                number,
                _(dimension.plain),
                sum(answer is Answer.YES for answer in given),
                bool(given),
                number == current,
            )
        )
    return steps


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """What the tool does; POST starts a new check and forgets any earlier one."""
    if request.method == "POST":
        response = redirect("signs-about")
        state.forget(response)
        return response
    return render(request, "signs/start.html", {"under_way": state.COOKIE in request.COOKIES})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@with_check
def about(request: HttpRequest, check: Check) -> HttpResponse:
    """Who the check is about."""
    initial = {
        "age": check.age.value if check.age else None,
        "exploitation": check.exploitation.value if check.exploitation else None,
        "gender": check.gender if check.age else None,
    }
    form = AboutForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = replace(
            check,
            age=Age(form.cleaned_data["age"]),
            exploitation=Exploitation(form.cleaned_data["exploitation"]),
            gender=form.cleaned_data["gender"],
        )
        response = redirect("signs-result") if check.answers else redirect("signs-part", number=1)
        state.keep(response, chosen)
        return response
    return render(request, "signs/about.html", {"form": form})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@with_check
def part(request: HttpRequest, check: Check, number: int) -> HttpResponse:
    """The signs of one dimension. Every button saves; `go` says where to go next."""
    if check.person is None:
        return redirect("signs-about")
    dimensions = list(check.codebook.dimensions.values())
    if not 1 <= number <= len(dimensions):
        raise Http404
    dimension = dimensions[number - 1]
    sets = check.person.sets
    form = DimensionForm(
        request.POST if request.method == "POST" else None,
        book=check.codebook,
        sets=sets,
        dimension=dimension.id,
        answers=check.answers,
        inherent=check.inherent,
    )
    if request.method == "POST" and form.is_valid():
        response = redirect(_next(request.POST.get("go", ""), number, len(dimensions)))
        state.keep(response, replace(check.with_answers(form.answers()), inherent=form.fact() or check.inherent))
        return response
    return render(
        request,
        "signs/part.html",
        {
            "form": form,
            "title": _(dimension.plain_in(sets[0]) if len(sets) == 1 else dimension.plain),
            "intro": _(dimension.about),
            "number": number,
            "parts": len(dimensions),
            "steps": _steps(check, number),
        },
    )


def _next(go: str, number: int, parts: int) -> str:
    """The address a button leads to: a part by its number, the result, or the next part."""
    if go.isdecimal() and 1 <= int(go) <= parts:
        return reverse("signs-part", args=[int(go)])
    if go == "about":
        return reverse("signs-about")
    if go == "result" or number == parts:
        return reverse("signs-result")
    return reverse("signs-part", args=[number + 1])


@login_not_required
@require_safe
@with_check
def result(request: HttpRequest, check: Check) -> HttpResponse:
    """What the signs add up to."""
    return _result_page(request, check)


def _result_page(
    request: HttpRequest,
    check: Check,
    *,
    otherwise_form: OtherwiseForm | None = None,
    marking_form: MarkingForm | None = None,
) -> HttpResponse:
    if check.person is None:
        return redirect("signs-about")
    place = load_place(settings.PLACE)
    invalid = otherwise_form or marking_form
    return render(
        request,
        "signs/result.html",
        {
            "shown": show(check, place, today=timezone.localdate()),
            "check": check,
            "reactions": common_reactions(),
            "marking_form": marking_form or MarkingForm(markings=place.markings),
            "otherwise_form": otherwise_form or OtherwiseForm(check=check),
            "mistaken": invalid,
        },
        status=400 if invalid else 200,
    )


@login_not_required
@require_POST
@with_check
def otherwise(request: HttpRequest, check: Check) -> HttpResponse:
    """Work the result out another way."""
    form = OtherwiseForm(request.POST, check=check)
    if not form.is_valid():
        return _result_page(request, check, otherwise_form=form)
    response = redirect("signs-result")
    state.keep(
        response,
        replace(
            check,
            policy=form.cleaned_data.get("policy", check.policy),
            alternatives=tuple(form.cleaned_data.get("alternatives", check.alternatives)),
        ),
    )
    return response


@login_not_required
@require_safe
@with_check
def download(_request: HttpRequest, check: Check) -> HttpResponse:
    """The check as a file to keep and to open again."""
    if check.person is None:
        return redirect("signs-about")
    return HttpResponse(
        saved.to_json(check),
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="signs.json"'},
    )


@login_not_required
@require_POST
@with_check
def document(request: HttpRequest, check: Check) -> HttpResponse:
    """The result as a PDF with the marking chosen."""
    if check.person is None:
        return redirect("signs-about")
    place = load_place(settings.PLACE)
    form = MarkingForm(request.POST, markings=place.markings)
    if not form.is_valid():
        return _result_page(request, check, marking_form=form)
    chosen = next(marking for marking in place.markings if marking.id == form.cleaned_data["marking"])
    pdf = result_pdf(
        show(check, place, today=timezone.localdate()),
        place,
        marking="" if chosen.id == "none" else chosen.label,
        today=timezone.localdate(),
    )
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="signs.pdf"'},
    )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_saved(request: HttpRequest) -> HttpResponse:
    """Open a check that was saved as a file."""
    form = SavedCheckForm(request.POST, request.FILES) if request.method == "POST" else SavedCheckForm()
    if request.method == "POST" and form.is_valid():
        response = redirect("signs-result")
        state.keep(response, form.check)
        return response
    return render(request, "signs/open.html", {"form": form})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest) -> HttpResponse:
    """Forget the check. POST only, so that no link can do it by accident."""
    if request.method == "POST":
        response = redirect("signs-finish")
        state.forget(response)
        return response
    if state.COOKIE in request.COOKIES:  # the cookie is still there: the page must not say that the check is forgotten
        return redirect("signs-result")
    return render(request, "signs/finish.html")


@login_not_required
@require_safe
def every_sign(request: HttpRequest) -> HttpResponse:
    """All the signs with their strengths and where they come from, and the checklists."""
    book = load()
    dimensions = [
        (dimension, [sign for sign in book.indicators.values() if sign.dimension == dimension.id])
        for dimension in book.dimensions.values()
    ]
    return render(
        request,
        "signs/list.html",
        {"book": book, "dimensions": dimensions, "checklists": checklists()},
    )


@login_not_required
@require_safe
def reactions(request: HttpRequest) -> HttpResponse:
    """Common reactions of people who were trafficked, and what helps."""
    return render(request, "signs/reactions.html", {"reactions": common_reactions()})
