"""Which answers do not fit their question: too long for the form, or no telephone number or e-mail address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bield.law import NrmField, NrmForm
from bield.service.design.fields import check_email, check_phone


def ill_fitting(form: NrmForm, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels of the questions whose answers do not fit, in the order of the form.

    What is filled from a record is not typed on a page: it may be longer than the form takes, or of before it was
    checked.
    """
    return tuple(
        _(item.label)
        for fields in form.asked(answers).values()
        for item in fields
        if answers.get(item.id) and not _fits(item, answers[item.id], form.most_characters)
    )


def _fits(item: NrmField, value: Any, most: int) -> bool:
    try:
        if item.holds == "phone":
            check_phone(str(value), label=item.label)
        if item.holds == "email":
            check_email(str(value), label=item.label)
    except ValidationError:
        return False
    return not isinstance(value, str) or len(value) <= most
