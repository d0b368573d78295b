"""The GitHub Action: what actionlint does not look at, and its scripts, run with stand-ins on PATH."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from palier.checking import markdown

from tests.unit.checking import samples

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / ".github/actions/palier-check"
TEXT = (FOLDER / "action.yml").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load(TEXT)
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCRIPTS = [step for step in STEPS if "run" in step]
EVERY_FILE = [*(ROOT / ".github").rglob("*.yml")]
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} +# v\d+\.\d+\.\d+")
CI_PAGE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")


def _script(name: str) -> str:
    return str(next(step["run"] for step in STEPS if step.get("name") == name))


@pytest.mark.parametrize("step", SCRIPTS, ids=lambda step: str(step["name"]))
def test_a_script_names_its_shell_and_holds_no_expression(step: dict[str, Any]) -> None:
    assert step["shell"] == "bash"
    assert "${{" not in step["run"]


@pytest.mark.parametrize("step", SCRIPTS, ids=lambda step: str(step["name"]))
def test_a_script_reads_every_variable_that_it_is_given(step: dict[str, Any]) -> None:
    ours = [name for name in step.get("env", {}) if not name.startswith(("PIP_", "PALIER_", "GH_"))]

    assert [name for name in ours if not re.search(rf"\$\{{?{name}\b", step["run"])] == []


@pytest.mark.parametrize("name", ACTION["inputs"])
def test_an_input_is_described_and_used(name: str) -> None:
    assert re.fullmatch(r"[A-Z].*\.", ACTION["inputs"][name]["description"])
    assert f"inputs.{name}" in yaml.safe_dump(STEPS)
    assert f"| `{name}` |" in CI_PAGE


@pytest.mark.parametrize("name", ACTION["outputs"])
def test_an_output_is_described_and_made_by_a_step(name: str) -> None:
    output = ACTION["outputs"][name]
    found = re.fullmatch(r"\$\{\{ steps\.([\w-]+)\.outputs\.([\w-]+) \}\}", output["value"])

    assert output["description"]
    assert found
    run = next(str(step["run"]) for step in STEPS if step.get("id") == found[1])
    assert f'"{found[2]}=' in run


def test_no_other_input_or_step_is_spoken_of() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", TEXT))
    steps = set(re.findall(r"steps\.([\w-]+)\.", TEXT))

    assert used == set(ACTION["inputs"])
    assert steps <= {step["id"] for step in STEPS if "id" in step}


@pytest.mark.parametrize("file", EVERY_FILE, ids=lambda path: path.name)
def test_the_actions_of_others_are_pinned_by_commit_with_their_version(file: Path) -> None:
    used = re.findall(r"uses: (.+)", file.read_text(encoding="utf-8"))

    assert [each for each in used if not each.startswith("./") and not PINNED.fullmatch(each)] == []


def test_the_page_tells_of_every_pin() -> None:
    pins = {
        pin
        for file in EVERY_FILE
        for pin in re.findall(r"uses: ([\w./-]+@[0-9a-f]{40})", file.read_text(encoding="utf-8"))
    }

    assert len(pins) == 4
    assert [pin for pin in pins if f"`{pin}`" not in CI_PAGE] == []


def _stand_in(folder: Path, name: str, code: int = 0, answer: str = "") -> None:
    """A program that writes down its arguments, a line each, answers, and ends with a code."""
    program = folder / name
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{folder}/{name}.said"\n'
        f"[ -f '{folder}/written' ] || printf '%s' '{answer}'\nexit {code}\n"
    )
    program.chmod(0o755)


def _run(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The script as the runner runs it."""
    (folder / "script.sh").write_text(script)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "script.sh"],
        cwd=folder,
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_WORKSPACE": str(folder),
            "GITHUB_REPOSITORY": "org/shop",
            "RUNNER_TEMP": str(folder),
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _checked(folder: Path, variables: dict[str, str], code: int = 0) -> list[str]:
    """What `palier` was called with."""
    _stand_in(folder, "palier", code)
    given = {"PHASE": "all", "ENVIRONMENT": "local", "SINCE": "", "PLATFORM": "", "SARIF": "palier.sarif"}
    done = _run(_script("Check"), folder, **{**given, **variables})
    assert done.returncode == 0, done.stderr
    return (folder / "palier.said").read_text().splitlines()


def test_a_pull_request_is_checked_since_its_base(tmp_path: Path) -> None:
    said = _checked(tmp_path, {"GITHUB_BASE_REF": "main"})

    assert said == [
        "check",
        *("--env", "local", "--output", "github"),
        *("--also", f"sarif={tmp_path}/palier.sarif", "--also", f"markdown={tmp_path}/palier-check.md"),
        "--changed-since=origin/main",
    ]


@pytest.mark.parametrize(
    ("variables", "last"),
    [
        ({}, ["--all"]),
        ({"SINCE": "none", "GITHUB_BASE_REF": "main"}, ["--all"]),
        ({"SINCE": "v1.0", "GITHUB_BASE_REF": "main"}, ["--changed-since=v1.0"]),
        ({"PHASE": "cdn", "GITHUB_BASE_REF": "main"}, ["--", "cdn"]),
        ({"PLATFORM": "palier.yaml"}, ["--platform", "palier.yaml", "--all"]),
    ],
)
def test_inputs_choose_what_is_checked(tmp_path: Path, variables: dict[str, str], last: list[str]) -> None:
    assert _checked(tmp_path, variables)[-len(last) :] == last


