"""Security groups: load balancer → application → database and caches, and nothing else.

Each rule is a resource of its own, so that a change of one rule never touches another. No group lets
anything out but what its instances must reach; databases and caches let nothing out at all.
(DNS, time and instance metadata are not filtered by security groups.)
"""

from __future__ import annotations

import pulumi
from pulumi_aws import ec2, vpc

from palier_stacks.scope import Component, Scope

ANYWHERE = "0.0.0.0/0"
HTTP, HTTPS, POSTGRESQL, REDIS = 80, 443, 5432, 6379


class Firewalls(pulumi.ComponentResource):
    """The four security groups and the rules between them. `application_port` is the container's."""

    def __init__(
        self,
        scope: Scope,
        *,
        vpc_id: pulumi.Input[str],
        application_port: int,
        https: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:foundation:Firewalls", scope.logical("firewalls"), None, opts)
        self._scope, self._vpc_id = scope, vpc_id
        self._own = pulumi.ResourceOptions(parent=self)
        self.load_balancer = self._group("load-balancer", "application", "Takes requests from the internet")
        self.application = self._group("application", "application", "Serves the load balancer's requests")
        self.database = self._group("database", "database", "PostgreSQL for the application")
        self.cache = self._group("cache", "cache", "Redis for the application")
        for port in (HTTP, HTTPS) if https else (HTTP,):
            self._from_anywhere(f"load-balancer-from-internet-{port}", port)
        self.connect("load-balancer", self.load_balancer, "application", self.application, application_port)
        self.connect("application", self.application, "database", self.database, POSTGRESQL)
        self.connect("application", self.application, "cache", self.cache, REDIS)
        self._to_aws()
        self.register_outputs({})

    def _group(self, name: str, component: Component, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self._scope.logical(name),
            vpc_id=self._vpc_id,
            description=description,
            revoke_rules_on_delete=True,
            tags=self._scope.tags(component, name),
            opts=self._own,
        )

    def _from_anywhere(self, name: str, port: int) -> None:
        vpc.SecurityGroupIngressRule(
            self._scope.logical(name),
            security_group_id=self.load_balancer.id,
            description="Requests from the internet",
            cidr_ipv4=ANYWHERE,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            tags=self._scope.tags("security", name),
            opts=self._own,
        )

    def _to_aws(self) -> None:
        name = "application-to-internet-443"
        vpc.SecurityGroupEgressRule(
            self._scope.logical(name),
            security_group_id=self.application.id,
            description="AWS APIs, images and packages, over TLS through NAT",
            cidr_ipv4=ANYWHERE,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            tags=self._scope.tags("security", name),
            opts=self._own,
        )

    def connect(
        self,
        source_name: str,
        source: ec2.SecurityGroup,
        target_name: str,
        target: ec2.SecurityGroup,
        port: int,
    ) -> None:
        """Let `source` reach `target` on one port: a rule out of the one, a rule into the other."""
        outward, inward = f"{source_name}-to-{target_name}", f"{target_name}-from-{source_name}"
        vpc.SecurityGroupEgressRule(
            self._scope.logical(outward),
            security_group_id=source.id,
            description=f"To the {target_name.replace('-', ' ')}",
            referenced_security_group_id=target.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            tags=self._scope.tags("security", outward),
            opts=self._own,
        )
        vpc.SecurityGroupIngressRule(
            self._scope.logical(inward),
            security_group_id=target.id,
            description=f"From the {source_name.replace('-', ' ')}",
            referenced_security_group_id=source.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            tags=self._scope.tags("security", inward),
            opts=self._own,
        )
