"""What to do next: who is asked, who is not, who supports, by when and why, and what is never said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bield.law import LawError, Situation, Step, bodies, load_place, next_steps, not_to_do, on
from bield.law.pathway import CONDITIONS, EXPLOITATION, load_pathway
from bield.law.provisions import load_provisions
from bield.law.reading import holds, read_of

DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)
NO_CARER = "Do not ask a parent or carer for consent first"
RAW = read_of("scotland", "pathway")[1]


class Do(NamedTuple):
    """A step that is expected, and words that each of its parts must hold, with … where others stand between."""

    id: str
    who: str
    by_when: str
    why: str
    detail: str = ""


class Row(NamedTuple):
    """A situation, the steps expected of it in this order among others, and what must not be there."""

    name: str
    situation: Situation
    steps: tuple[Do, ...]
    never: tuple[str, ...] = ()
    not_to_do: tuple[str, ...] = ()
    place: str = "scotland"


def adult(**known: Any) -> Situation:
    """An adult for whom nothing but what is given is known."""
    return Situation(age="adult", **{"danger": "no", "signs": "indicated", **known})


def child(**known: Any) -> Situation:
    """Somebody under 18 for whom nothing but what is given is known."""
    return Situation(age="under_18", **{"danger": "no", "signs": "indicated", **known})


def unsure(**known: Any) -> Situation:
    """Somebody whose age is not sure."""
    return Situation(age="uncertain", **{"danger": "no", "signs": "indicated", **known})


ASKED = ("ask-support", "ask-referral", "ask-to-stay", "ask-identity", "ask-police", "refer", "ask-first-responder")
"""The steps by which an adult is asked, or that rest on an adult's answer. None is for a child."""
SUPPORT = ("support-tara", "support-migrant-help", "council-adult", "health", "legal-advice", "support-period")
TELLING = ("notify", "notify-anonymously", "ask-identity")

IDENTITY = "notification_identity"
ALL_GIVEN = dict.fromkeys(["notification_identity", "nrm_referral", "support", "police_cooperation"], "given")

CONCERN = Do("child-concern", "You", "Today", "child protection procedures come first", "act at once … moved")
DISCUSSION = Do(
    "inter-agency-discussion",
    "Social work, police and health",
    "Without undue delay",
    "risk of significant harm, inside the family or outside it, up to 18",
    "education … safety now, of other children too … what investigation and why … "
    "joint interview is needed, who, where and when … medical examination",
)
CHILD_REFERRAL = Do("child-referral", "Social work", "safe", "without being asked to consent", "council’s contact")
GUARDIAN = Do(
    "guardian",
    "The council",
    "As soon as reasonably practicable",
    "reasonable grounds to believe that the child is or may be a victim, or is vulnerable to becoming one",
    "Guardianship Scotland … under 18 … apart from both parents … in the care of a council … in the UK",
)
HOME = Do("child-accommodation", "Social work", "Today", "duty to accommodate", "looked-after")

