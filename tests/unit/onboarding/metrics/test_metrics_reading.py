"""Reading GitHub, from a small server that answers in the shapes of its REST API."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator

import pytest
from palier.errors import OperationError
from palier.onboarding.calls import Refused
from palier.onboarding.github import GitHub
from palier.onboarding.metrics import reading
from palier.onboarding.metrics.history import History
from palier.onboarding.metrics.settings import MetricsSettings
from palier.onboarding.models import Person
from palier.onboarding.roster import Roster

from tests.unit.capacity.served import Served, Told, serve
from tests.unit.onboarding.metrics.fake_github import ADA, BOT, Fake, commit, pull
from tests.unit.onboarding.metrics.made import moment, person, roster

SECRET = "ghp_0123456789abcdefOfATest"
NOW = moment("2024-03-01T00:00")


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def served(fake: Fake) -> Iterator[Served]:
    with serve(fake) as under_way:
        yield under_way


TEAM = roster({"ada": person("ada", "2024-01-08")})


class Run:
    """One reading: what came out, what was told, what was kept."""

    def __init__(self, served: Served) -> None:
        self.github = GitHub("shop", {"GITHUB_BASE_URL": served.url, "GITHUB_TOKEN": SECRET})
        self.told: list[str] = []
        self.kept: list[History] = []

    def __call__(
        self,
        history: History | None = None,
        team: Roster = TEAM,
        now: datetime.datetime = NOW,
        settings: MetricsSettings | None = None,
    ) -> History:
        return reading.read(
            self.github,
            team,
            team.people,
            history or History("shop"),
            settings or MetricsSettings(),
            now,
            self.told.append,
            self.kept.append,
        )


@pytest.fixture
def run(served: Served) -> Run:
    return Run(served)


def paths(served: Served) -> list[str]:
    return [each.path.removeprefix("/repos/shop") for each in served.asked]


def test_pull_requests_of_the_person_are_read_over_every_page(run: Run, served: Served) -> None:
    known = run().of("app", "ADA")

    assert known is not None
    assert [(each.number, each.merged_at) for each in known.pull_requests] == [
        (1, moment("2024-01-10T08:00")),
        (2, moment("2024-01-12T08:00")),
    ]
    assert known.until == NOW
    asked = [each.parameters for each in served.asked if each.path == "/repos/shop/app/pulls"]
    assert [each["page"] for each in asked] == ["1", "2", "3"]
    assert {(each["state"], each["sort"], each["per_page"]) for each in asked} == {("all", "updated", "100")}


def test_a_pull_request_tells_the_first_commit_that_a_squash_merge_hides(run: Run) -> None:
    known = run().of("app", "ada")

    assert known is not None
    # That of an address without a user counts, another's does not, nor what is before the first day.
    assert known.commits_at == [moment("2024-01-08T10:00"), moment("2024-01-10T08:00")]


def test_an_empty_repository_has_no_commits_and_is_not_asked_again_for_them(run: Run, served: Served) -> None:
    known = run().of("site", "ada")

    assert known is not None
    assert (known.commits_at, known.pull_requests) == ([], [])
    assert paths(served).count("/site/commits") == 1
    assert not any("tries again" in each for each in run.told)


def test_commits_are_asked_for_by_author_from_the_first_day_first_for_a_week(
    run: Run, served: Served, fake: Fake
) -> None:
    run()
    fake.answers["/app/commits"] = []
    run()
    spans = [
        (each.parameters["author"], each.parameters["since"], each.parameters["until"])
        for each in served.asked
        if each.path == "/repos/shop/app/commits"
    ]

    week = ("ada", "2024-01-07T23:00:00Z", "2024-01-14T23:00:00Z")
    assert spans == [week, week, ("ada", "2024-01-07T23:00:00Z", "2024-07-08T08:00:00Z")]


def test_a_second_run_reads_only_what_changed_since(run: Run, served: Served, fake: Fake) -> None:
    first = run()
    served.asked.clear()
    fake.answers["/app/pulls"].insert(0, pull(5, ADA, "2024-03-02T08:00:00Z", "2024-03-03T08:00:00Z"))
    second = run(first, now=moment("2024-03-04T00:00"))

    assert [each.path for each in served.asked].count("/repos/shop/app/pulls") == 1, "stops at what is known"
    known = second.of("app", "ada")
    assert known is not None
    assert [each.number for each in known.pull_requests] == [1, 2, 5]
    assert run(second, now=moment("2024-03-04T00:00")) == second, "the same again changes nothing"


def test_who_is_past_their_weeks_or_has_left_is_not_asked_about_again(run: Run, served: Served) -> None:
    late = run(now=moment("2024-08-01T00:00"))
    served.asked.clear()
    assert run(late, now=moment("2025-01-01T00:00")) == late
    assert served.asked == []

    gone = roster({"ada": person("ada", "2024-01-08", ends=datetime.date(2024, 2, 1))})
    left = run(team=gone)
    served.asked.clear()
    assert run(left, team=gone, now=moment("2024-03-02T00:00")) == left
    assert served.asked == []


def test_a_first_day_that_was_moved_is_read_anew(run: Run, served: Served) -> None:
    late = run(now=moment("2024-08-01T00:00"))
    served.asked.clear()
    moved: Person = person("ada", "2024-01-11")
    known = run(late, team=roster({"ada": moved}), now=moment("2025-01-01T00:00")).of("app", "ada")

    assert "/app/pulls" in paths(served)
    assert known is not None
    assert known.since == moment("2024-01-10T23:00")


def test_who_begins_later_is_not_asked_about(run: Run, served: Served) -> None:
    run(team=roster({"ada": person("ada", "2024-05-08")}))

    assert served.asked == []


def test_a_failure_that_passes_is_tried_again(run: Run, fake: Fake) -> None:
    fake.once = [
        Told({"message": "Bad Gateway"}, status=502),
        Told({"message": "wait"}, 429, {"Retry-After": "0"}),
    ]

    assert run().of("app", "ada") is not None
    assert len([each for each in run.told if "tries again" in each]) == 2


def test_an_hourly_limit_that_ends_too_late_gives_up_and_keeps_what_was_read(run: Run, fake: Fake) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 3600)}
    fake.answers["/site/pulls"] = Told({"message": "API rate limit exceeded"}, 403, headers)

    with pytest.raises(
        OperationError, match=r"rate limit exceeded; gave up. It asks to wait 3[56]\d\d s"
    ) as failed:
        run()
    assert failed.value.next_step == "run this again later; it goes on where it stopped"
    assert [list(each.readings) for each in run.kept] == [[("app", "ada")]]


def test_an_hourly_limit_that_ends_soon_is_waited_for(run: Run, fake: Fake) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()))}
    fake.once = [Told({"message": "API rate limit exceeded"}, 403, headers)]

    assert run().of("app", "ada") is not None
    assert "as asked" in run.told[1]


@pytest.mark.parametrize(
    ("path", "answer", "message"),
    [
        ("/app", Told({"message": "Bad credentials"}, 401), "GitHub does not accept the token"),
        ("/app", None, "GitHub has no repository shop/app"),
        ("/app/pulls", Told({"message": "no"}, 403), "403 no"),
        ("/app/pulls", Told({"pulls": []}), "the answer is no list"),
        ("/app/pulls", Told([{"number": 1}]), "has not the form of its REST API"),
        ("/app/pulls", Told([pull(1, ADA, "yesterday")]), "has not the form of its REST API"),
        ("/app/pulls", None, "GET /repos/shop/app/pulls"),
    ],
)
def test_what_github_refuses_is_told_without_the_token(
    run: Run, fake: Fake, path: str, answer: Told | None, message: str
) -> None:
    fake.answers[path] = answer

    with pytest.raises(OperationError) as failed:
        run()
    said = "\n".join([*failed.value.lines(), *run.told])
    assert message in said
    assert SECRET not in said
    if "token" in message:
        assert isinstance(failed.value, Refused)
    assert "next: " in said


def test_two_people_share_one_reading_of_a_repository(run: Run, served: Served) -> None:
    both = roster({"ada": person("ada", "2024-01-08"), "bob": person("bob", "2024-01-15")})
    known = run(team=both).of("app", "bob")

    assert paths(served).count("/app/pulls") == 3, "its pages, once"
    assert known is not None
    assert [(each.number, each.merged_at) for each in known.pull_requests] == [(4, None)]


def test_what_changed_in_the_hour_before_the_last_reading_is_read_again(run: Run, fake: Fake) -> None:
    first = run()
    fake.answers["/app/pulls"].insert(0, pull(5, ADA, "2024-02-29T23:10:00Z", "2024-02-29T23:20:00Z"))
    known = run(first, now=moment("2024-03-04T00:00")).of("app", "ada")

    assert known is not None, "GitHub's clock and ours may differ"
    assert [each.number for each in known.pull_requests] == [1, 2, 5]


def test_a_bot_of_the_roster_does_not_count(run: Run, fake: Fake) -> None:
    fake.answers["/app/commits"] = [commit(BOT, "2024-01-10T08:00:00Z")]
    known = run(team=roster({"b": person("b", "2024-01-08")})).of("app", "b")

    assert known is not None
    assert (known.commits_at, known.pull_requests) == ([], [])
