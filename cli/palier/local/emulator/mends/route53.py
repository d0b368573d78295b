"""Mends of Route 53: records told apart by name, type and set identifier; health checks by alarm."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import around, mend, told

Key = tuple[str, str, str | None]
_FOLLOWED = ("AlarmIdentifier", "InsufficientDataHealthStatus")
# What only a check that sends requests of its own has.
_PROBED = ("IPAddress", "Port", "RequestInterval", "FailureThreshold", "MeasureLatency")


def _key(record: dict[str, Any]) -> Key:
    return record["Name"].rstrip(".") + ".", record["Type"], record.get("SetIdentifier")


def _refused(text: str) -> Exception:
    from moto.route53.exceptions import Route53ClientError

    return Route53ClientError("InvalidChangeBatch", text)


@mend("route53")
def weighted_records_deleted_one_by_one() -> None:
    """Deleting one weighted record deletes every record of the zone with its set identifier, whatever its
    name; deleting one without an identifier deletes all of its name and type; deleting what does not exist
    and creating what exists may succeed."""
    from moto.route53.models import FakeZone, Route53Backend

    @around(Route53Backend, "change_resource_record_sets")
    def change(original: Any, self: Any, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        zone = self.get_hosted_zone(zoneid)
        present: set[Key] = {(one.name, one.type, one.set_identifier) for one in zone.rrsets}
        for one in change_list:
            key = _key(one["ResourceRecordSet"])
            if one["Action"] == "CREATE" and key in present:
                text = f"Tried to create resource record set [name='{key[0]}', type='{key[1]}'"
                identifier = f", set identifier='{key[2]}'" if key[2] else ""
                raise _refused(f"{text}{identifier}] but it already exists")
            if one["Action"] == "DELETE" and key not in present:
                text = f"Tried to delete resource record set [name='{key[0]}', type='{key[1]}'"
                identifier = f", set identifier='{key[2]}'" if key[2] else ""
                raise _refused(f"{text}{identifier}] but it was not found")
            present = present - {key} if one["Action"] == "DELETE" else present | {key}
        for one in change_list:
            # One at a time: moto's own deletion by set identifier is replaced below, per record.
            zone.deleting = _key(one["ResourceRecordSet"]) if one["Action"] == "DELETE" else None
            original(self, zoneid, [one])

    def delete(original: Any, self: Any, _: Any) -> None:
        self.rrsets = [
            one for one in self.rrsets if (one.name, one.type, one.set_identifier) != self.deleting
        ]

    around(FakeZone, "delete_rrset")(delete)
    around(FakeZone, "delete_rrset_by_id")(delete)


@mend("route53")
def health_checks_that_follow_alarms() -> None:
    """A health check of type CLOUDWATCH_METRIC forgets which alarm it follows and what silence means to it,
    and is described with a port and an interval that AWS does not give it."""
    from moto.route53.models import HealthCheck
    from moto.route53.responses import Route53

    def remember(check: Any, config: dict[str, Any]) -> None:
        known = getattr(check, "followed", {})
        check.followed = known | {name: config[name] for name in _FOLLOWED if config.get(name)}

    @around(Route53, "create_health_check")
    def create(original: Any, self: Any) -> Any:
        answer = original(self)
        remember(answer.result["HealthCheck"], self._get_param("HealthCheckConfig"))
        return answer

    @around(Route53, "update_health_check")
    def update(original: Any, self: Any) -> Any:
        answer = original(self)
        remember(answer.result["HealthCheck"], {name: self._get_param(name) for name in _FOLLOWED})
        return answer

    plain = vars(HealthCheck)["health_check_config"].fget

    @told(HealthCheck)
    def health_check_config(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = plain(self)
        if self.type_ == "CLOUDWATCH_METRIC":
            found = {name: value for name, value in found.items() if name not in _PROBED}
        return found | getattr(self, "followed", {})