NRM = [
    Row(
        "a first responder refers an adult who agreed",
        adult(consents={"nrm_referral": "given"}, first_responder=True, kind="council"),
        (Do("refer", "first responder", "Today", "your organisation may refer", "Online … One referral for each"),),
        ("ask-referral", "ask-first-responder"),
    ),
    Row(
        "anybody else asks a first responder",
        adult(consents={"nrm_referral": "given"}, kind="health_board"),
        (
            Do(
                "ask-first-responder",
                "You",
                "Today",
                "only a first responder may refer. Health boards are none",
                "Police Scotland, councils, TARA and Migrant Help",
            ),
        ),
        ("ask-referral", "refer"),
    ),
    Row(
        "an adult is asked, and told what it is",
        adult(),
        (
            Do(
                "ask-referral",
                "first responder",
                "safe",
                "only with informed consent, and may withdraw",
                "what it is … what support follows … what may come of it … other public bodies may be asked and told",
            ),
        ),
        ("refer", "ask-first-responder", "child-referral"),
        ("Do not promise what will be decided",),
    ),
    *(
        Row(
            f"an adult's answer before a referral: {answer}",
            adult(consents={"nrm_referral": answer}, first_responder=True),
            (Do("referral-refused", "You", "next contact", "Help may be given on other grounds"),),
            ("refer", "ask-referral", "ask-first-responder", "referral-withdrawn"),
            ("Do not press",),
        )
        for answer in ("refused", "withdrawn")
    ),
    *(
        Row(
            f"an adult's answer after a referral: {answer}, {stands}",
            adult(consents={"nrm_referral": answer}, referral=stands),
            (Do("referral-withdrawn", "first responder", "Today", "may withdraw at any time", "stays on record"),),
            ("refer", "ask-referral", "ask-to-stay", "referral-refused"),
        )
        for answer in ("refused", "withdrawn")
        for stands in ("sent", "reasonable_grounds")
    ),
    Row(
        "a child is referred by social work after safeguarding, without being asked",
        child(first_responder=True, kind="support_provider", consents=ALL_GIVEN),
        (CONCERN, DISCUSSION, CHILD_REFERRAL),
        (*ASKED, *SUPPORT, *TELLING, "police"),
        (NO_CARER, "Do not ask the child to consent", "Do not make the child’s agreement, or anybody else’s"),
    ),
    Row(
        "a child is not asked whoever is at work",
        child(consents=ALL_GIVEN, kind="health_board"),
        (CHILD_REFERRAL,),
        ASKED,
    ),
    Row("nor once the referral was sent", child(referral="sent"), (CONCERN,), (*ASKED, "child-referral")),
    Row(
        "an age that is not sure is a child's",
        unsure(first_responder=True),
        (
            CONCERN,
            Do("age-not-sure", "You", "From now on", "takes an age that is not sure for a child’s", "‘not sure’"),
            DISCUSSION,
            CHILD_REFERRAL,
        ),
        (*ASKED, "support-tara", "support-migrant-help"),
        (NO_CARER, "Do not ask the child to consent"),
    ),
    Row(
        "a referral was sent",
        adult(consents={"nrm_referral": "given"}, referral="sent", first_responder=True),
        (
            Do(
                "await-decision",
                "Competent authority",
                "5 working days",
                "Home Office decides for the whole United Kingdom",
                "aims … Support may begin before",
            ),
        ),
        ("refer", "ask-referral", "ask-to-stay", "referral-withdrawn", "support-period"),
    ),
    Row(
        "reasonable grounds: 90 days of support in Scotland, 30 of recovery at least",
        adult(consents={"nrm_referral": "given"}, referral="reasonable_grounds", decision_on=date(2026, 1, 5)),
        (
            Do(
                "support-period",
                "Support service",
                "Review by 5 April 2026",
                "count from the decision, not from the referral",
                "90 calendar days … conclusive decision ends it earlier … not an ending",
            ),
            Do(
                "await-conclusive",
                "support service",
                "Before the recovery period ends",
                "too late",
                "balance of probabilities … 30 calendar days at least … no target time",
            ),
        ),
        ("await-decision", "reconsideration", "ask-to-stay"),
        ("Do not stop support because the days are counted out",),
    ),
    Row(
        "a positive conclusive decision",
        adult(referral="conclusive_positive", decision_on=date(2026, 1, 5)),
        (
            Do(
                "after-positive",
                "Support service",
                "weeks after the decision",
                "Ministers may support after a conclusive decision",
                "leave to remain … compensation … SOHTIS",
            ),
        ),
        ("support-period", "await-conclusive", "reconsideration"),
    ),
    *(
        Row(
            f"a {kind} decision can be looked at again within 30 days",
            adult(referral=kind, decision_on=date(2026, 1, 5)),
            (
                Do(
                    "reconsideration",
                    "lawyer, or the first responder",
                    "Last day: 4 February 2026",
                    "can be reconsidered",
                    "more evidence … does not follow the guidance … 30 calendar days … exceptional circumstances",
                ),
            ),
            ("support-period", "await-conclusive", "after-positive"),
        )
        for kind in ("negative_reasonable", "negative_conclusive")
    ),
    Row(
        "Glasgow's panel decides for a child",
        child(council="glasgow-city", referral="sent"),
        (
            Do(
                "child-panel",
                "Social work",
                "With the referral",
                "pilot",
                "instead of the Home Office … more than 100 days … both steps together",
            ),
        ),
        ("await-decision",),
    ),
    Row(
        "a child about whom all is decided",
        child(council="glasgow-city", referral="conclusive_positive"),
        (CONCERN,),
        ("child-referral", "child-panel", "after-positive"),
    ),
    *(
        Row(
            f"somebody referred as a child is an adult now: {stands}",
            adult(referral=stands, eighteen_on=TODAY - 200 * DAY),
            (
                Do(
                    "ask-to-stay",
                    "first responder",
                    "next contact",
                    "From 18 on they must agree to stay in it, and to support for adults",
                ),
            ),
            ("ask-referral", "refer", "turning-18", "turned-18"),
        )
        for stands in ("sent", "reasonable_grounds")
    ),
]

