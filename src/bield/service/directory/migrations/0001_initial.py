"""The directory of services becomes a room of its own. Its table was renamed by support 0004, with every row in it."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("support", "0004_directory")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Service",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("name", models.CharField(max_length=200)),
                        ("organisation", models.CharField(max_length=200)),
                        ("what", models.TextField()),
                        ("heads", models.JSONField(default=list)),
                        ("least_age", models.PositiveSmallIntegerField(null=True)),
                        ("most_age", models.PositiveSmallIntegerField(null=True)),
                        ("for_whom", models.JSONField(default=dict)),
                        ("areas", models.JSONField(default=list)),
                        ("languages", models.JSONField(default=list)),
                        ("access", models.TextField(blank=True)),
                        ("apply", models.TextField(blank=True)),
                        ("numbers", models.JSONField(default=list)),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("website", models.URLField(blank=True)),
                        ("places", models.PositiveIntegerField(null=True)),
                        ("free", models.PositiveIntegerField(null=True)),
                        ("counted_on", models.DateField(null=True)),
                        ("status", models.CharField(default="active", max_length=20)),
                        ("source", models.CharField(blank=True, max_length=300)),
                        ("verified_on", models.DateField(null=True)),
                        ("other", models.JSONField(default=dict)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("changed_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["name", "pk"],
                        "indexes": [models.Index(fields=["name", "id"], name="services_by_name")],
                    },
                ),
            ]
        )
    ]
