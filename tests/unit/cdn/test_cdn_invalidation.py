"""Cost, requests within the quotas, waiting, and a reference that is paid once."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.cdn import cost, journal
from palier.cdn.cost import Estimate, Spent, spent_this_month
from palier.cdn.invalidation import PATHS_AT_A_TIME, WILDCARDS_AT_A_TIME, Sender, batches
from palier.errors import OperationError

from tests.unit.cdn.fake_cloudfront import DISTRIBUTION, FakeCloudFront

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


class Clock:
    """Time that passes only in pauses."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _sender(cloudfront: FakeCloudFront, wait_seconds: float = 600.0) -> tuple[Sender, Clock, list[str]]:
    clock, said = Clock(), list[str]()
    sender = Sender(
        cloudfront, DISTRIBUTION, wait_seconds, said.append, sleep=clock.sleep, clock=lambda: clock.now
    )
    return sender, clock, said


@pytest.mark.parametrize(
    ("paths", "spent", "charged", "dollars"),
    [
        (1, Spent(0), 0, 0.0),
        (1000, Spent(0), 0, 0.0),
        (1001, Spent(0), 1, 0.005),
        (800, Spent(600), 400, 2.0),
        (10, Spent(1500), 10, 0.05),
        (10, Spent(0, complete=False), 10, 0.05),
    ],
)
def test_paths_beyond_the_free_thousand_are_paid_for(
    paths: int, spent: Spent, charged: int, dollars: float
) -> None:
    estimate = Estimate(paths, spent)
    assert (estimate.charged_paths, estimate.dollars) == (charged, dollars)


def test_an_estimate_says_what_it_does_not_know() -> None:
    assert Estimate(1001, Spent(0)).sentence() == (
        "1,001 paths, 0.005 USD (0 of 1,000 free ones used this month)"
    )
    assert Estimate(1, Spent(7, complete=False)).sentence() == (
        "1 path, at most 0.005 USD (at least 7 were used, not all could be counted)"
    )


def test_only_this_month_s_paths_count() -> None:
    cloudfront = FakeCloudFront()
    cloudfront.add("a", 300, NOW - timedelta(days=25))
    cloudfront.add("b", 20, NOW.replace(day=1, hour=0))
    cloudfront.add("c", 4, NOW - timedelta(hours=1))
    assert spent_this_month(cloudfront, NOW) == Spent(24)


def test_without_leave_to_count_the_estimate_is_the_most_that_it_can_be() -> None:
    cloudfront = FakeCloudFront()
    cloudfront.denied.add("list_distributions")
    assert spent_this_month(cloudfront, NOW) == Spent(0, complete=False)


def test_too_many_invalidations_to_look_at_are_not_counted_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "MOST_LOOKED_AT", 2)
    cloudfront = FakeCloudFront()
    for index in range(3):
        cloudfront.add(str(index), 5, NOW - timedelta(hours=index))
    assert spent_this_month(cloudfront, NOW) == Spent(10, complete=False)


@given(st.integers(0, 7000), st.integers(0, 40))
def test_requests_name_every_path_once_and_keep_to_the_quotas(plain: int, wild: int) -> None:
    paths = [f"/p{index}" for index in range(plain)] + [f"/w{index}/*" for index in range(wild)]
    made = batches(paths)
    assert sorted(path for batch in made for path in batch) == sorted(paths)
    for batch in made:
        assert 0 < len(batch) <= PATHS_AT_A_TIME
        assert sum(path.endswith("*") for path in batch) <= WILDCARDS_AT_A_TIME


def test_a_run_waits_until_cloudfront_is_done() -> None:
    cloudfront = FakeCloudFront(steps=3)
    sender, clock, said = _sender(cloudfront)
    sender.run(["/a", "/b"], "r")
    assert sender.ids == ["I1"]
    assert clock.now == 1 + 2 + 4
    assert said == ["request 1 of 1, 2 paths"] + ["I1 is in progress"] * 3


def test_not_waiting_still_keeps_one_request_at_a_time() -> None:
    cloudfront = FakeCloudFront(steps=1)
    sender, _, _ = _sender(cloudfront)
    sender.run([f"/{index}/*" for index in range(31)], "r", wait=False)
    assert sender.ids == ["I1", "I2", "I3"]
    assert cloudfront.looks == {"I1": 1, "I2": 1}


