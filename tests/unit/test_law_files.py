"""The files of the law: what is in them, and that a damaged one is refused by file and entry."""

from __future__ import annotations

import copy
import doctest
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bield.datafiles import DataError
from bield.law import (
    LawError,
    NotificationVersion,
    bodies,
    body,
    consent,
    consents,
    councils,
    first_responders,
    load_place,
    notification_fields,
    nrm_form,
    on,
    retention,
)
from bield.law import reading as reading_module
from bield.law.bodies import load_bodies, parse_bodies
from bield.law.clocks import clock_of, load_clocks, parse_clocks
from bield.law.consents import ConsentEntry, load_consents, parse_consents
from bield.law.forms import load_notification_versions, parse_notification_versions
from bield.law.listed import listed, parse_services
from bield.law.nrm import load_nrm_forms, parse_nrm_forms
from bield.law.pathway import load_pathway, parse_pathway
from bield.law.places import PlaceError, known_places, parse_place
from bield.law.provisions import load_provisions, parse_provisions
from bield.law.reading import folders, read, read_of
from bield.law.retention import load_retention, parse_retention
from bield.law.support import parse_support
from bield.service.codelists import lists
from bield.service.codelists import lists as case_lists
from bield.service.directory.circumstances import circumstances
from bield.service.support.entries.schema import account_parts, checklist, outcome_sets, parts

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
Raw = dict[str, Any]

PARSERS: Mapping[str, Callable[[str, Raw], object]] = {
    "bodies": parse_bodies,
    "clocks": parse_clocks,
    "consents": parse_consents,
    "notification_fields": parse_notification_versions,
    "nrm_form": parse_nrm_forms,
    "pathway": parse_pathway,
    "provisions": parse_provisions,
    "retention": parse_retention,
    "place": parse_place,
    "support": parse_support,
    "services": parse_services,
}


class Damage(NamedTuple):
    """Something done to a file, and how the refusal names the entry and what is wrong with it."""

    name: str
    do: Callable[[Raw], object]
    words: str


def put(part: str, number: int, **values: object) -> Callable[[Raw], object]:
    """Set names of an entry. `from_`: its `from`."""
    return lambda raw: raw[part][number].update({key.rstrip("_"): value for key, value in values.items()})


def drop(part: str, number: int, key: str) -> Callable[[Raw], object]:
    return lambda raw: raw[part][number].pop(key)


def again(part: str, **values: object) -> Callable[[Raw], object]:
    """Append the first entry once more, with other values."""
    return lambda raw: raw[part].append({**copy.deepcopy(raw[part][0]), **values})


def add(part: str, number: int, within: str) -> Callable[[Raw], object]:
    """Repeat the first row within an entry."""
    return lambda raw: raw[part][number][within].append(dict(raw[part][number][within][0]))


def put_in(part: str, number: int, within: str, **values: object) -> Callable[[Raw], object]:
    """Set names of the first row within an entry."""
    return lambda raw: raw[part][number][within][0].update(values)


def latest(do: Callable[[Raw], object]) -> Callable[[Raw], object]:
    """Do it to the latest version of the referral form, which has sections of its own."""
    return lambda raw: do(raw["versions"][-1])


