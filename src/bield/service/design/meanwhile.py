"""Somebody changed something while somebody else had it open: the same words and the same table in every room."""

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
    """A form that knows which version was opened, so that nobody's change is lost."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)


@dataclass(frozen=True, slots=True)
class Differs:
    """A field in which what was saved meanwhile differs from what was typed."""

    label: str
    theirs: str
    mine: str


def meanwhile(form: forms.Form, theirs: Mapping[str, Any], *, version: int) -> list[Differs]:
    """What differs; and the form made ready to be saved over what somebody else saved, with everything that was typed.

    theirs: by field, what is saved now. form: read and found sound already.
    """
    found = []
    for name, field in form.fields.items():
        mine, other = form.cleaned_data.get(name), theirs.get(name)
        if name != "version" and _plain(mine) != _plain(other):
            found.append(Differs(str(field.label), value_words(field, other), value_words(field, mine)))
    data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
    data["version"] = str(version)
    form.data = data
    return found


def _plain(value: Any) -> Any:
    """Days as they are stored, and nothing for what is empty, so that only true differences are shown."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value] or ""
    return value if isinstance(value, (bool, int)) else str(value or "")


def value_words(field: Any, value: Any) -> str:
    """What stands in a field, in words."""
    if isinstance(field, BirthField):
        return birth_words(value if isinstance(value, Birth) else Birth.read(value)) if value else ""
    if isinstance(value, date):
        return date_format(value)
    if isinstance(field, forms.DateField | forms.MultiValueField) and isinstance(value, str) and value:
        return date_format(date.fromisoformat(value))
    choices = {str(key): words for key, words in getattr(field, "choices", ())}
    found = [
        str(choices.get(str(getattr(item, "pk", item)), item))
        for item in (value if isinstance(value, list) else [value])
        if item or item is False
    ]
    if value in (True, False):
        return _("Yes") if value else _("No")
    return ", ".join(found) or "–"
