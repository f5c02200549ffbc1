"""The form renderer that gives every form the design system's components."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class DesignRenderer(TemplatesSetting):
    """Forms and fields drawn with the templates in design/templates."""

    form_template_name = "design/form.html"
    field_template_name = "design/field.html"
