"""The Dockerfile, followed step by step where no daemon builds images.

Each stage is a machine of its own over this one: an overlay whose changes lie in memory, with the
Python that the stage names. Then its commands run as compose runs them: as the image's user, without
rights, on a file system that cannot be written, with secrets that are files.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tests.packaging.tree import DOCKERFILE

FRAME = """set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs {folder}
machine() {{ # NAME
    here={folder}/$1
    mkdir -p $here/up $here/work $here/root
    mount -t overlay overlay -o lowerdir=/,upperdir=$here/up,workdir=$here/work $here/root
    for part in dev proc sys; do mount --rbind /$part $here/root/$part; done
    mount -t tmpfs -o mode=1777 tmpfs $here/root/tmp
    rm -rf $here/root/app $here/root/opt/coach $here/root/var/lib/coach
    ln -sf {python} $here/root/usr/local/bin/python
    beside=$(dirname {python})
    while [ "$beside" != / ]; do
        chmod a+x "$here/root$beside"
        beside=$(dirname "$beside")
    done
}}
"""
CLOSED = """machine={folder}/{name}/root
cp -a $machine/var/lib/coach {folder}/volume
mkdir -p $machine/run/secrets
for each in {secrets}/*; do  # single files, as compose does
    touch $machine/run/secrets/$(basename $each)
    mount --bind $each $machine/run/secrets/$(basename $each)
done
mount -o remount,ro $machine
mount --bind {folder}/volume $machine/var/lib/coach
"""
NO_RIGHTS = "--no-new-privs --inh-caps=-all --bounding-set=-all"


@dataclass(slots=True)
class Stage:
    """What a stage begins with, what it does, and what it leaves to who runs it."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def last(self, word: str) -> str:
        """Give the last step of a kind."""
        return [rest for each, rest in self.steps if each == word][-1]

    @property
    def command(self) -> list[str]:
        words: list[str] = json.loads(self.last("CMD"))
        return words

    @property
    def health(self) -> list[str]:
        words: list[str] = json.loads(self.last("HEALTHCHECK").partition("CMD ")[2])
        return words


def stages() -> list[Stage]:
    """Read the Dockerfile."""
    found: list[Stage] = []
    joined = DOCKERFILE.read_text().replace("\\\n", " ")
    for line in joined.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name or f"stage-{len(found)}"))
        elif word and not word.startswith("#"):
            found[-1].steps.append((word, rest.strip()))
    return found


def copies(stage: Stage) -> Iterator[tuple[str | None, list[str], str]]:
    """List what a stage copies: from which stage (None: from the checkout), what, where to."""
    for word, rest in stage.steps:
        if word == "COPY":
            *what, target = rest.split()
            named = re.fullmatch(r"--from=(\S+)", what[0])
            yield named[1] if named else None, what[1:] if named else what, target


def build(stage: Stage, folder: Path, checkout: Path) -> str:
    """Say a stage's steps as shell."""
    said, before, place = [f"machine {stage.name}"], [], PurePosixPath("/")
    copied = copies(stage)
    for word, rest in stage.steps:
        if word in {"ENV", "ARG"}:
            before.append(f"export {rest}")
        elif word == "WORKDIR":
            place = PurePosixPath(rest)
            before.append(f"mkdir -p {rest} && cd {rest}")
        elif word == "RUN":
            said.append(_inside(stage, folder, [*before, rest]))
        elif word == "COPY":
            said += _copy(next(copied), folder, checkout, folder / stage.name / f"root{place}")
    return "\n".join([*said, ""])


def environment(stage: Stage) -> list[str]:
    """List the settings of whatever runs in the image, as shell exports."""
    return [f"export {rest}" for word, rest in stage.steps if word == "ENV"]


def running(stage: Stage, folder: Path, told: Mapping[str, str], command: Sequence[str]) -> str:
    """Say how a command runs in the finished image."""
    said = " ".join(shlex.quote(f"{name}={value}") for name, value in told.items())
    user = stage.last("USER")
    inside = "; ".join([*environment(stage), f"cd {stage.last('WORKDIR')}", 'exec env "$@"'])
    return (
        f"chroot {folder}/{stage.name}/root setpriv --reuid={user} --regid={user} --clear-groups"
        f" {NO_RIGHTS} /bin/sh -c {shlex.quote(inside)} sh {said} {shlex.join(command)}"
    )


def _inside(stage: Stage, folder: Path, lines: Sequence[str]) -> str:
    return "\n".join([f"chroot {folder}/{stage.name}/root /bin/sh -eu <<'STEP'", *lines, "STEP"])


def _copy(
    told: tuple[str | None, list[str], str], folder: Path, checkout: Path, place: Path
) -> Iterator[str]:
    stage, what, target = told
    source = folder / stage / "root" if stage else checkout
    # An absolute target starts at the root, whatever the working folder is.
    root = folder / place.relative_to(folder).parts[0] / "root"
    into = f"{root}{target}" if target.startswith("/") else f"{place}/{target}"
    yield f"mkdir -p {into if not target.endswith('/') else into.rstrip('/')}"
    for name in what:
        path = f"{source}/{name.lstrip('/')}"
        yield f"if [ -d {path} ]; then cp -a {path}/. {into}/; else cp -a {path} {into}/; fi"
