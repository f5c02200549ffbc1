"""The story of Natasha (TARA training pack, exercise 2) as answers: our coding."""

from __future__ import annotations

SIGNS = (
    "deceived_nature_of_job",
    "deceived_wages",
    "recruit_abduction_forced_marriage_adoption_sale",
    "rvuln_economic_reasons",
    "rvuln_family_situation",
    "rvuln_psychological_emotional_dependency",
    "excessive_working_days_or_hours",
    "low_or_no_salary",
    "no_social_protection",
    "dest_forced_tasks_or_clients",
    "dest_isolation_confinement_surveillance",
    "dest_threats_inform_family_community_public",
    "dest_under_strong_influence",
    "dest_violence_on_victims",
    "dest_withholding_of_wages",
    "dvuln_dependency_on_exploiters",
    "dvuln_difficulty_living_in_unknown_area",
    "dvuln_family_situation",
)
"""The signs that the story tells of, answered yes; nothing in it is a clear no."""
