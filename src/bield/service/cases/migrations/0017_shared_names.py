"""Models say what they are: names that two teams share, and a file that was imported."""

from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_states")]

    operations = [
        migrations.RenameModel("Crossing", "SharedNames"),
        migrations.RenameModel("TakenFile", "ImportedFile"),
        migrations.AlterField(
            "sharednames",
            "one",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="shared_names", to="cases.person"
            ),
        ),
        migrations.AlterField(
            "sharednames",
            "other",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="shared_names_too", to="cases.person"
            ),
        ),
    ]
