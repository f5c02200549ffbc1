"""The forms of a person's record. They check what was typed and word the errors; they never save."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield import law
from bield.births import Birth
from bield.law.clocks import own_clock
from bield.service import reference
from bield.service.accounts.models import Team, User
from bield.service.cases.consents import Standing, taken_back_too_early
from bield.service.cases.models import DUPLICATE, Person
from bield.service.cases.states import ConsentAnswer, ReviewState
from bield.service.codelists import lazy_mechanism
from bield.service.design.births import BirthField
from bield.service.design.day_forms import AsksAboutDays, OrderedForm
from bield.service.design.fields import (
    DayField,
    PastDayField,
    check_email,
    check_phone,
    codes,
    councils,
    one_of,
    radios,
    select,
    set_choices,
    set_queryset,
    words,
)
from bield.service.design.leaving import LeavingForm, Readers
from bield.service.design.meanwhile import VersionedForm


class AboutForm(VersionedForm):
    """What decides the next steps. Nothing here says who somebody is."""

    age = radios(
        "age",
        _("How old are they now?"),
        _("Choose how old they are, or ‘not sure’"),
        help_text=_("Not sure is treated as under 18. That protects them better."),
    )
    believed_under_18 = forms.BooleanField(
        label=_("If you are not sure: there is reason to believe that they are under 18"), required=False
    )
    age_then = forms.ChoiceField(
        label=_("How old were they when it happened?"),
        help_text=_("This decides which list of signs applies. If it is still happening, leave this as it is."),
        choices=lambda: codes("age", blank=gettext("The same as now")),
        required=False,
    )
    gender = radios("gender", _("Gender"), _("Choose an answer, or ‘not known’"))
    exploitation = forms.MultipleChoiceField(
        label=_("What kind of exploitation do you suspect?"),
        help_text=_("Tick all that may apply. Nothing ticked means not known."),
        choices=lambda: codes("exploitation"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    danger = radios("known", _("Are they in danger now?"), initial="not_known")
    council = forms.ChoiceField(label=_("Council area where they are now"), choices=councils, required=False)
    parental_rights_in_uk = radios(
        "known",
        _("If they are or may be under 18: is there anyone in the country with parental rights or responsibilities?"),
        initial="not_known",
        help_text=_("This decides whether to ask for an independent guardian."),
    )
    offence = radios(
        "known",
        _("Are they accused of an offence?"),
        initial="not_known",
        help_text=_("People who were made to offend may be protected from prosecution."),
    )
    missing = forms.BooleanField(label=_("They are missing"), required=False)
    referral = forms.ChoiceField(
        label=_("State of the referral"),
        choices=lambda: codes("referral"),
        required=False,
    )
    decision_on = PastDayField(
        label=_("Date of the decision"), help_text=_("The date on the decision letter."), required=False
    )

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        for name in ("danger", "parental_rights_in_uk", "offence"):
            values[name] = values.get(name) or "not_known"
        values["referral"] = values.get("referral") or "none"
        decided = values["referral"] not in ("none", "sent")
        if decided and not values.get("decision_on") and "decision_on" not in self.errors:
            self.add_error("decision_on", gettext("Enter the date of the decision letter"))
        if not decided:
            values["decision_on"] = None
        if values.get("age") != "uncertain":
            values["believed_under_18"] = False
        return values

    def values(self) -> dict[str, Any]:
        """What to store."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "team")}


class NewPersonForm(AboutForm):
    """A new record: the same questions, and the team where there is more than one."""

    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), error_messages={"required": _("Choose a team")}, empty_label=None
    )
    field_order = ("team",)

    def __init__(self, data: Mapping[str, Any] | None = None, *, teams: QuerySet[Team]) -> None:
        super().__init__(data)
        set_queryset(self, "team", teams)
        for later in ("offence", "missing", "referral", "decision_on"):
            del self.fields[later]

    def values(self) -> dict[str, Any]:
        return {"referral": "none", "decision_on": None} | super().values()