DAMAGES = [
    # Bodies
    Damage("bodies", put("groups", 0, contry="x"), "group 'councils', body 'aberdeen-city': unknown names.*contry"),
    Damage("bodies", drop("groups", 0, "source"), r"body 'aberdeen-city': missing \['source'\]"),
    Damage("bodies", drop("groups", 0, "id"), "group 1: missing id"),
    Damage("bodies", drop("groups", 0, "bodies"), "group 'councils': expected a list of body"),
    Damage("bodies", put("groups", 0, first_responder="yes"), "'aberdeen-city': first_responder cannot be 'yes'"),
    Damage("bodies", put("groups", 0, kind="shire"), "'aberdeen-city': kind cannot be 'shire'"),
    Damage("bodies", put("groups", 0, confidence="sure"), "'aberdeen-city': confidence cannot be 'sure'"),
    Damage("bodies", put("groups", 0, under_duty="yes"), "'aberdeen-city': under_duty cannot be 'yes'"),
    Damage("bodies", put("groups", 0, from_=TODAY, to=TODAY - DAY), "'aberdeen-city': ends before it begins"),
    Damage(
        "bodies",
        put("groups", 0, first_responder_from=TODAY, first_responder_until=TODAY - DAY),
        "'aberdeen-city': first_responder_until is before first_responder_from",
    ),
    Damage("bodies", add("groups", 0, "bodies"), r"body \['aberdeen-city'\] more than once"),
    Damage("bodies", again("groups", bodies=[{"id": "x", "name": "X"}]), r"group \['councils'\] more than once"),
    # Clocks
    Damage("clocks", put("clocks", 0, lenght=3), "clock 'adult_support': unknown names.*lenght"),
    Damage("clocks", drop("clocks", 0, "first_day"), r"clock 'adult_support': missing \['first_day'\]"),
    Damage("clocks", drop("clocks", 0, "id"), r"clock 1: missing \['id'\]"),
    Damage("clocks", put("clocks", 0, counting="lunar"), "clock 'adult_support': counting cannot be 'lunar'"),
    Damage("clocks", put("clocks", 4, months="6"), "clock 'notification_report': months cannot be '6'"),
    Damage("clocks", put("clocks", 4, months=True), "clock 'notification_report': months cannot be True"),
    Damage("clocks", put("clocks", 0, provision_key="x"), "clock 'adult_support': no provision has the key 'x'"),
    Damage(
        "clocks", put("clocks", 0, days=90), "clock 'adult_support': its length comes from one of.*not from several"
    ),
    Damage("clocks", put("clocks", 4, days=90), "clock 'notification_report': its length comes from one of"),
    Damage("clocks", again("clocks"), r"clock \['scotland adult_support'\] more than once"),
    # Consents
    Damage("consents", put("consents", 1, rule="x"), "consent 'nrm_referral': unknown names.*rule"),
    Damage("consents", drop("consents", 1, "question"), r"consent 'nrm_referral': missing \['question'\]"),
    Damage("consents", drop("consents", 1, "texts"), "consent 'nrm_referral': expected a list of text"),
    Damage("consents", put("consents", 1, title=1), "consent 'nrm_referral': title cannot be 1"),
    Damage("consents", put_in("consents", 1, "texts", words="x"), "'nrm_referral', text 1: unknown names.*words"),
    Damage(
        "consents", put_in("consents", 1, "texts", **{"from": "2009"}), "'nrm_referral', text 1: from_day cannot be"
    ),
    Damage("consents", put_in("consents", 2, "texts", version="0"), r"'support': text \['0'\] more than once"),
    Damage(
        "consents",
        put_in("consents", 2, "texts", **{"from": date(2009, 1, 1)}),
        r"'support': text of \['2009-01-01'\] more than once",
    ),
    Damage("consents", again("consents"), r"consent \['scotland notification_identity'\] more than once"),
    Damage(
        "consents", lambda raw: raw["consents"].insert(0, raw["consents"].pop(3)), "scotland needs .* in this order"
    ),
    Damage("consents", lambda raw: raw["consents"].pop(3), "scotland needs .*police_cooperation"),
    # Notifications
    Damage("notification_fields", put("versions", 0, law="x"), "'scotland-2019-proposal': unknown names.*law"),
    Damage("notification_fields", drop("versions", 0, "in_force"), r"'scotland-2019-proposal': missing \['in_force'\]"),
    Damage(
        "notification_fields", put("versions", 0, in_force="no"), "'scotland-2019-proposal': in_force cannot be 'no'"
    ),
    Damage(
        "notification_fields",
        put("versions", 0, to=date(2019, 6, 15)),
        "'scotland-2019-proposal': ends before it begins",
    ),
    Damage(
        "notification_fields",
        put_in("versions", 0, "fields", about="adult"),
        "'scotland-2019-proposal', field 'country_of_origin': about cannot be 'adult'",
    ),
    Damage(
        "notification_fields", put_in("versions", 0, "fields", identifies=0), "'country_of_origin': identifies cannot"
    ),
    Damage(
        "notification_fields",
        put_in("versions", 0, "fields", choices=[{"key": "a", "label": 1}]),
        "choice .a.: label cannot be 1",
    ),
    Damage("notification_fields", add("versions", 0, "fields"), r"field \['country_of_origin'\] more than once"),
    Damage("notification_fields", again("versions", place="england_wales"), r"version .*proposal'\] more than once"),
    Damage("notification_fields", again("versions", id="b"), "version 'b': 'scotland-2019-proposal' holds on some"),
    # The referral form
    Damage("nrm_form", put("versions", 0, size=1), "version '2019-04': unknown names.*size"),
    Damage("nrm_form", drop("versions", 0, "most_files"), r"version '2019-04': missing \['most_files'\]"),
    Damage("nrm_form", drop("versions", 0, "sections_known"), r"version '2019-04': missing \['sections_known'\]"),
    Damage("nrm_form", put("versions", 0, sections_known="yes"), "version '2019-04': sections_known cannot be 'yes'"),
    Damage("nrm_form", put("versions", 0, most_characters="15,000"), "version '2019-04': most_characters cannot be"),
    Damage("nrm_form", put("versions", 0, to=date(2019, 4, 28)), "version '2019-04': ends before it begins"),
    Damage("nrm_form", put("versions", 0, to=date(2019, 9, 19)), "version '2019-09': '2019-04' holds on some"),
    Damage("nrm_form", again("versions"), r"version \['2019-04'\] more than once"),
    Damage("nrm_form", latest(again("sections")), r"section \['first_responder'\] more than once"),
    Damage("nrm_form", latest(put("sections", 1, ask="x")), "section 'age': unknown names.*ask"),
    Damage("nrm_form", latest(drop("sections", 1, "asks")), r"section 'age': missing \['asks'\]"),
    Damage("nrm_form", latest(lambda raw: raw.pop("sections")), "version '2026-04': sections go with"),
    Damage("nrm_form", put("versions", 0, sections=[]), "version '2019-04': sections go with"),
    Damage("nrm_form", lambda raw: raw.update(sections=[]), r"unknown parts \['sections'\]"),
    Damage(
        "nrm_form",
        latest(put_in("sections", 1, "fields", when={"taken": ["yes"]})),
        "rests on 'taken', which is not an earlier question",
    ),
    Damage(
        "nrm_form", latest(put_in("sections", 4, "fields", when={"taken": ["maybe"]})), r"taken cannot be \['maybe'\]"
    ),
    Damage("nrm_form", latest(put_in("sections", 2, "fields", holds="choice")), "'birthplace'.*choices go with"),
    Damage("nrm_form", latest(put_in("sections", 2, "fields", id="under_18")), r"field \['under_18'\] more than once"),
    # The pathway
    Damage("pathway", put("steps", 0, how="x"), "step 'danger': unknown names.*how"),
    Damage("pathway", drop("steps", 0, "why"), r"step 'danger': missing \['why'\]"),
    Damage("pathway", drop("steps", 0, "when"), "step 'danger': expected a table of conditions"),
    Damage("pathway", put("steps", 0, not_to_do="x"), "step 'danger': not_to_do cannot be 'x'"),
    Damage("pathway", put("steps", 0, confidence=""), "step 'danger': confidence cannot be ''"),
    Damage("pathway", put("steps", 0, needs="x"), r"step 'danger': no provision has the key \['x'\]"),
    Damage("pathway", put("steps", 0, rests_on=["nrm", "y"]), r"step 'danger': no provision has the key \['y'\]"),
    Damage("pathway", put("steps", 0, clock="x"), "step 'danger': no clock is called 'x'"),
    Damage("pathway", put("steps", 0, service_id="x"), "step 'danger': no service of 'scotland' is called 'x'"),
    Damage(
        "pathway",
        put("steps", 0, place="england_wales", service_id="tara"),
        "step 'danger': no service of 'england_wales' is called 'tara'",
    ),
    Damage("pathway", put("steps", 0, when={"dangr": ["yes"]}), "step 'danger': unknown conditions.*dangr"),
    Damage("pathway", put("steps", 0, when={"danger": ["yess"]}), "step 'danger': danger cannot be .*yess"),
    Damage("pathway", put("steps", 0, when={"danger": "yes"}), "step 'danger': danger cannot be 'yes'"),
    Damage("pathway", put("steps", 0, when={"danger": []}), r"step 'danger': danger cannot be \[\]"),
    Damage("pathway", put("steps", 0, when={"danger": [["yes"]]}), "step 'danger': danger cannot be"),
    Damage("pathway", put("steps", 0, unless={"x": ["yes"]}), "step 'danger': unknown conditions.*x"),
    Damage("pathway", put("steps", 0, from_=TODAY, to=TODAY - DAY), "step 'danger': ends before it begins"),
    Damage("pathway", again("steps"), r"step \['scotland danger'\] more than once"),
    Damage(
        "pathway", put("prohibitions", 0, when={"x": ["yes"]}), "prohibition 'no-carer-consent': unknown conditions"
    ),
    Damage("pathway", put("prohibitions", 0, clock="x"), "prohibition 'no-carer-consent': unknown names.*clock"),
    Damage("pathway", drop("prohibitions", 0, "why"), r"prohibition 'no-carer-consent': missing \['why'\]"),
    Damage("pathway", again("prohibitions"), r"prohibition \['scotland no-carer-consent'\] more than once"),
    # Provisions
    Damage("provisions", put("provisions", 0, began="x"), "provision 'act-main-commencement': unknown names.*began"),
    Damage("provisions", drop("provisions", 0, "value"), r"provision 'act-main-commencement': missing \['value'\]"),
    Damage("provisions", put("provisions", 0, value=1.5), "provision 'act-main-commencement': value cannot be 1.5"),
    Damage("provisions", put("provisions", 0, unit="weeks"), "'act-main-commencement': unit cannot be 'weeks'"),
    Damage("provisions", put("provisions", 0, from_="2016-05-31"), "'act-main-commencement': from_day cannot be"),
    Damage("provisions", put("provisions", 0, to=date(2016, 5, 30)), "'act-main-commencement': ends before it begins"),
    Damage("provisions", again("provisions"), r"provision \['act-main-commencement'\] more than once"),
    Damage("provisions", again("provisions", id="b"), "provision 'b': 'act-main-commencement' holds on some"),
    Damage(
        "provisions",
        again("provisions", id="b", place="uk"),
        "provision 'b': 'act-main-commencement' holds on some",
    ),
    # Retention
    Damage("retention", put("rules", 0, days_="x"), "rule 'no-further-action-1': days cannot be 'x'"),
    Damage("retention", put("rules", 0, days=0), "rule 'no-further-action-1': days cannot be 0"),
    Damage("retention", put("rules", 0, action="burn"), "rule 'no-further-action-1': action cannot be 'burn'"),
    Damage("retention", put("rules", 0, why="x"), "rule 'no-further-action-1': unknown names.*why"),
    Damage("retention", drop("rules", 0, "source"), r"rule 'no-further-action-1': missing \['source'\]"),
    Damage("retention", put("rules", 0, from_=TODAY, to=TODAY - DAY), "rule 'no-further-action-1': ends before"),
    Damage("retention", again("rules"), r"rule \['no-further-action-1'\] more than once"),
    Damage("retention", again("rules", id="b"), "rule 'b': 'no-further-action-1' holds on some of the same days"),
    # The directory of services
    Damage(
        "services", put("services", 0, phone="x"), "service 1: unknown names.*phone|service .*: unknown names.*phone"
    ),
    Damage("services", drop("services", 0, "organisation"), "service .*: missing .*organisation"),
    Damage("services", put("services", 0, name="x", what="y", source="z"), "either the entry of the place"),
    Damage("services", drop("services", 4, "source"), "either the entry of the place"),
    Damage("services", again("services"), r"service \['tara'\] more than once"),
    # Services
    Damage("place", put("services", 0, phone="x"), "service 'tara': unknown names.*phone"),
    Damage("place", drop("services", 0, "verified_on"), r"service 'tara': missing \['verified_on'\]"),
    Damage("place", drop("services", 0, "for"), "service 'tara': expected a table of conditions"),
    Damage("place", drop("services", 0, "numbers"), "service 'tara': expected a list of number"),
    Damage("place", put("services", 0, verified_on="2026"), "service 'tara': verified_on cannot be '2026'"),
    Damage("place", put("services", 0, for_={"town": ["x"]}), "service 'tara': unknown conditions.*town"),
    Damage("place", put("services", 0, for_={"age": ["old"]}), "service 'tara': age cannot be .*old"),
    Damage("place", put("services", 1, unless="x"), "service 'migrant-help': unknown service 'x'"),
    Damage("place", put_in("services", 0, "numbers", text="x"), "service 'tara', number 1: unknown names.*text"),
    Damage("place", again("services"), r"service \['tara'\] more than once"),
    Damage("place", again("markings"), r"marking \['none'\] more than once"),
    Damage("place", lambda raw: raw["place"].update(stale_after_days="365"), "place: stale_after_days cannot be"),
    Damage("place", lambda raw: raw["emergency"].pop("source"), r"emergency: missing \['source'\]"),
    Damage("place", lambda raw: raw.update(guidance="x"), "guidance: expected a table"),
]


