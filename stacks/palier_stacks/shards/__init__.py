"""The third phase: PostgreSQL in N shards, and the map that says which shard holds which key."""
