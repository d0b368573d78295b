"""Mends of EC2 instances: what was launched with one goes with it."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import around, mend

_MADE_AT_LAUNCH = "Primary network interface"


@mend("ec2")
def primary_interface_goes_with_its_instance() -> None:
    """The network interface made at launch outlives its instance, so that the subnet can't be deleted;
    AWS deletes it unless the launch says otherwise (EC2 User Guide, "Delete network interfaces")."""
    from moto.ec2.models.instances import Instance

    @around(Instance, "terminate")
    def terminate(original: Any, self: Any) -> Any:
        for interface in self.nics.values():
            if interface.description in (_MADE_AT_LAUNCH, None, ""):
                interface.delete_on_termination = True
        return original(self)