def test_the_quota_that_others_used_up_is_waited_for() -> None:
    cloudfront = FakeCloudFront()
    cloudfront.refuses = ["TooManyInvalidationsInProgress"] * 2
    sender, clock, said = _sender(cloudfront)
    sender.run(["/a"], "r")
    assert sender.ids == ["I1"]
    assert clock.now == 3
    assert "waiting for invalidations of others" in said


def test_a_run_that_waited_too_long_says_what_goes_on() -> None:
    sender, _, _ = _sender(FakeCloudFront(steps=1000), wait_seconds=30)
    with pytest.raises(OperationError) as failed:
        sender.run(["/a"], "r")
    assert failed.value.lines() == [
        "CloudFront was not done after 30 s",
        "left: invalidations I1, which go on by themselves",
        "next: run the same command again: what was sent is not paid twice",
    ]


def test_a_reference_that_was_used_for_other_paths_is_refused() -> None:
    cloudfront = FakeCloudFront()
    _sender(cloudfront)[0].run(["/a"], "release-7")
    with pytest.raises(OperationError, match="release-7-1 was used for other paths"):
        _sender(cloudfront)[0].run(["/b"], "release-7")
    assert cloudfront.charged == 1


def test_a_distribution_that_is_gone_is_told() -> None:
    cloudfront = FakeCloudFront()
    cloudfront.refuses = ["NoSuchDistribution"]
    with pytest.raises(OperationError, match="there is no distribution") as failed:
        _sender(cloudfront)[0].run(["/a"], "r")
    assert failed.value.left == "nothing was invalidated"


def test_a_run_after_a_kill_pays_only_for_what_was_not_sent(tmp_path: Path) -> None:
    """Killed in the second of three requests; the record of the first run is still there."""
    cloudfront = FakeCloudFront()
    paths = [f"/{index}/*" for index in range(31)]
    record = journal.begin(DISTRIBUTION, paths, folder=tmp_path)
    sender, _, said = _sender(cloudfront)

    def killed(text: str) -> None:
        said.append(text)
        if text.startswith("request 2"):
            raise KeyboardInterrupt

    sender.say = killed
    with pytest.raises(KeyboardInterrupt):
        sender.run(paths, record.reference)
    assert cloudfront.charged == 15

    again = journal.begin(DISTRIBUTION, paths, folder=tmp_path)
    assert again.reference == record.reference
    assert again.begun_seconds_ago is not None
    _sender(cloudfront)[0].run(paths, again.reference)
    again.end()
    assert cloudfront.charged == 31


def test_a_run_that_ended_is_paid_again_when_it_is_wanted_again(tmp_path: Path) -> None:
    first = journal.begin(DISTRIBUTION, ["/a"], folder=tmp_path)
    first.end()
    second = journal.begin(DISTRIBUTION, ["/a"], folder=tmp_path)
    assert second.reference != first.reference
    assert second.begun_seconds_ago is None


def test_an_old_or_unwanted_or_broken_record_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = journal.begin(DISTRIBUTION, ["/a"], folder=tmp_path)
    assert journal.begin(DISTRIBUTION, ["/a"], anew=True, folder=tmp_path).reference != first.reference
    left = journal.begin(DISTRIBUTION, ["/a"], folder=tmp_path)
    assert left.begun_seconds_ago is not None
    later = time.time() + journal.RESUMED_WITHIN_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert journal.begin(DISTRIBUTION, ["/a"], folder=tmp_path).begun_seconds_ago is None
    assert left.file is not None
    left.file.write_text("{")
    assert journal.begin(DISTRIBUTION, ["/a"], folder=tmp_path).begun_seconds_ago is None


def test_other_paths_have_a_record_of_their_own(tmp_path: Path) -> None:
    first = journal.begin(DISTRIBUTION, ["/a"], folder=tmp_path)
    assert journal.begin(DISTRIBUTION, ["/a", "/b"], folder=tmp_path).reference != first.reference
    assert journal.begin("EOTHER", ["/a"], folder=tmp_path).begun_seconds_ago is None
    assert len(list(tmp_path.iterdir())) == 3
