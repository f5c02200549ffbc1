"""What the law and public guidance require, and who to turn to, by place and date: data, with sources.

Pure Python: no Django, no clock, no network.
"""

from bield.law.bodies import Body, bodies, body, councils, first_responders
from bield.law.clocks import Clock
from bield.law.consents import ConsentKind, consent, consents
from bield.law.dated import LawOn, on
from bield.law.forms import NotificationField, NotificationVersion, notification_fields, notification_version
from bield.law.nrm import NrmField, NrmForm, NrmSection, nrm_form, nrm_form_version
from bield.law.pathway import Prohibition, Situation, Step, next_step, next_steps, not_to_do
from bield.law.places import Place, PlaceError, Service, known_places, load_place
from bield.law.provisions import Provision
from bield.law.reading import LawError, NotRecorded
from bield.law.retention import RetentionRule, retention, retention_rules

__all__ = [
    "Body",
    "Clock",
    "ConsentKind",
    "LawError",
    "LawOn",
    "NotRecorded",
    "NotificationField",
    "NotificationVersion",
    "NrmField",
    "NrmForm",
    "NrmSection",
    "Place",
    "PlaceError",
    "Prohibition",
    "Provision",
    "RetentionRule",
    "Service",
    "Situation",
    "Step",
    "bodies",
    "body",
    "consent",
    "consents",
    "councils",
    "first_responders",
    "known_places",
    "load_place",
    "next_step",
    "next_steps",
    "not_to_do",
    "notification_fields",
    "notification_version",
    "nrm_form",
    "nrm_form_version",
    "on",
    "retention",
    "retention_rules",
]
