"""A DB instance made from another's snapshot or backups, with the settings that were asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.provider.world import CLASS, World
from tests.engine.support.driven import Driven

INSTANCE = "aws:rds/instance:Instance"


def asked(world: World, name: str, **source: Any) -> dict[str, Any]:
    """A restored instance's inputs: those of a new one, but for what comes from its source."""
    return {
        "identifier": name,
        "instanceClass": CLASS,
        "backupRetentionPeriod": 5,
        "backupWindow": "03:00-03:30",
        "manageMasterUserPassword": True,
        "dbSubnetGroupName": world.db_subnets,
        "skipFinalSnapshot": True,
        **source,
    }


@pytest.mark.parametrize("way", ["snapshot", "point in time"])
def test_an_instance_is_restored(way: str, provider: Driven, world: World) -> None:
    if way == "snapshot":
        final = {"skipFinalSnapshot": False, "finalSnapshotIdentifier": "kept-final"}
        provider.remove(provider.make(INSTANCE, "kept", world.instance(identifier="kept", **final)))
        inputs = asked(world, "restored-1", snapshotIdentifier="kept-final")
    else:
        source = world.primary.inputs["identifier"]
        latest = {"sourceDbInstanceIdentifier": source, "useLatestRestorableTime": True}
        inputs = asked(world, "restored-2", restoreToPointInTime=latest)

    made = provider.make(INSTANCE, "restored", inputs)

    assert made.outputs["identifier"] == inputs["identifier"]
    assert made.outputs["username"] == "palier", "the source's master user"
    assert made.outputs["backupRetentionPeriod"] == 5
    assert made.outputs["backupWindow"] == "03:00-03:30"
    assert made.outputs["masterUserSecrets"], "RDS keeps the password, as asked"
    seen = provider.look(made)
    assert seen is not None
    assert provider.diff(seen, provider.recheck(seen, inputs)).properties == set()
    other = {**inputs, "restoreToPointInTime": None, "snapshotIdentifier": "another"}
    checked = provider.recheck(made, {key: value for key, value in other.items() if value is not None})
    assert "snapshotIdentifier" in provider.diff(made, checked).replaces
    provider.remove(made)
