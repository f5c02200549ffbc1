"""The form renderer: the design system's components for every field, and nothing in it kept or sent by a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.translation import gettext as _

TYPED = frozenset({"text", "email", "tel", "number", "search", "url"})
"""The kinds of input into which people type."""


class DesignRenderer(TemplatesSetting):
    """Forms and fields drawn with the templates in design/templates."""

    form_template_name = "design/form.html"
    field_template_name = "design/field.html"

    def render(self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None) -> str:
        """A form, a field or a widget as HTML; what people type into it under our policy."""
        widget = context.get("widget")
        if widget is not None:
            context = dict(context) | {"widget": careful(widget)}
        return super().render(template_name, dict(context), request)


def careful(widget: Mapping[str, Any]) -> dict[str, Any]:
    """A widget whose words stay here and stay whole.

    The browser keeps nothing typed for the next user of the desk, and sends none of it to a spelling service, unless
    the field says otherwise, as a password's does. It cuts nothing short either: too long is said by the server, which
    keeps every letter.
    """
    result = dict(widget)
    if "subwidgets" in result:
        result["subwidgets"] = [careful(box) for box in result["subwidgets"]]
    words = "textarea" in result["template_name"]
    if words or result.get("type") in TYPED:
        attrs = {"autocomplete": "off", "spellcheck": "false"} | dict(result["attrs"])
        most = attrs.pop("maxlength", None)
        result["attrs"] = attrs | (_counted(most) if words and most else {})
    return result


def _counted(most: object) -> dict[str, Any]:
    """What a script needs to say how much still fits; 0 stands for the number."""
    return {"data-most": most, "data-left": _("0 characters left"), "data-over": _("0 characters too many")}