NOTIFYING = [
    *(
        Row(
            f"an adult is asked whether a notification may say who they are: {signs}",
            adult(signs=signs),
            (
                Do(
                    "ask-identity",
                    "You",
                    "safe",
                    "alone or together with other things, may be sent unless they agree",
                    "voluntary in Scotland today … no regulations are in force",
                ),
            ),
            ("notify", "notify-anonymously"),
        )
        for signs in ("undetermined", "indicated")
    ),
    *(
        Row(
            f"an adult may be notified about without their identity: {answer}, {signs}",
            adult(consents={"notification_identity": answer}, signs=signs, kind="council", first_responder=True),
            (
                Do(
                    "notify-anonymously",
                    "You",
                    "not for emergencies",
                    "did not agree",
                    "alone or in combination … voluntary … no regulations are in force in Scotland",
                ),
            ),
            ("notify", "ask-identity"),
            ("Do not put a name, an address or anything rare about them into a notification",),
        )
        for answer in ("refused", "withdrawn")
        for signs in ("undetermined", "indicated")
    ),
    *(
        Row(
            f"an adult who agreed may be notified about with what they agreed to: {signs}",
            adult(consents={"notification_identity": "given"}, signs=signs),
            (Do("notify", "You", "not for emergencies", "agreed", "voluntary … only what they agreed"),),
            ("notify-anonymously", "ask-identity"),
        )
        for signs in ("undetermined", "indicated")
    ),
    *(
        Row(
            f"without signs nothing is notified: {answer}",
            adult(consents={IDENTITY: answer}, signs="none"),
            (),
            TELLING,
        )
        for answer in ("given", "refused", "not_asked")
    ),
    Row("about a child nobody is asked first", child(), (CONCERN, CHILD_REFERRAL), TELLING),
    Row(
        "a refused referral is no duty to notify in Scotland",
        adult(consents={"nrm_referral": "refused", "notification_identity": "not_asked"}, kind="council"),
        (Do("referral-refused", "You", "Now", "other grounds"),),
        ("notify", "notify-anonymously"),
    ),
    *(
        Row(
            f"a referral that is {answer} is one in England and Wales, and says nothing of who it is",
            adult(consents={"nrm_referral": answer}),
            (
                Do(
                    "notify-anonymously",
                    "A body under the duty",
                    "As soon as you can",
                    "reasonable grounds to believe that somebody may be a victim",
                    "must notify … Nothing that identifies the adult … unless they agree",
                ),
            ),
            ("ask-referral", "refer", "notify"),
            place="england_wales",
        )
        for answer in ("refused", "withdrawn")
    ),
    Row(
        "in England and Wales an adult is asked",
        adult(danger="yes"),
        (
            Do("danger", "You", "Now", "Safety"),
            Do("ask-referral", "first responder", "safe", "only with informed consent"),
        ),
        ("refer", "notify", "notify-anonymously", "ask-identity", "child-concern"),
        place="england_wales",
    ),
    Row(
        "in England and Wales an adult who agreed is referred",
        adult(consents={"nrm_referral": "given"}),
        (Do("refer", "first responder", "Today", "agreed"),),
        ("ask-referral", "notify", "notify-anonymously"),
        place="england_wales",
    ),
    Row(
        "in England and Wales a child is not asked either",
        unsure(),
        (
            Do("child-concern", "You", "Today", "protected first", "not sure, is safeguarded"),
            Do("child-referral", "first responder", "As soon as", "without being asked to consent"),
        ),
        ("ask-referral", "refer", "notify", "notify-anonymously"),
        (NO_CARER,),
        place="england_wales",
    ),
    Row(
        "in England and Wales a child's answer changes nothing",
        child(consents=ALL_GIVEN),
        (Do("child-concern", "You", "Today", "protected first"),),
        ("refer",),
        place="england_wales",
    ),
    Row(
        "for slavery alone the period rests on the regulations",
        adult(consents={"support": "given"}, referral="reasonable_grounds", decision_on=TODAY, slavery_only="yes"),
        (Do("support-period-slavery", "Support service", "Review by", "on the regulations and not on section 9"),),
        ("support-period", "support-period-policy"),
    ),
    Row(
        "a decision of 31 March 2018 began no statutory period",
        adult(consents={"support": "given"}, referral="reasonable_grounds", decision_on=date(2018, 3, 31)),
        (Do("support-period-policy", "Support service", "Review by 15 May 2018", "before 1 April 2018", "by policy"),),
        ("support-period", "support-period-slavery"),
    ),
    Row(
        "in England and Wales the signs are noted first",
        adult(signs="not_assessed"),
        (Do("signs", "You", "remember", "does not replace it"),),
        place="england_wales",
    ),
    Row(
        "in England and Wales an adult who refuses is asked whether the notification may say who they are",
        adult(consents={"nrm_referral": "refused"}),
        (Do("ask-identity", "You", "safe", "unless they agree", "for an adult to decide"),),
        ("notify",),
        place="england_wales",
    ),
    Row(
        "in England and Wales an adult who refuses and agrees to be named is named",
        adult(consents={"nrm_referral": "refused", "notification_identity": "given"}),
        (Do("notify", "A body under the duty", "no number of days", "they agreed"),),
        ("notify-anonymously", "ask-identity"),
        place="england_wales",
    ),
    Row(
        "in England and Wales a decision is awaited",
        adult(consents={"nrm_referral": "given"}, referral="sent"),
        (Do("await-decision", "Competent authority", "5 working days", "for the whole United Kingdom"),),
        place="england_wales",
    ),
    Row(
        "in England and Wales a negative decision can be looked at again",
        adult(referral="negative_reasonable", decision_on=TODAY),
        (Do("reconsideration", "lawyer", "Last day: 2", "can be reconsidered"),),
        place="england_wales",
    ),
    *(
        Row(
            f"in England and Wales nobody is referred twice: {answer}",
            adult(consents={"nrm_referral": answer}, referral="sent"),
            (),
            ("ask-referral", "refer", "notify"),
            place="england_wales",
        )
        for answer in ("given", "not_asked")
    ),
]

TARA = Do("support-tara", "You", "by telephone", "woman of 18 or over", "day and night … safe place … not sure")
MIGRANT_HELP = Do("support-migrant-help", "You", "by telephone", "not one for whom TARA is meant", "women and men")
AGREED = {"support": "given"}

