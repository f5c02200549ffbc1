"""The hash of an assessment covers what was said or seen, under a nonce that is sealed beside it."""

from django.db import migrations

import bield.service.sealing


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_encounters_taken_back")]

    operations = [migrations.AddField("assessment", "nonce", bield.service.sealing.SealedField(null=True))]
