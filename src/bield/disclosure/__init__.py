"""What may be disclosed: removes identity, and judges whether the rest still singles somebody out.

Pure Python: no Django, no clock, no network.
"""

from bield.disclosure.combination.register import Register
from bield.disclosure.combination.rules import combination_rules
from bield.disclosure.combination.search import Finding, Option, identifiability
from bield.disclosure.ladders import Ladder, countries, ladder, places
from bield.disclosure.minimisation import Identified, Notice, NotMinimal, may_identify, minimise
from bield.disclosure.support_facts import Span, SupportFact, support_fact
from bield.disclosure.suppression import protected

__all__ = [
    "Finding",
    "Identified",
    "Ladder",
    "NotMinimal",
    "Notice",
    "Option",
    "Register",
    "Span",
    "SupportFact",
    "combination_rules",
    "countries",
    "identifiability",
    "ladder",
    "may_identify",
    "minimise",
    "places",
    "protected",
    "support_fact",
]
