"""What a change does to the forecast, as policies."""

from __future__ import annotations

from palier_policies.capacity import alarms, headroom, money, outlook, regions, scale_down, surplus
from palier_policies.policy import Pack

PACK = Pack(
    name="capacity",
    says="What a change does to the forecast: alarms, headroom, scale-down, regions, cost",
    policies=(
        *alarms.POLICIES,
        *headroom.POLICIES,
        *surplus.POLICIES,
        *scale_down.POLICIES,
        *regions.POLICIES,
        *money.POLICIES,
    ),
    outlook=outlook.outlook,
)