@pytest.mark.parametrize("nasty", ["$(touch ran)", "`touch ran`", '"; touch ran; "', "--help", "a b\nc"])
def test_what_a_branch_is_called_is_never_run(tmp_path: Path, nasty: str) -> None:
    variables = {"GITHUB_BASE_REF": nasty, "ENVIRONMENT": nasty, "PLATFORM": nasty}
    said = "\n".join(_checked(tmp_path, variables))

    assert f"--changed-since=origin/{nasty}" in said
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("code", [0, 1, 2])
def test_the_code_and_the_files_that_were_written_are_outputs(tmp_path: Path, code: int) -> None:
    _checked(tmp_path, {}, code)

    assert (tmp_path / "output").read_text() == f"exit-code={code}\n"


def test_files_of_an_earlier_run_are_not_taken_for_this_ones(tmp_path: Path) -> None:
    (tmp_path / "palier.sarif").write_text("{}")
    _checked(tmp_path, {})

    assert "sarif=" not in (tmp_path / "output").read_text()


@pytest.mark.parametrize(
    ("fail_on", "codes"), [("mandatory", [0, 1, 2]), ("failure", [0, 0, 2]), ("never", [0, 0, 0])]
)
def test_the_job_ends_as_it_was_asked_to(tmp_path: Path, fail_on: str, codes: list[int]) -> None:
    ended = [
        _run(_script("Verdict"), tmp_path, CODE=str(code), FAIL_ON=fail_on).returncode for code in range(3)
    ]

    assert ended == codes


@pytest.mark.parametrize(
    ("fail_on", "comment", "code"),
    [("mandatory", "true", 0), ("never", "false", 0), ("advisory", "false", 2), ("never", "yes", 2)],
)
def test_inputs_that_are_none_of_the_choices_end_the_job_at_once(
    tmp_path: Path, fail_on: str, comment: str, code: int
) -> None:
    done = _run(_script("Look at the inputs"), tmp_path, FAIL_ON=fail_on, COMMENT=comment)

    assert done.returncode == code
    assert ("::error" in done.stdout) is (code != 0)


@pytest.mark.parametrize(
    ("answer", "method", "path"),
    [
        ("", "POST", "repos/org/shop/issues/7/comments"),
        ("12\n13\n", "PATCH", "repos/org/shop/issues/comments/12"),
    ],
)
def test_there_is_one_comment_that_is_written_anew(
    tmp_path: Path, answer: str, method: str, path: str
) -> None:
    _stand_in(tmp_path, "gh", answer=answer)
    summary = tmp_path / "summary.md"
    summary.write_text(markdown.render(samples.FULL), encoding="utf-8")

    done = _run(_script("Comment"), tmp_path, NUMBER="7", SUMMARY=str(summary), GH_TOKEN="none")

    said = (tmp_path / "gh.said").read_text().splitlines()
    assert done.returncode == 0, done.stderr
    assert said[:3] == ["api", "--paginate", "repos/org/shop/issues/7/comments"]
    assert said[-6:] == ["--silent", "--method", method, path, "-F", f"body=@{summary}"]


def test_the_comment_is_found_by_the_first_line_of_the_summary() -> None:
    first = markdown.render(samples.FULL).splitlines()[0]

    assert first == "<!-- palier-check production -->"
    assert "startswith(env.MARK)" in _script("Comment")
    assert '"Bot"' in _script("Comment")


def _committed(folder: Path, *arguments: str) -> str:
    given = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = {
        f"GIT_{role}_{what}": "ada@shop.example"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **given, **who}, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


@pytest.mark.parametrize(("through", "last"), [("", "multi-region"), ("replicas", "replicas")])
def test_what_the_base_has_is_brought_up_before_the_check(tmp_path: Path, through: str, last: str) -> None:
    _committed(tmp_path, "init", "--quiet", "--initial-branch", "main")
    (tmp_path / "Pulumi.local.yaml").write_text("count: 3\n")
    _committed(tmp_path, "add", "Pulumi.local.yaml")
    _committed(tmp_path, "commit", "--quiet", "--message", "base")
    _committed(tmp_path, "checkout", "--quiet", "-b", "change")
    (tmp_path / "Pulumi.local.yaml").write_text("count: 2\n")
    _committed(tmp_path, "commit", "--quiet", "--all", "--message", "less")
    program = tmp_path / "palier"
    program.write_text(
        '#!/bin/sh\n[ "$1" = up ] || { echo \'[{"phase": "foundation"}, {"phase": "multi-region"}]\''
        "; exit; }\n"
        f'echo "$@" > "{tmp_path}/said"\ncat "$PALIER_PLATFORM_DIR/Pulumi.local.yaml" >> "{tmp_path}/said"\n'
    )
    program.chmod(0o755)

    done = _run(_script("Bring up what the base has"), tmp_path, SINCE="main", THROUGH=through)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "said").read_text() == f"up --through={last} --no-policies\ncount: 3\n"
