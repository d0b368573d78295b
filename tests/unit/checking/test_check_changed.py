"""Which phases a change touches, asked of real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from palier.checking.changed import changed_files, folder_in_repository, phases_of, touched
from palier.errors import InputError
from palier.phases.catalog import phases

PHASES = phases()
ALL = {phase.name for phase in PHASES}
FILES = (
    "README.md",
    "policies.yaml",
    "stacks/foundation/Pulumi.production.yaml",
    "stacks/cdn/__main__.py",
    "stacks/shards/Pulumi.production.yaml",
    "stacks/palier_stacks/multi_region/component.py",
    "stacks/palier_stacks/scope.py",
)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def _nobodys_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the user's settings of git nor a repository around the temporary folder count."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.com",
        "GIT_CEILING_DIRECTORIES": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)


def write(folder: Path, *names: str, text: str = "1\n") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def commit(folder: Path, subject: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", subject)


def repository(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    write(folder, *names)
    commit(folder, "Begin")
    git(folder, "checkout", "-q", "-b", "change")
    return folder


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    return repository(tmp_path / "platform", *FILES)


def names(platform: Path, since: str = "main") -> set[str]:
    return touched(platform, since, PHASES).names


def test_nothing_is_touched_where_nothing_changed(platform: Path) -> None:
    assert touched(platform, "main", PHASES) == (set(), {})


def test_a_committed_change_of_a_phase_touches_it_and_those_that_require_it(platform: Path) -> None:
    write(platform, "stacks/foundation/Pulumi.production.yaml", text="2\n")
    commit(platform, "Change foundation")

    assert names(platform) == ALL


def test_a_phase_that_nobody_requires_is_touched_alone(platform: Path) -> None:
    write(platform, "stacks/cdn/__main__.py", text="2\n")

    assert touched(platform, "main", PHASES) == ({"cdn"}, {"cdn": "stacks/cdn/__main__.py"})


@pytest.mark.parametrize("staged", [True, False])
def test_what_is_not_committed_counts(platform: Path, staged: bool) -> None:
    write(platform, "stacks/shards/Pulumi.production.yaml", text="2\n")
    if staged:
        git(platform, "add", "-A")

    assert names(platform) == {"shards"}


def test_a_new_file_counts_and_an_ignored_one_does_not(platform: Path) -> None:
    write(platform, ".gitignore", text="*.log\n")
    write(platform, "stacks/cdn/Pulumi.staging.yaml", "stacks/shards/run.log")

    assert names(platform) == {"cdn"}


def test_a_deleted_file_counts(platform: Path) -> None:
    (platform / "stacks/cdn/__main__.py").unlink()

    assert names(platform) == {"cdn"}


def test_a_renamed_file_counts_with_both_names(platform: Path) -> None:
    git(platform, "mv", "stacks/shards/Pulumi.production.yaml", "stacks/cdn/Pulumi.production.yaml")
    commit(platform, "Move it")

    assert names(platform) == {"shards", "cdn"}


def test_what_the_other_branch_changed_meanwhile_does_not_count(platform: Path) -> None:
    git(platform, "checkout", "-q", "main")
    write(platform, "stacks/shards/Pulumi.production.yaml", text="2\n")
    commit(platform, "Change shards on main")
    git(platform, "checkout", "-q", "change")
    write(platform, "stacks/cdn/__main__.py", text="2\n")
    commit(platform, "Change cdn")

    assert names(platform) == {"cdn"}


def test_a_platform_in_a_folder_of_the_repository_has_its_own_paths(tmp_path: Path) -> None:
    root = repository(
        tmp_path / "root", *(f"shop/{name}" for name in FILES), "pyproject.toml", "stacks/cdn/x"
    )
    write(root, "pyproject.toml", "stacks/cdn/x", "policies/new.py", text="2\n")

    assert names(root / "shop") == set()

    write(root, "shop/stacks/cdn/__main__.py", text="2\n")
    write(root, "shop/stacks/shards/new.py")

    assert changed_files(root / "shop", "main") == ["stacks/cdn/__main__.py", "stacks/shards/new.py"]
    assert names(root / "shop") == {"cdn", "shards"}
    assert folder_in_repository(root / "shop") == "shop"
    assert folder_in_repository(root) == ""


def test_names_that_git_would_quote_are_read_as_they_are(platform: Path) -> None:
    write(platform, 'stacks/cdn/"é\n".yaml')

    assert changed_files(platform, "main") == ['stacks/cdn/"é\n".yaml']
    assert names(platform) == {"cdn"}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("stacks/palier_stacks/multi_region/component.py", {"multi-region"}),
        ("stacks/palier_stacks/cdn/edge/viewer_request.js", {"cdn"}),
        ("stacks/palier_stacks/scope.py", ALL),
        ("stacks/palier_stacks/facts/aws.json", ALL),
        ("stacks/common/names.py", ALL),
        ("policies/capacity/__main__.py", ALL),
        ("policies.yaml", ALL),
        ("palier.yaml", ALL),
        ("observations/2026-11.csv", ALL),
        ("pyproject.toml", ALL),
        ("requirements.lock", ALL),
        ("requirements-dev.lock", ALL),
        ("cli/palier/capacity/thresholds.py", ALL),
        ("stacks/README.md", set()),
        ("docs/policies.yaml", set()),
        ("docs/ci.md", set()),
        ("tests/unit/test_boundaries.py", set()),
        ("playbooks/oncall.md", set()),
        ("README.md", set()),
        ("mystacks/cdn/__main__.py", set()),
    ],
)
def test_a_file_belongs_to_the_phases_that_are_made_from_it(path: str, wanted: set[str]) -> None:
    assert set(phases_of(path, PHASES)) == wanted


def test_a_folder_without_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^--changed-since: .* is in no git repository \(allowed: a phase"):
        touched(tmp_path, "main", PHASES)
    assert folder_in_repository(tmp_path) == ""


@pytest.mark.parametrize("since", ["nowhere", "--output=x", "", "HEAD~5"])
def test_an_unknown_revision_is_refused(platform: Path, since: str) -> None:
    with pytest.raises(InputError, match=r"no commit '.*' \(allowed: a commit, tag or branch"):
        touched(platform, since, PHASES)


def test_a_shallow_clone_says_how_to_fetch_the_history(platform: Path, tmp_path: Path) -> None:
    for number in range(3):
        write(platform, "README.md", text=f"{number}\n")
        commit(platform, f"Change {number}")
    git(platform, "checkout", "-q", "main")
    write(platform, "README.md", text="main\n")
    commit(platform, "Change main")
    shallow = tmp_path / "shallow"
    address = platform.as_uri()
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "change", address, str(shallow))

    with pytest.raises(InputError, match=r"no commit 'origin/main'; this clone is shallow: .*fetch-depth: 0"):
        touched(shallow, "origin/main", PHASES)

    git(shallow, "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(InputError, match=r"shallow and does not reach .*fetch-depth: 0"):
        touched(shallow, "origin/main", PHASES)


def test_a_branch_without_history_in_common_is_refused(platform: Path) -> None:
    git(platform, "checkout", "-q", "--orphan", "other")
    commit(platform, "Begin anew")

    with pytest.raises(InputError, match="no history in common with 'main'"):
        touched(platform, "main", PHASES)


def test_without_git_it_says_what_to_do(platform: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(platform))

    with pytest.raises(InputError, match=r"git is not installed \(allowed: a phase, or --all\)") as refused:
        touched(platform, "main", PHASES)
    assert refused.value.exit_code == 2


def test_gits_own_reason_is_told_where_it_refuses_for_another(platform: Path) -> None:
    (platform / ".git" / "config").write_text("[broken\n")

    with pytest.raises(InputError, match="git refuses: "):
        touched(platform, "main", PHASES)
