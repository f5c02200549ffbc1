"""Makes the rule book as a page and as a document, from the table in `permissions`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield.service.accounts.permissions import Permission, Role
from bield.service.documents import Block, Heading, Lines, Table, as_pdf


@dataclass(frozen=True, slots=True)
class RoleWords:
    """A role in words."""

    name: str
    what: str
    may: tuple[str, ...]


def rules() -> tuple[RoleWords, ...]:
    """Every role with what it may do, in the order of the rule book."""
    return tuple(
        RoleWords(
            str(role.label),
            str(role.description),
            tuple(str(permission.label) for permission in Permission if permission in role.permissions),
        )
        for role in Role
    )


def grid() -> tuple[list[str], list[list[str]]]:
    """The same as a table: one row for each permission, one column for each role."""
    headings = [_("May"), *(str(role.label) for role in Role)]
    rows = [
        [str(permission.label), *(_("yes") if permission in role.permissions else "–" for role in Role)]
        for permission in Permission
    ]
    return headings, rows


def document(*, today: date) -> bytes:
    """The rule book as a PDF."""
    blocks: list[Block] = [
        Lines(
            (
                _("What a role may do, it may do in its own team or organisation only. There are no exceptions."),
                _("These are the rules in the program on %(day)s.") % {"day": date_format(today)},
            )
        )
    ]
    for role in rules():
        blocks += [Heading(role.name), Lines((role.what,))]
        if role.may:
            blocks.append(Table((), tuple((permission,) for permission in role.may)))
    return as_pdf(_("Who may do what"), blocks)
