"""Where everything we run and ship comes from: pinned, hashed, listed, audited or said not to be."""

import json
import sysconfig
from base64 import b64encode
from hashlib import sha512
from importlib.metadata import distributions
from os import walk
from os.path import normpath
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.packaging import audit, sbom
from tests.packaging.sbom import VENDOR
from tests.packaging.test_locks import pinned
from tests.packaging.tree import MAKEFILE, ROOT

EXTRAS = ROOT / "requirements-extras.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
# `python -m venv` brings these; ourselves we install as a line in a .pth file.
OF_THE_ENVIRONMENT = {"pip", "setuptools", "wheel", "coach"}
OURS = {"coach.pth", "distutils-precedence.pth", "_virtualenv.py", "_virtualenv.pth"}
FLOORS = {"authlib": "1.6.11", "werkzeug": "3.1", "flask": "3.1", "cryptography": "50"}
SITE = Path(sysconfig.get_path("purelib"))


def test_every_installed_package_is_pinned_with_a_hash() -> None:
    known = pinned(DEVELOPMENT) | pinned(EXTRAS)
    found = {
        (canonicalize_name(each.name), each.version) for each in distributions(path=[str(SITE)])
    }
    assert {each for each in found - known if each[0] not in OF_THE_ENVIRONMENT} == set()


def test_every_installed_file_belongs_to_a_package() -> None:
    owned = {
        normpath(str(each.locate_file(file)))
        for each in distributions(path=[str(SITE)])
        for file in each.files or ()
    }
    strangers = {
        name
        for folder, _, names in walk(SITE)
        for name in names
        if not name.endswith(".pyc") and str(Path(folder, name)) not in owned
    }
    assert strangers - OURS == set()


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_no_version_is_older_than_the_one_that_mended_it(name: str, floor: str) -> None:
    (version,) = (
        version for package, version in pinned(ROOT / "requirements.lock") if package == name
    )
    assert Version(version) >= Version(floor)


def test_every_vendored_file_is_listed_with_its_hash_and_licence() -> None:
    listed = {each["file"]: each for each in json.loads((VENDOR / "manifest.json").read_text())}
    there = {
        str(path.relative_to(VENDOR))
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name not in {"LICENSE", "manifest.json"}
    }
    assert there == set(listed)
    for name, entry in listed.items():
        assert entry["sha512"] == b64encode(sha512((VENDOR / name).read_bytes()).digest()).decode()
        assert entry["licence"]
        assert (VENDOR / name).with_name("LICENSE").read_text()


def test_the_bill_of_materials_names_every_package_with_its_hash() -> None:
    components = sbom.made()["components"]
    assert isinstance(components, list)
    named = {(canonicalize_name(each["name"]), each["version"]) for each in components}
    assert pinned(ROOT / "requirements.lock") <= named
    assert ("htmx-org", "4.0.1") in named
    for each in components:
        hashes = each.get("hashes") or each["externalReferences"][0]["hashes"]
        assert hashes, each["name"]


def audited(*names: str, **more: object) -> dict[str, object]:
    return {"dependencies": [{"name": name, "version": "1", "vulns": [], **more} for name in names]}


@pytest.mark.parametrize(
    ("answer", "says", "code"),
    [
        (audited("a", "b"), "audited=2", 0),
        (audited("a"), "not audited: 1 of 2", 2),
        (audited("a", "b", skip_reason="not found"), "not audited: 2 of 2", 2),
        (audited("a", "b", vulns=[{"id": "CVE-1"}]), "CVE-1", 1),
        ("", "not audited", 2),
        ({"dependencies": None}, "not audited", 2),
    ],
)
def test_what_was_not_audited_is_a_failure(answer: object, says: str, code: int) -> None:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    verdict = audit.judge(text, {"a", "b"})
    assert says in verdict.says
    assert verdict.code == code


def test_the_audit_is_asked_for_and_never_part_of_the_checks() -> None:
    rules = MAKEFILE.read_text()
    check = rules.partition("\ncheck:")[2].partition("\n\n")[0]
    assert "audit" not in check
    assert "-m tests.packaging.audit" in rules
    assert "-m tests.packaging.sbom" in rules
