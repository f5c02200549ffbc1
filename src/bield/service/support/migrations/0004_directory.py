"""The directory of services becomes a room of its own: its table goes there as it is."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("support", "0003_states")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("service", "directory_service")],
            state_operations=[migrations.DeleteModel("Service")],
        )
    ]
