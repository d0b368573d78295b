"""The terminal's table: what it shows of the headroom, how wide it is, what it hides of nasty names."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from palier.checking import table
from palier.checking.model import Check, Headroom, Outlook
from palier.checking.telling import moved

from tests.unit.checking import samples
from tests.unit.checking.anything import CHECK


def _told(*after: Headroom) -> str:
    outlook = Outlook("base", "2026-11-25", "2028-11-25", samples.BEFORE, after)
    phase = replace(samples.CLEAN_PHASE, outlook=outlook)
    return table.render(Check("production", (phase,), ()))


def test_a_metric_that_does_not_change_and_is_far_from_its_limit_is_only_counted() -> None:
    text = _told(*samples.BEFORE)

    assert "Storage usage" not in text
    assert "unchanged and far from their limits: 2 of 3" in text


def test_a_metric_near_its_limit_is_shown_though_it_does_not_change() -> None:
    near = replace(samples.BEFORE[0], value=65.0, left=10.0)
    outlook = Outlook("base", "2026-11-25", "2028-11-25", (near,), (near,))
    text = table.render(Check("production", (replace(samples.CLEAN_PHASE, outlook=outlook),), ()))

    assert "CPU utilization  65%" in text


def test_a_metric_of_which_only_a_date_changes_is_shown() -> None:
    cpu = replace(samples.BEFORE[0], attention="2027-07-01")

    assert "2027-06-01 → 2027-07-01" in _told(cpu, *samples.BEFORE[1:])


def test_a_metric_that_goes_away_has_a_dash_for_what_it_will_be() -> None:
    assert "60% → –" in _told(*samples.BEFORE[1:])


def test_a_unit_that_both_sides_have_is_said_once() -> None:
    assert moved("380 connections", "420 connections") == "380 → 420 connections"
    assert moved("60%", "45%") == "60% → 45%"
    assert moved("2027-03-01 (CPU)", "none") == "2027-03-01 (CPU) → none"


def test_messages_are_wrapped_to_the_width() -> None:
    lines = table.render(replace(samples.VIOLATED, phases=(replace(samples.FOUNDATION, outlook=None),)), 80)

    assert max(map(len, lines.splitlines()[1:])) <= 86


def test_a_message_stands_beside_its_resource_where_there_is_room() -> None:
    text = table.render(samples.VIOLATED, 200)

    assert re.search(r"aws:rds/instance:Instance primary +keeps no backups; set foundation:database", text)


@given(CHECK)
def test_no_text_can_move_the_cursor_or_colour_the_terminal(check: Check) -> None:
    text = table.render(check)

    assert not [character for character in text if character < " " and character != "\n"]
    text.encode()
