import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bield.service.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0009_referral_to_hand_in"),
        ("referrals", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("referral", "one_draft_a_person"),
        migrations.RenameField("referral", "sent_at", "closed_at"),
        migrations.RenameField("referral", "sent_by", "closed_by"),
        migrations.AddConstraint(
            "referral",
            models.UniqueConstraint(
                condition=models.Q(closed_at__isnull=True), fields=["person"], name="one_draft_a_person"
            ),
        ),
        migrations.AddField("referral", "handed_in_on", models.DateField(null=True)),
        migrations.AddIndex(
            "referral",
            models.Index(
                condition=models.Q(closed_at__isnull=False, handed_in_on__isnull=True),
                fields=["closed_at", "id"],
                name="referrals_to_hand_in",
            ),
        ),
        migrations.CreateModel(
            name="HandIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("way", models.CharField(max_length=20)),
                ("number", bield.service.sealing.SealedField(default=str)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=20)),
                ("words", bield.service.sealing.SealedField(default=str)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hand_ins", to="referrals.referral"
                    ),
                ),
                (
                    "sharing",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="cases.sharing",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(ended_at__isnull=True), fields=["referral"], name="one_hand_in_a_referral"
                    )
                ],
            },
        ),
    ]
