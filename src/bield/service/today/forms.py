"""The box that finds somebody from every page, and the search in the help."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class FindForm(forms.Form):
    """Look for somebody. It is posted, so that no name gets into an address."""

    find = forms.CharField(
        label=_("Find by reference or name"),
        help_text=_("A reference, or one or more of their names in full. Capitals, accents and order do not matter."),
        max_length=250,
        error_messages={"required": _("Enter a reference or a name")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