class IdentityForm(VersionedForm):
    """Who somebody is. Everything may stay empty."""

    given_names = forms.CharField(label=_("Given names"), max_length=120, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=120, required=False)
    nickname = forms.CharField(label=_("Nickname, or the name they like to be called"), max_length=120, required=False)
    born = BirthField(
        label=_("Date of birth"),
        help_text=_("For example, 31 3 2008. If only the month or the year is known, leave the rest empty."),
        required=False,
    )
    nationality = forms.CharField(label=_("Nationality"), max_length=80, required=False)
    home_office_reference = forms.CharField(label=lazy_mechanism("reference"), max_length=40, required=False)

    def names(self) -> dict[str, str]:
        """What to seal."""
        names: dict[str, str] = {name: self.cleaned_data[name] or "" for name in self.fields if name != "version"}
        born: Birth | None = self.cleaned_data["born"]
        return names | {"born": born.stored if born else ""}


class ChannelForm(forms.Form):
    """One way to reach somebody."""

    kind = forms.ChoiceField(label=_("Way"), choices=lambda: codes("channel", blank=gettext("None")), required=False)
    value = forms.CharField(label=_("Number, address or who"), max_length=200, required=False)
    safe = forms.ChoiceField(label=_("Is it safe?"), choices=lambda: codes("safe"), initial="not_known", required=False)
    note = forms.CharField(label=_("When and how it is safe"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        if values.get("value") and not values.get("kind"):
            self.add_error("kind", gettext("Choose a way, such as telephone or e-mail"))
        try:
            self._check(values.get("kind"), values.get("value") or "")
        except forms.ValidationError as error:
            self.add_error("value", error)
        values["safe"] = values.get("safe") or "not_known"
        return values

    def _check(self, kind: str | None, value: str) -> None:
        """Check a telephone number or an e-mail address. The other ways may hold the name of an account."""
        if kind == "phone" and value:
            check_phone(value, label=gettext("Number"), elsewhere=self.fields["note"].label or "")
        if kind == "email" and value:
            check_email(value, label=gettext("Address"))


ChannelFormSet = forms.formset_factory(ChannelForm, extra=2, max_num=12)


class EncounterForm(AsksAboutDays, VersionedForm):
    """A time when somebody was met. opened_on: when the record was opened; a day long before it must be confirmed."""

    on = PastDayField(label=_("When"), error_messages={"required": _("Enter the day they were met")})
    council = forms.ChoiceField(label=_("Council area"), choices=councils, required=False)
    place_kind = select("place_kind", _("What kind of place"), _("Choose a kind of place"))
    attention = select("attention", _("How it came to attention"), _("Choose how it came to attention"))
    note = words(_("What happened"), _("What you saw and heard, in plain words. It is sealed like a name."), rows=6)

    def __init__(self, data: Mapping[str, Any] | None = None, *, opened_on: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.opened_on, self.saved_day = opened_on, self.initial.get("on")

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        on, limit = values.get("on"), own_clock("met_before_record").ends(self.opened_on)
        if on and on < limit and on != self.saved_day:
            self.ask_about_day("on", on, since=self.opened_on, what=gettext("long before the record was begun"))
        return values

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class ConsentForm(OrderedForm):
    """An answer about one of the four consents."""

    order: ClassVar = (("on", "until"),)

    decision = forms.ChoiceField(
        label=_("Their answer"), widget=forms.RadioSelect, error_messages={"required": _("Choose their answer")}
    )
    on = PastDayField(label=_("When they answered"), error_messages={"required": _("Enter the day they answered")})
    whom = forms.ChoiceField(label=_("Who it is for"), required=False)
    language = select("language", _("Language it was explained in"), _("Choose the language it was explained in"))
    interpreter = radios("interpreter", _("Interpreter"), _("Choose whether there was an interpreter"))
    until = DayField(label=_("Holds until"), help_text=_("Leave it empty if they set no end."), required=False)
    note = words(_("What they said about it"), _("In their words, if you can. It is sealed like a name."), rows=3)

    def __init__(self, data: Mapping[str, Any] | None = None, *, standing: Standing, place: str, on: date) -> None:
        super().__init__(data, initial={"on": on})
        self.standing = standing
        answers = [ConsentAnswer.GIVEN, ConsentAnswer.REFUSED]
        if standing.given:
            answers.append(ConsentAnswer.WITHDRAWN)
        set_choices(self, "decision", [(answer.value, answer.label) for answer in answers])
        set_choices(
            self,
            "whom",
            [
                ("", gettext("Anyone it concerns")),
                *((body.id, body.name) for body in law.bodies(place, on=on)),
            ],
        )

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        if wrong := taken_back_too_early(self.standing, values):
            self.add_error("on", wrong)
        return values


class ShareForm(forms.Form):
    """Something that was shared with another body."""

    on = PastDayField(label=_("When"), error_messages={"required": _("Enter the day it was shared")})
    what = select("shared", _("What"), _("Choose what was shared"))
    to = forms.ChoiceField(label=_("Shared with"), error_messages={"required": _("Choose who it was shared with")})
    consent = forms.ChoiceField(
        label=_("What allows it"),
        help_text=_("Share without consent only if the law requires it, or to protect a child or somebody in danger."),
        required=False,
    )
    note = words(_("What was said"), _("It is sealed like a name."), rows=3)

    def __init__(self, data: Mapping[str, Any] | None = None, *, place: str, on: date) -> None:
        super().__init__(data, initial={"on": on})
        bodies = law.bodies(place, on=on)
        set_choices(self, "to", [("", gettext("Choose")), *((body.id, body.name) for body in bodies)])
        set_choices(
            self,
            "consent",
            [
                ("", gettext("A duty, or protecting somebody: no consent needed")),
                *((kind.id, gettext(kind.title)) for kind in law.consents(place, on=on)),
            ],
        )


class HandOverForm(LeavingForm):
    """Pass the record to a colleague."""

    leaves: ClassVar = {"words": Readers.MAY_KNOW}

    to = forms.ModelChoiceField(
        label=_("Hand over to"),
        queryset=User.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose a colleague"), "invalid_choice": _("Choose a colleague of this team")},
    )
    words = words(_("What they should know first"), _("It is sealed like a name."))

    def __init__(self, data: Mapping[str, Any] | None = None, *, people: QuerySet[User]) -> None:
        super().__init__(data)
        set_queryset(self, "to", people)


class AskForm(LeavingForm):
    """Ask a lead to review the record."""

    leaves: ClassVar = {"words": Readers.MAY_KNOW}

    words = words(_("What should the lead check?"), _("It is sealed like a name."))


class DecideForm(LeavingForm):
    """A lead's answer."""

    leaves: ClassVar = {"words": Readers.MAY_KNOW}

    decision = one_of(
        lambda: [(state.value, str(state.label)) for state in (ReviewState.APPROVED, ReviewState.CHANGES)],
        _("Your answer"),
        _("Choose an answer"),
    )
    words = words(_("What the worker should know"), _("It is sealed like a name."))


class WhyForm(LeavingForm):
    """Why something that was recorded is taken back."""

    leaves: ClassVar = {"why": Readers.MAY_KNOW}

    why = words(
        _("Why"),
        _("The entry can still be read, with your reason beside it."),
        required=_("Say why you are taking it back"),
    )


class CloseForm(forms.Form):
    """Why a record is closed; for a duplicate, which record is kept."""

    reason = radios("closing", _("Why"), _("Choose why the record is closed"))
    other = forms.CharField(
        label=_("If there is another record: its reference"),
        help_text=_("This record will then point to it. Each keeps its reference and its history."),
        max_length=20,
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: Person, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        values["same_as"] = self._same_as(values.get("other", "")) if values.get("reason") == DUPLICATE else None
        return values

    def _same_as(self, typed: str) -> Person | None:
        code = reference.read(typed)
        other = Person.objects.filter(team=self.person.team_id, reference=code or "").exclude(pk=self.person.pk).first()
        if not typed:
            self.add_error("other", gettext("Enter the reference of the other record"))
        elif other is None:
            words = gettext("“%(typed)s” is not the reference of another record of your team, such as K7M4-PXC")
            self.add_error("other", words % {"typed": typed})
        elif other.same_as_id is not None:
            words = gettext(
                "%(typed)s is itself closed as a duplicate: enter the reference of the record that was kept"
            )
            self.add_error("other", words % {"typed": typed})
        else:
            return other
        return None


class AgeForm(forms.Form):
    """A council's age assessment."""

    on = PastDayField(label=_("When it was decided"), error_messages={"required": _("Enter the day of the decision")})
    council = forms.ChoiceField(
        label=_("Which council"), choices=councils, error_messages={"required": _("Choose the council")}
    )
    result = radios("age_result", _("What was found"), _("Choose what was found"))


def known_person(person: Person) -> dict[str, Any]:
    """The initial values of AboutForm for a record."""
    return {name: getattr(person, name) for name in AboutForm.base_fields if name != "version"} | {
        "version": person.version
    }
