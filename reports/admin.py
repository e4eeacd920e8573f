"""The back office has no page of reports: exports are their owners', and tasks of the worker nobody's."""

import django_tasks_db.admin  # noqa: F401 (registers the page that is taken away here)
from django.contrib import admin
from django_tasks_db.models import DBTaskResult

# It would show the words of errors, and what people exported, to whoever administers the portal.
admin.site.unregister(DBTaskResult)