SUPPORTING = [
    Row(
        "TARA: a woman of 18 or over, commercial sexual exploitation",
        adult(gender="woman", exploitation=frozenset({"sexual"}), consents=AGREED),
        (TARA,),
        ("support-migrant-help",),
    ),
    Row(
        "TARA: also where labour is thought of as well",
        adult(gender="woman", exploitation=frozenset({"sexual", "labour"}), consents=AGREED),
        (TARA,),
        ("support-migrant-help",),
    ),
    *(
        Row(
            f"Migrant Help: {gender}, {'and'.join(kinds) or 'exploitation not known'}",
            adult(gender=gender, exploitation=frozenset(kinds), consents=AGREED),
            (MIGRANT_HELP,),
            ("support-tara",),
        )
        for gender, kinds in [
            ("woman", ("labour",)),
            ("woman", ()),
            ("man", ("sexual",)),
            ("man", ("labour",)),
            ("man", ()),
            ("other", ("sexual",)),
            ("not_known", ("sexual",)),
            ("not_known", ()),
        ]
    ),
    Row(
        "either service may be rung for advice before anybody is asked",
        adult(gender="man", signs="not_assessed"),
        (
            Do("interpreter", "You", "Before you talk", "silence", "Never somebody who came with them"),
            Do("signs", "You", "While you remember", "does not replace", "do not question anybody"),
            Do("ask-support", "You", "safe to ask", "only if they agree"),
            MIGRANT_HELP,
        ),
        ("ask-police",),
        ("Do not make support depend on helping the police",),
    ),
    Row(
        "with support: the council, the Anchor, lawyers",
        adult(gender="man", consents=AGREED),
        (
            MIGRANT_HELP,
            Do("council-adult", "Council", "week", "council’s own duties", "homelessness … public funds"),
            Do("health", "Support service", "want", "whatever is decided", "Anchor … trauma … Urgent treatment first"),
            Do("legal-advice", "Support service", "Before a decision", "whatever is decided", "JustRight Scotland"),
        ),
        ("ask-support",),
    ),
    Row(
        "the police unit, for an adult who is willing",
        adult(consents={"police_cooperation": "given"}),
        (Do("police", "police", "they choose", "agreed", "interpreter"),),
        ("ask-police",),
    ),
    Row(
        "the police, asked about apart from everything else",
        adult(),
        (Do("ask-police", "You", "safe", "support do not depend on it", "Nothing else depends on it"),),
        ("police",),
    ),
    *(
        Row(
            f"no support against their will: {answer}",
            adult(consents={"support": answer}, referral=stands),
            (),
            SUPPORT,
        )
        for answer in ("refused", "withdrawn")
        for stands in ("none", "reasonable_grounds")
    ),
    Row(
        "a child: social work, and a guardian where nobody in the UK has parental rights",
        child(gender="woman", exploitation=frozenset({"sexual"}), parental_rights_in_uk="no"),
        (CONCERN, GUARDIAN, HOME),
        SUPPORT,
    ),
    Row(
        "treated as a child: the same",
        unsure(gender="woman", exploitation=frozenset({"sexual"}), parental_rights_in_uk="no"),
        (CONCERN, GUARDIAN, HOME),
        SUPPORT,
    ),
    Row(
        "an adult whose signs do not point to trafficking",
        adult(signs="none", gender="woman", exploitation=frozenset({"sexual"})),
        (Do("watch", "You", "next contact", "Absence of signs is not proof"),),
        (*ASKED, *SUPPORT),
    ),
    Row("the same of a man", adult(signs="none", gender="man"), (), (*ASKED, *SUPPORT)),
    Row("the same once a referral was sent", adult(signs="none", referral="sent"), (), ("watch", *SUPPORT)),
    Row("a child without signs is protected all the same", child(signs="none"), (CONCERN,), ("watch",)),
    Row(
        "what the signs say is not clear yet",
        adult(gender="man", signs="undetermined", consents=AGREED),
        (Do("interpreter", "You", "Before you talk", "silence"), MIGRANT_HELP),
        ("watch",),
    ),
    Row(
        "an adult accused of an offence: compulsion",
        adult(accused_of_offence=True),
        (
            Do(
                "offence",
                "Police, or whoever learns of it",
                "As soon as it is known",
                "National Lead Prosecutor",
                "compelled … directly from being a victim … before, during and after … any source",
            ),
        ),
        ("child-offence",),
    ),
]

CHILDREN = [
    Row(
        "1 danger: 999 first, then social work or the police at once",
        child(danger="yes"),
        (Do("danger", "You", "Now", "Safety"), CONCERN),
        ASKED,
    ),
    Row(
        "1 danger not known: first whether it is safe to talk",
        child(danger="not_known"),
        (Do("safe-to-talk", "You", "Before you ask anything else", "danger", "alone, in private"), CONCERN),
        ("danger",),
    ),
    Row(
        "2 consent: of neither the child nor a carer",
        child(parental_rights_in_uk="yes"),
        (CONCERN, CHILD_REFERRAL),
        ASKED,
        (NO_CARER, "a carer may be the person who exploits the child", "Do not ask the child to consent"),
    ),
    Row(
        "3 age: presumed to be a child, and only a council assesses",
        unsure(believed_under_18=True),
        (
            CONCERN,
            Do(
                "age-presumption",
                "Council or health board",
                "until an age assessment",
                "may be under 18, and their age is not sure",
                "accommodation … guardian … looked-after",
            ),
            Do(
                "age-assessment",
                "Social work",
                "safe",
                "Until there is an assessment",
                "Only a council … no method is conclusive … plainly an adult … child protection comes first",
            ),
        ),
        (*ASKED, "age-not-sure"),
    ),
    Row(
        "3 age: still not sure after an assessment",
        unsure(believed_under_18=True, age_assessed=True),
        (CONCERN, Do("age-not-sure", "You", "From now on", "not sure")),
        (*ASKED, "age-presumption", "age-assessment"),
    ),
    Row("4 discussion between agencies", child(), (CONCERN, DISCUSSION)),
    Row(
        "5 referral: social work, and the panel in Edinburgh",
        child(council="city-of-edinburgh"),
        (DISCUSSION, CHILD_REFERRAL, Do("child-panel", "Social work", "With the referral", "pilot")),
        ASKED,
    ),
    Row("5 referral: no panel elsewhere", child(council="fife"), (CHILD_REFERRAL,), ("child-panel",)),
    Row(
        "5 referral: no panel where the age is not sure",
        unsure(council="glasgow-city"),
        (CHILD_REFERRAL,),
        ("child-panel",),
    ),
    Row("6 guardian: nobody in the UK", child(parental_rights_in_uk="no"), (CHILD_REFERRAL, GUARDIAN, HOME)),
    Row("6 guardian: not known who", child(), (CHILD_REFERRAL, GUARDIAN, HOME)),
    Row(
        "6 guardian: not where a parent is in the UK",
        child(parental_rights_in_uk="yes"),
        (CHILD_REFERRAL,),
        ("guardian", "child-accommodation"),
    ),
    Row(
        "8 missing: reported first, with the protocol",
        child(missing=True),
        (Do("missing", "You", "Today", "taken back", "missing-child protocol … health and education"), CONCERN),
    ),
    Row(
        "9 interview: once, in a Bairns' Hoose, as the discussion decides",
        child(),
        (
            DISCUSSION,
            Do("child-interview", "Police and social work", "As the discussion decides", "Telling it again", "once"),
        ),
        (),
        ("Do not interview the child yourself",),
    ),
    Row(
        "10 offence: no compulsion need be shown",
        child(accused_of_offence=True),
        (
            Do(
                "child-offence",
                "Police, or whoever learns of it",
                "As soon as it is known",
                "National Lead Prosecutor",
                "No compulsion need be shown … consequence of being a victim",
            ),
        ),
        ("offence",),
    ),
    Row(
        "11 turning 18: prepared for",
        child(eighteen_on=TODAY + timedelta(days=60)),
        (
            CHILD_REFERRAL,
            Do(
                "turning-18",
                "Social work, guardian and the adult service",
                "Before they turn 18",
                "needs their agreement",
                "stay in the National Referral Mechanism … TARA or Migrant Help … A guardian can go on",
            ),
        ),
        (*ASKED, "turned-18"),
    ),
    Row(
        "11 turning 18: by the date of birth they have",
        child(eighteen_on=TODAY),
        (Do("turned-18", "You", "next contact", "adult is asked"),),
        ("turning-18", "child-panel"),
    ),
]

