"""Copies the front-end libraries that pages load from node_modules to static/vendor/, with a record of what they are.

The source-map comments are stripped, since the maps are not served. Run by `make install` after `npm ci`.
"""

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = {"echarts": "dist/echarts.min.js"}


def main() -> None:
    target = ROOT / "static" / "vendor"
    target.mkdir(parents=True, exist_ok=True)
    record = {}
    for package, file in FILES.items():
        folder = ROOT / "node_modules" / package
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
        text = re.sub(r"//# sourceMappingURL=\S+\s*$", "", (folder / file).read_text(encoding="utf-8"))
        copy = target / Path(file).name
        copy.write_text(text, encoding="utf-8")
        digest = hashlib.sha256(copy.read_bytes()).hexdigest()
        record[copy.name] = {"package": package, "version": version, "sha256": digest}
    (target / "versions.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
