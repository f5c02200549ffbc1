"""What stands at the head of a record: who it is about in a strip of facts, and how far things have come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from bield import law
from bield.service.cases.models import Assessment, Person
from bield.service.cases.states import ConsentState, SupportState
from bield.service.cases.who import exploitation_words, who
from bield.service.codelists import label
from bield.service.days import day_of
from bield.service.design.past import ago


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact in the strip: its title, what is known, and a word more. warns: whether it must not be overlooked."""

    title: str
    words: str
    more: str = ""
    warns: bool = False


def strip_of(person: Person, *, today: date) -> list[Fact]:
    """Who it is about, what happened, and how to reach them, without a name. Three queries at most."""
    return [
        Fact(_("Who"), who(person)),
        Fact(_("Exploitation"), capfirst(exploitation_words(person))),
        _found(person),
        reaching(person.channels.values_list("kind", "safe")),
        Fact(_("Looked after by"), person.worker.name),
        met(person.last_met_on, _("Last met"), today=today),
    ]


def _found(person: Person) -> Fact:
    """Where they were first met; where they are now, if no encounter says where."""
    first = person.encounters.filter(taken_back_at=None).order_by("on", "pk").values_list("council", flat=True).first()
    council = first or person.council
    title = _("Found in") if first else _("Where they are")
    return Fact(title, law.body(council).name if council else _("Not known"))


def reaching(channels: Iterable[tuple[str, str]]) -> Fact:
    """The safe ways to reach somebody, and those that nobody may use."""
    safe: list[str] = []
    unsafe: list[str] = []
    for kind, answer in channels:
        (safe if answer == "yes" else unsafe).append(label("channel", kind))
    more = _("Do not use: %(ways)s") % {"ways": ", ".join(unsafe).lower()} if unsafe else ""
    if safe:
        return Fact(_("Safe way to reach them"), capfirst(", ".join(safe).lower()), more)
    words = _("None: do not ring or write") if not unsafe else _("None")
    return Fact(_("Safe way to reach them"), words, more, warns=True)


def met(day: date | None, title: str, *, today: date) -> Fact:
    """When somebody was met last, and how long ago that is."""
    if day is None:
        return Fact(title, _("Not recorded"))
    return Fact(title, date_format(day), ago(day, today=today))


DONE, NOW, AHEAD = "done", "now", "ahead"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage on the way: done, under way now, or still ahead. words: where it stands."""

    name: str
    state: str
    words: str


FINAL = ("conclusive_positive", "negative_reasonable", "negative_conclusive")
"""The states of a referral after its last decision."""


def stages_of(person: Person, last: Assessment | None, consents: Sequence[str]) -> list[Stage]:
    """The stages from being noticed to life afterwards. A child is not asked for consents, so has no such stage.

    consents: the state of each of the consents.
    """
    stages = [Stage(_("Noticed"), DONE, date_format(day_of(person.opened_at))), _assessed(last)]
    if person.is_adult:
        stages.append(_asked(consents))
    return [*stages, _supported(person), _decided(person), _beyond(person)]


def _assessed(last: Assessment | None) -> Stage:
    if last is None:
        return Stage(_("Assessed"), NOW, _("no signs signed yet"))
    return Stage(_("Assessed"), DONE, date_format(day_of(last.at)))


def _asked(consents: Sequence[str]) -> Stage:
    """How many of the consents were asked. Those whose time is over have to be asked again."""
    asked = sum(state not in (ConsentState.NOT_ASKED, ConsentState.OVER) for state in consents)
    state = DONE if asked == len(consents) else NOW if asked else AHEAD
    return Stage(_("Consents"), state, _("%(asked)d of %(of)d asked") % {"asked": asked, "of": len(consents)})


def _supported(person: Person) -> Stage:
    name = _("Support")
    if person.support == SupportState.ENDED:
        day = person.support_ended_on
        return Stage(name, DONE, _("ended %(day)s") % {"day": date_format(day)} if day else _("ended"))
    if person.support == SupportState.ASKED:
        return Stage(name, NOW, _("asked, no answer yet"))
    if person.support == SupportState.OPEN:
        provider = _provider(person)
        return Stage(_("Support with %(who)s") % {"who": provider} if provider else name, NOW, _("under way"))
    return Stage(name, AHEAD, _("not asked for"))


def _provider(person: Person) -> str:
    """Who supports them, as far as the record says what was shared with whom."""
    body = person.sharings.filter(what="support").values_list("to", flat=True).first()
    return law.body(body).name.partition(" (")[0] if body else ""


def _decided(person: Person) -> Stage:
    words = {
        "none": _("no referral made"),
        "sent": _("referral sent, waiting"),
        "reasonable_grounds": _("positive reasonable grounds"),
        "conclusive_positive": _("positive conclusive grounds"),
        "negative_reasonable": _("negative reasonable grounds"),
        "negative_conclusive": _("negative conclusive grounds"),
    }[person.referral]
    state = DONE if person.referral in FINAL else AHEAD if person.referral == "none" else NOW
    return Stage(_("Decision"), state, words)


def _beyond(person: Person) -> Stage:
    if person.closed_at is not None:
        return Stage(_("Beyond"), DONE, _("record closed"))
    after = person.referral in FINAL or person.support == SupportState.ENDED
    return Stage(_("Beyond"), NOW if after else AHEAD, _("life afterwards"))
