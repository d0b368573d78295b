"""The replicas phase, as the command line sees it."""

from palier_stacks.phase import Phase
from palier_stacks.replicas.settings import ReplicasSettings

PHASE = Phase(
    name="replicas",
    order=20,
    requires=("foundation",),
    summary="Read replicas of the primary over the zones, one reader endpoint, connection pooling.",
    settings=ReplicasSettings,
)
