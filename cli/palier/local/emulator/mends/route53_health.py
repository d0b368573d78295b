"""A mend of Route 53's health checks: what stands in a region that fails is not healthy.

A check is told by the name that it asks: an AWS name carries its region (`….eu-west-3.elb.amazonaws.com`), a
name of the account's own zones is followed to what its records lead to.
"""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import around, mend
from palier.local.emulator.regions import REGIONS

# As Route 53 tells them (developer guide, "Viewing health check status and the reason for failures").
FAILURES = {
    "error": "Failure: HTTP Status Code 503, Service Unavailable.",
    "silence": "Failure: Connection timed out. The endpoint or the internet connection is down, or requests "
    "are being blocked by your firewall.",
}
MOST_STEPS = 8  # an alias of an alias of …; no name of ours is longer


@mend("route53")
def unhealthy_in_a_failed_region() -> None:
    """GetHealthCheckStatus answers success whatever has become of what is checked."""
    from moto.route53.responses import Route53

    @around(Route53, "get_health_check_status")
    def status(original: Any, self: Any) -> Any:
        answer = original(self)
        check = self.backend.get_health_check(self._get_param("HealthCheckId"))
        mode = failure_of(self.backend, check.fqdn or "")
        if mode is not None and not check.disabled:
            for one in answer.result["HealthCheckObservations"]:
                one["StatusReport"]["Status"] = FAILURES[mode]
        return answer


def failure_of(backend: Any, name: str) -> str | None:
    """How what stands behind `name` fails; None where it does not. One answer of several is enough."""
    places = list(_places(backend, name.rstrip(".").lower(), MOST_STEPS))
    modes = [next((mode for region, mode in REGIONS.modes.items() if region in one), None) for one in places]
    return next(iter(modes), None) if modes and None not in modes else None


def _places(backend: Any, name: str, steps: int) -> list[list[str]]:
    """The names that `name` leads to in the end, each as its labels."""
    records = [
        record
        for zone in backend.zones.values()
        for record in zone.rrsets
        if record.type in ("A", "AAAA", "CNAME") and record.name.rstrip(".").lower() == name
    ]
    if not records or steps == 0:
        return [name.split(".")]
    found: list[list[str]] = []
    for record in records:
        alias = record.alias_target
        nexts = [alias["DNSName"]] if alias else [str(value) for value in record.records or ()]
        for one in nexts:
            found += _places(backend, one.rstrip(".").lower().removeprefix("dualstack."), steps - 1)
    return found
