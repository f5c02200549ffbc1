"""The forms of support, made from the same data as all else of it. They read and word errors; they never save."""

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
from bield.service.support.entries.order import earlier_days, mistakes
from bield.service.support.entries.schema import WAYS_OF_THEIR_OWN, Field, Part, choices_of, outcome_sets
from bield.service.support.episodes.matching import asked_of, match
from bield.service.support.models import Episode


class AskForm(LeavingForm):
    """Asking a provider for support. They read the words before they may know who it is."""

    leaves: ClassVar = {"words": Readers.MUST_NOT}

    team = forms.ModelChoiceField(
        label=_("Whom to ask"),
        queryset=Team.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose whom to ask")},
    )
    choice = radios(
        "other_provider", _("If another than the one named above: why?"), blank=_("It is the one named above")
    )
    words = words(
        _("What they need to know to answer"),
        _("What is urgent, what is safe. No name: they see who it is when they take them on."),
        required=_("Say what is needed"),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, teams: QuerySet[Team], first: Team | None) -> None:
        super().__init__(data, initial={"team": first.pk if first else None})
        set_queryset(self, "team", teams)


class AcceptForm(AsksAboutDays):
    """Taking somebody on. asked_at: when it was asked for; a beginning before it is asked about."""

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
    """Saying that it is not possible."""

    reason = radios("support_refusal", _("Why it is not possible with you"), _("Choose why"))


class HandForm(forms.Form):
    """Passing an episode to a colleague."""

    to = forms.ModelChoiceField(
        label=_("To whom"), queryset=User.objects.none(), error_messages={"required": _("Choose a colleague")}
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, workers: QuerySet[User]) -> None:
        super().__init__(data)
        set_queryset(self, "to", workers)


class EndForm(forms.Form):
    """Ending support. began_on: the day on which it began."""

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
    """The dates of decisions, where the referral was made elsewhere."""

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
    conclusive = radios("conclusive", _("What it says"), blank=_("There is none yet"))

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        last = values.get("conclusive_on")
        if bool(last) is not bool(values.get("conclusive")) and "conclusive_on" not in self.errors:
            self.add_error("conclusive", gettext("A conclusive decision needs both its date and what it says"))
        return values

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class CircumstancesForm(VersionedForm):
    """What decides which services fit. Everything may stay open."""

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
        for item in circumstances().values():
            if not item.from_record:
                self.fields[item.id] = forms.ChoiceField(
                    label=gettext(item.question),
                    choices=[
                        ("", gettext("Not known")),
                        *((value.key, _answer(value.key, value.label)) for value in item.values),
                    ],
                    widget=forms.RadioSelect,
                    required=False,
                )

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version" and value}


def _answer(key: str, words_: str) -> str:
    """Yes and no as such; anything else in the words of the list."""
    return {"yes": gettext("Yes"), "no": gettext("No")}.get(key) or capfirst(gettext(words_))


def country_choices() -> Choices:
    """Every country by name."""
    found = countries()
    names = ((key, gettext(found.label(key))) for key in found.parents if len(key) == 2 and key.isupper())
    return sorted(names, key=lambda item: item[1])


