"""A version of the account, and what a grant to read it says, are never changed; they go only with the whole record.

What was told is sealed, and may be sealed anew when keys are rotated; a grant may end.
"""

from django.db import migrations

from bield.service.audit.triggers import migration

VERSION = ["account_id", "number", "taken_on", "language", "interpreter", "checklist", "by_id", "at"]
GRANT = [
    "version_id",
    "parts",
    "to_id",
    "purpose",
    "rests_on",
    "agreed_on",
    "until",
    "summary_only",
    "by_id",
    "at",
]


class Migration(migrations.Migration):
    dependencies = [("support", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        migration("support_accountversion", deletable=True, columns=VERSION),
        migration("support_grant", deletable=True, columns=GRANT),
    ]
