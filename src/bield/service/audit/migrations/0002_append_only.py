"""Events are never changed and never removed."""

from django.db import migrations

from bield.service.audit.triggers import migration


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migration("audit_event")]
