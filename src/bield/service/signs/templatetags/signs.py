"""Template filters for signs."""

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from bield.indicators.codebook import Indicator

register = template.Library()


@register.filter
def strength_in(indicator: Indicator, indicator_set: str) -> str:
    """The strength of an indicator in a set, or a dash if the set does not use it."""
    strength = indicator.strength.get(indicator_set)
    return _(strength.value) if strength else "–"


@register.simple_tag
def ringable(text: str, number: str) -> str:
    """Words with the telephone number in them as a link, so that a telephone rings it with one tap."""
    before, found, after = text.partition(number)
    if not (number and found):
        return text
    link = format_html('<a class="bield-number" href="tel:{}">{}</a>', number.replace(" ", ""), number)
    return format_html("{}{}{}", before, link, after)
