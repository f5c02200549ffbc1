"""Shows what somebody else changed while a user had a form open, in the same way in every room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield.births import Birth
from bield.service.design.births import BirthField, birth_words


class VersionedForm(forms.Form):
    """A form that knows which version was opened, so that no change is lost."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)


@dataclass(frozen=True, slots=True)
class DifferingField:
    """A field where what somebody else saved differs from what was typed."""

    label: str
    theirs: str
    mine: str


def differing_fields(form: forms.Form, theirs: Mapping[str, Any], *, version: int) -> list[DifferingField]:
    """The fields that differ. Sets the form's version, so that sending it again overwrites what is saved.

    theirs: what is saved now, by field. form: must be valid.
    """
    fields = []
    for name, field in form.fields.items():
        mine, other = form.cleaned_data.get(name), theirs.get(name)
        if name != "version" and _plain(mine) != _plain(other):
            fields.append(DifferingField(str(field.label), value_words(field, other), value_words(field, mine)))
    data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
    data["version"] = str(version)
    form.data = data
    return fields


def _plain(value: Any) -> Any:
    """A value in a form to compare: dates as stored, empty values as an empty text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value] or ""
    return value if isinstance(value, (bool, int)) else str(value or "")


def value_words(field: Any, value: Any) -> str:
    """The value of a field in words."""
    if isinstance(field, BirthField):
        return birth_words(value if isinstance(value, Birth) else Birth.read(value)) if value else ""
    if isinstance(value, date):
        return date_format(value)
    if isinstance(field, forms.DateField | forms.MultiValueField) and isinstance(value, str) and value:
        return date_format(date.fromisoformat(value))
    choices = {str(key): words for key, words in getattr(field, "choices", ())}
    texts = [
        str(choices.get(str(getattr(part, "pk", part)), part))
        for part in (value if isinstance(value, list) else [value])
        if part or part is False
    ]
    if value in (True, False):
        return _("Yes") if value else _("No")
    return ", ".join(texts) or "–"
