"""Referrals of before hand-ins were recorded: a decision shows that one was handed in; of the others nobody knows.

Those others stand as ready to hand in, and ask until somebody records the day.
"""

from typing import Any

from django.db import migrations

from bield.service.days import day_of


def forwards(apps: Any, _editor: Any) -> None:
    referrals, hand_ins = (apps.get_model("referrals", name) for name in ("Referral", "HandIn"))
    people = apps.get_model("cases", "Person")
    for row in referrals.objects.filter(closed_at__isnull=False, handed_in_on__isnull=True).order_by("pk").iterator():
        closed = day_of(row.closed_at)
        if not row.decisions.exists():
            people.objects.filter(pk=row.person_id).update(to_hand_in_since=closed)
            continue
        hand_ins.objects.create(referral=row, on=closed, way="shown", by_id=row.closed_by_id, at=row.closed_at)
        referrals.objects.filter(pk=row.pk).update(handed_in_on=closed)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_hand_ins")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
