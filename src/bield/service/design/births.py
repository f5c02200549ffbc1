"""The form field for a date of birth as people know it, and the words to show one in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bield.births import Birth, birth_written, month_number
from bield.calendars import CALENDARS, span

OLDEST: Final = 120
CALENDAR_NAMES: Final = {
    "gregorian": gettext_lazy("The usual one (Gregorian)"),
    "ethiopian": gettext_lazy("Ethiopian"),
    "persian": gettext_lazy("Persian (Iran, Afghanistan)"),
    "hijri": gettext_lazy("Hijri (Islamic)"),
}
SURE: Final = {
    "": gettext_lazy("Not said"),
    "sure": gettext_lazy("It is right"),
    "estimated": gettext_lazy("It is estimated"),
}


def birth_words(birth: Birth) -> str:
    """A birth in words that say no more than is known."""
    first, last = birth.earliest, birth.latest
    if first == last:
        shown = date_format(first)
    elif (first, last) == span("gregorian", first.year):
        shown = _("%(year)s (day and month not known)") % {"year": first.year}
    elif (first, last) == span("gregorian", first.year, first.month):
        shown = _("%(month)s (day not known)") % {"month": date_format(first, "F Y")}
    else:
        shown = _("between %(first)s and %(last)s") % {"first": date_format(first), "last": date_format(last)}
    return _("%(birth)s, estimated") % {"birth": shown} if birth.estimated else shown


def months_words(first: date, last: date) -> str:
    """A month, or a span of months, in words. first, last: a day of each."""
    words = [date_format(day, "F Y") for day in (first, last)]
    return words[0] if words[0] == words[1] else _("%(first)s to %(last)s") % {"first": words[0], "last": words[1]}


class BirthInput(forms.MultiWidget):
    """Day, month and year; calendar, certainty or an age; and a box to confirm what was understood."""

    template_name = "design/birth.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        off = {"autocomplete": "off"}
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {
            "day": forms.TextInput(attrs={"size": 2, "inputmode": "numeric", **off}),
            "month": forms.TextInput(attrs={"size": 9, **off}),
            "year": forms.TextInput(attrs={"size": 4, "inputmode": "numeric", **off}),
            "sure": forms.Select(choices=list(SURE.items())),
            "calendar": forms.Select(choices=list(CALENDAR_NAMES.items())),
            "years": forms.TextInput(attrs={"size": 3, "inputmode": "numeric", **off}),
            "agreed": forms.HiddenInput,
        }
        super().__init__(boxes, attrs)

    def id_for_label(self, id_: str) -> str:
        """The first box: where a link from the summary of errors leads."""
        return f"{id_}_0" if id_ else id_

    def decompress(self, value: Any) -> list[Any]:
        birth = Birth.read(value) if isinstance(value, str) and value else value
        if not isinstance(birth, Birth):
            return [None, None, None, "", "gregorian", None, None]
        first, last = birth.earliest, birth.latest
        sure = "estimated" if birth.estimated else "sure" if (first.month, first.day, first) == (1, 1, last) else ""
        if first == last:
            boxes: list[Any] = [first.day, first.month, first.year]
        elif (first, last) == span("gregorian", first.year):
            boxes = [None, None, first.year]
        elif (first, last) == span("gregorian", first.year, first.month):
            boxes = [None, first.month, first.year]
        else:
            return [None, None, None, sure, "gregorian", None, birth.stored]
        return [*boxes, sure, "gregorian", None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add what to confirm: the date as converted from another calendar, or the span that is stored now."""
        context = super().get_context(name, value, attrs)
        parts = [str(part or "").strip() for part in (value if isinstance(value, list) else self.decompress(value))]
        day, month, year, _sure, calendar, years, agreed = parts
        offered, kept = None, False
        try:
            if calendar != CALENDARS[0] and any((day, month, year)):
                offered = _understood(parts)
            elif agreed and not any((day, month, year, years)):
                offered, kept = Birth.read(agreed), True
        except (ValueError, forms.ValidationError):
            offered = None
        if offered is not None:
            context["widget"] |= {
                "offered": offered.stored,
                "offered_words": birth_words(offered),
                "kept": kept,
                "ticked": agreed == offered.stored,
            }
        context["widget"]["more"] = bool(years or offered or calendar not in ("", CALENDARS[0]))
        return context


