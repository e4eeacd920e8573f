"""The kinds of file that can be exported in the background."""

from reports.exports.jobs import Job
from reports.exports.table_jobs import TABLES

# A row keeps the key: one that is renamed leaves exports behind that nobody can make any more.
JOBS: dict[str, Job] = {
    "tables": TABLES,
}
