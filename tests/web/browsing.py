"""A visitor who reads the forms of a page and fills them in, with or without sense."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from random import Random

WORDS = (
    "She wants to sleep first.",
    "Zdravka",
    "O’Neill-Đặng",
    "07700 900461",
    "a@b.example",
    "=1+1",
    "<b>x</b>",
    "😀",
    "x" * 300,
)
NUMBERS = ("0", "1", "7", "31", "2026", "-1", "10:30", "SW1A 1AA")


@dataclass
class Control:
    """A field of a form: the values among which one chooses, or nothing where one types."""

    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form of a page."""

    action: str
    method: str
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, random: Random, today: date) -> dict[str, list[str]]:
        """Values for every field: mostly sensible, at times not."""
        sent: dict[str, list[str]] = defaultdict(list)
        day = (
            today - timedelta(days=random.choice([0, 0, 1, 3, 30, 200])) + timedelta(days=random.choice([0, 0, 0, 40]))
        )
        for name, control in self.controls.items():
            sent[name] += _value(name, control, random, day)
        if self.buttons:
            name, value = random.choice(self.buttons)
            if name:
                sent[name].append(value)
        return sent


def _value(name: str, control: Control, random: Random, day: date) -> list[str]:
    if control.kind == "hidden":
        return [control.value]
    if control.kind in ("radio", "select"):
        return [random.choice(control.options)] if control.options and random.random() < 0.95 else []
    if control.kind == "checkbox":
        return [item for item in control.options if random.random() < 0.4]
    for ending, part in (("_day", day.day), ("_month", day.month), ("_year", day.year)):
        if name.endswith(ending):
            return [str(part) if random.random() < 0.97 else random.choice(NUMBERS)]
    if control.value and random.random() < 0.6:
        return [control.value]
    return [random.choice([*WORDS, *NUMBERS, ""])]


class Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "a" and held.get("href", "").startswith("/"):
            self.links.add(held["href"])
        if tag == "form":
            self._form = Form(held.get("action", ""), held.get("method", "get"))
            self.forms.append(self._form)
        if self._form is None:
            return
        name, controls = held.get("name", ""), self._form.controls
        if tag == "button" and held.get("type", "submit") == "submit":
            self._form.buttons.append((name, held.get("value", "")))
        if tag == "input" and name and held.get("type") != "file":
            kind = held.get("type", "text")
            control = controls.setdefault(name, Control(kind, held.get("value", "")))
            control.options.append(held.get("value", "on"))
        if tag == "select":
            self._select = name
            controls[name] = Control("select")
        if tag == "option" and self._select:
            controls[self._select].options.append(held.get("value", ""))
        if tag == "textarea":
            self._area = name
            controls[name] = Control("text")

    def handle_data(self, data: str) -> None:
        if self._area and self._form:
            self._form.controls[self._area].value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""
