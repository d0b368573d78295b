"""The CDN on the local cloud: what `palier cdn invalidate` sends, counts and pays once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.phases.machine import Machine, Platform

SENT = ("cdn", "invalidate", "--output", "json")


@pytest.fixture
def machine(whole_path: Platform) -> Machine:
    """The machine on which the whole path stands."""
    return whole_path.machine


def batches(machine: Machine) -> dict[str, list[str]]:
    """Paths of every invalidation that there is, by reference."""
    cloudfront = machine.aws("cloudfront")
    (site,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    listed = cloudfront.list_invalidations(DistributionId=site["Id"])["InvalidationList"]
    found: dict[str, list[str]] = {}
    for each in listed.get("Items") or []:
        told: Any = cloudfront.get_invalidation(DistributionId=site["Id"], Id=each["Id"])
        batch = told["Invalidation"]["InvalidationBatch"]
        found[batch["CallerReference"]] = sorted(batch["Paths"]["Items"])
    return found


def test_paths_are_invalidated_once_for_a_reference_and_by_the_settings_of_the_site(machine: Machine) -> None:
    before = batches(machine)
    given = ("/about.html", "/shop/cart", "/static/app.js", "/api/me")
    first = machine.palier(*SENT, *given, "--reference", "release-7").json

    # The local settings put the shop of mobile devices below a prefix.
    wanted = ["/about.html", "/mfe/shop-mobile/shop/cart", "/shop/cart"]
    assert first["paths"] == wanted
    assert {each["path"]: each["class"] for each in first["skipped"]} == {
        "/static/app.js": "immutable",
        "/api/me": "private",
    }
    assert batches(machine) == {**before, "release-7-1": wanted}

    again = machine.palier(*SENT, *given, "--reference", "release-7").json
    assert again["invalidations"] == first["invalidations"]
    assert again["free_paths_left"] == first["free_paths_left"] - len(wanted)
    refused = machine.palier(*SENT, "/other.html", "--reference", "release-7", code=1)
    assert "error: the reference release-7-1 was used for other paths" in refused.err
    assert batches(machine) == {**before, "release-7-1": wanted}


def test_a_dry_run_sends_nothing_and_the_phases_do_not_mind_an_invalidation(machine: Machine) -> None:
    before = batches(machine)
    assert machine.palier(*SENT, "/blog/*", "--dry-run").json["invalidations"] == []
    assert batches(machine) == before
    machine.palier(*SENT, "/blog/*")
    assert "nothing to change" in machine.palier("up", "cdn").text
