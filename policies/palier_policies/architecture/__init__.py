"""The principles of the platform, as policies: one module for each subject."""

from __future__ import annotations

from palier_policies.architecture import databases
from palier_policies.policy import Pack

PACK = Pack(
    name="architecture",
    says="Principles of the platform: stateless tiers, protected data, one way in, phases in order",
    policies=(*databases.POLICIES,),
)
