"""The second phase: read replicas of the primary, one reader endpoint, connection pooling."""
