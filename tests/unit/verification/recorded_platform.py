"""The recorded platform: foundation in three zones, two replicas of its primary, two shards; all in order."""

from __future__ import annotations

from tests.unit.verification.recorded_aws import State
from tests.unit.verification.recorded_data import cache, databases, storage
from tests.unit.verification.recorded_network import application, network, security_groups
from tests.unit.verification.recorded_shards import shards
from tests.unit.verification.recorded_watch import alarms, reader, topics_and_logs


def platform() -> State:
    """Everything that verification asks, answered for a platform in order. A new copy each time."""
    platform = {
        **network(),
        **security_groups(),
        **application(),
        **databases(),
        **cache(),
        **storage(),
        **topics_and_logs(),
        **alarms(),
        **reader(),
    }
    return shards(platform)
