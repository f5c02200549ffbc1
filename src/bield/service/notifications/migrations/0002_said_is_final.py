"""What was said in a notification is never changed; what becomes of it is."""

from django.db import migrations

from bield.service.audit.triggers import migration

SAID = [
    "reference",
    "team_id",
    "to_id",
    "by_id",
    "way",
    "basis",
    "sent_at",
    "version",
    "body",
    "age",
    "gender",
    "country_of_origin",
    "recovered_where",
    "activity_where",
    "trafficking",
    "slavery",
    "type",
    "identity_agreed",
    "referral",
    "urgent",
    "withheld",
    "broadened",
    "kept_because",
    "people",
    "local",
    "again",
    "elsewhere",
]


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migration("notifications_notification", deletable=True, columns=SAID)]
