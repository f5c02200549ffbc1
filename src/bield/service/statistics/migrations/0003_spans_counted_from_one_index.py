from django.db import migrations, models


class Migration(migrations.Migration):
    """By itself: PostgreSQL makes no index on a table that the same transaction changed."""

    dependencies = [("statistics", "0002_spans_that_follow_others")]

    operations = [
        migrations.AddIndex(
            model_name="supportspan",
            index=models.Index(
                fields=["kind", "first", "last", "before", "band", "provider", "sex"], name="spans_counted"
            ),
        ),
    ]