def damaged(name: str, do: Callable[[Raw], object]) -> tuple[str, Raw]:
    """The name of a file, and its content after something was done to it."""
    filename, raw = content(name)
    do(raw)
    return filename, raw


def content(name: str) -> tuple[str, Raw]:
    """The name of a file and what is in it, all places together, Scotland's rows first; of places, Scotland's."""
    if name == "place":
        return read_of("scotland", name)
    filename, raw = read(name)
    for rows in raw.values():
        rows.sort(key=lambda row: row["place"] != "scotland")
    return filename, raw


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: f"{damage.name}: {damage.words}")
def test_a_damaged_file_is_refused_by_file_and_entry(damage: Damage) -> None:
    filename, raw = damaged(damage.name, damage.do)
    with pytest.raises(DataError, match=damage.words) as caught:
        PARSERS[damage.name](filename, raw)
    assert f"{damage.name}.v1.toml" in str(caught.value).partition(",")[0].partition(": ")[0]


MAY_BE_MISSING = {"place": {"mechanism"}}
"""Parts that a place need not have: not every country has a mechanism for referrals with a name of its own."""


@pytest.mark.parametrize("name", PARSERS)
def test_every_part_of_a_file_is_needed_and_no_other_is_known(name: str) -> None:
    for part in set(content(name)[1]) - MAY_BE_MISSING.get(name, set()):
        filename, raw = damaged(name, lambda raw, part=part: raw.pop(part))  # type: ignore[misc]
        with pytest.raises(DataError, match=rf"{name}\.v1\.toml: missing parts \['{part}'\]"):
            PARSERS[name](filename, raw)
    filename, raw = damaged(name, lambda raw: raw.update(extra=1))
    with pytest.raises(DataError, match=rf"{name}\.v1\.toml: unknown parts \['extra'\]"):
        PARSERS[name](filename, raw)


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("rows", [[], "x", ["x"]])
def test_where_rows_belong_nothing_else_is_accepted(name: str, rows: object) -> None:
    for part in [part for part, value in content(name)[1].items() if isinstance(value, list)]:
        filename, raw = damaged(name, lambda raw, part=part: raw.update({part: rows}))  # type: ignore[misc]
        with pytest.raises(DataError, match=rf"{name}\.v1\.toml.*expected"):
            PARSERS[name](filename, raw)


