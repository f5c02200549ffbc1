"""The report on the notifications received in a period: numbers by body, place, type, completeness and timeliness."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from statistics import median

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield import law
from bield.disclosure import combination_rules, places, protected
from bield.disclosure.combination.rules import judged_fields
from bield.law.forms import load_notification_versions
from bield.service.accounts.models import User
from bield.service.notifications.access import received_by
from bield.service.notifications.forms import version_today

COMPLETE = tuple(name for name in judged_fields() if name != "activity_where")
"""The fields that completeness is measured by: those that a body can be expected to know."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table. number: empty if it is too small to show."""

    label: str
    number: str


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table with its small numbers hidden."""

    title: str
    note: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What was received in a period. received: all; people: each person counted once, empty if too few to show."""

    first: date
    last: date
    received: str
    people: str
    least: int
    tables: tuple[TableOf, ...]
    hours_to_acknowledge: str
    acknowledged: str
    in_force: bool


def figures(user: User, *, first: date, last: date) -> Report:
    """The numbers of a period, both days included, over what the user's organisation received."""
    start = timezone.make_aware(datetime.combine(first, time.min))
    end = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))
    received_in_period = received_by(user).filter(sent_at__gte=start, sent_at__lt=end)
    fields = ("body", "recovered_where", "type", "age", "gender", "way", "country_of_origin", "activity_where")
    counters: dict[str, Counter[str]] = {name: Counter() for name in ("body", "place", "type", "age", "complete")}
    hours, received, people, acknowledged = [], 0, 0, 0
    values = received_in_period.values_list(*fields, "again", "already_known", "sent_at", "acknowledged_at")
    for row in values.iterator(chunk_size=5_000):
        said = dict(zip(fields, row, strict=False))
        again, known, sent_at, acknowledged_at = row[len(fields) :]
        received += 1
        if acknowledged_at:
            acknowledged += 1
            hours.append((acknowledged_at - sent_at).total_seconds() / 3600)
        counters["body"][said["body"]] += 1
        counters["complete"][str(sum(bool(said[name]) for name in COMPLETE))] += 1
        if again or known:
            continue
        people += 1
        counters["place"][_region(said["recovered_where"])] += 1
        counters["age"][said["age"]] += 1
        for kind in said["type"].split("+") if said["type"] else [""]:
            counters["type"][kind] += 1
    least = combination_rules().threshold.people
    return Report(
        first,
        last,
        _shown({"all": received}, least)["all"] or _("fewer than %(least)d") % {"least": least},
        _shown({"all": people}, least)["all"],
        least,
        _tables(counters, least),
        f"{median(hours):.0f}" if len(hours) >= least else "",
        _share(acknowledged, received, least),
        any(item.in_force for item in load_notification_versions() if item.place == settings.PLACE),
    )


def _region(place: str) -> str:
    """A place as broadly as the report shows it: a council as its region."""
    path = places(settings.PLACE).up(place) if place else ("",)
    return next((value for value in path if value.startswith("region_")), path[0])


def _share(part: int, whole: int, least: int) -> str:
    """A share in whole per cent; ‘–’ if the whole, the part or the rest is too small to show."""
    if any(0 < number < least for number in (whole, part, whole - part)) or not whole:
        return "–"
    return f"{100 * part / whole:.0f}%"


def _shown(counts: Mapping[str, int], least: int) -> dict[str, str]:
    """Counts in words, with small ones hidden."""
    return {key: _words(number) for key, number in protected(counts, least=least).items()}


def _words(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _tables(counters: Mapping[str, Counter[str]], least: int) -> tuple[TableOf, ...]:
    version = version_today()
    types = {item.key: _(item.label) for item in version.field("type").choices} | {"": _("Not said")}
    ages = {item.key: _(item.label) for item in version.field("age").choices}
    everything = len(COMPLETE)
    complete = {
        str(number): _("%(number)d of %(all)d said") % {"number": number, "all": everything}
        for number in range(everything, -1, -1)
    }
    bodies = {key: law.body(key).name for key in sorted(counters["body"])}
    regions = {key: _(places(settings.PLACE).label(key)) for key in sorted(counters["place"])}
    return (
        _table(
            _("By organisation"),
            _("Every notification, including a second one about the same person."),
            counters["body"],
            bodies,
            least,
            largest_first=True,
        ),
        _table(
            _("By place"), _("Where people were found, by region; each person once."), counters["place"], regions, least
        ),
        _table(
            _("By type"),
            _("Each person once under each type. Somebody may have several, so the sum can be more than the people."),
            counters["type"],
            types,
            least,
            adds_up=False,
        ),
        _table(_("By age"), _("Each person once."), counters["age"], ages, least),
        _table(
            _("Completeness"),
            _("How many of these were said: country, where found, gender, type, age."),
            counters["complete"],
            complete,
            least,
        ),
    )


def _table(
    title: str,
    note: str,
    counts: Counter[str],
    labels: Mapping[str, str],
    least: int,
    *,
    largest_first: bool = False,
    adds_up: bool = True,
) -> TableOf:
    """A table with small numbers hidden. Nothing about it, not even its order, depends on what is hidden."""
    safe_counts = protected({key: counts[key] for key in labels}, least=least, adds_up=adds_up)
    keys = [key for key in labels if counts[key]]
    if largest_first:
        keys.sort(key=lambda key: (-(safe_counts[key] or 0), labels[key]))
    return TableOf(title, note, tuple(Line(labels[key], _words(safe_counts[key])) for key in keys))


def word(report: Report, *, made_on: date) -> bytes:
    """The report as a Word document, from the template that people can edit."""
    from docxtpl import DocxTemplate  # a tenth of a second, which only who asks for Word should pay

    template = DocxTemplate(io.BytesIO((files("bield.service.notifications") / "data" / "report.docx").read_bytes()))
    template.render(
        {
            "first": date_format(report.first),
            "last": date_format(report.last),
            "made_on": date_format(made_on),
            "report": report,
            "small": _("fewer than %(least)d, or hidden so that another small number cannot be worked out")
            % {"least": report.least},
        },
        autoescape=True,
    )
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()
