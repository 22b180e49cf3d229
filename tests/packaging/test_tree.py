"""What no file of the project may hold."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.tree import DOCKERFILE, ROOT, ask

# Written so that this file does not match its own rule.
REGISTRIES = (r"py[p]i\.org", "pythonhoste[d]", r"registry\.npm[j]s", r"deb\.[d]ebian")
FOLDERS = (r"(?<![\w.])/wor[k]/", r"(?<![\w.])/far[m]/", r"/\.pyen[v]")
FORBIDDEN = re.compile("|".join(REGISTRIES + FOLDERS), flags=re.IGNORECASE)


def files() -> Iterator[Path]:
    """Yield every file that is or would be committed."""
    listed = ask("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return (path for path in paths if path.is_file())


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    holders = {
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in files()
        if (found := FORBIDDEN.search(path.read_text(errors="ignore")))
    }
    assert holders == set()


def test_the_rule_sees_what_it_forbids_and_nothing_else() -> None:
    assert FORBIDDEN.search("https://files.{}hosted.example/x".format("python"))
    assert FORBIDDEN.search('home = "/{}/main"'.format("work"))
    assert not FORBIDDEN.search("coach/{0}/models.py and ./{0}/".format("work"))


def test_no_secret_file_is_committed() -> None:
    assert not [path for path in files() if path.name == ".env"]


def test_the_image_runs_as_nobody_special_and_installs_by_hash() -> None:
    lines = DOCKERFILE.read_text().splitlines()
    assert "USER coach" in lines
    assert any("pip install --require-hashes" in line for line in lines)
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert lines[-1] == 'CMD ["coach", "web"]'


def test_the_image_copies_only_what_the_builder_is_sent() -> None:
    sent = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE))
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), flags=re.MULTILINE)
    assert {name for line in copied for name in line.split()} == sent
