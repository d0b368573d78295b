"""What the command line knows of the cdn phase."""

from palier_stacks.cdn.settings import CdnSettings
from palier_stacks.phase import Phase

PHASE = Phase(
    name="cdn",
    order=40,
    requires=("foundation",),
    summary="CloudFront before the platform: cache by class of path, firewall, logic at the edge.",
    settings=CdnSettings,
)
