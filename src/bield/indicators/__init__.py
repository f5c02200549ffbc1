"""The signs of trafficking and what they add up to: codebooks, the three-valued assessment and its explanation.

Pure Python: no Django, no clock, no network. In a notebook: `from bield.indicators import assess, explain`.
"""

from bield.indicators.assessment import Answer, AnswerError, Assessment, Status, assess
from bield.indicators.codebook import Codebook, CodebookError, load
from bield.indicators.explain import explain
from bield.indicators.person import Age, Exploitation, Person, assess_person
from bield.indicators.rule import Counts, Strength
from bield.indicators.stored import StoredError, from_json, to_json

__all__ = [
    "Age",
    "Answer",
    "AnswerError",
    "Assessment",
    "Codebook",
    "CodebookError",
    "Counts",
    "Exploitation",
    "Person",
    "Status",
    "StoredError",
    "Strength",
    "assess",
    "assess_person",
    "explain",
    "from_json",
    "load",
    "to_json",
]
