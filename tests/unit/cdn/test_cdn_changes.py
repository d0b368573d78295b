"""Which paths changed since a revision, in a real repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from palier.cdn.changes import changed_since, published_of
from palier.errors import InputError


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: the second changes, adds, moves and removes."""
    _git(tmp_path, "init", "--quiet")
    for name in (
        "site/index.html",
        "site/old.html",
        "site/blog/index.html",
        "site/media/été 1?.svg",
        "main.py",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "--quiet", "-m", "one")
    (tmp_path / "site/index.html").write_text("changed")
    (tmp_path / "site/media/été 1?.svg").write_text("changed")
    (tmp_path / "main.py").write_text("changed")
    (tmp_path / "site/new.html").write_text("new")
    (tmp_path / "site/old.html").rename(tmp_path / "site/moved.html")
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "--quiet", "-m", "two")
    (tmp_path / "site/blog/index.html").write_text("not committed, so not published")
    return tmp_path


def test_changed_and_removed_files_are_paths_and_new_ones_are_in_no_cache(repository: Path) -> None:
    found = changed_since("HEAD~1", [("site", "/")], repository)
    assert found == ["/", "/index.html", "/media/%C3%A9t%C3%A9%201%3F.svg", "/old.html"]


def test_a_folder_is_published_under_its_path(repository: Path) -> None:
    found = changed_since("HEAD~1", [("site/media", "/img/")], repository)
    assert found == ["/img/%C3%A9t%C3%A9%201%3F.svg"]


def test_nothing_changed_since_the_same_revision(repository: Path) -> None:
    assert changed_since("HEAD", [("site", "/")], repository) == []


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD~9"])
def test_a_revision_that_is_not_there_is_refused(repository: Path, revision: str) -> None:
    with pytest.raises(InputError, match=r"^--changed-since: no commit '.*' in the repository") as refused:
        changed_since(revision, [("site", "/")], repository)
    assert refused.value.exit_code == 2


def test_a_folder_that_is_not_there_is_refused(repository: Path) -> None:
    with pytest.raises(InputError, match=r"^--published: no folder public at"):
        changed_since("HEAD~1", [("public", "/")], repository)


@pytest.mark.parametrize("text", ["public", "=/", "public=media", "public=/*"])
def test_a_place_of_publication_says_folder_and_path(text: str) -> None:
    with pytest.raises(InputError, match="allowed: like public=/"):
        published_of(text)
    assert published_of("public=/media") == ("public", "/media")
