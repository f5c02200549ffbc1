"""The forms of the directory of services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield import law
from bield.service.design.fields import (
    LEAST_SHORT,
    LONG_TEXT,
    SHORT_TEXT,
    EmailAddressField,
    PastDayField,
    PhoneField,
    codes,
    heads,
    radios,
)
from bield.service.design.meanwhile import VersionedForm
from bield.service.directory.circumstances import circumstances
from bield.service.directory.models import Service

NUMBERS = 4
"""How many telephone numbers the form of a service asks for."""

MOST_MEGABYTES = 5


class ServiceForm(VersionedForm):
    """A service in the directory."""

    name = forms.CharField(label=_("Name"), max_length=200, error_messages={"required": _("Enter the name")})
    organisation = forms.CharField(
        label=_("Who runs it"), max_length=200, error_messages={"required": _("Say who runs it")}
    )
    what = forms.CharField(
        label=_("What it does"),
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what it does")},
    )
    heads = forms.MultipleChoiceField(
        label=_("Kinds of support"), choices=heads, widget=forms.CheckboxSelectMultiple, required=False
    )
    least_age = forms.IntegerField(label=_("From what age"), min_value=0, max_value=120, required=False)
    most_age = forms.IntegerField(label=_("Up to what age"), min_value=0, max_value=120, required=False)
    areas = forms.MultipleChoiceField(
        label=_("Where it works"),
        help_text=_("Tick nothing for the whole country."),
        choices=lambda: [(item.id, item.name) for item in law.councils(settings.PLACE)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages spoken there"),
        choices=lambda: codes("language"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    access = forms.CharField(
        label=_("Getting in"),
        help_text=_("Stairs, lift, transport, hours. Never the address of a refuge or another confidential place."),
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )
    apply = forms.CharField(
        label=_("How to ask for it"), max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    email = EmailAddressField(label=_("E-mail"), required=False)
    website = forms.URLField(label=_("Website"), assume_scheme="https", required=False)
    places = forms.IntegerField(label=_("Places altogether"), min_value=0, max_value=100_000, required=False)
    free = forms.IntegerField(label=_("Places free"), min_value=0, max_value=100_000, required=False)
    counted_on = PastDayField(label=_("Counted on"), required=False)
    status = radios("service_status", _("Can it be used?"), _("Choose whether it can be used"), initial="active")
    source = forms.CharField(
        label=_("Where this comes from"), max_length=300, error_messages={"required": _("Say where this comes from")}
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, service: Service | None = None) -> None:
        super().__init__(data, initial=known_service(service))
        for circumstance in circumstances().values():
            self.fields[f"for_{circumstance.id}"] = forms.MultipleChoiceField(
                label=gettext(circumstance.label),
                help_text=gettext("Tick nothing if it makes no difference."),
                choices=[(value.key, capfirst(gettext(value.label))) for value in circumstance.values],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
        for number in range(1, NUMBERS + 1):
            use_label = gettext("Telephone %(number)d: when, and what for") % {"number": number}
            self.fields[f"number_{number}"] = PhoneField(
                label=gettext("Telephone %(number)d") % {"number": number},
                elsewhere=use_label,
                least=LEAST_SHORT,
                required=False,
            )
            self.fields[f"label_{number}"] = forms.CharField(label=use_label, max_length=SHORT_TEXT, required=False)
            self.fields[f"emergency_{number}"] = forms.BooleanField(
                label=gettext("Telephone %(number)d: for emergencies") % {"number": number}, required=False
            )

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        least, most = values.get("least_age"), values.get("most_age")
        if least is not None and most is not None and most < least:
            self.add_error("most_age", gettext("The highest age cannot be lower than the lowest age"))
        free, places = values.get("free"), values.get("places")
        if free is not None and places is not None and free > places:
            self.add_error("free", gettext("There cannot be more free places than places"))
        if free is not None and not values.get("counted_on") and "counted_on" not in self.errors:
            self.add_error("counted_on", gettext("Enter the day on which the free places were counted"))
        return values

    def values(self) -> dict[str, Any]:
        """The values to save, by field of a service."""
        cleaned = self.cleaned_data
        plain_fields = {name: cleaned[name] for name in self.base_fields if name != "version"}
        numbers = [
            {"label": cleaned[f"label_{n}"], "value": cleaned[f"number_{n}"], "emergency": cleaned[f"emergency_{n}"]}
            for n in range(1, NUMBERS + 1)
            if cleaned[f"number_{n}"]
        ]
        for_whom = {key: cleaned[f"for_{key}"] for key in circumstances() if cleaned[f"for_{key}"]}
        return plain_fields | {"numbers": numbers, "for_whom": for_whom}


def known_service(service: Service | None) -> dict[str, Any]:
    """The form's initial values for a service; empty for a new one."""
    if service is None:
        return {}
    initial = {name: getattr(service, name) for name in ServiceForm.base_fields}
    initial |= {f"for_{key}": values for key, values in service.for_whom.items()}
    for number, telephone in enumerate(service.numbers[:NUMBERS], start=1):
        initial[f"number_{number}"], initial[f"label_{number}"] = telephone["value"], telephone["label"]
        initial[f"emergency_{number}"] = telephone["emergency"]
    return initial


class DirectoryForm(forms.Form):
    """Finding a service."""

    words = forms.CharField(label=_("Name, or a word of what it does"), max_length=SHORT_TEXT, required=False)
    head = forms.ChoiceField(
        label=_("Kind of support"), choices=lambda: [("", gettext("Any")), *heads()], required=False
    )
    area = forms.ChoiceField(
        label=_("Where"),
        choices=lambda: [("", gettext("Anywhere")), *((item.id, item.name) for item in law.councils(settings.PLACE))],
        required=False,
    )
    status = forms.ChoiceField(
        label=_("Can it be used?"),
        choices=lambda: [("", gettext("Any")), *codes("service_status")],
        required=False,
    )


def read_services(content: bytes) -> Any:
    """The decoded JSON of a file of services, without the byte order mark that some editors add."""
    return json.loads(content.decode("utf-8-sig"))


class BringInForm(forms.Form):
    """A file in HSDS."""

    file = forms.FileField(
        label=_("A file in HSDS, as JSON"),
        error_messages={"required": _("Choose a file"), "empty": _("The file is empty")},
    )

    raw: Any = None
    """The decoded file, once it is checked."""

    def clean_file(self) -> bytes:
        upload = self.cleaned_data["file"]
        if upload.size > MOST_MEGABYTES << 20:
            raise ValidationError(_("The file is larger than %(most)d MB"), params={"most": MOST_MEGABYTES})
        content: bytes = upload.read()
        if rb"\u0000" in content or b"\0" in content:
            raise ValidationError(_("The file contains null characters, which no database can store: remove them"))
        try:
            self.raw = read_services(content)
        except UnicodeDecodeError:
            raise ValidationError(_("The file is not text in UTF-8")) from None
        except RecursionError:
            raise ValidationError(_("The file is nested too deeply")) from None
        except json.JSONDecodeError as error:
            raise ValidationError(_("The file is not JSON: %(why)s"), params={"why": error}) from None
        except ValueError:
            raise ValidationError(_("The file has a number with too many digits")) from None
        return content