@pytest.mark.parametrize("name", PARSERS)
def test_what_is_not_damaged_is_read(name: str) -> None:
    assert PARSERS[name](*content(name))


def test_every_file_of_the_law_is_in_these_tests() -> None:
    found = {item.name for folder in folders().values() for item in folder.iterdir()}
    assert found == {f"{name}.v1.toml" for name in (*PARSERS, "areas", "published")}


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "files", lambda _package: tmp_path)
    (tmp_path / "data" / "nowhere").mkdir(parents=True)
    (tmp_path / "data" / "nowhere" / "clocks.v1.toml").write_text("[[clocks]\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"nowhere/clocks\.v1\.toml: "):
        read("clocks")
    with pytest.raises(DataError, match=r"bodies\.v1\.toml: there is no such file"):
        read("bodies")


def test_a_place_that_is_not_there_is_named() -> None:
    with pytest.raises(PlaceError, match="no place called 'atlantis'"):
        load_place("atlantis")


# Bodies.

COUNCILS = (
    "Aberdeenshire, Aberdeen City, Argyll and Bute, Angus, Clackmannanshire, Dumfries and Galloway, Dundee City, "
    "East Ayrshire, City of Edinburgh, East Dunbartonshire, East Lothian, Comhairle nan Eilean Siar, "
    "East Renfrewshire, Falkirk, Fife, Glasgow City, Highland, Inverclyde, Midlothian, Moray, North Ayrshire, "
    "North Lanarkshire, Orkney Islands, Perth and Kinross, Renfrewshire, South Ayrshire, Scottish Borders, "
    "South Lanarkshire, Stirling, West Dunbartonshire, West Lothian, Shetland Islands"
)
"""As the Home Office's form lists them."""


def test_there_are_32_councils() -> None:
    names = {item.name.removesuffix(" Council") for item in councils("scotland")}
    assert len(names) == len(councils("scotland")) == 32
    assert names == set(COUNCILS.split(", "))
    assert all(item.region for item in councils("scotland"))


def test_52_bodies_were_proposed_and_none_is_bound() -> None:
    proposed = [item for item in bodies("scotland", on=TODAY) if item.under_duty == "proposed_2019"]
    by_kind = {kind: [item for item in proposed if item.kind == kind] for kind in ("council", "health_board")}
    boards = [item for item in by_kind["health_board"] if item.id != "nhs-24"]
    others = {item.name for item in proposed} - {item.name for item in [*by_kind["council"], *boards]}
    assert (len(by_kind["council"]), len(boards), len(proposed)) == (32, 14, 52)
    assert others == {
        "NHS 24",
        "Scottish Ambulance Service",
        "Scottish Fire and Rescue Service",
        "Marine Directorate (Marine Scotland in 2019)",
        "Scottish Prison Service",
        "Scottish Environment Protection Agency",
    }
    assert not [item for item in proposed if item.under_duty_on(TODAY, "scotland")]


@pytest.mark.parametrize("reserved", ["border-force", "immigration-enforcement", "home-office-asylum", "nca", "glaa"])
def test_a_body_of_the_united_kingdom_is_not_in_the_proposal(reserved: str) -> None:
    assert body(reserved).under_duty == "no"
    assert body(reserved) in bodies("england_wales", on=TODAY)


def test_who_may_refer_today() -> None:
    found = first_responders("scotland", on=TODAY)
    assert {item.id for item in found if item.kind != "council"} == {
        "police-scotland",
        "tara",
        "migrant-help",
        "border-force",
        "immigration-enforcement",
        "home-office-asylum",
        "nca",
        "glaa",
        "fair-work-agency",
    }
    assert {item for item in found if item.kind == "council"} == set(councils("scotland"))
    assert not [item for item in found if item.kind == "health_board"]


def test_a_body_that_is_not_recorded_is_named() -> None:
    with pytest.raises(LawError, match="no body is called 'hogwarts'"):
        body("hogwarts")


# Consents.


def test_the_four_consents_are_apart_and_each_has_its_text_in_a_version() -> None:
    found = consents("scotland", on=TODAY)
    assert [(item.id, item.text_version) for item in found] == [
        ("notification_identity", "1"),
        ("nrm_referral", "1"),
        ("support", "1"),
        ("police_cooperation", "1"),
    ]
    assert len({item.text for item in found}) == 4
    sections = ["section 38(2)", "Home Office guidance", "section 9(5)", "section 9(5)(b)"]
    assert all(words in item.provision for words, item in zip(sections, found, strict=True))


def test_a_text_is_kept_in_its_version_when_the_law_changes() -> None:
    def text_of(day: date) -> tuple[str, str]:
        item = consent("support", place="scotland", on=day)
        return item.text_version, item.text

    before, after = text_of(date(2018, 3, 31)), text_of(date(2018, 4, 1))
    assert (before[0], after[0]) == ("0", "1")
    assert before[1] != after[1]
    assert all("do not have to help the police" in words for _version, words in (before, after))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("notification_identity", "protects adults"),
        ("nrm_referral", "without being asked to consent, and so is somebody whose age is not sure"),
        ("support", "No consent is asked before a child is protected"),
        ("police_cooperation", "inter-agency referral discussion"),
    ],
)
def test_a_consent_says_what_holds_for_a_child_and_what_taking_it_back_does(kind: str, words: str) -> None:
    item = consent(kind, place="scotland", on=TODAY)
    assert words in item.child_rule
    assert item.withdrawal_effect


