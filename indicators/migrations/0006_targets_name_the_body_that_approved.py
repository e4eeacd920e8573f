from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indicators", "0005_parts_of_derived_figures")]

    operations = [
        migrations.AddField(
            model_name="target",
            name="approved_by_body",
            field=models.CharField(blank=True, max_length=100, verbose_name="批准机关"),
        ),
        migrations.RemoveConstraint(model_name="target", name="target_revision_says_why_and_who"),
    ]
