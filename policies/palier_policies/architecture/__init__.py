"""The principles of the platform, as policies: one module for each subject."""

from __future__ import annotations

from palier_policies.architecture import (
    availability,
    calls,
    databases,
    edges,
    encryption,
    entrance,
    messages,
    operations,
    phases,
    protection,
    services,
    stateless,
    transit,
)
from palier_policies.policy import Pack

PACK = Pack(
    name="architecture",
    says="Principles of the platform: stateless tiers, protected data, one way in, phases in order",
    policies=(
        *stateless.POLICIES,
        *services.POLICIES,
        *entrance.POLICIES,
        *messages.POLICIES,
        *calls.POLICIES,
        *protection.POLICIES,
        *encryption.POLICIES,
        *transit.POLICIES,
        *databases.POLICIES,
        *availability.POLICIES,
        *operations.POLICIES,
        *phases.POLICIES,
        *edges.POLICIES,
    ),
)
