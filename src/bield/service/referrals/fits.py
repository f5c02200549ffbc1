"""Finds answers that do not fit their question: too long for the form, or a wrong telephone number or e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bield.law import NrmField, NrmForm
from bield.service.design.fields import check_email, check_phone


def misfitting(form: NrmForm, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels of the questions with answers that do not fit, in the order of the form.

    An answer filled from a record did not go through the form's own checks: it may be too long, or older than they are.
    """
    return tuple(
        _(item.label)
        for fields in form.asked(answers).values()
        for item in fields
        if answers.get(item.id) and not _fits(item, answers[item.id], form.most_characters)
    )


def _fits(question: NrmField, value: Any, most: int) -> bool:
    try:
        if question.holds == "phone":
            check_phone(str(value), label=question.label)
        if question.holds == "email":
            check_email(str(value), label=question.label)
    except ValidationError:
        return False
    return not isinstance(value, str) or len(value) <= most
