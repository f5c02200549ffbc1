"""INSERT OR REPLACE no longer changes an event on SQLite."""

from django.db import migrations

from bield.service.audit.triggers import EVENT_KEYS, replacing


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [replacing("audit_event", keys=EVENT_KEYS)]
