"""Queueing and scalability: the textbook's values, and what must always hold."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.capacity.queueing import MOST_UTILISATION, erlang_c, response_time, response_times
from palier.capacity.scalability import capacity, fit, fit_history, instances_for

from tests.unit.capacity.platforms import history

USED = st.floats(min_value=0.0, max_value=0.98)


def test_one_server_waits_as_often_as_it_is_busy() -> None:
    assert erlang_c(0.7, 1) == pytest.approx(0.7)


def test_erlang_c_has_the_value_of_the_textbook() -> None:
    # Two servers at half: C = 2 rho^2 / (1 + rho), rho = 0.5.
    assert erlang_c(1.0, 2) == pytest.approx(1 / 3)


@given(USED)
def test_one_servers_response_time_is_exponential(used: float) -> None:
    assert response_time(used, 1) == pytest.approx(log(20) / (1 - used), rel=1e-6)


@given(USED, st.integers(2, 64))
def test_the_share_answered_in_time_is_the_one_asked_for(used: float, servers: int) -> None:
    time = response_time(used, servers)
    left = servers - 1 - used * servers
    waits = erlang_c(used * servers, servers)
    longer = exp(-time) * (1 + (waits * (1 - exp(-left * time)) / left if abs(left) > 1e-9 else waits * time))
    assert longer == pytest.approx(0.05, abs=1e-6)


@given(USED, st.integers(1, 32))
def test_more_servers_at_the_same_utilisation_are_never_slower(used: float, servers: int) -> None:
    assert response_time(used, servers + 1) <= response_time(used, servers) * (1 + 1e-6)


def test_response_times_never_fall_as_utilisation_grows_also_beyond_the_end() -> None:
    times = response_times(np.linspace(0.0, 3.0, 2_000), 8)
    assert (np.diff(times) >= 0).all()
    assert times[-1] > response_time(MOST_UTILISATION, 8)


def test_a_load_beyond_all_servers_has_no_waiting_probability() -> None:
    with pytest.raises(ValueError, match="offered load 2 is not below 2 servers"):
        erlang_c(2.0, 2)


@given(st.floats(0, 0.2), st.floats(0, 0.01), st.floats(1, 500))
def test_instances_for_a_capacity_give_that_capacity(sigma: float, kappa: float, instances: float) -> None:
    wanted = float(capacity(instances, sigma, kappa))
    needed = float(instances_for(wanted, sigma, kappa))
    # Beyond the peak one more carries nothing, so fewer may do; and at the peak the curve is flat.
    if np.isfinite(needed):
        assert float(capacity(needed, sigma, kappa)) == pytest.approx(wanted, rel=1e-6)
        assert needed <= instances * (1 + 1e-6)


def test_linear_scaling_needs_as_many_instances_as_it_carries() -> None:
    assert float(instances_for(37.0, 0.0, 0.0)) == pytest.approx(37.0)


def test_what_no_number_of_instances_carries_needs_infinitely_many() -> None:
    assert float(instances_for(20.0, 0.1, 0.0)) == float("inf")


@given(st.floats(0, 0.1), st.floats(0, 0.001), st.floats(1, 1_000))
def test_a_fit_finds_the_law_that_made_the_points(sigma: float, kappa: float, each: float) -> None:
    sizes = [1.0, 2.0, 4.0, 8.0, 16.0]
    carried = [each * n / (1 + sigma * (n - 1) + kappa * n * (n - 1)) for n in sizes]
    found = fit(sizes, carried)
    assert found is not None
    assert found.contention == pytest.approx(sigma, abs=1e-6)
    assert found.coherency == pytest.approx(kappa, abs=1e-6)
    assert found.requests_per_second_per_instance == pytest.approx(each, rel=1e-6)


def test_a_fit_wants_three_sizes_and_never_goes_below_zero() -> None:
    assert fit([1, 2], [10, 20]) is None
    found = fit([1, 2, 4, 8], [10, 21, 43, 90])  # better than linear: what cannot be is taken for linear
    assert found is not None
    assert (found.contention, found.coherency) == (0.0, 0.0)


def test_a_history_is_fitted_from_the_days_that_have_all_three() -> None:
    names = ("application_instances", "throughput", "cpu_utilization")
    rows: dict[str, list[tuple[str, float]]] = {name: [] for name in names}
    for month, size in enumerate((2, 4, 8), start=1):
        day = f"2024-{month:02}-01"
        rows["application_instances"].append((day, float(size)))
        rows["throughput"].append((day, 50.0 * size))
        rows["cpu_utilization"].append((day, 50.0))
    found = fit_history(history(rows))
    assert found is not None
    assert found.requests_per_second_per_instance == pytest.approx(100.0)
    assert fit_history(history({"throughput": [("2024-01-01", 5.0)]})) is None