class EntryForm(LeavingForm, AsksAboutDays, VersionedForm):
    """An entry of a part: one field for each question, and how it stands."""

    def leaving(self) -> Mapping[str, Readers]:
        """What goes on paper, which anybody may find."""
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
        for item in part.fields:
            self.fields[item.id] = _field(item, episode.person)
        if len(part.states) > 1:
            self.fields["state"] = forms.ChoiceField(
                label=gettext("How it stands"),
                choices=[(item.key, gettext(item.label)) for item in part.states],
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
        """What to seal: nothing for what was not answered."""
        found: dict[str, Any] = {}
        for item in self.part.fields:
            value = self.cleaned_data.get(item.id)
            if isinstance(value, date):
                value = value.isoformat()
            if isinstance(value, Service):
                value = str(value.pk)
            if value:
                found[item.id] = value
        return found

    def state(self) -> str:
        """How it stands; the first state of a part that has only one."""
        return str(self.cleaned_data.get("state") or (self.part.states[0].key if self.part.states else ""))


def _field(item: Field, person: Person) -> forms.Field:
    known: dict[str, Any] = {
        "label": gettext(item.label),
        "help_text": gettext(item.help) if item.help else "",
        "required": item.required,
        "error_messages": {"required": _needed(item)},
    }
    makers: dict[str, Callable[[], forms.Field]] = {
        "choice": lambda: _one_of(item, known),
        "several": lambda: forms.MultipleChoiceField(
            choices=choices_of(item), widget=forms.CheckboxSelectMultiple, **known
        ),
        "day": lambda: PastDayField(**known),
        "day_ahead": lambda: FutureOrKeptField(**known),
        "day_any": lambda: DayField(**known),
        "time": lambda: TimeField(**known),
        "short": lambda: forms.CharField(
            max_length=SHORT_TEXT, widget=forms.TextInput(attrs={"autocomplete": "off"}), **known
        ),
        "text": lambda: forms.CharField(max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **known),
        "way": lambda: way_field(person, known),
        "service": lambda: service_field(person, known),
        "country": lambda: forms.ChoiceField(choices=[("", gettext("Choose")), *country_choices()], **known),
    }
    return makers[item.holds]()


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
"""What is asked for where a field was left empty, by what it holds."""


def _needed(item: Field) -> str:
    return str(ASKS.get(item.holds, _("Write something for ‘%(what)s’"))) % {"what": gettext(item.label)}


FITS = {"yes": _("fits"), "not_known": _("may fit: ask"), "no": _("does not fit")}


def service_field(person: Person, known: Mapping[str, Any]) -> forms.ModelChoiceField[Service]:
    """A service of the directory: those that fit the person first, those that were checked before the others."""
    services = Service.objects.filter(status="active")
    field = forms.ModelChoiceField(queryset=services, **known)
    found = match(list(services), asked_of(person, {}), today=timezone.localdate())
    choices = [("", gettext("None yet"))]
    for item in found:
        notes = [str(FITS[item.fits]), *([] if item.checked else [gettext("not checked")])]
        choices.append((str(item.service.pk), f"{item.service} ({', '.join(notes)})"))
    field.choices = choices
    return field


class FutureOrKeptField(DayField):
    """A day to come, or the day that stood there before: a form that is opened later must not refuse its own day."""

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        kept = self.initial if isinstance(self.initial, date) else None
        if day and day < timezone.localdate() and day != kept:
            raise forms.ValidationError(
                _("%(day)s is past: enter today or a day to come"), params={"day": date_format(day)}
            )
        return day


def _one_of(item: Field, known: dict[str, Any]) -> forms.Field:
    choices = choices_of(item)
    if len(choices) > 12:
        return forms.ChoiceField(choices=[("", gettext("Choose")), *choices], **known)
    if not item.required and "not_known" not in dict(choices):
        choices = [*choices, ("", gettext("Not known"))]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **known)


def way_field(person: Person, known: dict[str, Any]) -> forms.ChoiceField:
    """The ways that are known to be safe. One that is not cannot be chosen, and the page says which those are."""
    kinds: dict[str, set[str]] = {}
    for kind, mark in person.channels.values_list("kind", "safe"):
        kinds.setdefault(kind, set()).add(mark)
    safe = [kind for kind, marks in kinds.items() if "yes" in marks]
    closed = [label("channel", kind) for kind in kinds if kind not in safe]
    mixed = [label("channel", kind) for kind in safe if kinds[kind] != {"yes"}]
    lines: list[str] = []
    if closed:
        lines.append(gettext("Not known to be safe, so not to be chosen: %(ways)s.") % {"ways": ", ".join(closed)})
    if mixed:
        lines.append(gettext("Of these only some are safe, look first: %(ways)s.") % {"ways": ", ".join(mixed)})
    if not safe:
        lines.append(gettext("No safe way is put down yet: find out when they are next met."))
    known = known | {"help_text": " ".join(lines)}
    choices = [(kind, label("channel", kind)) for kind in safe]
    choices += [(key, gettext(text)) for key, text in WAYS_OF_THEIR_OWN.items()]
    known["error_messages"] = known["error_messages"] | {
        "invalid_choice": gettext("This way is not known to be safe, and cannot be chosen")
    }
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **known)


class OutcomesForm(AsksAboutDays):
    """How somebody says they are. Nothing is required: they answer what they want."""

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
            for item in group.outcomes:
                self.fields[item.id] = forms.ChoiceField(
                    label=gettext(item.question),
                    choices=[*scale, ("", gettext("Not answered"))],
                    widget=forms.RadioSelect,
                    required=False,
                )

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        if not self.errors and not self.answers():
            raise forms.ValidationError(_("Nothing is answered: there is nothing to keep"))
        on = values.get("on")
        if on and self.began_on and on < self.began_on:
            self.ask_about_day("on", on, since=self.began_on, what=gettext("before support began"))
        return values

    def answers(self) -> dict[str, int]:
        """The step of the scale for each outcome that they spoke of."""
        return {
            item.id: int(self.cleaned_data[item.id])
            for group in outcome_sets()
            for item in group.outcomes
            if self.cleaned_data.get(item.id)
        }

    def details(self) -> dict[str, Any]:
        """What to seal."""
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
        """Every line: the plan goes on paper."""
        return {f"line_{number}": Readers.MUST_NOT for number in range(len(self.lines))}

    def translated(self) -> dict[str, str]:
        """Each line with its translation."""
        return {line: self.cleaned_data[f"line_{number}"] for number, line in enumerate(self.lines)}


class ReviewerForm(forms.Form):
    """Who checked a translation."""

    reviewer = forms.CharField(
        label=_("Who checked it"),
        help_text=_("Somebody who reads both languages, and did not translate it."),
        max_length=SHORT_TEXT,
        error_messages={"required": _("Say who checked it")},
    )
