"""Where identity stops, and whether a combination singles somebody out."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bield import disclosure, law
from bield.datafiles import DataError
from bield.disclosure import Identified, Notice, NotMinimal, Register, identifiability, minimise
from bield.disclosure.combination.rules import judged_fields, parse_published, parse_rules, published
from bield.disclosure.minimisation import allowed
from bield.law.reading import read_of

DAY = date(2026, 11, 24)
VERSION = law.notification_fields("scotland", on=DAY)
FIELDS = [item.id for item in VERSION.fields]
IDENTIFYING = [item.id for item in VERSION.fields if item.identifies]

texts = st.text(max_size=40)
anything = st.one_of(texts, st.lists(texts, max_size=4), st.none(), st.integers(), st.dictionaries(texts, texts))
known_values = {
    "country_of_origin": st.sampled_from(sorted(disclosure.countries().parents)),
    "recovered_where": st.sampled_from(sorted(disclosure.places("scotland").parents)),
    "activity_where": st.sampled_from(sorted(disclosure.places("scotland").parents)),
    "gender": st.sampled_from(["woman", "man", "other", "not_known"]),
    "type": st.lists(st.sampled_from(["labour", "sexual", "offence"]), max_size=2),
    "name": texts,
    "contact": texts,
}
records = st.one_of(
    st.dictionaries(st.one_of(st.sampled_from(FIELDS), texts), anything, max_size=20),
    st.fixed_dictionaries({}, optional=known_values),
)
refusals = st.sampled_from([{}, *({"notification_identity": word} for word in ("refused", "withdrawn", "reset"))])
adults = st.sampled_from(["adult", "not_sure"])


def say(record: dict[str, Any], consents: dict[str, str] | None = None, age: str = "adult") -> Notice | Identified:
    return minimise(record, VERSION, consents or {}, age, body="glasgow-city", on=DAY)


def notice(**record: Any) -> Notice:
    found = say(record)
    assert isinstance(found, Notice)
    return found


@given(records, refusals, adults)
def test_without_agreement_only_closed_lists_come_out(
    record: dict[str, Any], consents: dict[str, str], age: str
) -> None:
    found = say(record, consents, age)
    assert isinstance(found, Notice)
    for name, values in found.said:
        field = VERSION.field(name)
        assert not field.identifies
        assert field.holds != "words"
        assert allowed(field, values)


@given(records, records, refusals, adults)
def test_without_agreement_nothing_depends_on_who_somebody_is(
    record: dict[str, Any], other: dict[str, Any], consents: dict[str, str], age: str
) -> None:
    """Whatever the identifying fields hold, and whatever else there is, what is said is the same."""
    permitted = {name: value for name, value in record.items() if name in FIELDS and name not in IDENTIFYING}
    somebody_else = permitted | {name: value for name, value in other.items() if name not in permitted}
    keep = {name: value for name, value in somebody_else.items() if name in permitted or name in IDENTIFYING}
    one, two = say(record, consents, age), say(keep, consents, age)
    assert isinstance(one, Notice)
    assert isinstance(two, Notice)
    assert one.said == two.said


@given(st.sampled_from(FIELDS), st.text(min_size=1).filter(lambda text: text.strip() != ""))
def test_a_notice_cannot_be_made_with_words(name: str, words: str) -> None:
    field = VERSION.field(name)
    assume(not allowed(field, (words,)))  # a text that happens to be on the closed list of this field
    with pytest.raises(NotMinimal) as problem:
        Notice(VERSION.id, ((name, (words,)),))
    assert len(words) < 4 or words not in str(problem.value) or words in name


@pytest.mark.parametrize(
    ("consents", "age", "rests_on"),
    [
        ({"notification_identity": "given"}, "adult", "consent"),
        ({"notification_identity": "given"}, "not_sure", "consent"),
        ({"notification_identity": "refused"}, "child", "child"),
        ({}, "child", "child"),
    ],
)
def test_identity_goes_with_agreement_and_with_a_child(consents: dict[str, str], age: str, rests_on: str) -> None:
    found = say({"name": "Zdravka Quillfeather", "gender": "woman", "shoe": "38"}, consents, age)
    assert isinstance(found, Identified)
    assert found.rests_on == rests_on
    assert found.identity == (("name", "Zdravka Quillfeather"),)
    assert found.notice.value("gender") == "woman"


@pytest.mark.parametrize("other", ["nrm_referral", "support", "police_cooperation"])
def test_another_consent_does_not_let_identity_out(other: str) -> None:
    assert isinstance(say({"name": "Zdravka"}, {other: "given"}), Notice)


def test_what_was_known_and_is_not_said_is_named_without_its_value() -> None:
    found = notice(name="Zdravka", contact="07700 900461", country_of_origin="Ruritania", gender="woman")
    assert set(found.withheld) == {"name", "contact", "country_of_origin"}
    assert "Zdravka" not in repr(found)
    assert "Ruritania" not in repr(found)


def test_the_list_of_england_and_wales_names_its_own_places_and_no_other() -> None:
    version = law.notification_fields("england_wales", on=DAY)
    known = {"gender": "woman", "name": "Zdravka", "recovered_where": "glasgow-city", "activity_where": "region_wales"}
    found = minimise(known, version, {}, "adult", body="unseen", on=DAY)
    assert isinstance(found, Notice)
    assert found.value("activity_where") == "region_wales"
    assert set(found.withheld) == {"recovered_where", "name"}


def test_broadening_never_says_more() -> None:
    found = notice(recovered_where="region_fife", gender="woman")
    assert found.broadened({"recovered_where": "scotland"}).value("recovered_where") == "scotland"
    assert found.broadened({"recovered_where": ""}).withheld == ("recovered_where",)
    for values in ({"recovered_where": "fife"}, {"recovered_where": "abroad"}, {"gender": "man"}, {"type": "labour"}):
        with pytest.raises(NotMinimal):
            found.broadened(values)


def test_a_council_and_its_region_of_one_name_are_two() -> None:
    assert disclosure.places("scotland").up("fife") == ("fife", "region_fife", "scotland", "")


# Counting


small = {
    "country_of_origin": ["VN", "CN", "asia", "RO", ""],
    "recovered_where": ["glasgow-city", "fife", "region_fife", "scotland", ""],
    "activity_where": ["glasgow-city", "abroad", ""],
    "gender": ["woman", "man", ""],
    "type": ["labour", "sexual", "labour+sexual", ""],
    "age": ["adult", "child"],
}
cells = st.tuples(*(st.sampled_from(small[name]) for name in judged_fields()))
registers = st.lists(st.tuples(cells, st.integers(1, 9)), max_size=60)


def fits(name: str, broad: str, value: str) -> bool:
    """The same question answered the slow way."""
    if name == "age":
        return broad == value
    rungs = {"country_of_origin": disclosure.countries(), "recovered_where": disclosure.places("scotland")}.get(
        name, disclosure.places("scotland") if name == "activity_where" else None
    )
    return broad in ("", value) or (rungs is not None and value != "" and broad in rungs.up(value))


def slow(rows: list[tuple[tuple[str, ...], int]], wanted: dict[str, str]) -> int:
    return sum(
        count
        for values, count in rows
        if all(fits(name, wanted[name], value) for name, value in zip(judged_fields(), values, strict=True))
    )


def of_cell(values: tuple[str, ...]) -> Notice:
    record = dict(zip(judged_fields(), values, strict=True))
    found = minimise(
        record | {"type": record["type"].split("+")}, VERSION, {}, record["age"] or "adult", body="fife", on=DAY
    )
    return found if isinstance(found, Notice) else found.notice


@given(registers, cells)
def test_the_count_is_what_looking_at_every_row_gives(
    rows: list[tuple[tuple[str, ...], int]], values: tuple[str, ...]
) -> None:
    rows = [*rows, (("GB",) * 0 + ("GB", "abroad", "abroad", "other", "organs", "not_sure"), 2000)]  # not a small one
    said = of_cell(values)
    wanted = {name: said.value(name) for name in judged_fields()}
    found = identifiability(said, Register(rows, place="scotland"))
    assert found.people == slow(rows, wanted)
    assert found.singles_out == (found.people < 5)
    for option in found.options:
        assert option.people == slow(rows, wanted | option.values) >= 5
        assert identifiability(said.broadened(option.values), Register(rows, place="scotland")).people >= 5
    for subset in found.rare:
        assert slow(rows, {name: wanted[name] if name in (*subset, "age") else "" for name in wanted}) < 5


@given(registers, cells, st.sampled_from(["", "scotland", "region_glasgow_clyde"]))
def test_a_later_notice_is_counted_with_what_was_said_before(
    rows: list[tuple[tuple[str, ...], int]], values: tuple[str, ...], before: str
) -> None:
    rows = [*rows, (("GB", "abroad", "abroad", "other", "organs", "not_sure"), 2000)]
    now = of_cell(values).broadened({"recovered_where": ""})
    earlier = of_cell((values[0], "glasgow-city", *values[2:])).broadened({"recovered_where": before})
    wanted = {name: now.value(name) for name in judged_fields()} | {"recovered_where": before}
    found = identifiability(now, Register(rows, place="scotland"), earlier=[earlier])
    assert found.people == max(slow(rows, wanted) - 1, 0)


def test_saying_something_else_than_before_singles_out() -> None:
    rows = [(("VN", place, "", "woman", "sexual", "adult"), 900) for place in ("fife", "glasgow-city")]
    before, now = (
        notice(country_of_origin="VN", recovered_where=place, gender="woman", type="sexual")
        for place in ("fife", "glasgow-city")
    )
    alone = identifiability(now, Register(rows, place="scotland"))
    found = identifiability(now, Register(rows, place="scotland"), earlier=[before])
    assert (alone.people, alone.singles_out) == (900, False)
    assert (found.people, found.singles_out, found.changed) == (0, True, ("recovered_where",))
    assert found.options[0].values == {"recovered_where": "scotland"}


def test_the_fields_that_make_it_rare_are_named() -> None:
    common = [
        (("VN", "glasgow-city", "", "woman", "sexual", "adult"), 900),
        (("CN", "fife", "", "man", "labour", "adult"), 900),
    ]
    said = notice(country_of_origin="CN", recovered_where="fife", gender="woman", type="labour")
    found = identifiability(said, Register(common, place="scotland"))
    assert found.people == 0
    assert set(found.rare) == {
        ("country_of_origin", "gender"),
        ("recovered_where", "gender"),
        ("gender", "type"),
    }


def test_where_nothing_helps_there_is_no_option() -> None:
    rows = [(("GB", "fife", "", "man", "labour", "adult"), 2000)]
    said = say({"gender": "woman"}, age="not_sure")
    assert isinstance(said, Notice)
    found = identifiability(said, Register(rows, place="scotland"))
    assert found.singles_out
    assert found.options == ()


def test_a_small_register_asks_what_was_published() -> None:
    """Adults, women, sexual: 77 of 512 in 2019; 214 of 512 were Vietnamese; 77 x 214 / 512 is 32."""
    found = identifiability(
        notice(country_of_origin="VN", recovered_where="scotland", gender="woman", type="sexual"),
        Register([], place="scotland"),
    )
    assert (found.people, found.published) == (32, True)
    elsewhere = identifiability(
        notice(country_of_origin="VN", recovered_where="fife", gender="woman", type="sexual"),
        Register([], place="scotland"),
    )
    assert elsewhere.people == 0


def test_the_published_rows_add_up_as_published() -> None:
    found = published("scotland")
    assert found is not None
    by = {
        key: sum(row.people for row in found.rows if key in (row.type, row.gender))
        for key in ("domestic_servitude", "labour", "sexual", "offence", "unknown", "woman", "man")
    }
    assert by == {
        "domestic_servitude": 22,
        "labour": 305,
        "sexual": 113,
        "offence": 32,
        "unknown": 40,
        "woman": 174,
        "man": 338,
    }


def test_rules_that_make_no_sense_are_refused() -> None:
    import tomllib
    from importlib.resources import files

    text = (files("bield.disclosure") / "data" / "combination.v1.toml").read_text(encoding="utf-8")
    for before, after, why in (
        ("losses = [1, 4, 6]", "losses = [1, 4]", "a loss for each step"),
        ('ladder = "country"', 'ladder = "planet"', "a known ladder"),
        ("people = 5", 'people = "five"', "people cannot be"),
    ):
        with pytest.raises(DataError, match=why):
            parse_rules("file", tomllib.loads(text.replace(before, after, 1)))


def test_published_rows_that_do_not_add_up_are_refused() -> None:
    filename, raw = read_of("scotland", "published")
    with pytest.raises(DataError, match="do not add up"):
        parse_published("scotland", filename, raw | {"total": 513})


def test_a_place_of_which_nothing_is_published_asks_its_register_only() -> None:
    version = law.notification_fields("england_wales", on=DAY)
    said = minimise({"gender": "woman", "type": ["sexual"]}, version, {}, "adult", body="unseen", on=DAY)
    assert isinstance(said, Notice)
    found = identifiability(said, Register([], place="england_wales"))
    assert (found.people, found.published) == (0, False)


def test_every_country_and_place_leads_up_to_not_said() -> None:
    for rungs in (disclosure.countries(), disclosure.places("scotland")):
        for value, _rest in product(rungs.parents, "x"):
            assert rungs.up(value)[-1] == ""
            assert rungs.label(value)
    assert (
        sum(
            1
            for code in disclosure.places("scotland").parents
            if code in {item.id for item in law.councils("scotland")}
        )
        == 32
    )


# Small numbers


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=8), st.integers(2, 8))
def test_what_is_hidden_cannot_be_worked_out_from_the_total(counts: dict[str, int], least: int) -> None:
    shown = disclosure.protected(counts, least=least)
    hidden = [counts[key] for key, number in shown.items() if number is None]
    assert all(number is None or number == counts[key] for key, number in shown.items())
    assert not [number for number in shown.values() if number is not None and 0 < number < least]
    others = [number for number in shown.values() if number]
    if hidden and others:  # something could have been hidden besides: then it was enough
        assert len(hidden) > 1
        assert sum(hidden) >= least
