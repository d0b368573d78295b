"""What must not be taken down: the phase of several regions while another region than the home writes.

Aurora lets the writer leave a global database last, and a promoted replica goes without a final snapshot: a
`destroy` would stop half way, or lose what only the writer has.
"""

from __future__ import annotations

from palier.console import Reporter
from palier.errors import OperationError, PalierError
from palier.regions.model import Unreachable


def refuse_destroy_away_from_home(environment: str, report: Reporter) -> None:
    """Refuse, where it is known, that the writer is not at home.

    A phase that is half up, or a region that does not answer, is no reason to keep the rest.
    """
    from palier.regions.access import access

    try:
        reach = access(environment, report)
        home = reach.topology.home
        writer = reach.hands.active_region(home)
    except (PalierError, Unreachable):
        return
    if writer in reach.topology.others(home):
        option = "" if environment == "local" else f" --env {environment}"
        raise OperationError(
            f"{writer} writes: its database would go without what protects it, or stop the rest half way",
            left="nothing was changed",
            next_step=f"palier region switchover --to {home}{option}, then the same command again",
        )
