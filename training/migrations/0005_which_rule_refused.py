from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0004_hand_overs")]

    operations = [
        migrations.AddField(
            model_name="custodianrequest",
            name="code",
            field=models.CharField(
                blank=True,
                default="",
                help_text="the rule that refused (hefed.errors.PolicyRefused)",
                max_length=40,
            ),
            preserve_default=False,
        ),
    ]
