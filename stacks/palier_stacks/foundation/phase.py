"""The foundation phase, as the command line sees it."""

from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.phase import Phase

PHASE = Phase(
    name="foundation",
    order=10,
    requires=(),
    summary="Network, stateless application tier, PostgreSQL primary, Redis, storage, alarms.",
    settings=FoundationSettings,
)
