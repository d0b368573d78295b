"""What a change does to the forecast, as policies."""

from __future__ import annotations

from palier_policies.capacity import alarms
from palier_policies.policy import Pack

PACK = Pack(
    name="capacity",
    says="What a change does to the forecast: alarms, headroom, scale-down, regions, cost",
    policies=(*alarms.POLICIES,),
)
