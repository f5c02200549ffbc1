"""What people type stays here and stays whole: in every field of every page for people at work."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from bield.law import nrm_form
from bield.service.accounts.forms import InviteForm
from bield.service.accounts.models import Team
from bield.service.cases.forms import ChannelForm
from bield.service.design.fields import check_email, check_phone
from bield.service.design.renderer import TYPED
from bield.service.directory.forms import ServiceForm
from bield.service.referrals.forms import SectionForm
from tests.web.crawl import Reading

pytestmark = [pytest.mark.django_db, pytest.mark.database]


IN_WORDS = {"other_phone_who"}
"""Fields about a telephone that hold no number."""


class Fields(HTMLParser):
    """The fields of a page into which people type, the forms, and how the page stands to translation."""

    def __init__(self) -> None:
        super().__init__()
        self.typed: list[dict[str, str | None]] = []
        self.translate = ""
        self.forms: list[set[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "html":
            self.translate = names.get("translate") or ""
        if tag == "form" and names.get("method") == "post":
            self.forms.append(set())
        if tag == "input" and self.forms:
            self.forms[-1].add(names.get("name") or "")
        if tag == "textarea" or (tag == "input" and names.get("type", "text") in TYPED):
            self.typed.append(names | {"tag": tag})


def test_no_field_is_kept_by_the_browser_sent_to_a_spelling_service_or_cut_short(reading: Reading) -> None:
    fields, pages = 0, 0
    for found in reading.pages:
        if not found.is_page:
            continue
        page = Fields()
        page.feed(found.text)
        if found.address.startswith("/signs/"):
            continue  # the public's check: it asks for no words
        pages += 1
        for field in page.typed:
            assert field.get("autocomplete") == "off", (found.route, field)
            assert field.get("spellcheck") == "false", (found.route, field)
            assert "maxlength" not in field, (found.route, field)
            name = field.get("name") or ""
            if field["tag"] == "input" and ("phone" in name or "email" in name) and name not in IN_WORDS:
                assert field.get("type") in ("tel", "email"), (found.route, field)
            fields += 1
        if found.address not in ("/", "/privacy/", "/accessibility/", "/design/"):
            assert page.translate == "no", found.route
        for names in page.forms:
            assert {"csrfmiddlewaretoken", "form_key"} <= names or not names, found.route
    assert fields > 200
    assert pages > 100


@pytest.mark.parametrize(
    "number",
    ["0141 496 0123", "+44 (0)7700 900461", "(0141) 496-0123", "07700.900.461", "12345", "+123456789012345",
     "٠١٤١٤٩٦٠١٢٣", "0141\u00a0496\u00a00123", "0141–496–0123", "0131/496/0123"],
)  # fmt: skip
def test_a_telephone_number_is_taken_as_people_write_it(number: str) -> None:
    check_phone(number, label="Telephone")


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("0141 496 0123 ask for Ann", "ask for Ann” is not a telephone number. Enter digits only"),
        ("0141 496 0123 ext 4", "an extension, or who to ask for, belongs in ‘Note’"),
        ("0141 496 0123 / 0141 496 0124", "has 22 digits. A telephone number has 5 to 15"),
        ("0141 496 0123; 07700 900461", "is not a telephone number"),
        ("1234", "has 4 digits"),
        ("1234567890123456", "has 16 digits"),
        ("0141+496", "is not a telephone number"),
        ("()", "has 0 digits"),
        ("ann@example.org", "is not a telephone number"),
    ],
)
def test_what_is_no_telephone_number_is_refused_with_what_was_expected(number: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_phone(number, label="Telephone of the shop", elsewhere="Note")
    (words,) = refused.value.messages
    assert words.startswith("Telephone of the shop: “")
    assert says in words


@pytest.mark.parametrize(
    "address", ["ann", "ann@", "ann@example", "ann example.org", "ann@example.org, bob@example.org"]
)
def test_what_is_no_address_is_refused_with_what_was_expected(address: str) -> None:
    with pytest.raises(ValidationError, match=r"E-mail of the shop: .* is not an e-mail address. Enter an address"):
        check_email(address, label="E-mail of the shop")
    check_email("ann.o'neill+work@example.org", label="E-mail")


def section(name: str, **answers: str) -> Any:
    form = nrm_form("scotland", on=date(2026, 11, 24))
    return SectionForm({"version": "1"} | answers, form=form, section=name, answers=answers, version=1)


@pytest.mark.parametrize(
    ("form", "field", "says"),
    [
        (lambda: section("age", under_18="yes", council_phone="ask Ann"), "council_phone", "Telephone of the council"),
        (lambda: section("age", under_18="yes", council_email="ask Ann"), "council_email", "E-mail of the council"),
        (lambda: ChannelForm({"kind": "phone", "value": "ask Ann"}), "value", "belongs in ‘When and how it is safe’"),
        (lambda: ChannelForm({"kind": "email", "value": "ask Ann"}), "value", "is not an e-mail address"),
        (lambda: ServiceForm({"number_1": "ask Ann"}), "number_1", "belongs in ‘Telephone 1: when, and what for’"),
        (lambda: ServiceForm({"email": "ask Ann"}), "email", "E-mail: “ask Ann” is not an e-mail address"),
        (
            lambda: InviteForm({"email": "ask Ann"}, teams=Team.objects.none()),
            "email",
            "Work e-mail address: “ask Ann” is not",
        ),
    ],
)
def test_every_form_checks_telephones_and_addresses(form: Any, field: str, says: str) -> None:
    assert says in " ".join(form().errors[field])


def test_short_numbers_of_services_and_ways_that_are_no_numbers_are_taken() -> None:
    assert "number_1" not in ServiceForm({"number_1": "101"}).errors
    for kind, value in (("through", "her sister, on Sundays"), ("text", "@ann"), ("visit", "at the library")):
        assert ChannelForm({"kind": kind, "value": value}).is_valid()
