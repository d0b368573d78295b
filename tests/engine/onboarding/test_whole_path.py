"""From a line in the roster to verified access and back: the real engine, and the whole local cloud."""

from __future__ import annotations

import json
from typing import Any

from palier.local.layout import WORKPLACE_TOKENS
from palier.onboarding.github import GitHub

from tests.engine.onboarding.company import NEWCOMER, NEWCOMER_MAIL, Company, clients

REAL_LOOKING: dict[str, Any] = {
    "GITHUB_TOKEN": "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
    "SLACK_BOT_TOKEN": "xoxb-1234-5678-realistic",
    "SLACK_ADMIN_TOKEN": "xoxp-1234-5678-realistic",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


def test_a_newcomer_comes_in_is_proved_and_goes_again(others_are_in: Company) -> None:
    company = others_are_in
    first = json.loads(company.palier("onboard", "plan", NEWCOMER, "--output", "json").out)
    assert first["changed"] is False
    before, aws = company.workplace(), company.identity_center()

    run = json.loads(company.palier("onboard", "apply", NEWCOMER, "--here", "--output", "json").out)

    steps = {each["step"]: each for each in run["people"][0]["steps"]}
    assert {each["outcome"] for each in steps.values()} == {"done", "already"}
    assert run["seconds"] < run["budget_seconds"] == 30 * 60
    _page_tells(company, run)
    _second_run_writes_nothing(company)
    proved = company.palier("onboard", "verify", NEWCOMER)
    assert "All of it stands, proven" in proved.out
    private = (company.root / "vpn" / "private.key").read_text().strip()
    _the_plan_to_leave_tells_what_goes(company)
    left = company.palier("offboard", "apply", NEWCOMER)

    _tokens_are_nowhere(company, private, proved.text + left.text)
    _only_history_is_left(before, company.workplace())
    assert company.identity_center() == aws
    assert "vpn:" not in company.person()
    refused = company.palier("onboard", "apply", NEWCOMER, code=2)
    assert "offboarded" in refused.err
    again = company.last()
    company.palier("offboard", "apply", NEWCOMER)
    assert company.writes(again) == []


def _the_plan_to_leave_tells_what_goes(company: Company) -> None:
    person, stands, since = company.person(), company.workplace(), company.last()
    told = company.palier("offboard", "plan", NEWCOMER).out
    for gone in ("organization", "team/marketplace", "identity", "group/marketplace"):
        assert f"delete {NEWCOMER}/{gone}" in told
    assert "4 resources would change" in told
    assert (company.person(), company.workplace(), company.writes(since)) == (person, stands, [])


def _page_tells(company: Company, run: Any) -> None:
    page = (company.onboarding / "local" / "pages" / f"{NEWCOMER}.html").read_text()
    assert run["people"][0]["page"].endswith(f"{NEWCOMER}.html")
    for words in (
        "Awa Diallo",
        "Sophie Nguyen",
        "10.90.0.2",
        "shop-api",
        "Day 1-2: Product &amp; Architecture",
    ):
        assert words in page


def _second_run_writes_nothing(company: Company) -> None:
    stands, since, mutations = company.workplace(), company.last(), company.mutations()
    said = company.palier("onboard", "apply", NEWCOMER, "--here")
    assert "Nothing to change." in said.out
    assert company.writes(since) == []
    assert company.mutations() == mutations, "AWS was written to"
    assert company.workplace() == stands


def _tokens_are_nowhere(company: Company, private: str, said: str) -> None:
    """No log, plan, state, document or message holds a token or the private key."""
    secret = [*WORKPLACE_TOKENS.values(), private, *REAL_LOOKING.values()]
    files = [
        file
        for folder in (company.local, company.onboarding, company.roster, company.platform)
        for file in folder.rglob("*")
        if file.is_file() and "schema" not in file.parts and "pulumi-home" not in file.parts
    ]
    assert len(files) > 20
    for file in files:
        text = file.read_bytes().decode("utf-8", "replace")
        for token in secret:
            assert token not in text, f"{file} holds a token"
    assert not [token for token in secret if token in said]


def _only_history_is_left(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Access and work are as before; what stays is a closed checklist, a message, an account switched off."""
    runbooks = after["github"]["repositories"]["runbooks"]
    checklist = runbooks["issues"].pop()
    assert (checklist["state"], checklist["state_reason"]) == ("closed", "not_planned")
    assert checklist["assignees"] == []
    account = after["slack"]["users"].pop(NEWCOMER_MAIL)
    assert account["active"] is False
    assert len(after["slack"]["messages"].pop(NEWCOMER_MAIL)) == 1
    for members in after["slack"]["channels"].values():
        if "bot" in members:
            members.remove("bot")  # it joined so that it could bring people in
    before["github"]["repositories"]["runbooks"]["labels"] = runbooks["labels"]
    assert after == before


def test_tokens_that_lie_around_are_not_used_in_local_mode(company: Company) -> None:
    run = company.palier("onboard", "apply", NEWCOMER, "--here", "--output", "json", code=0, **REAL_LOOKING)
    assert json.loads(run.out)["failed"] == 0
    for token in REAL_LOOKING.values():
        assert token not in run.text
        for file in company.local.rglob("*"):
            if file.is_file() and "pulumi-home" not in file.parts:
                assert token not in file.read_bytes().decode("utf-8", "replace"), file


def test_people_who_must_accept_are_waited_for_and_a_later_run_resumes(company: Company) -> None:
    company.palier("local", "start")
    company.put("workplace/behaviour", {"invitations": "pending", "slack_invitations": "pending"})

    run = json.loads(company.palier("onboard", "apply", NEWCOMER, "--here", "--output", "json").out)

    told = {each["step"]: (each["outcome"], each["waits_for"]) for each in run["people"][0]["steps"]}
    assert told["github-access"] == (
        "pending",
        f"{NEWCOMER} accepts at https://github.com/orgs/jobo/invitation",
    )
    assert told["slack-account"][0] == "pending"
    assert told["first-task"] == ("waiting", None)
    assert company.palier("onboard", "verify", NEWCOMER, code=1).out.count("waits for") >= 2
    assert "pending" in company.palier("onboard", "status", NEWCOMER).out

    company.put("workplace/accept", {"login": NEWCOMER, "email": NEWCOMER_MAIL}, "POST")
    since = company.last()
    run = json.loads(company.palier("onboard", "apply", NEWCOMER, "--here", "--output", "json").out)
    assert {each["outcome"] for each in run["people"][0]["steps"]} == {"done", "already"}
    assert not [each for each in company.writes(since) if "memberships" in each or "Users" in each]


def test_bad_input_is_one_line_and_starts_nothing(company: Company) -> None:
    team = company.roster / "teams" / "marketplace.yaml"
    good, plan = team.read_text(), ("onboard", "plan", NEWCOMER)
    cases: list[tuple[tuple[str, ...], str | None, str]] = [
        (("onboard", "apply", "nobody"), None, "nobody of the roster has the login 'nobody'"),
        (("onboard", "apply"), None, "name people by their GitHub login, or everybody with --all"),
        (("onboard", "plan", NEWCOMER, "--only", "slak"), None, "--only: no step 'slak'"),
        (("onboard", "apply", NEWCOMER, "tbernard", "--here"), None, "--here: is one person's machine"),
        (
            plan,
            good.replace("developer:", "developr:"),
            "no permission set 'developr' in the people stack's settings (allowed: developer",
        ),
        (("onboard", "plan", NEWCOMER), good.replace("[staging]", "[stagin]"), "no VPN network 'stagin'"),
        (
            plan,
            good.replace("buddies: [mlefevre, snguyen]", "buddies: []"),
            "needs buddies",
        ),
        (("onboard", "plan", NEWCOMER), good[: len(good) // 2], "teams/marketplace.yaml"),
        (
            ("offboard", "apply", NEWCOMER, "--to", "nobody"),
            None,
            "nobody of the roster has the login 'nobody'",
        ),
    ]
    for arguments, text, said in cases:
        team.write_text(text or good)
        found = company.palier(*arguments, code=2)
        errors = [line for line in found.err.splitlines() if line.startswith("error:")]
        assert len(errors) == 1, found.err
        assert said in errors[0], errors[0]
    assert not (company.onboarding / "local").exists()


def test_a_repository_that_does_not_exist_is_named(company: Company) -> None:
    company.palier("up", "people")
    GitHub("jobo", clients(company.endpoint)).delete("/repos/jobo/runbooks")

    said = company.palier("onboard", "apply", NEWCOMER, "--only", "checklist", "--only", "buddy", code=1)

    assert "GitHub has no repository jobo/runbooks that the token of GITHUB_TOKEN sees" in said.out
    assert "next: correct its name" in said.out