ROWS = [*NRM, *NOTIFYING, *SUPPORTING, *CHILDREN]


def ids(situation: Situation, *, day: date = TODAY, place: str = "scotland") -> list[str]:
    return [step.id for step in next_steps(situation, on=day, place=place)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_steps_come_in_order_with_who_by_when_and_why(row: Row) -> None:
    found = {step.id: step for step in next_steps(row.situation, on=TODAY, place=row.place)}
    expected = [item.id for item in row.steps]
    assert [step for step in found if step in expected] == expected
    for item in row.steps:
        step = found[item.id]
        assert item.who in step.who
        assert item.by_when in step.by_when
        assert item.why in step.why
        assert not [words for words in item.detail.split(" … ") if words not in step.detail]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_is_not_for_them_is_not_there(row: Row) -> None:
    known = {rule.id for rule in load_pathway().steps}
    assert set(row.never) <= known
    assert not set(row.never) & set(ids(row.situation, place=row.place))


@pytest.mark.parametrize("row", [row for row in ROWS if row.not_to_do], ids=lambda row: row.name)
def test_what_not_to_do_is_said(row: Row) -> None:
    said = [line for step in next_steps(row.situation, on=TODAY, place=row.place) for line in step.not_to_do]
    said += [f"{item.text} {item.why}" for item in not_to_do(row.situation, on=TODAY, place=row.place)]
    for words in row.not_to_do:
        assert any(words in line for line in said), words


def test_every_step_is_expected_of_somebody() -> None:
    expected = {(row.place, item.id) for row in ROWS for item in row.steps}
    assert {(rule.place, rule.id) for rule in load_pathway().steps} == expected


def test_what_is_never_done_is_said_to_everybody() -> None:
    for situation in (adult(), child(), unsure()):
        said = [item.text for item in not_to_do(situation, on=TODAY, place="scotland")]
        assert len(said) == len(set(said))
        for words in ("interpret", "whole story again", "promise", "lying"):
            assert any(words in line for line in said)
    assert not any(
        "carer" in item.text or "child" in item.text for item in not_to_do(adult(), on=TODAY, place="scotland")
    )


def test_who_is_rung_for_which_step() -> None:
    assert {
        rule.id: rule.service_id for rule in load_pathway().steps if rule.service_id and rule.place == "scotland"
    } == {
        "missing": "police",
        "child-concern": "social-work",
        "support-tara": "tara",
        "support-migrant-help": "migrant-help",
        "notify": "police",
        "notify-anonymously": "police",
        "police": "police",
    }


# Natasha, of the TARA training pack: exploited in the sex industry.

NATASHA = adult(gender="woman", exploitation=frozenset({"sexual"}), parental_rights_in_uk="no")
NATASHA_AT_17 = replace(NATASHA, age="under_18")


def test_natasha_is_asked_what_she_wants_and_tara_is_rung() -> None:
    assert ids(NATASHA) == ["interpreter", "ask-support", "support-tara", "ask-referral", "ask-identity", "ask-police"]
    step = next(step for step in next_steps(NATASHA, on=TODAY, place="scotland") if step.id == "support-tara")
    service = next(item for item in load_place("scotland").services if item.id == step.service_id)
    assert service.numbers[0].value == "0141 276 7724"


def test_natasha_at_17_is_protected_without_being_asked() -> None:
    assert ids(NATASHA_AT_17) == [
        "child-concern",
        "inter-agency-discussion",
        "child-referral",
        "guardian",
        "child-accommodation",
        "child-interview",
        "interpreter",
    ]
    who = [step.who for step in next_steps(NATASHA_AT_17, on=TODAY, place="scotland")]
    assert who[1:5] == ["Social work, police and health", "Social work, with the police", "The council", "Social work"]
    assert not_to_do(NATASHA_AT_17, on=TODAY, place="scotland")[0].text.startswith(NO_CARER)


def test_natasha_at_17_has_no_guardian_while_a_parent_is_in_the_uk() -> None:
    assert "guardian" not in ids(replace(NATASHA_AT_17, parental_rights_in_uk="yes"))


def test_natasha_whose_age_is_not_sure_is_seventeen_to_us() -> None:
    seventeen = ids(NATASHA_AT_17)
    found = ids(replace(NATASHA, age="uncertain", believed_under_18=True))
    assert [step for step in found if step in seventeen] == seventeen
    assert set(found) - set(seventeen) == {"age-presumption", "age-assessment"}


# The days on which a step begins.


@pytest.mark.parametrize(
    ("step", "first", "situation", "place"),
    [
        ("child-referral", date(2009, 1, 1), child(), "scotland"),
        ("ask-referral", date(2009, 1, 1), adult(), "scotland"),
        ("notify-anonymously", date(2015, 11, 1), adult(consents={"nrm_referral": "refused"}), "england_wales"),
        ("offence", date(2016, 5, 24), adult(accused_of_offence=True), "scotland"),
        ("child-offence", date(2016, 5, 24), child(accused_of_offence=True), "scotland"),
        ("ask-identity", date(2016, 5, 31), adult(), "scotland"),
        ("notify", date(2016, 5, 31), adult(consents={"notification_identity": "given"}), "scotland"),
        ("notify-anonymously", date(2016, 5, 31), adult(consents={"notification_identity": "refused"}), "scotland"),
        ("age-presumption", date(2018, 1, 31), unsure(believed_under_18=True), "scotland"),
        ("child-panel", date(2021, 6, 1), child(council="glasgow-city"), "scotland"),
        ("guardian", date(2023, 4, 1), child(), "scotland"),
        ("child-panel", date(2025, 9, 1), child(council="city-of-edinburgh"), "scotland"),
    ],
)
def test_a_step_begins_with_the_law_behind_it(step: str, first: date, situation: Situation, place: str) -> None:
    found = [step in ids(situation, day=first + DAY * n, place=place) for n in (-1, 0, 1)]
    assert found == [False, True, True]


@pytest.mark.parametrize(
    ("left", "panel", "prepared"), [(99, False, True), (100, False, True), (101, True, False), (400, True, False)]
)
def test_a_panel_decides_only_with_more_than_100_days_to_go(left: int, panel: bool, prepared: bool) -> None:
    found = ids(child(council="glasgow-city", eighteen_on=TODAY + timedelta(days=left)))
    assert ("child-panel" in found, "turning-18" in found) == (panel, prepared)


@pytest.mark.parametrize(
    ("decision_on", "seen_on", "length", "due"),
    [
        (date(2018, 3, 31), date(2018, 4, 20), "45 calendar days", date(2018, 5, 15)),
        (date(2018, 4, 1), date(2018, 4, 20), "90 calendar days", date(2018, 6, 30)),
        (date(2026, 1, 5), date(2026, 11, 23), "90 calendar days", date(2026, 4, 5)),
    ],
)
def test_support_is_counted_from_the_decision_under_the_law_of_its_day(
    decision_on: date, seen_on: date, length: str, due: date
) -> None:
    situation = adult(referral="reasonable_grounds", decision_on=decision_on)
    found = next_steps(situation, on=seen_on, place="scotland")
    step = next(item for item in found if item.id.startswith("support-period"))
    assert step.due == due
    assert length in step.detail


@pytest.mark.parametrize(
    ("decision_on", "by_when", "due"),
    [
        (date(2024, 1, 31), "Last day: none is set", None),
        (date(2024, 2, 10), "Last day: 10 March 2024", date(2024, 3, 10)),
        (date(2024, 3, 1), "Last day: 31 March 2024", date(2024, 3, 31)),
    ],
)
def test_a_negative_decision_can_be_looked_at_again_within_the_limit_of_its_day(
    decision_on: date, by_when: str, due: date | None
) -> None:
    situation = adult(referral="negative_conclusive", decision_on=decision_on)
    for seen_on in (decision_on, date(2024, 4, 1)):
        step = next(
            item for item in next_steps(situation, on=seen_on, place="scotland") if item.id == "reconsideration"
        )
        assert (step.by_when, step.due) == (by_when, due)


def test_nothing_is_counted_from_a_decision_that_was_not_made_yet() -> None:
    situation = adult(referral="sent", decision_on=date(2026, 1, 5))
    assert [step.due for step in next_steps(situation, on=TODAY, place="scotland") if step.due] == []


def test_section_9_is_cited_from_the_day_on_which_it_binds() -> None:
    def cited(day: date) -> str:
        return next(
            step.provision for step in next_steps(adult(), on=day, place="scotland") if step.id == "ask-support"
        )

    assert [cited(date(2018, 4, 1) + DAY * n) for n in (-1, 0)] == ["", "2015 Act, section 9(5)"]


# Whatever the situation and the day.

CONSENTS = st.fixed_dictionaries(
    dict.fromkeys(
        ["notification_identity", "nrm_referral", "support", "police_cooperation"],
        st.sampled_from(["given", "refused", "withdrawn", "not_asked"]),
    )
)
DAYS = st.dates(date(2005, 1, 1), date(2035, 12, 31))
PLACES = st.sampled_from(["scotland", "england_wales"])
KNOWN = ["yes", "no", "not_known"]
SITUATIONS = st.builds(
    Situation,
    age=st.sampled_from(["under_18", "adult", "uncertain"]),
    believed_under_18=st.booleans(),
    age_assessed=st.booleans(),
    gender=st.sampled_from(["woman", "man", "other", "not_known"]),
    exploitation=st.frozensets(st.sampled_from(sorted(EXPLOITATION))),
    danger=st.sampled_from(KNOWN),
    signs=st.sampled_from(["none", "undetermined", "indicated", "not_assessed"]),
    first_responder=st.booleans(),
    kind=st.sampled_from(["", "council", "health_board", "police", "support_provider", "ngo"]),
    parental_rights_in_uk=st.sampled_from(KNOWN),
    consents=CONSENTS,
    referral=st.sampled_from(
        ["none", "sent", "reasonable_grounds", "conclusive_positive", "negative_reasonable", "negative_conclusive"]
    ),
    decision_on=st.none() | DAYS,
    accused_of_offence=st.none() | st.booleans(),
    missing=st.booleans(),
    eighteen_on=st.none() | DAYS,
    council=st.sampled_from([None, "glasgow-city", "city-of-edinburgh", "fife"]),
)
ASKS_THEM = re.compile(r"\bask (whether they|them|the child|her|him|a parent|a carer|their)", re.IGNORECASE)


@given(SITUATIONS, DAYS, PLACES)
def test_a_child_is_never_asked_and_neither_is_a_carer(situation: Situation, day: date, place: str) -> None:
    assume(situation.age != "adult")
    turned_18 = situation.eighteen_on is not None and situation.eighteen_on <= day
    for step in next_steps(situation, on=day, place=place):
        assert step.id not in ASKED
        assert "carer" not in step.title + step.detail
        assert turned_18 or not ASKS_THEM.search(f"{step.title} {step.detail}")
    assert any(item.text.startswith(NO_CARER) for item in not_to_do(situation, on=day, place=place))


@given(SITUATIONS, CONSENTS, DAYS, PLACES)
def test_what_is_done_for_a_child_does_not_depend_on_any_consent(
    situation: Situation, consents: Mapping[str, str], day: date, place: str
) -> None:
    assume(situation.age != "adult")
    answered = replace(situation, consents=consents)
    assert next_steps(answered, on=day, place=place) == next_steps(situation, on=day, place=place)


@given(SITUATIONS, st.sampled_from(["given", "refused", "withdrawn", "not_asked"]), DAYS, PLACES)
def test_nothing_but_the_police_depends_on_helping_the_police(
    situation: Situation, answer: str, day: date, place: str
) -> None:
    def others(item: Situation) -> list[Step]:
        return [step for step in next_steps(item, on=day, place=place) if step.id not in ("police", "ask-police")]

    other = replace(situation, consents={**situation.consents, "police_cooperation": answer})
    assert others(other) == others(situation)


@given(SITUATIONS, DAYS)
def test_an_adult_is_supported_referred_and_named_only_as_they_agreed(situation: Situation, day: date) -> None:
    assume(situation.age == "adult")
    found = set(ids(situation, day=day))
    answers = situation.consents
    if answers.get("support") in ("refused", "withdrawn"):
        assert not found & set(SUPPORT)
    if answers.get("nrm_referral") != "given":
        assert not found & {"refer", "ask-first-responder"}
    if answers.get("notification_identity") != "given":
        assert "notify" not in found
    if answers.get("police_cooperation") != "given":
        assert "police" not in found
    for kind, step in {
        "support": "ask-support",
        "nrm_referral": "ask-referral",
        "police_cooperation": "ask-police",
    }.items():
        if answers.get(kind, "not_asked") != "not_asked":
            assert step not in found


@given(SITUATIONS, DAYS, PLACES)
def test_nobody_is_referred_twice(situation: Situation, day: date, place: str) -> None:
    assume(situation.referral != "none")
    referring = {"child-referral", "ask-referral", "refer", "ask-first-responder"}
    assert not referring & set(ids(situation, day=day, place=place))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_before_the_referral_mechanism_nobody_is_referred(row: Row) -> None:
    referring = {"child-referral", "ask-referral", "ask-to-stay", "refer", "ask-first-responder", "referral-withdrawn"}
    referring |= {"await-decision"}
    assert not referring & set(ids(row.situation, day=date(2008, 12, 31), place=row.place))


@given(SITUATIONS, DAYS)
def test_an_adult_is_sent_to_one_support_service_at_most(situation: Situation, day: date) -> None:
    found = set(ids(situation, day=day)) & {"support-tara", "support-migrant-help"}
    assert len(found) <= 1
    if situation.age == "adult" and situation.signs != "none" and situation.consents.get("support") == "given":
        to_tara = situation.gender == "woman" and "sexual" in situation.exploitation
        assert found == ({"support-tara"} if to_tara else {"support-migrant-help"})


@given(DAYS)
def test_one_length_of_support_holds_on_a_day(day: date) -> None:
    rows = [row for row in on(day, "scotland").history("adult_support_period") if holds(row, day)]
    assert [row.value for row in rows] == [45 if day <= date(2018, 3, 31) else 90]


@given(SITUATIONS, DAYS, PLACES)
def test_danger_comes_first(situation: Situation, day: date, place: str) -> None:
    found = ids(situation, day=day, place=place)
    at = [number for number, step in enumerate(found) if step == "danger"]
    assert at == ([0] if situation.danger == "yes" else [])


SECTIONS = {
    "8": "act_2015",
    "9": "adult_support_duty",
    "10": "slavery_support_period",
    "11": "child_guardian",
    "12": "presumption_of_age",
    "38": "duty_to_notify",
}
OTHERS = {
    "SSI 2018/90": "adult_support_duty",
    "SSI 2018/90, regulation 3": "slavery_support_period",
    "SSI 2018/90, regulation 3(4)": "slavery_support_period",
    "SSI 2018/90, regulation 3(5)": "slavery_support_period",
    "SSI 2023/18": "child_guardian",
    "Lord Advocate’s Instructions": "lord_advocate_instructions",
    "National Guidance for Child Protection in Scotland": "child_protection_guidance",
    "National Guidance for Child Protection in Scotland, 4.332 to 4.352": "child_protection_guidance",
    "Scottish age assessment guidance 2018": "age_assessment_guidance",
    "Children (Scotland) Act 1995, section 25": "child_accommodation",
    "Modern Slavery Act 2015, section 52": "duty_to_notify",
    "SI 2015/1743": "duty_to_notify",
}


def cited(provision: str) -> tuple[set[str], bool]:
    """The keys of what a citation names, and whether it says that it is not in force. An unknown citation fails."""
    alone = "for slavery, servitude or forced labour alone, "
    parts = [part.strip().removeprefix(alone) for part in provision.split(";") if part.strip()]
    named = [part for part in parts if not part.startswith("not in force")]
    keys = set()
    for part in named:
        section = re.match(
            r"(?:(?:Human Trafficking and Exploitation \(Scotland\) Act 2015|2015 Act), )?section (\d+)", part
        )
        keys.add(SECTIONS[section[1]] if section else OTHERS[part])
    return keys, named != parts


def check_citations(situation: Situation, day: date, place: str) -> None:
    by_decision = {rule.id for rule in load_pathway().steps if rule.by_decision}
    decided = situation.decision_on if situation.referral not in ("none", "sent") else None
    for step in next_steps(situation, on=day, place=place):
        law = on(decided if decided and step.id in by_decision else day, place)
        keys, not_in_force = cited(step.provision)
        for key in keys:
            assert law.get(key) is not None, (step.id, key)
            assert law.in_force(key) is not not_in_force, (step.id, key)


@given(SITUATIONS, DAYS, PLACES)
def test_what_a_step_cites_exists_on_the_day_and_is_in_force_unless_it_says_otherwise(
    situation: Situation, day: date, place: str
) -> None:
    check_citations(situation, day, place)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_citations_are_right_around_every_change_of_the_law(row: Row) -> None:
    changes = {item.from_day for item in load_provisions().rows if item.from_day}
    for day in changes:
        check_citations(row.situation, day - DAY, row.place)
        check_citations(row.situation, day, row.place)


def test_today_nothing_that_a_step_rests_on_is_left_out() -> None:
    for rule in load_pathway().steps:
        law = on(TODAY, rule.place)
        assert all(law.in_force(key) for key in rule.rests_on), rule.id
        if rule.needs:
            assert law.in_force(rule.needs), rule.id


@given(SITUATIONS, DAYS, PLACES)
def test_a_step_is_whole_and_says_on_what_it_rests(situation: Situation, day: date, place: str) -> None:
    known = {item.id for item in load_place(place).services} | {""}
    found = next_steps(situation, on=day, place=place)
    assert len({step.id for step in found}) == len(found)
    for step in found:
        for words in (step.title, step.detail, step.who, step.by_when, step.why, step.source):
            assert words.strip()
            assert "{" not in words
        assert step.service_id in known
        assert step.due is None or situation.decision_on is not None


@given(SITUATIONS, DAYS, PLACES)
def test_the_same_situation_has_the_same_steps(situation: Situation, day: date, place: str) -> None:
    turned = replace(situation, consents=dict([*situation.consents.items()][::-1]))
    first = next_steps(situation, on=day, place=place)
    load_pathway.cache_clear()
    assert next_steps(turned, on=day, place=place) == first
    assert not_to_do(turned, on=day, place=place) == not_to_do(situation, on=day, place=place)


@given(SITUATIONS, DAYS)
def test_a_notification_in_scotland_is_said_to_be_voluntary(situation: Situation, day: date) -> None:
    for step in next_steps(situation, on=day, place="scotland"):
        if "otif" in step.title:
            assert "voluntary" in step.detail
            assert "not in force" in step.provision


def test_the_bodies_of_the_proposal_are_under_no_duty_today() -> None:
    proposed = [item for item in bodies("scotland", on=TODAY) if item.under_duty == "proposed_2019"]
    assert len(proposed) == 52
    assert not [item for item in proposed if item.under_duty_on(TODAY, "scotland")]


# The data itself.


def test_every_condition_and_every_value_in_the_data_is_known() -> None:
    for row in [*RAW["steps"], *RAW["prohibitions"]]:
        for name, values in [*row["when"].items(), *row.get("unless", {}).items()]:
            assert name in CONDITIONS, row["id"]
            assert set(values) <= CONDITIONS[name], row["id"]


@given(SITUATIONS, DAYS)
def test_the_steps_come_in_the_order_of_the_data(situation: Situation, day: date) -> None:
    order = [row["id"] for row in RAW["steps"]]
    found = [order.index(step) for step in ids(situation, day=day)]
    assert found == sorted(found)


# What is refused.


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"age": "17"}, "age is '17'"),
        ({"gender": "female"}, "gender is 'female'"),
        ({"danger": "maybe"}, "danger is 'maybe'"),
        ({"signs": "positive"}, "signs is 'positive'"),
        ({"kind": "shop"}, "kind is 'shop'"),
        ({"parental_rights_in_uk": "abroad"}, "parental_rights_in_uk is 'abroad'"),
        ({"referral": "accepted"}, "referral is 'accepted'"),
        ({"exploitation": frozenset({"begging"})}, "exploitation holds .*begging"),
        ({"consents": {"support": "perhaps"}}, "consents hold .*perhaps"),
        ({"consents": {"nrm": "given"}}, "consents hold .*'nrm'"),
    ],
)
def test_a_situation_nobody_knows_is_refused(known: dict[str, Any], words: str) -> None:
    with pytest.raises(LawError, match=words):
        Situation(**{"age": "adult", **known})


def test_a_place_without_law_has_no_pathway() -> None:
    with pytest.raises(LawError, match="northern_ireland"):
        next_steps(adult(), on=TODAY, place="northern_ireland")
    with pytest.raises(LawError, match="northern_ireland"):
        not_to_do(adult(), on=TODAY, place="northern_ireland")
