"""Write what we ship as CycloneDX, from the lock and the vendored files: `make sbom`."""

import json
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "coach" / "web" / "static" / "vendor"


def made() -> dict[str, object]:
    """Give the document: a component for each pinned package, and each vendored file."""
    said = subprocess.run(  # noqa: S603  # our own words
        [
            *(sys.executable, "-m", "cyclonedx_py", "requirements"),
            *("--output-reproducible", "--spec-version=1.6", str(ROOT / "requirements.lock")),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    document: dict[str, object] = json.loads(said)
    components = document["components"]
    if not isinstance(components, list):
        raise TypeError("the document has no components")
    components += [_vendored(each) for each in json.loads((VENDOR / "manifest.json").read_text())]
    return document


def _vendored(entry: dict[str, str]) -> dict[str, object]:
    return {
        "type": "library",
        "bom-ref": f"vendored-{entry['name']}",
        "name": entry["name"],
        "version": entry["version"],
        "purl": f"pkg:npm/{entry['name']}@{entry['version']}",
        "hashes": [{"alg": "SHA-512", "content": b64decode(entry["sha512"]).hex()}],
        "licenses": [{"license": {"id": entry["licence"]}}],
    }


if __name__ == "__main__":
    target = ROOT / "var" / "sbom.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(made(), indent=2) + "\n")
    print(f"file={target.relative_to(ROOT)}")  # noqa: T201  # a command
