from django.db import migrations, models

OF_THE_FACT = """
UPDATE statistics_supportspan SET "provider" = f."provider", "sex" = f."sex", "band" = f."band"
FROM statistics_supportfact AS f WHERE f."key" = statistics_supportspan."fact_id"
"""
BEFORE = """
UPDATE statistics_supportspan SET "before" = earlier."until"
FROM (
  SELECT "id", MAX(COALESCE("last", '9999-12-31')) OVER (
    PARTITION BY "fact_id", "kind" ORDER BY "first", "id" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS "until" FROM statistics_supportspan
) AS earlier WHERE earlier."id" = statistics_supportspan."id"
"""


class Migration(migrations.Migration):
    """What the measures are counted from stands in the spans themselves."""

    dependencies = [("statistics", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="supportspan", name="spans_by_month"),
        migrations.AddField("supportspan", "before", models.DateField(null=True)),
        migrations.AddField(
            "supportspan",
            "provider",
            models.SlugField(db_index=False, default="", max_length=60),
            preserve_default=False,
        ),
        migrations.AddField("supportspan", "sex", models.CharField(default="", max_length=20), preserve_default=False),
        migrations.AddField("supportspan", "band", models.CharField(default="", max_length=20), preserve_default=False),
        migrations.RunSQL(OF_THE_FACT, migrations.RunSQL.noop),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
    ]
