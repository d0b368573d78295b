"""Several regions are not taken down while another region than the home writes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from palier.console import Reporter
from palier.errors import InputError, OperationError
from palier.regions import access
from palier.regions.guard import refuse_destroy_away_from_home
from palier.regions.model import Unreachable


def standing(monkeypatch: pytest.MonkeyPatch, active: Any) -> None:
    """Two regions; `active` is who writes, or what asking raises."""

    def active_region(region: str) -> str:
        if isinstance(active, Exception):
            raise active
        return str(active)

    topology = SimpleNamespace(home="eu-west-3", others=lambda region: ["eu-west-1"])
    reach = SimpleNamespace(topology=topology, hands=SimpleNamespace(active_region=active_region))
    monkeypatch.setattr(access, "access", lambda environment, report: reach)


def test_a_writer_away_from_home_is_to_be_brought_home_first(monkeypatch: pytest.MonkeyPatch) -> None:
    standing(monkeypatch, "eu-west-1")
    with pytest.raises(OperationError, match="eu-west-1 writes") as refused:
        refuse_destroy_away_from_home("production", Reporter())
    assert "palier region switchover --to eu-west-3 --env production" in refused.value.lines()[-1]


@pytest.mark.parametrize("active", ["eu-west-3", "", Unreachable("eu-west-3", "no answer")])
def test_a_writer_at_home_or_one_that_nobody_knows_is_no_reason_to_refuse(
    active: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing(monkeypatch, active)
    refuse_destroy_away_from_home("local", Reporter())


def test_a_phase_that_is_half_up_can_be_taken_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def half_up(environment: str, report: Reporter) -> Any:
        raise InputError("multi-region does not stand in local")

    monkeypatch.setattr(access, "access", half_up)
    refuse_destroy_away_from_home("local", Reporter())
