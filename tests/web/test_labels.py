"""What a sign is called wherever it stands: in the sets that were asked, and never like a sign of another part."""

from __future__ import annotations

from collections import Counter

import pytest

from bield.indicators import Answer, load
from bield.service.accounts.permissions import Permission, Role
from bield.service.cases import display
from bield.service.cases.access import person_for
from bield.service.referrals import actions as referrals
from bield.service.signs.labels import sign_label
from tests.world import NOW, World

BOOK = load()


@pytest.mark.parametrize("indicator_set", list(BOOK.sets))
def test_no_two_signs_of_a_set_are_called_the_same(indicator_set: str) -> None:
    asked = [item for item in BOOK.indicators.values() if indicator_set in item.strength]
    names = Counter(sign_label(BOOK, item.id, [indicator_set]) for item in asked)
    assert [name for name, times in names.items() if times > 1] == []
    for item in asked:
        assert item.label_in(indicator_set) in sign_label(BOOK, item.id, [indicator_set])


def test_where_nothing_was_asked_the_part_still_tells_two_signs_apart() -> None:
    names = Counter(sign_label(BOOK, key, ()) for key in BOOK.indicators)
    assert max(names.values()) == 1


@pytest.mark.django_db
@pytest.mark.database
def test_the_referral_and_the_changes_name_a_sign_as_it_was_asked(world: World) -> None:
    person, by = world.full_person(exploitation=["sexual"]), world.cast[Role.FIRST_RESPONDER]
    sign = next(
        item
        for item in BOOK.indicators.values()
        if "prostitution" in item.labels.get("adult_sexual", "") and "prostitution" not in item.label
    )
    world.answer(person, {sign.id: ("yes", "told")})
    referral = referrals.begin(person_for(by, person.pk, Permission.REFERRAL_MAKE), by=by, at=NOW)
    words = str(referral.answers)
    assert sign.labels["adult_sexual"] in words
    assert f"{sign.label} (" not in words
    before, now = display.check_of(person, {}), display.check_of(person, {sign.id: Answer.YES})
    assert [item.label for item in display.changes(before, now)] == [sign.labels["adult_sexual"]]
