"""The first phase: network, stateless application tier, primary database, caches, storage, alarms."""
