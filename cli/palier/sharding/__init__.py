"""Which shard holds a key: the library that an application imports, and what the stack and the commands use.

A key belongs to a logical shard for ever; the shard map says on which server ("physical shard") each logical
shard stands just now. Resharding moves logical shards between servers and changes nothing else.

    from palier.sharding import ShardMap

    shard_map = ShardMap.from_json(document)
    shard_map.locate(42).shard          # "shard-3"
    shard_map.locate_many(user_ids)     # numpy: the number of each key's shard in shard_map.shards

Importing it needs neither numpy nor boto3.
"""

from palier.sharding.errors import BadKey, BadMap, BadStrategy, ShardingError
from palier.sharding.shard_map import LOGICAL_SHARDS, Location, ShardMap
from palier.sharding.strategies import Strategy, strategy_from

__all__ = [
    "LOGICAL_SHARDS",
    "BadKey",
    "BadMap",
    "BadStrategy",
    "Location",
    "ShardMap",
    "ShardingError",
    "Strategy",
    "strategy_from",
]
