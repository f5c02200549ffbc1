"""The form fields of every room: dates in three boxes, telephone numbers, choices from a list, notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield import law
from bield.births import birth_written, month_number
from bield.law.support import support_of
from bield.service.codelists import ListName, lists
from bield.times import time_written

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words: TypeAlias = "str | _StrPromise"

Choices = list[tuple[str, str]]

LONG_TEXT = 5_000
"""The most characters in a note."""

SHORT_TEXT = 200
"""The most characters in a line."""

IN_A_NUMBER = frozenset(" +()-./\u00a0\u2010\u2011\u2013")
"""What a telephone number may contain besides digits: spaces, and the signs that people write in them."""

LEAST_DIGITS, MOST_DIGITS = 5, 15
"""How many digits a telephone number has; the most is the world's limit, with the country code (ITU-T E.164)."""

LEAST_SHORT = 3
"""How many digits a service's short number has at least, such as 101."""


class DayInput(forms.MultiWidget):
    """Day, month and year, each in its own box, as people know their dates."""

    template_name = "design/day.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {
            "day": forms.TextInput(attrs={"inputmode": "numeric", "size": 2, "autocomplete": "off"}),
            "month": forms.TextInput(attrs={"size": 9, "autocomplete": "off"}),
            "year": forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "autocomplete": "off"}),
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
    """A date."""

    widget = DayInput
    default_error_messages = {
        "required": _("Enter a day, a month and a year"),
        "incomplete": _("Enter the day, the month and the year"),
        "invalid": _("%(value)s is not a day of the calendar. Day first, for example 31 3 2018 or 31 March 2018"),
        "year": _("Write the year with four figures, for example 2018, not “%(value)s”"),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("require_all_fields", False)
        boxes = [forms.CharField(required=False) for _box in range(3)]
        super().__init__(boxes, **kwargs)

    def clean(self, value: Any) -> date | None:
        parts = [str(part or "").strip() for part in value or ["", "", ""]]
        if not any(parts):
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        if parts[0] and not any(parts[1:]) and (whole := birth_written(parts[0])) and whole.day:
            return whole.day
        if not all(parts):
            raise forms.ValidationError(self.error_messages["incomplete"], code="incomplete")
        return self.compress(parts)

    def compress(self, parts: Sequence[str]) -> date:
        if not (parts[2].isdecimal() and len(parts[2]) == 4):
            raise forms.ValidationError(self.error_messages["year"] % {"value": parts[2]}, code="year")
        try:
            return date(int(parts[2]), month_number(parts[1]), int(parts[0]))
        except ValueError:
            shown = " ".join(parts)
            raise forms.ValidationError(self.error_messages["invalid"] % {"value": shown}, code="invalid") from None


class PastDayField(DayField):
    """A date that is today or earlier."""

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day and day > timezone.localdate():
            raise forms.ValidationError(
                _("%(day)s is in the future: enter today or an earlier date"), params={"day": date_format(day)}
            )
        if day and day < timezone.localdate() - timedelta(days=366 * 120):
            raise forms.ValidationError(_("%(year)s is too long ago: check the year"), params={"year": day.year})
        return day


class FutureDayField(DayField):
    """A date that is today or later."""

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day and day < timezone.localdate():
            raise forms.ValidationError(
                _("%(day)s is in the past: enter today or a later date"), params={"day": date_format(day)}
            )
        return day


class TimeField(forms.CharField):
    """A time of day as people write it; stored as HH:MM in 24 hours."""

    default_error_messages = {
        "invalid": _(
            "“%(value)s” is not a time of day. Enter hours and minutes, such as 14:30 or 2:30 pm. If you know it only "
            "roughly, leave it empty and say so in words"
        )
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs["help_text"] = kwargs.get("help_text") or _(
            "For example, 14:30 or 2:30 pm. Leave it empty if not known."
        )
        super().__init__(widget=forms.TextInput(attrs={"size": 10}), **kwargs)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value).strip()
        if not text:
            return ""
        at: time | None = time_written(text)
        if at is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid", params={"value": text})
        return f"{at:%H:%M}"


def check_phone(value: str, *, label: Words, elsewhere: Words = "", least: int = LEAST_DIGITS) -> None:
    """Raise ValidationError, with the label of the field, unless the value is a telephone number.

    elsewhere: the label of the field for words and extensions. least: the fewest digits allowed.
    """
    place = gettext("in ‘%(field)s’") % {"field": elsewhere} if elsewhere else gettext("in another answer")
    about = {"label": label, "value": value, "place": place, "least": least}
    digits = sum(sign.isdigit() for sign in value)
    if any(not sign.isdigit() and sign not in IN_A_NUMBER for sign in value) or "+" in value.lstrip(" (")[1:]:
        words = _(
            "%(label)s: “%(value)s” is not a telephone number. Enter digits only, such as 0141 496 0123; an extension, "
            "or who to ask for, belongs %(place)s"
        )
        raise ValidationError(words, code="invalid", params=about)
    if not least <= digits <= MOST_DIGITS:
        words = _("%(label)s: “%(value)s” has %(digits)d digits. A telephone number has %(least)d to %(most)d")
        raise ValidationError(words, code="invalid", params=about | {"digits": digits, "most": MOST_DIGITS})


def check_email(value: str, *, label: Words) -> None:
    """Raise ValidationError, with the label of the field, unless the value is an e-mail address."""
    try:
        validate_email(value)
    except ValidationError:
        words = _("%(label)s: “%(value)s” is not an e-mail address. Enter an address such as name@example.org")
        raise ValidationError(words, code="invalid", params={"label": label, "value": value}) from None


class PhoneField(forms.CharField):
    """A telephone number, stored as it was typed. elsewhere: the label of the field for words and extensions."""

    widget = forms.TelInput

    def __init__(self, *, elsewhere: Words = "", least: int = LEAST_DIGITS, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)
        self.elsewhere, self.least = elsewhere, least

    def clean(self, value: Any) -> str:
        number: str = super().clean(value)
        if number:
            check_phone(number, label=self.label or "", elsewhere=self.elsewhere, least=self.least)
        return number


class EmailAddressField(forms.CharField):
    """An e-mail address."""

    widget = forms.EmailInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def clean(self, value: Any) -> str:
        address: str = super().clean(value)
        if address:
            check_email(address, label=self.label or "")
        return address


def set_choices(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Set the choices of a form's field. Raises TypeError for a field that has no choices."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{type(form).__name__}.{name} has no choices")
    field.choices = list(choices)


def set_queryset(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Set the rows that may be chosen in a form's field. Raises TypeError for a field that has none."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"{type(form).__name__}.{name} is not a choice among rows")
    field.queryset = rows


# Choices and notes


def codes(name: ListName, *, blank: str = "") -> Choices:
    """The choices of a code list today. blank: the words for choosing nothing."""
    choices = lists()[name].choices(on=timezone.localdate())
    return [("", blank), *choices] if blank else choices


def councils(*, blank: str = "") -> Choices:
    """The councils of the place, by name."""
    return [
        ("", blank or gettext("Not known")),
        *((council.id, council.name) for council in law.councils(settings.PLACE)),
    ]


def heads() -> Choices:
    """The heads of support of the place's law, in its order."""
    return [(head.id, gettext(head.label)) for head in support_of(settings.PLACE).heads]


def one_of(
    choices: Callable[[], Choices],
    label: Words,
    required: Words = "",
    *,
    widget: type[forms.Widget] = forms.RadioSelect,
    **kwargs: Any,
) -> forms.ChoiceField:
    """One of some choices, as radio buttons. required: the error if nothing was chosen; empty if that is allowed.

    choices: called for each form, since lists change with the day and words with the language.
    """
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=widget,
        required=bool(required),
        error_messages={"required": required} if required else {},
        **kwargs,
    )


def radios(
    name: ListName, label: Words, required: Words = "", *, blank: Words = "", **kwargs: Any
) -> forms.ChoiceField:
    """One of a list, as radio buttons. blank: the words for choosing nothing."""
    return one_of(lambda: codes(name, blank=str(blank)), label, required, **kwargs)


def select(name: ListName, label: Words, required: Words = "", **kwargs: Any) -> forms.ChoiceField:
    """One of a long list, as a drop-down."""
    return one_of(lambda: codes(name, blank=gettext("Choose")), label, required, widget=forms.Select, **kwargs)


def words(label: Words, help_text: Words = "", *, rows: int = 4, required: Words = "") -> forms.CharField:
    """A note. Notes are sealed like an identity, because people write names into them."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        max_length=LONG_TEXT,
        required=bool(required),
        error_messages={"required": required} if required else {},
    )
