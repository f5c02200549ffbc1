"""Maps the codes of a record to those of the signs, a notification, the referral form and HTCDS."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bield.indicators import Age

AGE_OF_SIGNS: Final[Mapping[str, Age]] = MappingProxyType(
    {"under_18": Age.UNDER_18, "adult": Age.ADULT, "uncertain": Age.NOT_SURE}
)
AGE_OF_NOTIFICATION: Final[Mapping[str, str]] = MappingProxyType(
    {"under_18": "child", "adult": "adult", "uncertain": "not_sure"}
)
TYPE_OF_NOTIFICATION: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sexual": "sexual",
        "labour": "labour",
        "servitude": "domestic_servitude",
        "criminal": "offence",
        "organs": "organs",
        "other": "other",
    }
)
TYPE_OF_REFERRAL: Final[Mapping[str, str]] = MappingProxyType(
    {"criminal": "crime", "organs": "organs", "servitude": "household"}
)
"""Kinds of exploitation that match one type on the form; for the others the worker chooses."""

TYPE_OF_HTCDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sexual": "SexualExploitation",
        "labour": "ForcedLabour",
        "servitude": "Servitude",
        "criminal": "ForcedCriminality",
        "organs": "OrganRemoval",
        "other": "Other",
    }
)
GENDER_OF_REFERRAL: Final[Mapping[str, str]] = MappingProxyType({"woman": "female", "man": "male", "other": "neither"})
GENDER_OF_HTCDS: Final[Mapping[str, str]] = MappingProxyType(
    {"woman": "Feminine", "man": "Masculine", "not_known": "NonSpecifiedUnknown"}
)
