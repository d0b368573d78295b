"""What making a machine takes, where the tests' own machine has it not: from Debian's packages, by apt.

    python -m tests.playbooks.tools

fetches what is missing into the user's cache and unpacks it there; nothing of the system changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from palier.paths import cache_dir

# Program: the Debian package that brings it.
PROGRAMS = {
    "debootstrap": "debootstrap",
    "slirp4netns": "slirp4netns",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "wget": "wget",  # by which debootstrap downloads
}
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
KEYRING_PACKAGE = "debian-archive-keyring"


class NoTools(Exception):
    """Something is missing and could not be got; says what and why."""


def folder() -> Path:
    """Where what was fetched stands."""
    return cache_dir() / "machine-tools"


def search_path() -> str:
    """PATH with the fetched programs behind the system's own."""
    return f"{os.environ['PATH']}:/usr/sbin:/sbin:{folder() / 'bin'}"


def environment() -> dict[str, str]:
    """For programs that find others: a user's PATH may lack the folders of the system's."""
    return {**os.environ, "PATH": search_path()}


def find_or_get() -> dict[str, Path]:
    """Each program's file. Raises NoTools."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=search_path())]
    if missing or not keyring().is_file():
        _fetch(sorted({*(PROGRAMS[name] for name in missing), KEYRING_PACKAGE}))
    found = {name: shutil.which(name, path=search_path()) for name in PROGRAMS}
    lacking = [name for name, file in found.items() if file is None]
    if lacking:
        raise NoTools(f"no {', '.join(lacking)} on PATH, nor in Debian's packages")
    return {name: Path(file) for name, file in found.items() if file}


def keyring() -> Path:
    """The keys by which debootstrap proves what it downloads."""
    own = folder() / "root" / KEYRING.relative_to("/")
    return own if own.is_file() else KEYRING


def _fetch(packages: list[str]) -> None:
    if not shutil.which("apt-get"):
        raise NoTools(f"no apt-get to fetch {', '.join(packages)} with; install them")
    place = folder()
    for name in ("lists/partial", "archives/partial", "root", "bin"):
        (place / name).mkdir(parents=True, exist_ok=True)
    options = ["-o", f"Dir::State::lists={place / 'lists'}", "-o", f"Dir::Cache={place}"]
    _run(["apt-get", *options, "-qq", "update"], place)
    planned = _run(
        ["apt-get", *options, "-s", "--no-install-recommends", "install", *packages], place
    ).splitlines()
    # What is there already, but not as a program on PATH, is fetched too.
    wanted = {line.split()[1] for line in planned if line.startswith("Inst ")} | set(packages)
    _run(["apt-get", *options, "-qq", "download", *sorted(wanted)], place)
    for package in sorted(place.glob("*.deb")):
        _run(["dpkg-deb", "-x", str(package), str(place / "root")], place)
        package.unlink()
    for name in PROGRAMS:
        for below in ("usr/bin", "usr/sbin"):
            program = place / "root" / below / name
            if program.is_file():
                _wrap(place, program)


def _wrap(place: Path, program: Path) -> None:
    """A program that finds its libraries, and debootstrap its scripts, where they were unpacked."""
    libraries = f"{place}/root/usr/lib/{os.uname().machine}-linux-gnu:{place}/root/lib"
    text = (
        "#!/bin/sh\n"
        f"export LD_LIBRARY_PATH='{libraries}'${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\n"
        f"export DEBOOTSTRAP_DIR='{place}/root/usr/share/debootstrap'\n"
        f"exec '{program}' \"$@\"\n"
    )
    wrapper = place / "bin" / program.name
    new = wrapper.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o755)
    new.rename(wrapper)


def _run(command: list[str], place: Path) -> str:
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=300, env=environment())
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()[-2:]
        raise NoTools(f"{' '.join(command[:1])} could not fetch what makes a machine: {' '.join(said)}")
    return done.stdout


if __name__ == "__main__":
    for file in find_or_get().values():
        print(file)
