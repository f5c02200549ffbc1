"""What was made of a form, so that sending the same again after it was taken back is no repeat."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drafts", "0001_what_was_sent_and_typed")]

    operations = [
        migrations.AddField("sent", "made", models.CharField(blank=True, max_length=100)),
        migrations.AddIndex(
            "sent", models.Index(fields=["made"], condition=models.Q(("made", ""), _negated=True), name="sent_made")
        ),
    ]
