"""Each sign keeps what was said or seen, sealed, and so does a signed assessment.

An assessment is never changed, but for sealing its words anew when keys are rotated.
"""

from django.db import migrations

import bield.service.sealing
from bield.service.audit.triggers import create, drop

SIGNED = ["id", "person_id", "supersedes_id", "check_file", "sources", "digest", "by_id", "at"]


def only_the_words_may_be_sealed_anew(_apps, editor):
    for statement in drop(editor.connection.vendor, "cases_assessment"):
        editor.execute(statement)
    for statement in create(editor.connection.vendor, "cases_assessment", deletable=True, columns=SIGNED):
        editor.execute(statement)


def as_before(_apps, editor):
    for statement in drop(editor.connection.vendor, "cases_assessment"):
        editor.execute(statement)
    for statement in create(editor.connection.vendor, "cases_assessment", deletable=True):
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_referral_to_hand_in"), ("audit", "0002_append_only")]

    operations = [
        migrations.AddField("signanswer", "words", bield.service.sealing.SealedField(default=str)),
        migrations.AddField("assessment", "words", bield.service.sealing.SealedField(null=True)),
        migrations.RunPython(only_the_words_may_be_sealed_anew, as_before),
    ]
