"""Renders forms with the design system's components, and stops browsers from storing or sending what is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.translation import gettext as _

TYPED = frozenset({"text", "email", "tel", "number", "search", "url"})
"""The input types that people type into."""


class DesignRenderer(TemplatesSetting):
    """Renders forms and fields with the templates in design/templates."""

    form_template_name = "design/form.html"
    field_template_name = "design/field.html"

    def render(self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None) -> str:
        """A form, a field or a widget as HTML, with `private_widget` applied to widgets."""
        widget = context.get("widget")
        if widget is not None:
            context = dict(context) | {"widget": private_widget(widget)}
        return super().render(template_name, dict(context), request)


def private_widget(widget: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a widget that stops the browser from storing, sending or cutting what is typed.

    The browser stores nothing for the next user of the computer and sends nothing to a spelling service, unless the
    field says otherwise, as a password field does. It does not cut long text either: the server reports that it is too
    long, and keeps every letter.
    """
    result = dict(widget)
    if "subwidgets" in result:
        result["subwidgets"] = [private_widget(box) for box in result["subwidgets"]]
    is_textarea = "textarea" in result["template_name"]
    if is_textarea or result.get("type") in TYPED:
        attrs = {"autocomplete": "off", "spellcheck": "false"} | dict(result["attrs"])
        most = attrs.pop("maxlength", None)
        result["attrs"] = attrs | (_counted(most) if is_textarea and most else {})
    return result


def _counted(most: object) -> dict[str, Any]:
    """What a script needs to show how many characters are left; it replaces the 0 with the number."""
    return {"data-most": most, "data-left": _("0 characters left"), "data-over": _("0 characters too many")}
