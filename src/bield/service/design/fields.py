"""Fields that the design system has and Django has not: a day in three boxes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DayInput(forms.MultiWidget):
    """Day, month and year, each in its own box, as people know their dates."""

    template_name = "design/day.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {
            name: forms.TextInput(attrs={"inputmode": "numeric", "size": size, "autocomplete": "off"})
            for name, size in (("day", 2), ("month", 2), ("year", 4))
        }
        super().__init__(boxes, attrs)

    def id_for_label(self, id_: str) -> str:
        """The first box: where a link from the summary of errors leads."""
        return f"{id_}_0" if id_ else id_

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, str) and value:
            value = date.fromisoformat(value)
        return [value.day, value.month, value.year] if isinstance(value, date) else [None, None, None]


class DayField(forms.MultiValueField):
    """A day of the calendar. latest: the last day that makes sense, such as today for what has happened."""

    widget = DayInput
    default_error_messages = {
        "required": _("Enter a day, a month and a year"),
        "incomplete": _("Enter the day, the month and the year"),
        "invalid": _("%(value)s is not a day of the calendar. For example, 31 3 2018"),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("require_all_fields", False)
        boxes = [forms.CharField(required=False, max_length=4) for _box in range(3)]
        super().__init__(boxes, **kwargs)

    def clean(self, value: Any) -> date | None:
        parts = [str(part or "").strip() for part in value or ["", "", ""]]
        if not any(parts):
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        if not all(parts):
            raise forms.ValidationError(self.error_messages["incomplete"], code="incomplete")
        return self.compress(parts)

    def compress(self, parts: Sequence[str]) -> date:
        try:
            if len(parts[2]) != 4:
                raise ValueError
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        except ValueError:
            shown = " ".join(parts)
            raise forms.ValidationError(self.error_messages["invalid"] % {"value": shown}, code="invalid") from None