def test_the_texts_say_what_the_guidance_wants_said() -> None:
    referral = consent("nrm_referral", place="scotland", on=TODAY).text
    for words in (
        "whether somebody was trafficked",
        "other public bodies",
        "Nobody can promise you when an answer comes, or what it is",
        "now or later",
        "support",
    ):
        assert words in referral
    identity = consent("notification_identity", place="scotland", on=TODAY)
    assert "anything that would let somebody work it out" in identity.question
    assert "same help either way" in identity.text


TARGETS = re.compile(r"week|\bdays?\b|month|hour|will be|always|at once", re.IGNORECASE)


@pytest.mark.parametrize("item", load_consents(), ids=lambda item: f"{item.place} {item.id}")
def test_no_text_promises_what_is_only_a_target(item: ConsentEntry) -> None:
    for text in item.texts:
        promised = [line for line in text.text.splitlines() if TARGETS.search(line) and "sent" not in line]
        assert promised == []


def test_a_consent_that_is_not_recorded_is_named() -> None:
    with pytest.raises(LawError, match="no consent is called 'photograph' in scotland"):
        consent("photograph", place="scotland", on=TODAY)
    with pytest.raises(LawError, match=r"support.*2008-12-31"):
        consent("support", place="scotland", on=date(2008, 12, 31))


