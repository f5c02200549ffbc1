"""A signed assessment and an answer about consent are never changed; they go only with the whole record.

The note of an answer is sealed, and may be sealed anew when keys are rotated.
"""

from django.db import migrations

from bield.service.audit.triggers import migration

ANSWER = [
    "person_id",
    "kind",
    "decision",
    '"on"',
    "whom",
    "text_version",
    "language",
    "interpreter",
    "until",
    "by_id",
    "at",
]


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        migration("cases_assessment", deletable=True),
        migration("cases_consent", deletable=True, columns=ANSWER),
    ]
