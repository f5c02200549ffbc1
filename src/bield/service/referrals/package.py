"""Makes the package to hand in: the referral as PDF and JSON, the evidence, and a list with the hash of each part."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from bield import law
from bield.law import LawError, NrmField, NrmForm, nrm_form_version
from bield.law.nrm import Conditions
from bield.service.codelists import label, mechanism_words
from bield.service.documents import Block, Facts, Heading, Lines, as_pdf
from bield.service.referrals.models import Evidence, HandIn, Referral

FORMAT = "bield-nrm-referral-1"

ONE_LINE = 80
"""How many characters of answers to tick fit beside each other on paper; longer answers go one under another."""


def answer_words(question: NrmField, value: Any) -> str:
    """An answer in the words of the form."""
    if isinstance(value, list):
        return "; ".join(_(question.in_words(part)) for part in value)
    if question.choices:
        return _(question.in_words(value))
    if question.holds == "day":
        return date_format(date.fromisoformat(value))
    if question.holds in ("body", "council"):
        try:
            return law.body(value).name
        except LawError:
            return str(value)
    return str(value)


def sections_in_words(form: NrmForm, answers: dict[str, Any]) -> list[tuple[str, str, list[tuple[NrmField, str]]]]:
    """Each section that is asked: its id, its title, and each question with its answer, empty if unanswered."""
    return [
        (
            section,
            _(form.section(section).title),
            [(item, answer_words(item, answers[item.id]) if answers.get(item.id) else "") for item in fields],
        )
        for section, fields in form.asked(answers).items()
    ]


def as_json(referral: Referral) -> bytes:
    """The referral as JSON: the answers that count, under the ids of the form's version.

    For a closed referral, the answers as they were saved on closing: a later reading of the form cannot change them.
    """
    answers = referral.answers if referral.closed_at else nrm_form_version(referral.form).counting(referral.answers)
    document = {
        "format": FORMAT,
        "form": referral.form,
        "reference": referral.person.shown_reference,
        "answers": answers,
        "evidence": [
            {"file": _file_name(number, item.type), "shows": item.shows, "sha256": item.digest}
            for number, item in enumerate(referral.evidence.defer("content"), start=1)
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True).encode()


def as_document(referral: Referral) -> bytes:
    """The referral as a PDF, in the order and the words of the form."""
    form = nrm_form_version(referral.form)
    closed = date_format(localtime(referral.closed_at), "j F Y, H:i") if referral.closed_at else _("Draft: not closed")
    blocks: list[Block] = [
        Facts(
            (
                (_("Reference"), referral.person.shown_reference),
                (_("Closed"), closed),
                (_("Form"), _(form.title)),
            )
        ),
        Lines((_("The questions are in Bield’s words, in the order of the form."),)),
    ]
    for _section, title, rows in sections_in_words(form, referral.answers):
        blocks.append(Heading(title))
        blocks.append(Facts(tuple((_(item.label), words or "–") for item, words in rows)))
    files = [
        (_file_name(number, item.type), item.shows or "–")
        for number, item in enumerate(referral.evidence.defer("content"), start=1)
    ]
    if files:
        blocks += [Heading(_("Files")), Facts(tuple(files))]
    return as_pdf(
        _("Referral to the %(name)s") % {"name": mechanism_words("name")}, blocks, marking=_("OFFICIAL-SENSITIVE")
    )


def blank(form: NrmForm) -> bytes:
    """The form to fill in by hand: every question in its order, with when it is asked."""
    by_id = {question.id: question for question in form.fields}
    blocks: list[Block] = [
        Lines(
            (
                _("%(title)s. The questions are in Bield’s words, in the order of the form.")
                % {"title": _(form.title)},
                _("Not sure of somebody’s age is treated as a child. Support does not depend on helping the police."),
            )
        )
    ]
    for section in form.sections:
        blocks.append(Heading(_(section.title)))
        if section.when:
            blocks.append(Lines((condition_words(section.when, by_id),)))
        if section.unless:
            blocks.append(Lines((_("Not needed if: %(when)s") % {"when": _pairs(section.unless, by_id)},)))
        for question in section.fields:
            label = _(question.label) + ("" if question.required else " " + _("(if known)"))
            lines = [condition_words(question.when, by_id)] if question.when else []
            lines += [_(question.help)] if question.help else []
            blocks.append(Heading(label, level=2))
            labels = [f"☐ {_(choice.label)}" for choice in question.choices]
            answers = ("\n" if sum(map(len, labels)) > ONE_LINE else "    ").join(labels)
            space = answers or "\n".join(["_" * 78] * {"long": 4, "lines": 3}.get(question.holds, 1))
            blocks.append(Lines((*lines, *space.split("\n"))))
    return as_pdf(_("Referral form, to fill in by hand"), blocks, marking=_("OFFICIAL-SENSITIVE when filled in"))


def condition_words(when: Conditions, titles: dict[str, NrmField]) -> str:
    """When something is asked, in words."""
    return _("Only if: %(when)s") % {"when": _pairs(when, titles)}


def _pairs(when: Conditions, titles: dict[str, NrmField]) -> str:
    return "; ".join(
        _("“%(question)s” is %(answer)s")
        % {
            "question": _(titles[name].label),
            "answer": _(" or ").join(f"“{_(titles[name].in_words(value))}”" for value in values),
        }
        for name, values in when.items()
    )


def _file_name(number: int, kind: str) -> str:
    return f"evidence-{number:03}.{kind}"


def bytes_of(evidence: Evidence) -> bytes:
    """The content of a file of evidence, decoded."""
    return base64.b64decode(evidence.content)


def parts_of(referral: Referral) -> dict[str, bytes]:
    """The parts of the package that get a hash: their content does not change once the referral is closed."""
    parts = {"referral.json": as_json(referral)}
    for number, item in enumerate(referral.evidence.all(), start=1):
        parts[_file_name(number, item.type)] = bytes_of(item)
    return parts


def as_package(referral: Referral) -> bytes:
    """Everything in one ZIP file: PDF, JSON, the files and the list of hashes."""
    parts = parts_of(referral)
    listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(referral.receipt.items()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in (parts | {"referral.pdf": as_document(referral), "SHA256SUMS": listed.encode()}).items():
            package.writestr(name, content)
    return out.getvalue()


def hand_in_words(hand_in: HandIn) -> str:
    """When and how a referral was handed in, with the Home Office's reference if it is known."""
    words = f"{date_format(hand_in.on)}: {label('hand_in', hand_in.way)}"
    return words + (", " + _("reference %(number)s") % {"number": hand_in.number} if hand_in.number else "")


def receipt_pdf(referral: Referral) -> bytes:
    """The sender's receipt: what was closed, and when it was handed in. It names the person only by reference."""
    assert referral.closed_at is not None  # noqa: S101  # only a closed referral has a receipt
    current = referral.hand_ins.filter(ended_at__isnull=True).first()
    blocks: list[Block] = [
        Facts(
            (
                (_("Reference"), referral.person.shown_reference),
                (_("Closed"), date_format(localtime(referral.closed_at), "j F Y, H:i")),
                (_("By"), f"{referral.closed_by.name if referral.closed_by else ''}, {referral.person.team}"),
                (_("Handed in"), hand_in_words(current) if current else _("Not recorded yet")),
                (_("Form"), _(nrm_form_version(referral.form).title)),
            )
        ),
        Heading(_("SHA-256 of each part")),
        Lines(tuple(f"{name}: {digest}" for name, digest in sorted(referral.receipt.items()))),
    ]
    title = _("Receipt of a referral") if current else _("A referral that is ready to hand in")
    return as_pdf(title, blocks, marking=_("OFFICIAL-SENSITIVE"))
