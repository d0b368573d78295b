"""The stateless application tier: a load balancer, instances that can come and go, and what scales them.

There is no stickiness: any instance serves any request, because sessions are in Redis. That is what lets
the group scale out, replace instances one by one and lose a zone.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import autoscaling, cloudwatch, ec2, iam, lb, ssm

from palier_stacks.foundation.machine import agent_configuration, user_data
from palier_stacks.foundation.settings import ApplicationSettings
from palier_stacks.foundation.storage import ACCESS_LOG_PREFIX
from palier_stacks.scope import Scope

# TLS 1.2 with forward secrecy and 1.3; the policy that AWS recommends for HTTPS listeners.
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
PLAIN_HTTP_WARNING = (
    "{key} is not set: the load balancer serves plain HTTP; "
    "set it to an ACM certificate before real users come"
)
CERTIFICATE_KEY = "foundation:application.certificate_arn"


class Balancer(pulumi.ComponentResource):
    """The load balancer over the public subnets, its target group and its listeners."""

    def __init__(
        self,
        scope: Scope,
        settings: ApplicationSettings,
        *,
        vpc_id: pulumi.Input[str],
        subnet_ids: list[pulumi.Input[str]],
        security_group_id: pulumi.Input[str],
        logs_bucket: pulumi.Input[str],
        logs_policy: pulumi.Resource,
        certificate_key: str = CERTIFICATE_KEY,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:foundation:Balancer", scope.logical("balancer"), None, opts)
        self._scope, self._settings, self._certificate_key = scope, settings, certificate_key
        self._own = pulumi.ResourceOptions(parent=self)
        self.load_balancer = lb.LoadBalancer(
            scope.logical("application", short="app"),
            load_balancer_type="application",
            internal=False,
            subnets=subnet_ids,
            security_groups=[security_group_id],
            access_logs={"bucket": logs_bucket, "prefix": ACCESS_LOG_PREFIX, "enabled": True},
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            enable_http2=True,
            enable_deletion_protection=settings.load_balancer_deletion_protection,
            idle_timeout=60,
            tags=scope.tags("application", "application"),
            # ELB tries the bucket when logging is switched on, and fails where it may not write yet.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs_policy]),
        )
        self.target_group = self._target_group(vpc_id)
        self.listener = self._listeners()
        self.register_outputs({"dns_name": self.load_balancer.dns_name})

    def _target_group(self, vpc_id: pulumi.Input[str]) -> lb.TargetGroup:
        return lb.TargetGroup(
            self._scope.logical("application", short="app"),
            vpc_id=vpc_id,
            target_type="instance",
            port=self._settings.port,
            protocol="HTTP",
            # Requests go where the fewest are waiting, which round robin does not see.
            load_balancing_algorithm_type="least_outstanding_requests",
            deregistration_delay=30,
            health_check={
                "enabled": True,
                "path": self._settings.health_check_path,
                "protocol": "HTTP",
                "matcher": "200",
                "interval": 15,
                "timeout": 5,
                "healthy_threshold": 2,
                "unhealthy_threshold": 3,
            },
            tags=self._scope.tags("application", "application"),
            opts=self._own,
        )

    def _listeners(self) -> lb.Listener:
        forward = {"type": "forward", "target_group_arn": self.target_group.arn}
        if self._settings.certificate_arn is None:
            pulumi.log.warn(PLAIN_HTTP_WARNING.format(key=self._certificate_key), resource=self.load_balancer)
            return self._listener("http", 80, "HTTP", forward)
        redirect = {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}
        self._listener("http", 80, "HTTP", {"type": "redirect", "redirect": redirect})
        tls = {"certificate_arn": self._settings.certificate_arn, "ssl_policy": TLS_POLICY}
        return self._listener("https", 443, "HTTPS", forward, **tls)

    def _listener(self, name: str, port: int, protocol: str, action: Any, **tls: str) -> lb.Listener:
        return lb.Listener(
            self._scope.logical(name),
            load_balancer_arn=self.load_balancer.arn,
            port=port,
            protocol=protocol,
            default_actions=[action],
            tags=self._scope.tags("application", name),
            opts=self._own,
            **tls,
        )


class Application(pulumi.ComponentResource):
    """The instances: launch template, autoscaling group over the private subnets, target tracking."""

    def __init__(
        self,
        scope: Scope,
        settings: ApplicationSettings,
        *,
        region: str,
        balancer: Balancer,
        subnet_ids: list[pulumi.Input[str]],
        security_group_id: pulumi.Input[str],
        role: iam.Role,
        log_group: cloudwatch.LogGroup,
        network: pulumi.Resource,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:foundation:Application", scope.logical("application"), None, opts)
        self._scope, self._settings, self._region = scope, settings, region
        self._own = pulumi.ResourceOptions(parent=self)
        self.agent = ssm.Parameter(
            scope.logical("cloudwatch-agent"),
            name=scope.path("agent/cloudwatch"),
            type="String",
            value=log_group.name.apply(agent_configuration),
            description="Configuration of the CloudWatch agent on application instances",
            tags=scope.tags("observability", "cloudwatch-agent"),
            opts=self._own,
        )
        template = self._template(role, security_group_id, log_group)
        # Instances fetch packages and their image as they start, so the way out must stand; and without a
        # listener the load balancer checks no health, and the group would wait for it in vain.
        after = pulumi.ResourceOptions(depends_on=[network, balancer.listener])
        self.group = self._group(template, balancer, subnet_ids, after)
        self._tracking(balancer)
        self.register_outputs({"group_name": self.group.name})

    def _template(
        self, role: iam.Role, security_group_id: pulumi.Input[str], log_group: cloudwatch.LogGroup
    ) -> ec2.LaunchTemplate:
        scope, settings = self._scope, self._settings
        profile = iam.InstanceProfile(
            scope.logical("application"),
            role=role.name,
            tags=scope.tags("application", "application"),
            opts=self._own,
        )
        script = pulumi.Output.all(
            path=scope.path("application"), agent_parameter=self.agent.name, log_group=log_group.name
        ).apply(
            lambda names: user_data(region=self._region, image=settings.image, port=settings.port, **names)
        )
        disk = {"volume_type": "gp3", "volume_size": 20, "encrypted": "true", "delete_on_termination": "true"}
        instance_tags = scope.tags("application", "application")
        return ec2.LaunchTemplate(
            scope.logical("application"),
            # Read anew at each launch, so that instances start on a patched system without a deployment.
            image_id=f"resolve:ssm:{settings.ami_parameter}",
            instance_type=settings.instance_type,
            iam_instance_profile={"arn": profile.arn},
            user_data=script,
            update_default_version=True,
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                # One hop more than the host, for the container.
                "http_put_response_hop_limit": 2,
                "instance_metadata_tags": "disabled",
            },
            monitoring={"enabled": True},
            block_device_mappings=[{"device_name": "/dev/xvda", "ebs": disk}],
            network_interfaces=[
                {
                    "associate_public_ip_address": "false",
                    "delete_on_termination": "true",
                    "security_groups": [security_group_id],
                }
            ],
            # The group tags its instances; the volumes are tagged here.
            tag_specifications=[{"resource_type": "volume", "tags": instance_tags}],
            tags=scope.tags("application", "application"),
            opts=self._own,
        )

    def _group(
        self,
        template: ec2.LaunchTemplate,
        balancer: Balancer,
        subnet_ids: list[pulumi.Input[str]],
        after: pulumi.ResourceOptions,
    ) -> autoscaling.Group:
        settings = self._settings
        tags = self._scope.tags("application", "application")
        return autoscaling.Group(
            self._scope.logical("application"),
            min_size=settings.min_instances,
            max_size=settings.max_instances,
            desired_capacity=settings.desired_instances,
            vpc_zone_identifiers=subnet_ids,
            target_group_arns=[balancer.target_group.arn],
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            health_check_type="ELB",
            health_check_grace_period=300,
            default_instance_warmup=settings.warmup_seconds,
            metrics_granularity="1Minute",
            enabled_metrics=["GroupDesiredCapacity", "GroupInServiceInstances", "GroupTotalInstances"],
            termination_policies=["OldestLaunchTemplate", "Default"],
            # A new template version replaces the instances a few at a time, never below what serves now.
            instance_refresh={
                "strategy": "Rolling",
                "preferences": {"min_healthy_percentage": 100, "max_healthy_percentage": 150},
            },
            tags=[{"key": key, "value": value, "propagate_at_launch": True} for key, value in tags.items()],
            # Scaling moves the desired capacity from the first minute on; an `up` must not move it back.
            opts=pulumi.ResourceOptions.merge(
                after, pulumi.ResourceOptions(parent=self, ignore_changes=["desiredCapacity"])
            ),
        )

    def _tracking(self, balancer: Balancer) -> None:
        settings = self._settings
        self._track(
            "cpu", settings.target_cpu_percent, {"predefined_metric_type": "ASGAverageCPUUtilization"}
        )
        if settings.target_requests_per_minute is not None:
            label = pulumi.Output.concat(
                balancer.load_balancer.arn_suffix, "/", balancer.target_group.arn_suffix
            )
            metric = {"predefined_metric_type": "ALBRequestCountPerTarget", "resource_label": label}
            self._track("requests", float(settings.target_requests_per_minute), metric)

    def _track(self, name: str, target: float, metric: dict[str, Any]) -> None:
        autoscaling.Policy(
            self._scope.logical(f"application-{name}"),
            autoscaling_group_name=self.group.name,
            policy_type="TargetTrackingScaling",
            target_tracking_configuration={"predefined_metric_specification": metric, "target_value": target},
            opts=self._own,
        )
