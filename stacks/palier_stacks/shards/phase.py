"""The shards phase, as the command line sees it."""

from palier_stacks.phase import Phase
from palier_stacks.shards.settings import ShardsSettings

PHASE = Phase(
    name="shards",
    order=30,
    requires=("foundation",),
    summary="PostgreSQL in shards, each with its own backups and alarms, and the published shard map.",
    settings=ShardsSettings,
)
