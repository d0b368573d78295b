"""What the command line knows of the people stack. It is no scaling phase, and stands beside them."""

from palier_stacks.people.settings import PeopleSettings
from palier_stacks.phase import Phase

PHASE = Phase(
    name="people",
    order=0,
    requires=(),
    summary="Everybody's access: GitHub memberships and rights, AWS users and assignments, VPN peers.",
    settings=PeopleSettings,
)
