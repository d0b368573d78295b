"""A run: what it does, that a second one does nothing, and that it can end at any moment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import stamina
from palier.console import Reporter
from palier.errors import InputError, OperationError
from palier.onboarding import operation
from palier.onboarding.calls import Passing, Refused
from palier.onboarding.journal import Journal
from palier.onboarding.locks import one_run
from palier.onboarding.operation import Order, Run
from palier.onboarding.results import Outcome
from palier.onboarding.steps.base import Case
from palier.onboarding.steps.leaving import LEAVING
from palier.onboarding.steps.table import STEPS, choose
from palier.paths import onboarding_dir

from tests.unit.onboarding.world import TODAY, FakeReach, Killed, reach


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PALIER_ONBOARDING_DIR", str(tmp_path / "onboarding"))
    monkeypatch.setenv("PALIER_VPN_DIR", str(tmp_path / "vpn"))
    with stamina.set_testing(True, attempts=6):
        yield


def onboard(world: FakeReach, mode: str = "apply", **more: Any) -> Run:
    order = Order(mode, ("new",), choose(more.pop("only", ()), more.pop("skip", ())), 30, **more)
    return operation.carry_out(world, order, Reporter(), TODAY)


def offboard(world: FakeReach, mode: str = "apply") -> Run:
    order = Order(mode, ("new",), choose((), (), LEAVING), 30, "offboard")
    return operation.carry_out(world, order, Reporter(), TODAY)


def outcomes(run: Run) -> dict[str, str]:
    return {each.step: str(each.outcome) for each in run.results}


def standing(world: FakeReach) -> Any:
    """All that a person or a service could see of a run's effects."""
    github, slack = world.hub, world.chat
    return (
        github.members,
        github.rights,
        [{**each, "assignees": sorted(each["assignees"])} for each in github.all],
        slack.users,
        slack.channels,
        slack.messages,
        world.published,
        {file.name: file.read_text() for file in sorted(world.roster.folder.glob("*/*.yaml"))},
    )


