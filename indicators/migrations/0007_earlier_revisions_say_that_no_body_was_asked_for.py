from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NOT_ASKED = "未载明（见批准文号）"


def name_what_was_not_asked(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Revisions from before had a number only; the page says so instead of showing an empty name."""
    targets = apps.get_model("indicators", "Target")._default_manager
    targets.filter(version__gt=1, approved_by_body="").update(approved_by_body=NOT_ASKED)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0006_targets_name_the_body_that_approved")]

    operations = [migrations.RunPython(name_what_was_not_asked, migrations.RunPython.noop)]
