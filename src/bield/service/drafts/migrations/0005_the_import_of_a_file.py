from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("drafts", "0004_who_has_left_a_team"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="heldfile", name="one_file_at_a_door"),
        migrations.RenameField(model_name="heldfile", old_name="door", new_name="import_name"),
        migrations.AddConstraint(
            model_name="heldfile",
            constraint=models.UniqueConstraint(fields=("user", "import_name"), name="one_file_of_each_import"),
        ),
    ]
