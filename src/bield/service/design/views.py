"""A page with every component in every state, to look at and to test."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


class SpecimenForm(forms.Form):
    """One field of each kind that forms use."""

    name = forms.CharField(label="A short text", help_text="A hint that helps.", max_length=40)
    note = forms.CharField(label="A long text", widget=forms.Textarea(attrs={"rows": 3}))
    day = forms.DateField(label="A date", help_text="For example, 31/3/2018.", input_formats=["%d/%m/%Y"])
    one = forms.ChoiceField(
        label="One of these",
        choices=[("a", "The first"), ("b", "The second")],
        widget=forms.RadioSelect,
    )
    some = forms.MultipleChoiceField(
        label="Any of these",
        choices=[("a", "The first"), ("b", "The second")],
        widget=forms.CheckboxSelectMultiple,
    )
    file = forms.FileField(label="A file")


@login_not_required
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "design/components.html",
        {
            "empty": SpecimenForm(prefix="empty"),
            "filled": SpecimenForm(
                prefix="filled",
                initial={
                    "name": "Some words",
                    "note": "More words",
                    "day": "31/03/2018",
                    "one": "a",
                    "some": ["b"],
                },
            ),
            "wrong": SpecimenForm({"wrong-day": "yesterday"}, prefix="wrong"),
            "headings": ["Sign", "Answer", "Strength"],
            "rows": [["The first", "Yes", "Strong"], ["The second", "Not known", "Medium"]],
            "crumbs": [{"text": "First", "url": "/"}, {"text": "Here"}],
            "links": [{"text": "Here", "url": "#", "current": True}, {"text": "There", "url": "/"}],
            "steps": [
                {"number": 1, "title": "Done", "seen": 2, "answered": True, "url": "#1"},
                {"number": 2, "title": "Now", "seen": 0, "current": True, "url": "#2"},
                {"number": 3, "title": "Later", "seen": 0, "url": "#3"},
            ],
            "facts": [("Age", "18 or over"), ("Kind", "Not known")],
            "lines": ["The first line.", "The second line."],
        },
    )
