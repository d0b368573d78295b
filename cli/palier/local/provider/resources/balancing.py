"""Application load balancers, target groups and listeners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read, Tags

_TAGS = Tags(
    on_create={"Tags": "{tags}"},
    add=Call("AddTags", {"ResourceArns": ["{id}"], "Tags": "{tags}"}),
    remove=Call("RemoveTags", {"ResourceArns": ["{id}"], "TagKeys": "{keys}"}),
    read=Read("DescribeTags", {"ResourceArns": ["{id}"]}, "TagDescriptions[0].Tags"),
)

# Pulumi property -> attribute key of the Elastic Load Balancing API.
_BALANCER_ATTRIBUTES = {
    "enableDeletionProtection": "deletion_protection.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableHttp2": "routing.http2.enabled",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "enableTlsVersionAndCipherSuiteHeaders": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "clientKeepAlive": "client_keep_alive.seconds",
}
_GROUP_ATTRIBUTES = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "slowStart": "slow_start.duration_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingAnomalyMitigation": "load_balancing.algorithm.anomaly_mitigation",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
    "lambdaMultiValueHeadersEnabled": "lambda.multi_value_headers.enabled",
    "preserveClientIp": "preserve_client_ip.enabled",
    "proxyProtocolV2": "proxy_protocol_v2.enabled",
    "connectionTermination": "deregistration_delay.connection_termination.enabled",
}
_HEALTH = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _balancer_attributes(inputs: Mapping[str, Any], wanted: set[str]) -> list[dict[str, str]]:
    attributes = {
        key: _text(inputs[name])
        for name, key in _BALANCER_ATTRIBUTES.items()
        if name in wanted and inputs.get(name) is not None
    }
    for name in ("accessLogs", "connectionLogs"):
        if name in wanted:
            logs, word = inputs.get(name) or {}, name.removesuffix("Logs")
            attributes[f"{word}_logs.s3.enabled"] = _text(bool(logs.get("enabled", bool(logs))))
            if logs.get("bucket"):
                attributes[f"{word}_logs.s3.bucket"] = logs["bucket"]
                attributes[f"{word}_logs.s3.prefix"] = logs.get("prefix", "")
    return [{"Key": key, "Value": value} for key, value in attributes.items()]


def _set_balancer(context: Context, wanted: set[str]) -> set[str]:
    mine = wanted & {*_BALANCER_ATTRIBUTES, "accessLogs", "connectionLogs"}
    attributes = _balancer_attributes(context.inputs, mine)
    if attributes:
        context.call("ModifyLoadBalancerAttributes", LoadBalancerArn=context.id, Attributes=attributes)
    return mine


def _balancer_created(context: Context) -> None:
    defaults = context.entry.defaults
    _set_balancer(context, {k for k, v in context.inputs.items() if v is not None and v != defaults.get(k)})


def _balancer_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    done = _set_balancer(context, changed)
    if "subnets" in changed:
        context.call("SetSubnets", LoadBalancerArn=context.id, Subnets=inputs["subnets"])
    if "securityGroups" in changed:
        context.call("SetSecurityGroups", LoadBalancerArn=context.id, SecurityGroups=inputs["securityGroups"])
    if "ipAddressType" in changed:
        context.call("SetIpAddressType", LoadBalancerArn=context.id, IpAddressType=inputs["ipAddressType"])
    return done | (changed & {"subnets", "securityGroups", "ipAddressType"})


def _describe_balancer(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    answer = context.call("DescribeLoadBalancerAttributes", LoadBalancerArn=context.id)
    held = {item["Key"]: item["Value"] for item in answer["Attributes"]}
    read = {name: held[key] for name, key in _BALANCER_ATTRIBUTES.items() if held.get(key) not in (None, "")}
    for name in ("access", "connection"):
        if held.get(f"{name}_logs.s3.enabled") == "true":
            logs = {"enabled": True, "bucket": held.get(f"{name}_logs.s3.bucket")}
            prefix = held.get(f"{name}_logs.s3.prefix")
            read[f"{name}Logs"] = {**logs, "prefix": prefix} if prefix else logs
    subnets = [zone["SubnetId"] for zone in found.get("AvailabilityZones", ())]
    arn = found["LoadBalancerArn"]
    return {
        **found,
        **read,
        "subnets": subnets,
        "internal": found.get("Scheme") == "internal",
        "arnSuffix": arn.split(":loadbalancer/")[-1],
    }


def _other_network(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """What a network load balancer can't change in place (Terraform's customizeDiffLoadBalancerNLB)."""
    if new.get("loadBalancerType") != "network":
        return set()
    forced = set()
    before, after = old.get("subnets") or (), new.get("subnets") or ()
    if isinstance(after, list) and len(after) <= len(before):
        forced.add("subnets")
    if bool(old.get("securityGroups")) != bool(new.get("securityGroups")):
        forced.add("securityGroups")
    return forced


def _internal(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    if not context.id:
        arguments["Scheme"] = "internal" if context.inputs.get("internal") else "internet-facing"
    return arguments


def _two_zones(check: Check) -> list[Problem]:
    subnets = check.inputs.get("subnets")
    if (
        check.inputs.get("loadBalancerType") == "application"
        and isinstance(subnets, list)
        and len(subnets) < 2
    ):
        return [("subnets", "an application load balancer wants subnets in two zones or more")]
    return []


def _health(inputs: Mapping[str, Any]) -> dict[str, Any]:
    check = inputs.get("healthCheck") or {}
    arguments: dict[str, Any] = {}
    for name, member in _HEALTH.items():
        if check.get(name) is not None:
            wants_text = member in ("HealthCheckPort", "HealthCheckPath", "HealthCheckProtocol")
            arguments[member] = _text(check[name]) if wants_text else check[name]
    if check.get("matcher"):
        arguments["Matcher"] = {"HttpCode": str(check["matcher"])}
    return arguments


def _with_health(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    return {**{k: v for k, v in arguments.items() if k != "HealthCheck"}, **_health(context.inputs)}


def _set_group(context: Context, wanted: set[str]) -> set[str]:
    attributes = {
        key: _text(context.inputs[name])
        for name, key in _GROUP_ATTRIBUTES.items()
        if name in wanted and context.inputs.get(name) is not None
    }
    if "stickiness" in wanted:
        sticky = context.inputs.get("stickiness") or {}
        attributes["stickiness.enabled"] = _text(bool(sticky.get("enabled", bool(sticky))))
        if sticky.get("type"):
            attributes["stickiness.type"] = sticky["type"]
    if attributes:
        pairs = [{"Key": key, "Value": value} for key, value in attributes.items()]
        context.call("ModifyTargetGroupAttributes", TargetGroupArn=context.id, Attributes=pairs)
    return wanted & {*_GROUP_ATTRIBUTES, "stickiness"}


def _group_created(context: Context) -> None:
    defaults = context.entry.defaults
    _set_group(context, {k for k, v in context.inputs.items() if v is not None and v != defaults.get(k)})


def _group_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    done = _set_group(context, changed)
    if "healthCheck" in changed:
        context.call("ModifyTargetGroup", TargetGroupArn=context.id, **_health(inputs))
        done = done | {"healthCheck"}
    return done


def _describe_group(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    answer = context.call("DescribeTargetGroupAttributes", TargetGroupArn=context.id)
    held = {item["Key"]: item["Value"] for item in answer["Attributes"]}
    read: dict[str, Any] = {n: held[key] for n, key in _GROUP_ATTRIBUTES.items() if held.get(key)}
    health = {name: found.get(member) for name, member in _HEALTH.items()}
    health["matcher"] = found.get("Matcher", {}).get("HttpCode")
    stickiness = {"enabled": held.get("stickiness.enabled") == "true", "type": held.get("stickiness.type")}
    return {
        **found,
        **read,
        "healthCheck": health,
        "stickiness": stickiness if stickiness["type"] else None,
        "arnSuffix": found["TargetGroupArn"].split(":")[-1],
        "loadBalancerArns": found.get("LoadBalancerArns", []),
    }


def _actions(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        _action(action, index) for index, action in enumerate(inputs.get("defaultActions") or (), start=1)
    ]


def _action(action: Mapping[str, Any], order: int) -> dict[str, Any]:
    kind = action["type"]
    made: dict[str, Any] = {"Type": kind, "Order": action.get("order", order)}
    if kind == "forward" and action.get("targetGroupArn"):
        made["TargetGroupArn"] = action["targetGroupArn"]
    elif kind == "forward" and action.get("forward"):
        groups = [
            {"TargetGroupArn": group["arn"], "Weight": int(group.get("weight", 1))}
            for group in action["forward"]["targetGroups"]
        ]
        made["ForwardConfig"] = {"TargetGroups": groups}
    elif kind == "redirect":
        asked = action["redirect"]
        made["RedirectConfig"] = {
            "StatusCode": asked["statusCode"],
            **{name.capitalize(): asked[name] for name in ("protocol", "port", "host", "path", "query")},
        }
    elif kind == "fixed-response":
        asked = action["fixedResponse"]
        given = {
            "ContentType": asked["contentType"],
            "StatusCode": asked.get("statusCode"),
            "MessageBody": asked.get("messageBody"),
        }
        made["FixedResponseConfig"] = {key: str(value) for key, value in given.items() if value is not None}
    return made


def _listener_arguments(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    if "defaultActions" in context.inputs and ("DefaultActions" in arguments or not context.id):
        arguments["DefaultActions"] = _actions(context.inputs)
    if context.inputs.get("certificateArn"):
        arguments["Certificates"] = [{"CertificateArn": context.inputs["certificateArn"]}]
    return arguments


def _describe_listener(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    actions = []
    for action in found.get("DefaultActions", ()):
        read = {
            "type": action["Type"],
            "order": action.get("Order"),
            "targetGroupArn": action.get("TargetGroupArn"),
        }
        if "RedirectConfig" in action:
            read["redirect"] = action["RedirectConfig"]
        if "FixedResponseConfig" in action:
            read["fixedResponse"] = action["FixedResponseConfig"]
        forward = action.get("ForwardConfig", {}).get("TargetGroups")
        if forward and not action.get("TargetGroupArn"):
            read["forward"] = {
                "targetGroups": [
                    {"arn": group["TargetGroupArn"], "weight": group.get("Weight")} for group in forward
                ]
            }
        actions.append({key: value for key, value in read.items() if value is not None})
    certificates = found.get("Certificates") or [{}]
    return {**found, "defaultActions": actions, "certificateArn": certificates[0].get("CertificateArn")}


def _listener_secure(check: Check) -> list[Problem]:
    protocol, certificate = check.inputs.get("protocol"), check.inputs.get("certificateArn")
    if protocol in ("HTTPS", "TLS") and certificate is None:
        return [("certificateArn", f"is required with protocol {protocol}")]
    return []


ENTRIES = (
    Entry(
        "aws:lb/loadBalancer:LoadBalancer",
        "elbv2",
        create=Call("CreateLoadBalancer"),
        id="LoadBalancers[0].LoadBalancerArn",
        read=Read("DescribeLoadBalancers", {"LoadBalancerArns": ["{id}"]}, "LoadBalancers[0]"),
        delete=Call("DeleteLoadBalancer", {"LoadBalancerArn": "{id}"}),
        force_new=frozenset({"customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"}),
        names={
            "name": "LoadBalancerName",
            "arn": "LoadBalancerArn",
            "loadBalancerType": "Type",
            "dnsName": "DNSName",
            "zoneId": "CanonicalHostedZoneId",
        },
        reads={"accessLogs": "accessLogs", "connectionLogs": "connectionLogs"},
        defaults={
            "clientKeepAlive": 3600,
            "accessLogs.enabled": False,
            "connectionLogs.enabled": False,
            "desyncMitigationMode": "defensive",
            "dnsRecordClientRoutingPolicy": "any_availability_zone",
            "dropInvalidHeaderFields": False,
            "enableCrossZoneLoadBalancing": False,
            "enableDeletionProtection": False,
            "enableHttp2": True,
            "enableTlsVersionAndCipherSuiteHeaders": False,
            "enableWafFailOpen": False,
            "enableXffClientPort": False,
            "enableZonalShift": False,
            "idleTimeout": 60,
            "loadBalancerType": "application",
            "preserveHostHeader": False,
            "xffHeaderProcessingMode": "append",
        },
        packed=frozenset({*_BALANCER_ATTRIBUTES, "accessLogs", "connectionLogs", "internal"}),
        kept=frozenset(
            {"enforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "internal", "ipAddressType"}
            | {"securityGroups", "subnetMappings", "subnets"}
        ),
        forces=_other_network,
        tags=_TAGS,
        autoname=Autoname("name", 32),
        checks=(_two_zones,),
        prepare=_internal,
        described=_describe_balancer,
        on_update=_balancer_update,
        after_create=_balancer_created,
    ),
    Entry(
        "aws:lb/targetGroup:TargetGroup",
        "elbv2",
        create=Call("CreateTargetGroup"),
        id="TargetGroups[0].TargetGroupArn",
        read=Read("DescribeTargetGroups", {"TargetGroupArns": ["{id}"]}, "TargetGroups[0]"),
        delete=Call("DeleteTargetGroup", {"TargetGroupArn": "{id}"}),
        force_new=frozenset(
            {
                "ipAddressType",
                "name",
                "namePrefix",
                "port",
                "protocol",
                "protocolVersion",
                "targetType",
                "vpcId",
                "targetControlPort",
            }
        ),
        names={"name": "TargetGroupName", "arn": "TargetGroupArn"},
        defaults={
            "deregistrationDelay": 300,
            "healthCheck.enabled": True,
            "healthCheck.healthyThreshold": 3,
            "healthCheck.interval": 30,
            "healthCheck.port": "traffic-port",
            "healthCheck.protocol": "HTTP",
            "healthCheck.unhealthyThreshold": 3,
            "lambdaMultiValueHeadersEnabled": False,
            "proxyProtocolV2": False,
            "slowStart": 0,
            "stickiness.cookieDuration": 86400,
            "stickiness.enabled": True,
            "targetGroupHealth.dnsFailover.minimumHealthyTargetsCount": "off",
            "targetGroupHealth.dnsFailover.minimumHealthyTargetsPercentage": "off",
            "targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsCount": 1,
            "targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsPercentage": "off",
            "targetHealthStates[].unhealthyDrainingInterval": 0,
            "targetType": "instance",
        },
        packed=frozenset({*_GROUP_ATTRIBUTES, "healthCheck", "stickiness"}),
        kept=frozenset(
            {
                "connectionTermination",
                "healthCheck",
                "healthCheck.matcher",
                "healthCheck.path",
                "healthCheck.timeout",
                "ipAddressType",
                "loadBalancingAlgorithmType",
                "loadBalancingAnomalyMitigation",
                "loadBalancingCrossZoneEnabled",
                "preserveClientIp",
                "protocolVersion",
                "stickiness",
                "targetFailovers",
                "targetGroupHealth",
                "targetHealthStates",
            }
        ),
        tags=_TAGS,
        autoname=Autoname("name", 32),
        prepare=_with_health,
        described=_describe_group,
        on_update=_group_update,
        after_create=_group_created,
    ),
    Entry(
        "aws:lb/listener:Listener",
        "elbv2",
        create=Call("CreateListener"),
        id="Listeners[0].ListenerArn",
        read=Read("DescribeListeners", {"ListenerArns": ["{id}"]}, "Listeners[0]"),
        delete=Call("DeleteListener", {"ListenerArn": "{id}"}),
        update=Call("ModifyListener", {"ListenerArn": "{id}"}),
        force_new=frozenset({"loadBalancerArn"}),
        names={"arn": "ListenerArn"},
        packed=frozenset({"certificateArn"}),
        ordered=frozenset({"defaultActions"}),
        kept=frozenset({"defaultActions[].order", "mutualAuthentication", "protocol", "sslPolicy"}),
        defaults={
            "defaultActions[].forward.stickiness.enabled": False,
            "defaultActions[].forward.targetGroups[].weight": 1,
            "defaultActions[].redirect.host": "#{host}",
            "defaultActions[].redirect.path": "/#{path}",
            "defaultActions[].redirect.port": "#{port}",
            "defaultActions[].redirect.protocol": "#{protocol}",
            "defaultActions[].redirect.query": "#{query}",
        },
        tags=_TAGS,
        checks=(_listener_secure,),
        prepare=_listener_arguments,
        described=_describe_listener,
    ),
)