class BirthField(forms.MultiValueField):
    """A `Birth`, or None. What was typed is understood or refused, never guessed."""

    widget = BirthInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__([forms.CharField(required=False) for _box in range(7)], require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> Birth | None:
        parts = [str(part or "").strip() for part in value or [""] * 7]
        day, month, year, _sure, calendar, years, agreed = parts
        if not any((day, month, year)):
            return _from_age(years) if years else _confirmed_span(agreed)
        birth = _understood(parts)
        if calendar not in ("", CALENDARS[0]) and agreed != birth.stored:
            shown = _("This was understood as %(birth)s. Tick the box below the date if that is right, and save again")
            raise forms.ValidationError(shown % {"birth": birth_words(birth)}, code="agree")
        return birth


def _understood(parts: Sequence[str]) -> Birth:
    """The birth that was typed. Raises ValidationError, which says what to do, if it is not a date."""
    day, month, year, sure, calendar, _years, _agreed = parts
    if calendar not in CALENDARS:
        calendar = CALENDARS[0]
    if not month and not year and (whole := birth_written(day)):
        return _plausible(Birth(whole.earliest, whole.latest, whole.estimated or sure == "estimated"), sure, day)
    shown = " ".join(part for part in (day, month, year) if part)
    if not year:
        raise forms.ValidationError(_("Enter the year too, or only the year, or an age"), code="year")
    if day and not month:
        raise forms.ValidationError(_("Enter the month too, or leave the day empty"), code="month")
    first, last = _days(calendar, year, month, day, shown)
    # A Hijri date depends on when the moon was seen.
    birth = Birth(first, last, sure == "estimated" or (calendar == "hijri" and sure != "sure"))
    return _plausible(birth, sure, shown, new_year=bool(day) and int(day) == 1 and month_number(month) == 1)


def _days(calendar: Any, year: str, month: str, day: str, shown: str) -> tuple[date, date]:
    if not (year.isdecimal() and len(year) == 4):
        raise forms.ValidationError(
            _("Write the year with four figures, for example 1999, not “%(year)s”") % {"year": year}, code="year"
        )
    if calendar == CALENDARS[0] and int(year) < timezone.localdate().year - OLDEST:
        raise forms.ValidationError(
            _("%(year)s is too long ago. If it is a year of another calendar, choose that calendar below the date")
            % {"year": year},
            code="calendar",
        )
    try:
        number = month_number(month) if month else None
        return span(calendar, int(year), number, int(day) if day else None)
    except ValueError:
        text = _("%(value)s is not a date. Day first, then month: for example, 31 3 2008 or 31 March 2008")
        raise forms.ValidationError(text % {"value": shown}, code="invalid") from None


def _plausible(birth: Birth, sure: str, shown: str, *, new_year: bool | None = None) -> Birth:
    today = timezone.localdate()
    if birth.earliest > today:
        raise forms.ValidationError(_("%(value)s is in the future: check the year") % {"value": shown}, code="future")
    if birth.latest < today - timedelta(days=366 * OLDEST):
        raise forms.ValidationError(_("%(value)s is too long ago: check the year") % {"value": shown}, code="past")
    if new_year is None:
        new_year = birth.earliest == birth.latest and (birth.earliest.month, birth.earliest.day) == (1, 1)
    if new_year and not sure:
        text = _(
            "%(value)s: people often write the first day of the year when only the year is known. Choose whether the "
            "date is right or estimated, or enter only the year"
        )
        raise forms.ValidationError(text % {"value": shown}, code="new_year")
    return birth


def _from_age(years: str) -> Birth:
    if not (years.isdecimal() and int(years) <= OLDEST):
        text = _("Enter the age in full years, for example 16, not “%(years)s”")
        raise forms.ValidationError(text % {"years": years}, code="age")
    return Birth.aged(int(years), on=timezone.localdate())


def _confirmed_span(agreed: str) -> Birth | None:
    try:
        return _plausible(Birth.read(agreed), "sure", agreed) if agreed else None
    except ValueError:
        raise forms.ValidationError(_("Enter the date of birth again"), code="invalid") from None
