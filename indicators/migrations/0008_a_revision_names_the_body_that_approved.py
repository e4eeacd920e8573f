from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indicators", "0007_earlier_revisions_say_that_no_body_was_asked_for")]

    operations = [
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("version", 1),
                    models.Q(
                        models.Q(("reason", ""), _negated=True),
                        models.Q(("approved_by_body", ""), _negated=True),
                        models.Q(("approval_number", ""), _negated=True),
                        ("revised_by__isnull", False),
                        ("revised_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="target_revision_says_why_and_who",
                violation_error_message="调整目标要写明理由、批准机关、批准文号和调整人。",
            ),
        ),
    ]
