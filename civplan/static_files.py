"""How static files are named where the portal serves people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Each file under a name made from its content, also where a JavaScript module imports another one.

    Without the latter a browser may join a new module with an old one it still keeps.
    """

    support_js_module_import_aggregation = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        # Nobody loads the extensions of htmx, and they name in a comment a module that is not there.
        loaded = {name: found for name, found in paths.items() if not name.startswith("django_htmx/ext/")}
        return super().post_process(loaded, dry_run, **options)  # type: ignore[no-any-return]
