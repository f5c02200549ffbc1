"""Template filters for signs."""

from django import template
from django.utils.translation import gettext as _

from bield.indicators.codebook import Indicator

register = template.Library()


@register.filter
def strength_in(indicator: Indicator, indicator_set: str) -> str:
    """The strength of an indicator in a set, or a dash if the set does not use it."""
    strength = indicator.strength.get(indicator_set)
    return _(strength.value) if strength else "–"