# Forms.

NRM_SECTIONS = {
    "first_responder": "reference, which names nobody … organisation … nation",
    "age": "Under 18 … 18 or over … not sure … treated as a child … council's contact … age when it happened",
    "background": "Birthplace … family … education … work",
    "exploitation": "several … when … began … journeys … had to do … living conditions … treatment … "
    "whether it goes on … last contact … reported before",
    "insight": "Signs seen … how and where the interview was done … insight … credibility … evidence … professionals",
    "location": "UK, overseas or both … ten towns … ten countries … where they are now",
    "exploiters": "Who … where … one or more of ten types … five heads",
    "risk": "Other victims … future risk … crime reference … willingness to help",
    "consent": "want the referral, for adults … support … reach them",
    "notify": "Reason … gender … nationality … name and contact only if willing to help",
    "personal": "Names … date of birth … gender … children … nationality … interpreter … communication … Home Office",
    "decision": "adult … to whom … safe to write … somebody else … name, role and telephone of the first responder",
    "evidence": "Files … what each shows",
}


def test_the_form_of_2026_asks_what_it_asks_in_order() -> None:
    form = nrm_form("scotland", on=date(2026, 4, 27))
    assert [section.id for section in form.sections] == list(NRM_SECTIONS)
    for section in form.sections:
        missing = [words for words in NRM_SECTIONS[section.id].split(" … ") if words not in section.asks]
        assert not missing, section.id


