"""The pages of a check of the signs, from the first question to the result. The server stores nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
from bield.indicators.person import Age, Exploitation, Person
from bield.law import load_place
from bield.service.signs import saved, state
from bield.service.signs.asking import effort, steps
from bield.service.signs.display import do_not_question, show
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


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """What the tool does; POST starts a new check and forgets any earlier one."""
    if request.method == "POST":
        response = redirect("signs-about")
        state.forget(response)
        return response
    sets = Person(Age.ADULT, Exploitation.BOTH).sets  # the most that anybody is asked
    return render(
        request,
        "signs/start.html",
        {
            "under_way": state.COOKIE in request.COOKIES,
            "first": effort(load(), sets, first_only=True),
            "whole": effort(load(), sets, first_only=False),
        },
    )


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
    form = DimensionForm(request.POST if request.method == "POST" else None, check=check, dimension=dimension.id)
    if request.method == "POST" and form.is_valid():
        response = redirect(_next(request.POST.get("go", ""), number, len(dimensions)))
        state.keep(response, replace(check.with_answers(form.answers()), inherent=form.fact() or check.inherent))
        return response
    return render(
        request,
        "signs/part.html",
        {
            "form": form,
            "title": _(dimension.title(sets, check.gender)),
            "intro": _("Answer what you saw or were told."),
            "caution": do_not_question(check.gender),
            "number": number,
            "parts": len(dimensions),
            "answered": len(check.answers) + (check.inherent is not Answer.UNKNOWN),
            "steps": steps(check.codebook, check.answers, sets=sets, gender=check.gender, current=number),
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


def _result_page(request: HttpRequest, check: Check, *, marking_form: MarkingForm | None = None) -> HttpResponse:
    if check.person is None:
        return redirect("signs-about")
    place = load_place(settings.PLACE)
    return render(
        request,
        "signs/result.html",
        {
            "shown": show(check, place, today=timezone.localdate()),
            "marking_form": marking_form or MarkingForm(markings=place.markings),
            "mistaken": marking_form,
        },
        status=400 if marking_form else 200,
    )


@login_not_required
@require_safe
@with_check
def method(request: HttpRequest, check: Check) -> HttpResponse:
    """How the result was worked out, from which sources and how sure they are, and another way to work it out."""
    return _method_page(request, check)


def _method_page(request: HttpRequest, check: Check, form: OtherwiseForm | None = None) -> HttpResponse:
    if check.person is None:
        return redirect("signs-about")
    shown = show(check, load_place(settings.PLACE), today=timezone.localdate())
    context = {"shown": shown, "form": form or OtherwiseForm(check=check)}
    return render(request, "signs/method.html", context, status=400 if form else 200)


@login_not_required
@require_POST
@with_check
def otherwise(request: HttpRequest, check: Check) -> HttpResponse:
    """Work the result out another way."""
    form = OtherwiseForm(request.POST, check=check)
    if not form.is_valid():
        return _method_page(request, check, form)
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
