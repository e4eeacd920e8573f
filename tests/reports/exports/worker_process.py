"""A worker process of its own that knows the kind of file of the tests, written slowly.

Run as `python -m tests.reports.exports.worker_process`; it does what `manage.py db_worker --batch` does.
"""

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from reports.exports.kinds import JOBS  # noqa: E402
from tests.reports.exports.jobs import LINES, lines_job, slow  # noqa: E402

if __name__ == "__main__":
    JOBS[LINES] = lines_job(each=slow)
    call_command("db_worker", batch=True, startup_delay=False, reload=False, verbosity=0)