def test_the_limits_of_the_form() -> None:
    form = nrm_form("scotland", on=TODAY)
    assert (form.most_characters, form.most_files, form.most_megabytes) == (15_000, 100, 25)
    assert form.file_types == ("jpg", "jpeg", "png", "pdf", "doc", "docx")
    clocks = [clock_of(name, "scotland").days for name in ("nrm_draft_warning", "nrm_draft_deleted")]
    assert clocks == [21, 28]


def test_what_was_not_read_of_earlier_forms_is_not_made_up() -> None:
    earlier = load_nrm_forms()[:-1]
    assert [item.id for item in earlier] == ["2019-04", "2019-09", "2023-05"]
    for item in earlier:
        assert item.sections == ()
        assert item.confidence != "confirmed"
        assert "not read" in item.note


SCHEDULE_1 = [
    "body",
    "gender",
    "country_of_origin",
    "slavery",
    "trafficking",
    "type",
    "activity_where",
    "recovered_where",
]
SCHEDULE_2 = ["name", "date_of_birth", "perpetrators", "other_victims"]
CONSULTED_ON = ["country_of_origin", "recovered_where", "activity_where", "trafficking", "type", "slavery"]
OURS = ["body", "notified_on", "age", "gender", "identity_agreed", "urgent", "referral"]
IDENTITY = ["name", "date_of_birth", "nationality", "contact", "perpetrators", "other_victims"]


def of(form: NotificationVersion, *, identifies: bool) -> list[str]:
    return [item.id for item in form.fields if item.identifies is identifies]


def test_the_notification_of_england_and_wales_is_its_two_schedules() -> None:
    form = notification_fields("england_wales", on=TODAY)
    assert (form.in_force, form.confidence) == (True, "confirmed")
    ours = ["notified_on", "age", "identity_agreed", "urgent", "referral"]
    assert of(form, identifies=False) == SCHEDULE_1 + ours
    assert of(form, identifies=True) == SCHEDULE_2
    for item in form.fields:
        schedule = "Schedule 2" if item.identifies else "Schedule 1"
        assert ("own design" if item.id in ours else schedule) in item.source
    for left_out in ("under 18 when it first happened", "which police were told", "police area"):
        assert left_out in form.note


def test_the_scottish_notification_is_what_was_consulted_on_and_the_rest_is_said_to_be_ours() -> None:
    form = notification_fields("scotland", on=TODAY)
    assert form.in_force is False
    assert of(form, identifies=False) == CONSULTED_ON + OURS
    assert of(form, identifies=True) == IDENTITY
    for item in form.fields:
        consulted = item.id in CONSULTED_ON
        assert item.confidence == ("confirmed" if consulted else "unconfirmed")
        assert ("question 10" if consulted else "Bield's own design") in item.source


def test_the_types_of_trafficking_are_those_of_the_consultation() -> None:
    form = notification_fields("scotland", on=TODAY)
    kinds = next(item.choices for item in form.fields if item.id == "type")
    assert [item.label for item in kinds] == [
        "Labour",
        "Sexual",
        "Domestic servitude",
        "Commission of an offence",
        "Removal of organs or tissue",
        "Unknown",
        "Other",
    ]


@pytest.mark.parametrize("form", load_notification_versions(), ids=lambda form: form.id)
def test_what_identifies_is_only_for_a_child_or_an_adult_who_agreed(form: NotificationVersion) -> None:
    for item in form.fields:
        assert item.about == ("child_or_consenting_adult" if item.identifies else "any")


# Retention.


def test_every_kind_of_record_has_one_rule_on_a_day_and_says_whose_choice_it_is() -> None:
    expected = {
        "no_further_action": (365, "closed", "delete"),
        "closed_adult": (7 * 365, "closed", "delete"),
        "closed_child": (9131, "closed", "delete"),
        "open_inactive": (180, "last_change", "review"),
    }
    found = {kind: retention(kind, place="scotland", on=TODAY) for kind in expected}
    assert {kind: (rule.days, rule.counts_from, rule.action) for kind, rule in found.items()} == expected
    assert {rule.kind for rule in load_retention()} == set(expected)
    for rule in load_retention():
        assert "own default" in rule.source
        assert rule.confidence == "unconfirmed"


def test_a_body_changes_how_long_it_keeps_records_by_a_dated_row() -> None:
    filename, raw = read("retention")
    rule = raw["rules"][0]
    raw["rules"].append({**rule, "id": "no-further-action-2", "days": 30, "from": TODAY})
    raw["rules"][0] = {**rule, "to": TODAY - DAY}
    first, second = (item for item in parse_retention(filename, raw) if item.kind == rule["kind"])
    assert (first.to_day, second.from_day) == (TODAY - DAY, TODAY)


def test_a_record_without_a_rule_is_named() -> None:
    with pytest.raises(LawError, match="'photographs'"):
        retention("photographs", place="scotland", on=TODAY)


