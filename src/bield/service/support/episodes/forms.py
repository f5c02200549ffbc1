"""The forms of support, made from its data files. They check what was typed and word the errors; they never save."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.disclosure import countries
from bield.service.accounts.models import Team, User
from bield.service.cases.models import Person
from bield.service.codelists import label
from bield.service.days import day_of, order_error
from bield.service.design.day_forms import AsksAboutDays, OrderedForm
from bield.service.design.fields import (
    LONG_TEXT,
    SHORT_TEXT,
    Choices,
    DayField,
    PastDayField,
    TimeField,
    codes,
    radios,
    set_queryset,
    words,
)
from bield.service.design.leaving import LeavingForm, Readers
from bield.service.design.meanwhile import VersionedForm
from bield.service.directory.circumstances import circumstances
from bield.service.directory.models import Service
from bield.service.support.access import supporters
from bield.service.support.entries.order import earlier_days, mistakes
from bield.service.support.entries.schema import WAYS_OF_THEIR_OWN, Field, Part, choices_of, outcome_sets
from bield.service.support.episodes.matching import asked_of, match
from bield.service.support.models import Episode


class AskForm(LeavingForm):
    """Asking a provider for support. The provider reads the words before they may know who the person is."""

    leaves: ClassVar = {"words": Readers.MUST_NOT}

    team = forms.ModelChoiceField(
        label=_("Who to ask"),
        queryset=Team.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose who to ask")},
    )
    choice = radios(
        "other_provider",
        _("If you ask a different provider than the one named above: why?"),
        blank=_("It is the one named above"),
    )
    words = words(
        _("What they need to know to answer"),
        _("What is urgent, what is safe. Leave out the name: they see who it is when they take the person on."),
        required=_("Say what is needed"),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, teams: QuerySet[Team], first: Team | None) -> None:
        super().__init__(data, initial={"team": first.pk if first else None})
        set_queryset(self, "team", teams)


class AcceptForm(AsksAboutDays):
    """Taking somebody on. asked_at: when support was asked for; the form asks about a first day before that."""

    worker = forms.ModelChoiceField(
        label=_("Who supports them"),
        queryset=User.objects.none(),
        empty_label=None,
        error_messages={"required": _("Choose who supports them")},
    )
    on = PastDayField(label=_("Support begins on"), error_messages={"required": _("Enter the day")})

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, workers: QuerySet[User], user: User, asked_at: datetime
    ) -> None:
        super().__init__(data, initial={"worker": user.pk, "on": timezone.localdate()})
        self.asked_on = day_of(asked_at)
        set_queryset(self, "worker", workers)

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        on = values.get("on")
        if on and on < self.asked_on:
            self.ask_about_day("on", on, since=self.asked_on, what=gettext("before support was asked for"))
        return values


class DeclineForm(forms.Form):
    """Declining a request for support."""

    reason = radios("support_refusal", _("Why it is not possible with you"), _("Choose why"))


class HandForm(forms.Form):
    """Passing an episode to a colleague."""

    to = forms.ModelChoiceField(
        label=_("Who takes over"), queryset=User.objects.none(), error_messages={"required": _("Choose a colleague")}
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, workers: QuerySet[User]) -> None:
        super().__init__(data)
        set_queryset(self, "to", workers)


class EndForm(forms.Form):
    """Ending support. began_on: the day it began."""

    ending = radios("support_ending", _("How it ended"), _("Choose how it ended"))
    on = PastDayField(label=_("Last day"), error_messages={"required": _("Enter the last day")})
    follow_up = radios(
        "follow_up",
        _("Did they agree that you ask later how they are?"),
        _("Choose an answer, or ‘could not be asked’"),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, began_on: date | None) -> None:
        super().__init__(data)
        self.began_on = began_on

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if wrong := order_error(gettext("Support begins on"), self.began_on, str(self.fields["on"].label), on):
            raise forms.ValidationError(wrong)
        return on


class DatesForm(OrderedForm, VersionedForm):
    """The dates of decisions, if the referral was made elsewhere."""

    order: ClassVar = (("grounds_on", "conclusive_on"),)

    grounds_on = PastDayField(
        label=_("Positive reasonable grounds decision"), help_text=_("The date on the letter."), required=False
    )
    slavery_only = forms.BooleanField(
        label=_("It is about slavery, servitude or forced labour, and not about trafficking"), required=False
    )
    conclusive_on = PastDayField(
        label=_("Conclusive grounds decision"), help_text=_("The date on the letter."), required=False
    )
    conclusive = radios("conclusive", _("What it says"), blank=_("No decision yet"))

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        last = values.get("conclusive_on")
        if bool(last) is not bool(values.get("conclusive")) and "conclusive_on" not in self.errors:
            self.add_error("conclusive", gettext("A conclusive decision needs both its date and what it says"))
        return values

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class CircumstancesForm(VersionedForm):
    """What decides which services fit. Every question may be left unanswered."""

    nationality = forms.ChoiceField(
        label=_("Nationality"),
        help_text=_("Counted only as a part of the world."),
        choices=lambda: [("", gettext("Not known")), *country_choices()],
        required=False,
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages they speak well"),
        choices=lambda: codes("language"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, **known: Any) -> None:
        super().__init__(data, **known)
        for circumstance in circumstances().values():
            if not circumstance.from_record:
                self.fields[circumstance.id] = forms.ChoiceField(
                    label=gettext(circumstance.question),
                    choices=[
                        ("", gettext("Not known")),
                        *((value.key, _answer(value.key, value.label)) for value in circumstance.values),
                    ],
                    widget=forms.RadioSelect,
                    required=False,
                )

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version" and value}


def _answer(key: str, words_: str) -> str:
    """The answer as a choice: ‘Yes’, ‘No’, or the words of the list."""
    return {"yes": gettext("Yes"), "no": gettext("No")}.get(key) or capfirst(gettext(words_))


def country_choices() -> Choices:
    """Every country by name."""
    ladder = countries()
    names = ((key, gettext(ladder.label(key))) for key in ladder.parents if len(key) == 2 and key.isupper())
    return sorted(names, key=lambda item: item[1])


class EntryForm(LeavingForm, AsksAboutDays, VersionedForm):
    """An entry of a part: a field for each question, and its state."""

    def leaving(self) -> Mapping[str, Readers]:
        """The fields that are printed: anybody may find the paper."""
        return {item.id: Readers.MUST_NOT for item in self.part.fields if item.paper}

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        part: Part,
        episode: Episode,
        details: Mapping[str, Any] | None = None,
        state: str = "",
        version: int = 0,
    ) -> None:
        details = details or {}
        super().__init__(data, initial={**details, "version": version} | ({"state": state} if state else {}))
        self.part, self.began_on, self.kept = part, episode.began_on, details if version else {}
        for question in part.fields:
            self.fields[question.id] = _field(question, episode)
        if len(part.states) > 1:
            self.fields["state"] = forms.ChoiceField(
                label=gettext("State"),
                choices=[(question.key, gettext(question.label)) for question in part.states],
                widget=forms.RadioSelect,
                initial=state or part.states[0].key,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        details = self.details()
        for name, wrong in mistakes(self.part, details, self.state(), now=timezone.now()).items():
            if name not in self.errors:
                self.add_error(name or None, wrong)
        if self.began_on and not self.errors:
            for name, when in earlier_days(self.part, details, than=self.began_on, kept=self.kept):
                self.ask_about_day(name, when.day, since=self.began_on, what=gettext("before support began"))
        return values

    def details(self) -> dict[str, Any]:
        """The answers to seal, without questions that were not answered."""
        answers: dict[str, Any] = {}
        for question in self.part.fields:
            value = self.cleaned_data.get(question.id)
            if isinstance(value, date):
                value = value.isoformat()
            if isinstance(value, (Service, User)):
                value = str(value.pk)
            if value:
                answers[question.id] = value
        return answers

    def state(self) -> str:
        """The state that was chosen; else the first state of the part, or empty if the part has none."""
        return str(self.cleaned_data.get("state") or (self.part.states[0].key if self.part.states else ""))


def _field(question: Field, episode: Episode) -> forms.Field:
    common: dict[str, Any] = {
        "label": gettext(question.label),
        "help_text": gettext(question.help) if question.help else "",
        "required": question.required,
        "error_messages": {"required": _needed(question)},
    }
    makers: dict[str, Callable[[], forms.Field]] = {
        "choice": lambda: _one_of(question, common),
        "several": lambda: forms.MultipleChoiceField(
            choices=choices_of(question), widget=forms.CheckboxSelectMultiple, **common
        ),
        "day": lambda: PastDayField(**common),
        "day_ahead": lambda: FutureOrSavedField(**common),
        "day_any": lambda: DayField(**common),
        "time": lambda: TimeField(**common),
        "short": lambda: forms.CharField(
            max_length=SHORT_TEXT, widget=forms.TextInput(attrs={"autocomplete": "off"}), **common
        ),
        "text": lambda: forms.CharField(max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **common),
        "way": lambda: way_field(episode.person, common),
        "service": lambda: service_field(episode.person, common),
        "worker": lambda: forms.ModelChoiceField(
            queryset=supporters(episode.team), empty_label=gettext("Whoever supports them"), **common
        ),
        "country": lambda: forms.ChoiceField(choices=[("", gettext("Choose")), *country_choices()], **common),
    }
    return makers[question.holds]()


ASKS = {
    "choice": _("Choose an answer to ‘%(what)s’"),
    "several": _("Choose at least one answer to ‘%(what)s’"),
    "way": _("Choose an answer to ‘%(what)s’"),
    "service": _("Choose an answer to ‘%(what)s’"),
    "country": _("Choose a country for ‘%(what)s’"),
    "day": _("Enter the day for ‘%(what)s’"),
    "day_ahead": _("Enter the day for ‘%(what)s’"),
    "day_any": _("Enter the day for ‘%(what)s’"),
    "time": _("Enter the time for ‘%(what)s’"),
}
"""The error message for a required field that was left empty, by what the field holds."""


def _needed(question: Field) -> str:
    return str(ASKS.get(question.holds, _("Write something for ‘%(what)s’"))) % {"what": gettext(question.label)}


FITS = {"yes": _("fits"), "not_known": _("may fit: ask"), "no": _("does not fit")}


def service_field(person: Person, common: Mapping[str, Any]) -> forms.ModelChoiceField[Service]:
    """A choice of active services from the directory: those that fit the person first, checked ones before others."""
    services = Service.objects.filter(status="active")
    field = forms.ModelChoiceField(queryset=services, **common)
    matches = match(list(services), asked_of(person, {}), today=timezone.localdate())
    choices = [("", gettext("None yet"))]
    for candidate in matches:
        notes = [str(FITS[candidate.fits]), *([] if candidate.checked else [gettext("not checked")])]
        choices.append((str(candidate.service.pk), f"{candidate.service} ({', '.join(notes)})"))
    field.choices = choices
    return field


class FutureOrSavedField(DayField):
    """A future day, or the day that was saved before: a form that is opened later must not refuse its saved day."""

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        saved = self.initial if isinstance(self.initial, date) else None
        if day and day < timezone.localdate() and day != saved:
            raise forms.ValidationError(
                _("%(day)s is in the past: enter today or a later day"), params={"day": date_format(day)}
            )
        return day


def _one_of(question: Field, common: dict[str, Any]) -> forms.Field:
    choices = choices_of(question)
    if len(choices) > 12:
        return forms.ChoiceField(choices=[("", gettext("Choose")), *choices], **common)
    if not question.required and "not_known" not in dict(choices):
        choices = [*choices, ("", gettext("Not known"))]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)


def way_field(person: Person, common: dict[str, Any]) -> forms.ChoiceField:
    """A choice of the ways of contact that are known to be safe. The help text lists those that are not."""
    kinds: dict[str, set[str]] = {}
    for kind, mark in person.channels.values_list("kind", "safe"):
        kinds.setdefault(kind, set()).add(mark)
    safe = [kind for kind, marks in kinds.items() if "yes" in marks]
    closed = [label("channel", kind) for kind in kinds if kind not in safe]
    mixed = [label("channel", kind) for kind in safe if kinds[kind] != {"yes"}]
    lines: list[str] = []
    if closed:
        lines.append(gettext("Not known to be safe, so you cannot choose: %(ways)s.") % {"ways": ", ".join(closed)})
    if mixed:
        lines.append(gettext("Only some of these are safe, check which: %(ways)s.") % {"ways": ", ".join(mixed)})
    if not safe:
        lines.append(gettext("No safe way is recorded yet: ask when you next meet them."))
    common = common | {"help_text": " ".join(lines)}
    choices = [(kind, label("channel", kind)) for kind in safe]
    choices += [(key, gettext(text)) for key, text in WAYS_OF_THEIR_OWN.items()]
    common["error_messages"] = common["error_messages"] | {
        "invalid_choice": gettext("This way is not known to be safe: choose another")
    }
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)


class OutcomesForm(AsksAboutDays):
    """How the person says they are. No question is required: they answer what they want."""

    on = PastDayField(label=_("When they said it"), error_messages={"required": _("Enter the day")})
    wanted = forms.BooleanField(
        label=_("They want to answer, and know that they may leave out any question"),
        error_messages={"required": _("Only if they want to: tick this, or leave the page")},
    )
    count = forms.BooleanField(
        label=_("They agree that it is counted, without anything that says who they are"), required=False
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, began_on: date | None) -> None:
        super().__init__(data, initial={"on": timezone.localdate()})
        self.began_on = began_on
        scale = codes("outcome_scale")
        for group in outcome_sets():
            for outcome in group.outcomes:
                self.fields[outcome.id] = forms.ChoiceField(
                    label=gettext(outcome.question),
                    choices=[*scale, ("", gettext("Not answered"))],
                    widget=forms.RadioSelect,
                    required=False,
                )

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        if not self.errors and not self.answers():
            raise forms.ValidationError(_("Nothing is answered: choose at least one answer, or leave the page"))
        on = values.get("on")
        if on and self.began_on and on < self.began_on:
            self.ask_about_day("on", on, since=self.began_on, what=gettext("before support began"))
        return values

    def answers(self) -> dict[str, int]:
        """The step of the scale for each outcome they answered."""
        return {
            item.id: int(self.cleaned_data[item.id])
            for group in outcome_sets()
            for item in group.outcomes
            if self.cleaned_data.get(item.id)
        }

    def details(self) -> dict[str, Any]:
        """The answers to seal."""
        return {
            "on": self.cleaned_data["on"].isoformat(),
            "count": self.cleaned_data["count"],
            "answers": self.answers(),
        }


class TranslationForm(LeavingForm):
    """The lines of the plan, each with its translation, and who translated it."""

    translator = forms.CharField(
        label=_("Who translated it"), max_length=SHORT_TEXT, error_messages={"required": _("Say who translated it")}
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, lines: Sequence[str], known: Mapping[str, str]
    ) -> None:
        super().__init__(data)
        self.lines = list(lines)
        for number, line in enumerate(self.lines):
            self.fields[f"line_{number}"] = forms.CharField(
                label=line,
                max_length=LONG_TEXT,
                initial=known.get(line, ""),
                required=False,
                widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            )

    def leaving(self) -> Mapping[str, Readers]:
        """Every line: the plan is printed."""
        return {f"line_{number}": Readers.MUST_NOT for number in range(len(self.lines))}

    def translated(self) -> dict[str, str]:
        """Each line with its translation."""
        return {line: self.cleaned_data[f"line_{number}"] for number, line in enumerate(self.lines)}


class ReviewerForm(forms.Form):
    """Who checked a translation."""

    reviewer = forms.CharField(
        label=_("Who checked it"),
        help_text=_("Somebody who reads both languages and did not translate it."),
        max_length=SHORT_TEXT,
        error_messages={"required": _("Say who checked it")},
    )
