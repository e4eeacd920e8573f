#!/bin/sh
# Writes the lock files anew: exact versions and hashes, no index address, no local path.
# Needs uv in the virtual environment (pip install uv). uv.lock is not kept, because it names hosts.
set -eu
cd "$(dirname "$0")/.."
export_group() { .venv/bin/uv export -q --no-emit-project --no-annotate --no-header "$@"; }
export_group --no-dev -o requirements.txt
export_group -o requirements-dev.txt
export_group --only-group node -o requirements-node.txt
rm -f uv.lock