# What is ours, and what was read.


@pytest.mark.parametrize(
    "words",
    ["high risk of being taken back", "many people agree later", "own funds", "within about a week", "2009-04-01"],
)
def test_nothing_is_said_that_no_source_says(words: str) -> None:
    for folder in folders().values():
        for item in folder.iterdir():
            assert words not in item.read_text(encoding="utf-8"), item.name


def test_the_names_of_the_health_boards_are_said_to_be_our_own_knowledge() -> None:
    boards = [item for item in bodies("scotland", on=TODAY, kind="health_board") if item.id != "nhs-24"]
    assert len(boards) == 14
    for item in boards:
        assert item.confidence == "unconfirmed"
        assert "our own general knowledge" in item.source


def test_that_glasgow_began_with_the_pilot_is_said_to_be_inferred() -> None:
    row = on(date(2021, 6, 1), "scotland").get("devolved_decision_glasgow")
    assert row is not None
    assert row.confidence == "unconfirmed"
    assert "our inference" in row.note


# All of them.


def test_every_entry_has_a_source_and_says_how_sure_we_are() -> None:
    rows: list[Any] = [
        *load_bodies().values(),
        *load_clocks(),
        *load_consents(),
        *load_notification_versions(),
        *(item for form in load_notification_versions() for item in form.fields),
        *load_nrm_forms(),
        *load_pathway().steps,
        *load_provisions().rows,
        *load_retention(),
    ]
    assert len(rows) > 250
    for row in rows:
        assert row.source.strip(), row.id
        assert row.confidence in ("confirmed", "secondary", "unconfirmed", "not_found"), row.id


def test_every_service_and_number_has_a_source_and_a_day_on_which_it_was_checked() -> None:
    services = {item.id: item for item in load_place("scotland").services}
    numbers = {item.id: [number.value for number in item.numbers] for item in services.values()}
    assert numbers["tara"] == ["0141 276 7724"]
    assert numbers["migrant-help"] == ["0141 884 7900", "0141 212 8553"]
    assert numbers["police"] == ["101"]
    assert numbers["helpline"] == ["08000 121 700"]
    place = load_place("scotland")
    assert place.emergency_number == "999"
    for item in services.values():
        assert item.source
        assert not place.is_stale(item, on=item.verified_on + 365 * DAY)
        assert place.is_stale(item, on=item.verified_on + 366 * DAY)


def test_the_examples_of_the_reference_page_are_true() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "law.md"
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.failed == 0
    assert result.attempted > 5


# Where everything comes from


def sources() -> Iterator[tuple[str, str]]:
    """Each thing with a source: what it is, and the source."""
    for part in parts().values():
        yield f"part {part.id}", part.source
    for name, of in {"support": lists(), "records": case_lists()}.items():
        for item in of.values():
            yield f"list {item.name} of {name}", item.source
    for clock in load_clocks():
        yield f"clock {clock.place} {clock.id}", clock.source
    for group in outcome_sets():
        yield f"outcomes {group.id}", group.source
    rows: tuple[Any, ...] = (*account_parts(), *checklist(), *circumstances().values())
    for row in rows:
        yield f"{type(row).__name__} {row.id}", row.source
    for place in known_places():
        services = {item.id: item for item in load_place(place).services}
        for service in listed(place):
            yield (
                f"service {service.law or service.name}",
                services[service.law].source if service.law else service.source,
            )


KNOWN = re.compile(
    r"Bield['’]s own|our own|ours|2015 Act|SSI \d{4}/\d+|WHO principles? \d|TARA training pack|Home Office|"
    r"UKHomeOffice|Scottish Government|National Guidance for Child Protection|Children First|"
    r"Bairns’ Hoose|Missing People|Modern Slavery Core Outcome Set|Scottish Refugee Council|Strategy, |"
    r"[Mm]inutes of|Lord Advocate|Nationality and Borders Act|General knowledge"
)
"""What may be named as a source: what the reference holds, or that it is ours."""


@pytest.mark.parametrize(("what", "source"), list(sources()))
def test_where_it_comes_from_is_said(what: str, source: str) -> None:
    assert source.strip(), what
    assert KNOWN.search(source), f"{what}: {source}"
    assert "seed" not in source, "papers are called what they are"


def test_what_asks_questions_of_our_own_says_so() -> None:
    """A part whose questions are not those of its source says that they are ours."""
    for part in parts().values():
        if re.search(r"training pack: (partners|supportive|escort)|principle", part.source):
            assert re.search(r"own|Home Office toolkit", part.source), part.id


def test_the_directory_of_a_place_is_its_own() -> None:
    assert listed("england_wales") == ()
    assert {item.law for item in listed("scotland")} >= {"tara", "migrant-help"}
