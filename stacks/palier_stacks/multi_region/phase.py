"""The multi-region phase, as the command line sees it."""

from palier_stacks.multi_region.settings import MultiRegionSettings
from palier_stacks.phase import Phase

PHASE = Phase(
    name="multi-region",
    order=50,
    requires=("foundation",),
    summary="The application in further regions, replicated data, latency routing, ready for a failover.",
    settings=MultiRegionSettings,
)
