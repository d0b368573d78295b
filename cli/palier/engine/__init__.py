"""The Pulumi engine: found, or got once per user, and verified by running it.

The ladder: one on PATH that is new enough; one that Palier got before; Pulumi's official installer; a
build from Go modules, for machines that reach package registries and nothing else. `PALIER_ENGINE`
(a pulumi executable, or a folder with one) goes before all of them.

`find_engine()` looks and writes nothing; `ensure_engine(reporter)` gets one where there is none.
"""

from __future__ import annotations

from palier.engine.find import find_engine
from palier.engine.ladder import ensure_engine
from palier.engine.model import ENGINE_VERSION, MINIMUM_VERSION, Engine

__all__ = ["ENGINE_VERSION", "MINIMUM_VERSION", "Engine", "ensure_engine", "find_engine"]
