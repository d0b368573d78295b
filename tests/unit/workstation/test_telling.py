"""A finished run, told in lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from palier.onboarding.results import Outcome, Result
from palier.workstation.events import Record, Task
from palier.workstation.operation import APPLY, DOCTOR, PLAN, VERIFY, Done
from palier.workstation.target import parse
from palier.workstation.telling import MOST_DIFF_LINES, lines

DISK = {"name": "disk", "ok": False, "says": "5 MB free in /", "fix": "free 95 MB there"}
SYSTEM = {"name": "system", "ok": True, "says": "Debian 12", "fix": None}


def result(step: str, outcome: Outcome, says: str = "", seconds: float = 1.0, **more: Any) -> Result:
    return Result("adiallo", step, step.title(), outcome, says, 100.0, 100.0 + seconds, **more)


def told(mode: str, *results: Result, record: Record | None = None, **more: Any) -> list[str]:
    """The lines of a run of thirty seconds, with a budget of an hour."""
    known = {"seconds": 30.0, "budget_seconds": 3600.0, "login": "adiallo", "target": parse("ada@box")}
    return lines(Done(mode=mode, results=results, record=record or Record(), **{**known, **more}))


def changed(*diffs: Mapping[str, Any], outcome: str = "changed") -> Record:
    return Record(tasks=[Task("git", "Write the config", outcome, 1.0, diffs=diffs)])


def test_whose_machine_and_which_stands_first() -> None:
    fine = result("git", Outcome.ALREADY)

    assert told(APPLY, fine)[0] == "adiallo: ada@box"
    assert told(APPLY, fine, login="")[0] == "ada@box"
    assert told(APPLY, fine, target=parse(None))[0] == "adiallo: this machine"


def test_a_row_for_each_role_with_its_time() -> None:
    said = told(
        APPLY,
        result("git", Outcome.DONE, "1 of 2 tasks changed something", 2.25),
        result("packages", Outcome.ALREADY, "as it should be", 0.04),
        result("vpn", Outcome.UNASKED, "not for this machine", 0),
        record=changed(),
    )

    assert said[1:4] == [
        "  ✓ git       1 of 2 tasks changed something  [2.2 s]",
        "  = packages  as it should be  [0.0 s]",
        "  – vpn       not for this machine  [0.0 s]",
    ]


def test_a_role_that_failed_is_told_with_its_whole_message_and_its_next_step() -> None:
    said = told(
        APPLY,
        result("ssh", Outcome.DONE, "made"),
        result("packages", Outcome.FAILED, "Install: no\nroom", next_step="free some; then palier again"),
        record=changed(),
    )

    row = said.index("  ✗ packages  Install: no  [1.0 s]")
    assert said[row + 1 : row + 3] == ["      room", "      next: free some; then palier again"]
    assert said[-1] == "packages failed; what comes after it was not begun, what came before it stands"


@pytest.mark.parametrize("mode", [PLAN, APPLY, VERIFY, DOCTOR])
def test_a_failure_is_told_in_every_mode_and_nothing_good_beside_it(mode: str) -> None:
    said = told(mode, result("preflight", Outcome.FAILED, "no room"), record=Record(checks=[DISK]))

    assert "  ✗ preflight  no room  [1.0 s]" in said
    assert said[-1].startswith("preflight failed; ")
    assert not {"The environment works", "Nothing stands in the way", "Nothing to change."} & set(said)


def test_a_plan_tells_what_would_be_done_and_how_files_would_differ() -> None:
    diff = {
        "before": "a\nb\n",
        "after": "a\nc\n",
        "before_header": "/home/ada/.gitconfig",
        "after_header": "/home/ada/.gitconfig",
    }
    says = "1 of 4 tasks would change something"
    plan = result("git", Outcome.MISSING, says, would=("Write the config", "Link it"))

    said = told(PLAN, plan, record=changed(diff))

    assert said[1:4] == [f"  + git  {says}  [1.0 s]", "      Write the config", "      Link it"]
    assert said[4:-2] == [
        "",
        "--- /home/ada/.gitconfig",
        "+++ /home/ada/.gitconfig",
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "+c",
    ]
    assert said[-1] == "1 tasks would change something"


@pytest.mark.parametrize(
    ("diff", "line"),
    [
        ({"prepared": "The following NEW packages:\n  jq\n"}, "  jq"),
        ({"before": {"path": "/x", "mode": "0755"}, "after": {"path": "/x", "mode": "0700"}},
         "/x: mode 0755 -> 0700"),
        ({"before": {"state": "absent"}, "after": {"path": "/x", "state": "directory"}},
         "/x: path None -> /x, state absent -> directory"),
        ({"before": "", "after": "new\n"}, "+new"),
        ({"before": "old", "after": None}, "-old"),
    ],
)  # fmt: skip
def test_ansibles_kinds_of_difference_are_all_told(diff: Mapping[str, Any], line: str) -> None:
    assert line in told(PLAN, result("git", Outcome.MISSING), record=changed(diff))


def test_what_would_not_change_has_no_difference() -> None:
    same = {"before": {"path": "/x"}, "after": {"path": "/x"}}
    said = told(PLAN, result("git", Outcome.MISSING), record=changed(same))
    kept = told(PLAN, result("git", Outcome.ALREADY), record=changed({"prepared": "jq"}, outcome="ok"))

    assert not any("/x" in line for line in said)
    assert "jq" not in kept


def test_a_long_difference_is_cut_and_says_so() -> None:
    text = "".join(f"{number}\n" for number in range(1000))
    said = told(PLAN, result("git", Outcome.MISSING), record=changed({"prepared": text}))

    assert f"{MOST_DIFF_LINES - 1}" in said
    assert f"{MOST_DIFF_LINES}" not in said
    assert f"… and {1000 - MOST_DIFF_LINES} lines more" in said


def test_a_plan_of_a_machine_that_is_as_it_should_be_says_so() -> None:
    assert told(PLAN, result("git", Outcome.ALREADY))[-1] == "Nothing would be changed"


def test_differences_are_of_a_plan_only() -> None:
    said = told(APPLY, result("git", Outcome.DONE), record=changed({"prepared": "jq"}))

    assert "jq" not in said


def test_an_apply_tells_its_time_against_the_budget_and_what_took_longest() -> None:
    said = told(
        APPLY,
        result("git", Outcome.DONE, seconds=2),
        result("packages", Outcome.DONE, seconds=20),
        record=changed(),
        seconds=900.0,
    )

    assert "900.0 s of 60 minutes (25%); longest: packages, 20.0 s" in said
    assert not any("P50" in line for line in said)
    assert "Nothing to change." not in said


def test_of_several_runs_the_middle_and_the_slow_ones_are_told() -> None:
    past = tuple(float(number) for number in range(1, 101))
    said = told(APPLY, result("git", Outcome.DONE), record=changed(), past_seconds=past)
    one = told(APPLY, result("git", Outcome.DONE), record=changed(), past_seconds=(1.0,))

    (line,) = [line for line in said if "P50" in line]
    assert line.startswith("Runs so far (100): P50 50")
    assert float(line.partition("P95 ")[2].removesuffix(" s")) == pytest.approx(95, abs=1)
    assert not any("P50" in line for line in one)


def test_a_second_apply_has_nothing_to_change() -> None:
    assert told(APPLY, result("git", Outcome.ALREADY))[-1] == "Nothing to change."


def test_what_waits_for_a_person_says_for_whom_and_what_then() -> None:
    waits = result("repositories", Outcome.PENDING, "add the key to GitHub", waits_for="adiallo")

    said = told(APPLY, waits, record=changed())

    row = said.index("  … repositories  add the key to GitHub  [1.0 s]")
    assert said[row + 1] == "      waits for: adiallo"
    assert said[-1] == "Waits for a person; run this again once it is done"


def test_a_doctor_tells_each_check_and_no_rows() -> None:
    looked = result("preflight", Outcome.ALREADY, "1 of 2 checks found something")

    said = told(DOCTOR, looked, record=Record(checks=[SYSTEM, DISK]))

    assert said[1:3] == ["  = system: Debian 12", "  ✗ disk: 5 MB free in / — free 95 MB there"]
    assert not any("preflight" in line for line in said)
    assert said[-1] == "1 things to mend first"
    healthy = told(DOCTOR, looked, record=Record(checks=[SYSTEM]))
    assert healthy[-1] == "Nothing stands in the way"


def test_a_verification_tells_each_check_and_that_all_works() -> None:
    said = told(VERIFY, result("verify", Outcome.ALREADY, "proven"), record=Record(checks=[SYSTEM]))

    assert "  = system: Debian 12" in said
    assert "  = verify  proven  [1.0 s]" in said
    assert said[-1] == "The environment works"


def test_what_a_check_has_to_tell_stands_before_the_end() -> None:
    said = told(APPLY, result("ssh", Outcome.ALREADY), record=Record(notes=["your key has no passphrase"]))

    assert "your key has no passphrase" in said
    assert said.index("your key has no passphrase") < said.index("Nothing to change.")
