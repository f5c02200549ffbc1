from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_what_shows_that_a_step_is_done")]

    operations = [
        migrations.AddField(model_name="person", name="to_hand_in_since", field=models.DateField(null=True)),
    ]