def test_a_newcomer_gets_everything_and_each_of_it_is_proved(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")

    run = onboard(world)

    assert not run.failed
    assert not run.waiting
    assert set(outcomes(run).values()) == {"done"} | {"already"}
    new = world.again().roster.people["new"]
    assert (new.buddy, new.vpn and new.vpn.address) == ("kim", "10.90.0.2") or new.buddy == "ada"
    task = world.hub.all[1]
    assert task["assignees"] == ["new"], "the small one goes before the large one, and nobody's before kim's"
    checklist = world.hub.all[3]
    assert "shop/shop-api#2" in checklist["body"]
    assert world.chat.channels == {"team-web": {"U1"}, "engineering": {"U1"}}
    page = Path(run.cases[0].facts["page"]).read_text()
    assert "A typo on the first page" in page
    assert "10.90.0.2" in page


def test_a_second_run_writes_nothing_and_says_so(tmp_path: Path) -> None:
    from palier.onboarding.telling import lines

    world = reach(tmp_path / "roster")
    onboard(world)
    before = standing(world)
    world.wire.writes.clear()

    run = onboard(world.again())

    assert world.wire.writes == []
    assert standing(world) == before
    assert not run.changed
    assert "Nothing to change." in lines(run, "test")


def test_a_plan_changes_nothing_and_names_what_would_be_done(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    before = standing(world)

    run = onboard(world, "plan")

    assert standing(world) == before
    assert world.wire.writes == []
    would = [line for each in run.results for line in each.would]
    assert any("A typo on the first page" in line for line in would)
    assert any("buddy:" in line for line in would)
    assert not Journal("test", "new").runs(), "a plan is no run"


def test_whoever_kills_it_at_any_call_the_rerun_converges_to_the_same_world(tmp_path: Path) -> None:
    undisturbed = reach(tmp_path / "undisturbed" / "roster")
    onboard(undisturbed)
    wanted, calls = standing(undisturbed), len(undisturbed.wire.calls)
    assert calls > 20

    for number in range(calls):
        for after in (False, True):
            world = reach(tmp_path / f"{number}-{after}" / "roster")
            world.wire.trouble = _once(number, after, Killed())
            for _ in range(3):  # killed at the same call of the next runs too
                world.wire.calls.clear()
                with suppress(Killed):  # a rerun may make fewer calls, and have nothing left to kill
                    onboard(world.again())
            world.wire.trouble = lambda number, after: None
            onboard(world.again())
            assert standing(world) == wanted, f"killed {'after' if after else 'before'} call {number}"


def test_a_fault_at_any_call_before_or_after_its_effect_is_got_over_without_doubles(tmp_path: Path) -> None:
    undisturbed = reach(tmp_path / "undisturbed" / "roster")
    onboard(undisturbed)
    wanted, calls = standing(undisturbed), len(undisturbed.wire.calls)

    for number in range(calls):
        for after in (False, True):
            world = reach(tmp_path / f"{number}-{after}" / "roster")
            world.wire.trouble = _once(number, after, Passing("Service", "502"))
            run = onboard(world.again())
            assert not run.failed, [each.says for each in run.failed]
            assert standing(world) == wanted, f"fault {'after' if after else 'before'} call {number}"


def _once(number: int, after: bool, error: BaseException) -> Any:
    left = [3 if isinstance(error, Killed) else 1]

    def trouble(now: int, now_after: bool) -> None:
        if (now, now_after) == (number, after) and left[0]:
            left[0] -= 1
            raise error

    return trouble


def test_a_refusal_stops_what_needs_it_and_nothing_else(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")

    def refuse(number: int, after: bool) -> None:
        if world.wire.calls[number] == "find":
            raise Refused("Slack does not accept the token", next_step="export a valid one")

    world.wire.trouble = refuse
    run = onboard(world)

    told = outcomes(run)
    assert told["slack-account"] == "failed"
    assert (told["slack-channels"], told["slack-welcome"]) == ("waiting", "waiting")
    assert (told["first-task"], told["checklist"], told["page"]) == ("done", "done", "done")
    assert run.failed[0].next_step == "export a valid one"


def test_an_invitation_that_nobody_accepted_waits_and_the_next_run_resumes(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    world.chat.accepts = False

    run = onboard(world)
    assert outcomes(run)["slack-account"] == "pending"
    assert not run.failed
    (pending,) = [each for each in run.results if each.outcome is Outcome.PENDING]
    assert pending.waits_for == "New Comer accepts the invitation sent to new@shop.example"

    world.chat.users["new@shop.example"]["joined"] = True
    world.wire.writes.clear()
    run = onboard(world.again())
    assert not run.waiting
    assert world.wire.writes == ["invite", "invite", "welcome"], "one message, and no second invitation"


def test_the_way_back_leaves_history_and_nothing_else(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    before = standing(world)
    onboard(world)

    run = offboard(world.again())

    assert not run.failed
    after = standing(world.again())
    members, rights, issues, users, channels, messages, published, files = after
    assert members == before[0]
    assert not [login for _, login in rights if login == "new"]
    assert issues[:3] == before[2]
    assert [each["closed"] for each in issues[3:]] == [True], "the checklist, closed"
    assert [each["active"] for each in users.values()] == [False]
    assert channels == before[4]
    assert len(messages) == 1
    assert "new" not in published
    assert "vpn:" not in files["new.yaml"]
    assert "offboarded: 2026-03-02" in files["new.yaml"]
    page = Path(tmp_path / "onboarding" / "test" / "pages" / "new.html")
    assert not page.exists()

    world.wire.writes.clear()
    assert not offboard(world.again()).changed
    assert world.wire.writes == []


def test_whoever_kills_the_way_back_at_any_call_the_rerun_ends_it(tmp_path: Path) -> None:
    undisturbed = reach(tmp_path / "undisturbed" / "roster")
    onboard(undisturbed)
    undisturbed.wire.calls.clear()
    offboard(undisturbed.again())
    wanted, calls = standing(undisturbed), len(undisturbed.wire.calls)

    for number in range(calls):
        for after in (False, True):
            world = reach(tmp_path / f"{number}-{after}" / "roster")
            onboard(world)
            world.wire.calls.clear()
            world.wire.trouble = _once(number, after, Killed())
            with suppress(Killed):
                offboard(world.again())
            world.wire.trouble = lambda number, after: None
            offboard(world.again())
            assert standing(world) == wanted, f"killed {'after' if after else 'before'} call {number}"


def test_a_leaver_s_work_and_people_go_to_the_heir(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    onboard(world)
    order = Order("apply", ("ada",), choose((), (), LEAVING), 30, "offboard", heir="kim")
    world.hub.add("shop-api", "Half done", [], assignees=["ada"])

    run = operation.carry_out(world.again(), order, Reporter(), TODAY)

    assert not run.failed, [each.says for each in run.failed]
    now = world.again().roster
    assert now.people["new"].manager == "kim"
    assert now.people["new"].buddy == "kim"
    assert now.teams["web"].buddies == ["kim"]
    assert world.hub.all[-1]["assignees"] == ["kim"]


def test_a_leaver_without_a_manager_needs_an_heir(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    world.hub.add("shop-api", "Half done", [], assignees=["ada"])
    order = Order("apply", ("ada",), choose((), (), LEAVING), 30, "offboard")

    run = operation.carry_out(world, order, Reporter(), TODAY)

    assert outcomes(run)["handover"] == "failed"
    assert "name who takes over" in next(each.says for each in run.failed)
    assert outcomes(run)["github-gone"] == "already", "access goes all the same"


def test_only_some_steps_look_at_what_they_need_and_do_not_do_it(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")

    run = onboard(world, only=("slack-welcome",))
    assert outcomes(run) == {"slack-welcome": "waiting"}
    assert world.wire.writes == []

    onboard(world, only=("buddy", "slack-account"))
    run = onboard(world.again(), only=("slack-welcome",))
    assert outcomes(run) == {"slack-welcome": "done"}


def test_a_page_made_alone_says_what_the_whole_run_s_page_said(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    onboard(world)

    assert outcomes(onboard(world.again(), only=("page",))) == {"page": "already"}


@pytest.mark.parametrize(
    ("only", "skip", "said"),
    [
        (("slak",), (), "--only: no step 'slak' (allowed: slack"),
        ((), ("everything",), "--skip: no step 'everything'"),
        (("buddy",), ("buddy",), "--skip: leaves no step to do"),
    ],
)
def test_a_step_that_is_none_is_refused_with_the_nearest(only: Any, skip: Any, said: str) -> None:
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        choose(only, skip)


def test_every_step_is_of_a_group_or_has_its_own_name_and_says_what_it_proves() -> None:
    for step in (*STEPS.values(), *LEAVING.values()):
        assert step.what.endswith(".")
        assert step.proof.endswith(".")


def test_a_service_that_stays_down_ends_in_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")

    def down(number: int, after: bool) -> None:
        if world.wire.calls[number] == "history":
            raise Passing("Slack", "conversations.history: 503 service_unavailable")

    world.wire.trouble = down
    run = onboard(world)

    (failed,) = run.failed
    assert failed.step == "slack-welcome"
    assert failed.says == "Slack: conversations.history: 503 service_unavailable; gave up"
    assert failed.attempts == 6


def test_a_wait_beyond_the_budget_is_not_begun(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")

    def limited(number: int, after: bool) -> None:
        if world.wire.calls[number] == "create issue":
            raise Passing("GitHub", "secondary rate limit", 3600.0)

    world.wire.trouble = limited
    began = time.monotonic()
    run = onboard(world)

    assert time.monotonic() - began < 5
    (failed,) = run.failed
    assert failed.step == "checklist"


def test_two_runs_for_one_person_at_once_are_one(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    with (
        one_run(onboarding_dir("test") / ".new.lock", "new", ""),
        pytest.raises(OperationError, match="another run for new is under way"),
    ):
        onboard(world)


def test_who_left_is_not_brought_in(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    onboard(world)
    offboard(world.again())

    with pytest.raises(InputError, match="was offboarded"):
        onboard(world.again())


def test_the_journal_has_a_line_for_each_step_and_tells_the_status(tmp_path: Path) -> None:
    from palier.onboarding.telling import status_lines

    world = reach(tmp_path / "roster")
    onboard(world)
    onboard(world.again())

    runs = Journal("test", "new").runs()
    assert [each.kind for each in runs] == ["onboard", "onboard"]
    wanted = {name for name, step in STEPS.items() if not step.for_machine}  # no machine was named
    assert set(runs[0].steps) == wanted
    assert all(each.seconds is not None for each in runs)
    said = "\n".join(status_lines("new", runs))
    assert "buddy" in said
    assert "already" in said


def test_a_journal_that_a_kill_tore_is_read_without_the_torn_line(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    onboard(world)
    journal = Journal("test", "new")
    with journal.file.open("ab") as file:
        file.write(b'{"is": "step", "run": "x", "st')

    onboard(world.again())

    assert len(journal.runs()) == 2


def test_of_everybody_only_who_is_new_gets_what_is_for_newcomers(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    everybody = ("ada", "kim", "new")
    only = choose(("buddy", "first-task", "checklist", "page"), ())
    world.hub.rights |= {("shop-api", each): "push" for each in everybody}
    world.hub.members["new"] = "active"

    order = Order("apply", everybody, only, 30, everybody=True)
    run = operation.carry_out(world, order, Reporter(), TODAY)

    assert not run.failed, [each.says for each in run.failed]
    told = {login: {each.outcome for each in run.results if each.login == login} for login in everybody}
    assert told == {"ada": {Outcome.UNASKED}, "kim": {Outcome.UNASKED}, "new": {Outcome.DONE}}


def test_a_newcomer_for_whom_no_task_is_left_waits_and_nobody_shares_one(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    people = world.roster.folder / "people"
    text = (people / "new.yaml").read_text().replace("new@", "next@")
    (people / "next.yaml").write_text(text[: text.index("vpn:")])
    world.read_again()
    world.hub.all[0]["closed"] = True  # one free task is left for two

    order = Order("apply", ("new", "next"), choose((), ("vpn",)), 30)
    run = operation.carry_out(world, order, Reporter(), TODAY)

    assert not run.failed, [each.says for each in run.failed]
    tasks = sorted(str(each.outcome) for each in run.results if each.step == "first-task")
    assert tasks == ["done", "pending"]
    assert [len(each["assignees"]) for each in world.hub.all[1:3]] == [1, 1]

    world.hub.add("shop-api", "Labelled since", ["good first issue"])
    later = operation.carry_out(world.again(), order, Reporter(), TODAY)
    assert not later.waiting
    assert world.hub.all[-1]["assignees"] != []


def test_a_task_that_is_labelled_while_the_run_waits_is_found(tmp_path: Path) -> None:
    world = reach(tmp_path / "roster")
    for issue in world.hub.all:
        issue["closed"] = True
    case = Case("new", world, TODAY)
    step = STEPS["first-task"]
    assert step.check(case).state == "pending"
    world.hub.add("shop-api", "Labelled since", ["good first issue"])
    assert step.check(case).state == "missing"


def test_a_checklist_that_the_list_of_somebody_s_issues_does_not_show_yet_is_not_opened_again(
    tmp_path: Path,
) -> None:
    world = reach(tmp_path / "roster")
    world.hub.add("shop-api", "Onboarding: Ada", ["onboarding"], body="<!-- palier:onboarding ada -->")
    world.hub.lags = True

    run = onboard(world)

    assert not run.failed, [each.says for each in run.failed]
    assert len([each for each in world.hub.all if "palier:onboarding new" in each["body"]]) == 1
