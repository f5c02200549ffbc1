"""The forms of notifications. They check what was typed and word the errors; they never save."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield import law
from bield.births import birth_written, disagreement
from bield.disclosure import Finding, combination_rules, countries, places
from bield.law import NotificationVersion, load_place
from bield.service import reference
from bield.service.accounts.models import Team
from bield.service.design.fields import set_choices, set_queryset
from bield.service.design.leaving import LeavingForm, Readers
from bield.service.notifications import dialogue
from bield.service.notifications.display import option_words
from bield.service.notifications.models import Notification

LONG_TEXT = 2_000
"""How many characters free text about somebody who agreed, or a child, may have."""

Choices = list[tuple[str, Any]]

DOUBTS = {
    "birth_says_child": _("The date of birth makes them under 18 today: change the age, or the date"),
    "birth_says_adult": _("The date of birth makes them 18 or over today: change the age, or the date"),
    "birth_leaves_open": _(
        "The date of birth leaves open whether they are 18: choose not sure for the age, or enter the full date"
    ),
}
"""What the page says about doubts over an age; files and systems get the same in their codes, from payload.py."""

IDENTITY_HELP = {
    "date_of_birth": _("For example, 31 March 2008."),
    "contact": _("Only a way that is safe for them. Say when and how."),
    "perpetrators": _("Only what they agreed to say about others."),
    "other_victims": _("Only if each of them agreed too, or is a child. Leave it empty if you are not sure."),
}


def version_today() -> NotificationVersion:
    """The version of the notification that is valid today."""
    return law.notification_fields(settings.PLACE, on=timezone.localdate())


def country_choices() -> Choices:
    """Countries by continent, and each continent alone in case the country is not known."""
    rungs, groups = countries(), []
    for continent in (key for key, above in rungs.parents.items() if not above):
        of_continent = [(key, gettext(rungs.label(key))) for key, above in rungs.parents.items() if above == continent]
        name = gettext(rungs.label(continent))
        continent_only = (continent, gettext("%(continent)s: country not known") % {"continent": name})
        groups.append((name, [*of_continent, continent_only]))
    return [("", gettext("Not known")), *groups]


def place_choices(*, blank: str = "") -> Choices:
    """Councils, regions, the whole place, and beyond. blank: the label for choosing nothing."""
    rungs = places(settings.PLACE)
    councils = sorted(((item.id, item.name) for item in law.councils(settings.PLACE)), key=lambda item: item[1])
    council_ids = {key for key, _name in councils}
    regions = [(key, gettext(rungs.label(key))) for key in rungs.parents if key.startswith("region_")]
    wide = [
        (key, gettext(rungs.label(key)))
        for key in rungs.parents
        if key not in council_ids and not key.startswith("region_")
    ]
    return [
        ("", blank or gettext("Not known")),
        (gettext("Council area"), councils),
        (gettext("Region"), regions),
        (gettext("Wider"), wide),
    ]


def body_choices(on: date) -> Choices:
    """The bodies of the place on a day, and ‘not that we know’."""
    return [("", gettext("Not that we know")), *((item.id, item.name) for item in law.bodies(settings.PLACE, on=on))]


ASKED = (
    "gender", "country_of_origin", "trafficking", "slavery", "type", "recovered_where", "activity_where", "referral",
)  # fmt: skip
"""The fields that a page asks about everybody, if the version has them."""


class SaidForm(forms.Form):
    """What may be said about anybody: every answer is from a list."""

    gender = forms.ChoiceField(widget=forms.RadioSelect, required=False, initial="not_known")
    country_of_origin = forms.ChoiceField(choices=country_choices, required=False)
    trafficking = forms.ChoiceField(
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Recruited, moved, harboured, received or controlled by somebody so as to be exploited."),
    )
    slavery = forms.ChoiceField(
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Held, or made to work, under threat and not of their own will; nobody needs to have moved them."),
    )
    type = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False, help_text=_("Tick all that may apply.")
    )
    recovered_where = forms.ChoiceField(choices=place_choices, required=False)
    activity_where = forms.ChoiceField(choices=place_choices, required=False)
    referral = forms.ChoiceField(widget=forms.RadioSelect, required=False, initial="none")
    elsewhere = forms.ChoiceField(
        label=_("Do you know of another body that has notified or referred this person?"),
        help_text=_("So that nobody is counted twice."),
        choices=lambda: body_choices(timezone.localdate()),
        required=False,
    )
    urgent = forms.BooleanField(label=_("The police should see this today"), required=False)

    def __init__(self, *args: Any, version: NotificationVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version
        emergency_number = load_place(settings.PLACE).emergency_number
        self.fields["urgent"].help_text = gettext(
            "This is not an emergency channel. If anybody is in danger now, call %(number)s first."
        ) % {"number": emergency_number}
        for name in set(ASKED) - {item.id for item in version.fields}:
            del self.fields[name]
        for name, field in self.fields.items():
            definition = next((item for item in version.fields if item.id == name), None)
            if definition and name != "urgent":
                field.label = field.label or gettext(definition.label)
            if definition and definition.choices and isinstance(field, forms.ChoiceField) and name != "elsewhere":
                choices: Choices = [(item.key, gettext(item.label)) for item in definition.choices]
                if isinstance(field.widget, forms.RadioSelect) and name in ("trafficking", "slavery"):
                    choices.append(("", gettext("Not sure")))
                field.choices = choices

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        informative = ("country_of_origin", "trafficking", "slavery", "type", "recovered_where", "activity_where")
        if not self.errors and not any(values.get(name) for name in informative):
            self.add_error(None, gettext("Say at least one thing about what happened, or where"))
        return values

    def record(self) -> dict[str, Any]:
        """What is known, by field of the version."""
        values = {item.id: self.cleaned_data.get(item.id) for item in self.version.fields}
        return values | {"urgent": "yes" if self.cleaned_data.get("urgent") else "no"}

    def carried(self) -> list[tuple[str, str]]:
        """What was typed, for the hidden fields of the second page."""
        names = [name for name in self.data if name in self.fields]
        values = ((name, value) for name in names for value in self._listed(name))
        return [(name, str(value)) for name, value in values]

    def _listed(self, name: str) -> list[Any]:
        getlist = getattr(self.data, "getlist", None)
        return list(getlist(name)) if getlist else [self.data[name]]


class IdentifiedForm(SaidForm, LeavingForm):
    """The same, and who the person is: for a child, or an adult who agreed.

    The person is named on purpose. The form only refuses a way to reach them that is not known to be safe.
    """

    leaves: ClassVar = {"contact": Readers.MUST_NOT}
    refusals: ClassVar = {"contact": _("%(words)s is not known to be a safe way to reach them: leave it out")}

    def __init__(self, *args: Any, version: NotificationVersion, **kwargs: Any) -> None:
        super().__init__(*args, version=version, **kwargs)
        for definition in version.fields:
            if definition.identifies:
                self.fields[definition.id] = forms.CharField(
                    label=gettext(definition.label),
                    help_text=IDENTITY_HELP.get(definition.id, ""),
                    max_length=LONG_TEXT,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 2})
                    if definition.id in ("contact", "perpetrators", "other_victims")
                    else forms.TextInput(attrs={"autocomplete": "off"}),
                )


class WithoutRecordForm(IdentifiedForm):
    """A notification by a body that has no record of the person here."""

    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), empty_label=None, error_messages={"required": _("Choose a team")}
    )
    age = forms.ChoiceField(
        label=_("How old are they?"),
        widget=forms.RadioSelect,
        help_text=_("If you are not sure, say so: then nothing that identifies them is sent unless they agree."),
        error_messages={"required": _("Choose how old they are, or ‘not sure’")},
    )
    agreed = forms.ChoiceField(
        label=_("If they may be an adult: did they agree that the notification says who they are?"),
        help_text=_("Explain it in their language first. They get the same help either way."),
        choices=[
            ("given", _("Yes, they agreed")),
            ("refused", _("No, they do not agree")),
            ("not_asked", _("They could not be asked safely")),
        ],
        widget=forms.RadioSelect,
        initial="not_asked",
        required=False,
    )
    local_reference = forms.CharField(
        label=_("Your own reference for this person"),
        help_text=_("It is not sent: only a code made from it, so that a second notification is not counted twice."),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("team", "age", "agreed")

    def __init__(self, *args: Any, version: NotificationVersion, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, version=version, **kwargs)
        team = self.fields["team"]
        set_queryset(self, "team", teams)
        if len(teams) == 1:
            team.widget, team.initial = forms.HiddenInput(), teams[0].pk
        self.order_fields([*self.field_order, *(name for name in self.fields if name not in self.field_order)])

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        born = birth_written(str(values.get("date_of_birth") or ""))
        if doubt := disagreement(str(values.get("age") or ""), born, on=timezone.localdate()):
            self.add_error("age", DOUBTS[doubt])
        return values

    @property
    def identifying(self) -> list[forms.BoundField]:
        """The fields that identify, in order."""
        return [self[item.id] for item in self.version.fields if item.identifies]

    @property
    def has_identity(self) -> bool:
        """Whether an identifying field has a value or an error."""
        return any(field.errors or field.value() for field in self.identifying)

    @property
    def about(self) -> list[forms.BoundField]:
        """Every field that does not identify, in order."""
        names = {item.id for item in self.version.fields if item.identifies}
        return [field for field in self if field.name not in names and not field.is_hidden]


class SendForm(forms.Form):
    """The second page: what to do if the combination is rare, and sending."""

    request_key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    choice = forms.ChoiceField(
        label=_("How do you want to say it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how to say it")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, finding: Finding | None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if finding is None or not finding.singles_out:
            del self.fields["choice"]
            return
        options = [(f"say:{item.id}", option_words(item)) for item in finding.options]
        reasons = [
            (f"keep:{item.id}", gettext("As it is, because: %(why)s") % {"why": gettext(item.label)})
            for item in combination_rules().reasons
        ]
        set_choices(self, "choice", [*options, *reasons])

    def broader(self) -> dict[str, str]:
        """The fields to say more broadly, if that was chosen, each with its new value."""
        kind, _colon, value = self.cleaned_data.get("choice", "").partition(":")
        return dict(part.split("=", 1) for part in value.split(",")) if kind == "say" else {}

    def reason(self) -> str:
        """The id of the reason to send it as it is, if that was chosen; else empty."""
        kind, _colon, value = self.cleaned_data.get("choice", "").partition(":")
        return value if kind == "keep" else ""


class AskForm(forms.Form):
    """A question to the sender."""

    question = forms.ChoiceField(label=_("What to ask"), error_messages={"required": _("Choose what to ask")})
    words = forms.CharField(
        label=_("The question in words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONG_TEXT,
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, version: NotificationVersion, identified: bool
    ) -> None:
        super().__init__(data)
        set_choices(self, "question", [("", gettext("Choose")), *dialogue.askable(version, words=identified)])
        if not identified:
            del self.fields["words"]

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        if values.get("question") == dialogue.WORDS and not values.get("words"):
            self.add_error("words", gettext("Write the question"))
        if values.get("question") != dialogue.WORDS:
            values["words"] = ""
        return values


class AnswerForm(forms.Form):
    """An answer to a question of the police."""

    choice = forms.ChoiceField(label=_("Your answer"), error_messages={"required": _("Choose an answer")})
    words = forms.CharField(
        label=_("Your answer"),
        help_text=_("Only while they agree, or are a child. If they took it back, write nothing more about them."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONG_TEXT,
        error_messages={"required": _("Write an answer")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, version: NotificationVersion, ask: str) -> None:
        super().__init__(data, prefix="answer")
        if ask == dialogue.WORDS:
            del self.fields["choice"]
            return
        del self.fields["words"]
        set_choices(self, "choice", [("", gettext("Choose")), *dialogue.answers_to(version, ask)])


class KnownForm(forms.Form):
    """Marking somebody as already known. among: the notifications they may be known from."""

    same = forms.CharField(
        label=_("Reference of the notification about the same person"),
        help_text=_("Leave it empty if you know them in another way, such as from a referral."),
        max_length=12,
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, among: QuerySet[Notification]) -> None:
        super().__init__(data, prefix="known")
        self.among = among

    def clean_same(self) -> Notification | None:
        typed: str = self.cleaned_data["same"].strip()
        if not typed:
            return None
        code = reference.read(typed)
        notification = self.among.filter(reference=code).first() if code else None
        if notification is None:
            raise forms.ValidationError(
                _("%(text)s is not the reference of a notification you received"), params={"text": typed}
            )
        return notification


class OnwardForm(forms.Form):
    """The body it is passed on to."""

    to = forms.ChoiceField(label=_("To which body"), error_messages={"required": _("Choose to which body")})

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix="onward")
        bodies = law.bodies(settings.PLACE, on=timezone.localdate())
        set_choices(self, "to", [("", gettext("Choose")), *((item.id, item.name) for item in bodies)])


class CloseForm(forms.Form):
    """How a notification ends."""

    outcome = forms.ChoiceField(
        label=_("The outcome, which the sender sees"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an outcome")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix="close")
        set_choices(self, "outcome", [(key, dialogue.outcome_words(key)) for key in dialogue.dialogue().outcomes])


class KeyForm(forms.Form):
    """A new API key for a system."""

    name = forms.CharField(
        label=_("Which system will use it"), max_length=80, error_messages={"required": _("Name the system")}
    )
    team = forms.ModelChoiceField(
        label=_("The team whose notifications it sends"),
        queryset=Team.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose a team")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, teams: QuerySet[Team]) -> None:
        super().__init__(data)
        set_queryset(self, "team", teams)


BIGGEST_FILE = 1 << 20
"""How many bytes a file of notifications may have."""


class BringForm(forms.Form):
    """A file of notifications from a body's own system."""

    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), empty_label=None, error_messages={"required": _("Choose a team")}
    )
    file = forms.FileField(
        label=_("The file"),
        help_text=_("CSV, UTF-8, up to 1 MB and 2,000 rows."),
        error_messages={"required": _("Choose a file"), "empty": _("The file is empty")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, files: Any = None, *, teams: QuerySet[Team]) -> None:
        super().__init__(data, files)
        set_queryset(self, "team", teams)

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > BIGGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 1 MB: send it in parts"))
        return upload
