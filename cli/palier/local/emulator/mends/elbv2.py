"""Mends of load balancers: the attributes AWS gives them, and what they forbid."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import around, mend

# What a new Application Load Balancer tells (ELB user guide, "Load balancer attributes").
APPLICATION_DEFAULTS = {
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}


@mend("elbv2")
def attributes_of_a_new_balancer() -> None:
    """A new Application Load Balancer tells four of its nineteen attributes, one of them wrong."""
    from moto.elbv2.models import FakeLoadBalancer

    @around(FakeLoadBalancer, "__init__")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        if self.type == "application":
            self.attrs = dict(APPLICATION_DEFAULTS)


@mend("elbv2")
def deletion_protection_holds() -> None:
    """A load balancer with deletion protection can be deleted."""
    from moto.elbv2.exceptions import ELBClientError
    from moto.elbv2.models import ELBv2Backend

    @around(ELBv2Backend, "delete_load_balancer")
    def delete(original: Any, self: Any, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
            text = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            raise ELBClientError("OperationNotPermitted", text)
        original(self, arn)


@mend("elbv2")
def terminated_targets_are_gone() -> None:
    """Instances that Auto Scaling terminated are described as healthy targets for ever."""
    from moto.elbv2.models import ELBv2Backend

    @around(ELBv2Backend, "describe_target_health")
    def health(original: Any, self: Any, target_group_arn: str, targets: list[dict[str, Any]]) -> Any:
        group = self.target_groups.get(target_group_arn)
        standing = {
            instance.id
            for reservation in self.ec2_backend.reservations.values()
            for instance in reservation.instances
            if instance._state.name not in ("terminated", "shutting-down")
        }
        for name in [*group.targets] if group is not None else []:
            if name.startswith("i-") and name not in standing:
                del group.targets[name]
        return original(self, target_group_arn, targets)


@mend("elbv2")
def no_tls_policy_without_tls() -> None:
    """A listener without TLS is described with a TLS policy, and so is never what was asked for."""
    from moto.elbv2.models import FakeListener

    @around(FakeListener, "__init__")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        if self.protocol not in ("HTTPS", "TLS"):
            self.ssl_policy = None
