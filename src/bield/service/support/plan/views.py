"""The pages of the plan and its translations, and of how the person says they are."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield.service.accounts.access import user_of
from bield.service.audit.kinds import Kind
from bield.service.changes import NotNow
from bield.service.codelists import lists
from bield.service.design.fields import codes
from bield.service.design.refusing import refused
from bield.service.documents import as_file
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds
from bield.service.gates import GET_OR_POST
from bield.service.support.episodes import actions, display, forms
from bield.service.support.episodes.known import words_of
from bield.service.support.episodes.views import page, refuse
from bield.service.support.gate import on_episode
from bield.service.support.models import Entry, Episode, PlanWords
from bield.service.support.plan import plan


def _language(code: str) -> str:
    """The name of a language. Raises Http404 if it is not on the list of languages."""
    try:
        return lists()["language"].label(code)
    except ValueError:
        raise Http404 from None


def _on_paper(episode: Episode) -> str:
    """Whether it is safe to have the plan on paper, from the safety plan: yes, no, not_known, or empty."""
    safety = Entry.objects.filter(episode=episode, part="safety").first()
    return str(safety.details.get("on_paper", "")) if safety else ""


@require_safe
@on_episode(Kind.PLAN_READ)
def read(request: HttpRequest, episode: Episode) -> HttpResponse:
    """The plan as the person reads it, and the languages it is translated into."""
    goals = plan.goals_of(episode)
    translations = [
        (translation, _language(translation.language), plan.is_whole(translation, goals))
        for translation in PlanWords.objects.filter(episode=episode).order_by("language")
    ]
    taken = {translation.language for translation, _name, _whole in translations} | {"en"}
    languages = [(code, name) for code, name in codes("language") if code not in taken]
    return page(
        request,
        episode,
        "support/plan/plan",
        plan=plan.in_english(episode),
        translations=translations,
        languages=languages,
        paper=_on_paper(episode),
    )


@require_safe
@on_episode(Kind.PLAN_TAKEN)
def document(request: HttpRequest, episode: Episode, language: str) -> HttpResponse:
    """The plan as a document in large type, in a language the person reads."""
    _language(language)
    try:
        if _on_paper(episode) == "no":
            raise NotNow("the safety plan says that it is not safe for them to have this on paper")
        person_plan = plan.for_the_person(episode, language)
        pdf = plan.as_document(person_plan, today=timezone.localdate())
    except NotNow as error:
        return refuse(request, episode, error)
    return as_file(pdf, "application/pdf", "plan.pdf")


@require_safe
@on_episode(Kind.PLAN_TAKEN)
def on_screen(request: HttpRequest, episode: Episode, language: str) -> HttpResponse:
    """The plan alone on a page, in large type: to read together, or to print without Bield's typefaces."""
    _language(language)
    try:
        person_plan = plan.for_the_person(episode, language)
    except NotNow as error:
        return refuse(request, episode, error)
    return page(request, episode, "support/plan/plan_alone", plan=person_plan, today=timezone.localdate())


@require_http_methods(GET_OR_POST)
@on_episode(Kind.PLAN_READ)
def translation(request: HttpRequest, episode: Episode, language: str) -> HttpResponse:
    """Every line of the plan with its translation."""
    if language == "en":
        raise Http404
    name = _language(language)
    stored = PlanWords.objects.filter(episode=episode, language=language).first()
    lines = plan.lines_of(plan.goals_of(episode))
    form = forms.TranslationForm(typed(request), lines=lines, known=stored.lines if stored else {})
    form.comparing(words_of(episode, user_of(request)))
    if request.method == "POST" and form.is_valid():
        plan.translate(
            episode,
            language=language,
            lines=form.translated(),
            translator=form.cleaned_data["translator"],
            by=user_of(request),
            at=timezone.now(),
        )
        messages.success(request, _("Saved. The person gets it once somebody else has checked it."))
        return redirect("support-plan-translation", episode_id=episode.pk, language=language)
    return page(
        request,
        episode,
        "support/plan/translation",
        form=form,
        language=language,
        name=name,
        held=stored,
        whole=stored is not None and plan.is_whole(stored, plan.goals_of(episode)),
        reviewer=forms.ReviewerForm(),
    )


@require_POST
@on_episode()
def review(request: HttpRequest, episode: Episode, language: str) -> HttpResponse:
    """Record who checked a translation."""
    _language(language)
    form = forms.ReviewerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say who checked it."))
        return redirect("support-plan-translation", episode_id=episode.pk, language=language)
    try:
        plan.review(
            episode,
            language=language,
            reviewer=form.cleaned_data["reviewer"],
            by=user_of(request),
            at=timezone.now(),
        )
    except NotNow as error:
        return refused(request, error, "support-plan-translation", episode_id=episode.pk, language=language)
    messages.success(request, _("Noted. The plan can be printed in this language now."))
    return redirect("support-plan", episode_id=episode.pk)


@require_safe
@on_episode(Kind.SUPPORT_READ)
def outcomes(request: HttpRequest, episode: Episode) -> HttpResponse:
    """What the person said about how they are, over time."""
    entries = list(Entry.objects.filter(episode=episode, part="outcome"))
    return page(request, episode, "support/plan/outcomes", tables=display.outcomes(entries))


@require_http_methods(GET_OR_POST)
@on_episode(Kind.SUPPORT_READ)
@adds
def outcomes_new(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Record what the person says about how they are today; they may leave out any question."""
    form = forms.OutcomesForm(typed(request), began_on=episode.began_on)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_entry(episode, part="outcome", details=form.details(), by=user_of(request), at=timezone.now())
        except NotNow as error:
            return refuse(request, episode, error)
        messages.success(request, _("Saved."))
        return redirect("support-outcomes", episode_id=episode.pk)
    return page(request, episode, "support/plan/outcomes_new", form=form)
