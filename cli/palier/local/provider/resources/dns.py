"""Route 53: hosted zones and records."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.errors import ProviderError
from palier.local.provider.shapes import to_aws
from palier.local.provider.table import Autoname, Call, Check, Entry, Extra, Problem, Read, Tags

_POLICIES = {
    "weightedRoutingPolicies": ("weight",),
    "latencyRoutingPolicies": ("region",),
    "failoverRoutingPolicies": ("type",),
    "geolocationRoutingPolicies": ("continent", "country", "subdivision"),
    "multivalueAnswerRoutingPolicy": (),
}


# Route 53 API reference, ResourceRecordSet, Type.
_TYPES = frozenset(
    {"A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP"}
    | {"SVCB", "TLSA", "TXT"}
)
_QUOTED = frozenset({"SPF", "TXT"})
_RECORD_INPUTS = frozenset(
    {"aliases", "failoverRoutingPolicies", "healthCheckId", "latencyRoutingPolicies", "name", "records"}
    | {"setIdentifier", "ttl", "type", "weightedRoutingPolicies", "zoneId"}
)


def _dotted(name: str) -> str:
    return name if name.endswith(".") else f"{name}."


def _zone(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    inputs = context.inputs
    made: dict[str, Any] = {
        "Name": inputs["name"],
        # The API's guard against making the same zone twice; derived, so that a repeated request is the same.
        "CallerReference": sha256(repr(sorted(inputs.items(), key=str)).encode()).hexdigest()[:32],
        "HostedZoneConfig": {"Comment": inputs.get("comment", ""), "PrivateZone": bool(inputs.get("vpcs"))},
    }
    vpcs = inputs.get("vpcs") or ()
    if vpcs:
        made["VPC"] = _vpc(context, vpcs[0])
    return made


def _vpc(context: Context, vpc: Mapping[str, Any]) -> dict[str, str]:
    return {"VPCId": vpc["vpcId"], "VPCRegion": vpc.get("vpcRegion") or context.home_region}


def _zone_id(_: Mapping[str, Any], found: str) -> str:
    return found.split("/")[-1]


def _zone_created(context: Context) -> None:
    answer = context.call("GetHostedZone", Id=context.id)
    joined = {vpc["VPCId"] for vpc in answer.get("VPCs", ())}
    for vpc in [vpc for vpc in context.inputs.get("vpcs") or () if vpc["vpcId"] not in joined]:
        context.call("AssociateVPCWithHostedZone", HostedZoneId=context.id, VPC=_vpc(context, vpc))


def _zone_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if "vpcs" not in changed:
        return set()
    old = {vpc["vpcId"]: vpc for vpc in context.old_inputs.get("vpcs") or ()}
    new = {vpc["vpcId"]: vpc for vpc in inputs.get("vpcs") or ()}
    for key in new.keys() - old.keys():
        context.call("AssociateVPCWithHostedZone", HostedZoneId=context.id, VPC=_vpc(context, new[key]))
    for key in old.keys() - new.keys():
        context.call("DisassociateVPCFromHostedZone", HostedZoneId=context.id, VPC=_vpc(context, old[key]))
    return {"vpcs"}


def _describe_zone(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    zone = found.get("HostedZone", {})
    servers = (found.get("DelegationSet") or {}).get("NameServers", [])
    asked = {vpc["vpcId"]: vpc for vpc in context.inputs.get("vpcs") or ()}
    vpcs = []
    for vpc in found.get("VPCs", ()):
        known = asked.get(vpc["VPCId"], {})
        vpcs.append(
            {
                "vpcId": vpc["VPCId"],
                **({"vpcRegion": vpc["VPCRegion"]} if "vpcRegion" in known or not known else {}),
            }
        )
    return {
        "arn": f"arn:aws:route53:::hostedzone/{context.id}",
        "zoneId": context.id,
        "name": zone.get("Name", "").rstrip("."),
        "comment": zone.get("Config", {}).get("Comment", ""),
        "nameServers": servers,
        "primaryNameServer": servers[0] if servers else "",
        "vpcs": vpcs or None,
    }


def _clear_zone(context: Context) -> None:
    """`forceDestroy` removes the records of others; the zone's own two stay until it goes."""
    if not context.inputs.get("forceDestroy"):
        return
    answer = context.call("ListResourceRecordSets", HostedZoneId=context.id)
    for record in answer["ResourceRecordSets"]:
        if record["Type"] not in ("NS", "SOA"):
            _change(context, context.id, [{"Action": "DELETE", "ResourceRecordSet": record}])


def _change(context: Context, zone: str, changes: list[dict[str, Any]]) -> None:
    context.call("ChangeResourceRecordSets", HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _record_set(inputs: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Name": _dotted(inputs["name"]), "Type": inputs["type"]}
    if inputs.get("aliases"):
        alias = inputs["aliases"][0]
        made["AliasTarget"] = {
            "HostedZoneId": alias["zoneId"],
            "DNSName": alias["name"],
            "EvaluateTargetHealth": bool(alias.get("evaluateTargetHealth")),
        }
    else:
        made["TTL"] = int(inputs.get("ttl", 0))
        quote = '"' if inputs["type"] in _QUOTED else ""
        made["ResourceRecords"] = [
            {"Value": f"{quote}{value}{quote}"} for value in inputs.get("records") or ()
        ]
    if inputs.get("setIdentifier"):
        made["SetIdentifier"] = inputs["setIdentifier"]
    if inputs.get("healthCheckId"):
        made["HealthCheckId"] = inputs["healthCheckId"]
    if weighted := inputs.get("weightedRoutingPolicies"):
        made["Weight"] = int(weighted[0]["weight"])
    if latency := inputs.get("latencyRoutingPolicies"):
        made["Region"] = latency[0]["region"]
    if failover := inputs.get("failoverRoutingPolicies"):
        made["Failover"] = failover[0]["type"]
    return made


def _record(context: Context, _: dict[str, Any]) -> dict[str, Any]:
    action = "UPSERT" if context.inputs.get("allowOverwrite") else "CREATE"
    change = {"Action": action, "ResourceRecordSet": _record_set(context.inputs)}
    return {"HostedZoneId": context.inputs["zoneId"], "ChangeBatch": {"Changes": [change]}}


def record_id(inputs: Mapping[str, Any], _: str = "") -> str:
    """`<zone>_<name>_<TYPE>`, and `_<set identifier>` where there is one."""
    parts = [inputs["zoneId"], inputs["name"].rstrip("."), inputs["type"]]
    return "_".join([*parts, inputs["setIdentifier"]] if inputs.get("setIdentifier") else parts)


def _located_record(context: Context) -> None:
    """`ZONE_NAME_TYPE[_SET]`; a name may hold underscores, so the type is looked for (parseRecordID)."""
    zone, *pieces = context.id.split("_")
    at = next((index for index, piece in enumerate(pieces) if index and piece in _TYPES), None)
    if at is None:
        raise ProviderError(f"{context.id!r} is not ZONE_NAME_TYPE or ZONE_NAME_TYPE_SETIDENTIFIER")
    name, identifier = "_".join(pieces[:at]).rstrip("."), "_".join(pieces[at + 1 :])
    further = {"setIdentifier": identifier} if identifier else {}
    context.outputs = {**context.outputs, "zoneId": zone, "name": name, "type": pieces[at], **further}
    context.id = record_id(context.outputs)


def _plain_name(name: Any) -> str:
    return str(name).rstrip(".").lower()


def _plain_aliases(aliases: Any) -> Any:
    return [{**alias, "name": _plain_name(alias.get("name", ""))} for alias in aliases]


def _record_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    new = {"Action": "UPSERT", "ResourceRecordSet": _record_set(inputs)}
    if changed & {"type", "setIdentifier"}:
        old = {"Action": "DELETE", "ResourceRecordSet": _record_set(context.old_inputs)}
        _change(context, inputs["zoneId"], [old, {**new, "Action": "CREATE"}])
    else:
        _change(context, inputs["zoneId"], [new])
    context.id = record_id(inputs)
    return changed


def _describe_record(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    known = {**context.outputs, **context.inputs}
    record = next((item for item in found.get("items", ()) if _is(item, known)), None)
    if record is None:
        return {}
    context.id = record_id(known)
    read: dict[str, Any] = {
        "zoneId": known["zoneId"],
        "name": known["name"],
        "fqdn": record["Name"].rstrip("."),
        "type": record["Type"],
        "ttl": record.get("TTL"),
        "records": [_plain(record["Type"], item["Value"]) for item in record.get("ResourceRecords", ())]
        or None,
        "setIdentifier": record.get("SetIdentifier"),
        "healthCheckId": record.get("HealthCheckId"),
    }
    if "Weight" in record:
        read["weightedRoutingPolicies"] = [{"weight": record["Weight"]}]
    if "Region" in record:
        read["latencyRoutingPolicies"] = [{"region": record["Region"]}]
    if "Failover" in record:
        read["failoverRoutingPolicies"] = [{"type": record["Failover"]}]
    if alias := record.get("AliasTarget"):
        read["aliases"] = [
            {
                "name": alias["DNSName"].rstrip("."),
                "zoneId": alias["HostedZoneId"],
                "evaluateTargetHealth": alias["EvaluateTargetHealth"],
            }
        ]
    return read


def _plain(kind: str, value: str) -> str:
    """A value as the program writes it: the quotes around a text are the provider's."""
    quoted = kind in _QUOTED and len(value) > 1 and value[0] == value[-1] == '"'
    return value[1:-1] if quoted else value


def _is(record: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    return (
        record["Name"].rstrip(".").lower() == str(known.get("name", "")).rstrip(".").lower()
        and record["Type"] == known.get("type")
        and (record.get("SetIdentifier") or None) == (known.get("setIdentifier") or None)
    )


def _delete_record(context: Context) -> None:
    known = {**context.outputs, **context.inputs}
    try:
        _change(context, known["zoneId"], [{"Action": "DELETE", "ResourceRecordSet": _record_set(known)}])
    except ProviderError as error:
        if "not found" not in str(error):
            raise


def _record_shape(check: Check) -> list[Problem]:
    inputs = check.inputs
    problems = []
    if isinstance(kind := inputs.get("type"), str) and kind not in _TYPES:
        problems.append(("type", f"{kind!r} is not one of {', '.join(sorted(_TYPES))}"))
    if bool(inputs.get("aliases")) == bool(inputs.get("records")):
        problems.append(("records", "exactly one of aliases and records is wanted"))
    if inputs.get("records") and "ttl" not in inputs:
        problems.append(("ttl", "is required with records"))
    policies = [name for name in _POLICIES if inputs.get(name)]
    if len(policies) > 1:
        problems.append((policies[1], f"conflicts with {policies[0]}"))
    if policies and not inputs.get("setIdentifier"):
        problems.append(("setIdentifier", f"is required with {policies[0]}"))
    return problems


# Pulumi property -> member of HealthCheckConfig, where they differ by more than case.
_HEALTH_NAMES = {
    "ipAddress": "IPAddress",
    "fqdn": "FullyQualifiedDomainName",
    "childHealthchecks": "ChildHealthChecks",
    "childHealthThreshold": "HealthThreshold",
    "invertHealthcheck": "Inverted",
}


def _health_config(context: Context) -> dict[str, Any]:
    shape = context.clients.operation_model("route53", "CreateHealthCheck").input_shape
    inputs = {key: value for key, value in context.inputs.items() if key not in ("tags", "tagsAll")}
    config = to_aws(inputs, shape.members["HealthCheckConfig"], _HEALTH_NAMES)
    if inputs.get("cloudwatchAlarmName"):
        config["AlarmIdentifier"] = {
            "Region": inputs["cloudwatchAlarmRegion"],
            "Name": inputs["cloudwatchAlarmName"],
        }
    return config


def _health_check(context: Context, _: dict[str, Any]) -> dict[str, Any]:
    inputs = context.inputs
    reference = (
        inputs.get("referenceName") or sha256(repr(sorted(inputs.items(), key=str)).encode()).hexdigest()
    )
    return {"CallerReference": reference[:64], "HealthCheckConfig": _health_config(context)}


def _update_health_check(context: Context, _: dict[str, Any], changed: set[str]) -> set[str]:
    fixed = ("Type", "RequestInterval", "MeasureLatency", "RoutingControlArn")
    config = {key: value for key, value in _health_config(context).items() if key not in fixed}
    context.call("UpdateHealthCheck", HealthCheckId=context.id, **config)
    return changed


def _describe_health_check(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    config = found.get("HealthCheckConfig", {})
    alarm = config.get("AlarmIdentifier", {})
    read = {pulumi: config[aws] for pulumi, aws in _HEALTH_NAMES.items() if aws in config}
    return {
        **config,
        **read,
        "cloudwatchAlarmName": alarm.get("Name"),
        "cloudwatchAlarmRegion": alarm.get("Region"),
        "arn": f"arn:aws:route53:::healthcheck/{context.id}",
    }


def _health_kind(check: Check) -> list[Problem]:
    inputs = check.inputs
    if inputs.get("type") == "CLOUDWATCH_METRIC":
        wanted = ("cloudwatchAlarmName", "cloudwatchAlarmRegion")
        return [(name, "is required with type CLOUDWATCH_METRIC") for name in wanted if name not in inputs]
    if inputs.get("type") == "CALCULATED" and "childHealthchecks" not in inputs:
        return [("childHealthchecks", "is required with type CALCULATED")]
    return []


def _resource_tags(kind: str) -> Tags:
    named = {"ResourceType": kind, "ResourceId": "{id}"}
    return Tags(
        add=Call("ChangeTagsForResource", {**named, "AddTags": "{tags}"}),
        remove=Call("ChangeTagsForResource", {**named, "RemoveTagKeys": "{keys}"}),
        read=Read("ListTagsForResource", named, "ResourceTagSet.Tags"),
    )


ENTRIES = (
    Entry(
        "aws:route53/zone:Zone",
        "route53",
        create=Call("CreateHostedZone"),
        id="HostedZone.Id",
        canonical_id=_zone_id,
        read=Read("GetHostedZone", {"Id": "{id}"}),
        delete=Call("DeleteHostedZone", {"Id": "{id}"}),
        extras=(
            Extra(
                ("comment",),
                Call("UpdateHostedZoneComment", {"Id": "{id}", "Comment": "{comment}"}),
                on_create=False,
            ),
        ),
        force_new=frozenset({"delegationSetId", "name"}),
        packed=frozenset({"vpcs"}),
        spelling={"name": lambda name: str(name).rstrip(".")},
        autoname=Autoname("name", 255, prefix=None),
        defaults={"comment": "Managed by Pulumi", "forceDestroy": False},
        settings=frozenset({"forceDestroy"}),
        tags=_resource_tags("hostedzone"),
        gone=("NoSuchHostedZone",),
        prepare=_zone,
        described=_describe_zone,
        on_update=_zone_update,
        after_create=_zone_created,
        before_delete=_clear_zone,
        global_region="us-east-1",
    ),
    Entry(
        "aws:route53/record:Record",
        "route53",
        create=Call("ChangeResourceRecordSets", mapped=False),
        id="{zoneId}_{name}_{type}",
        canonical_id=record_id,
        read=Read("ListResourceRecordSets", {"HostedZoneId": "{zoneId}"}, "{items: ResourceRecordSets}"),
        delete=None,
        force_new=frozenset({"name", "zoneId"}),
        settings=frozenset({"allowOverwrite"}),
        packed=_RECORD_INPUTS,
        spelling={"aliases": _plain_aliases, "name": _plain_name},
        locate=_located_record,
        gone=("NoSuchHostedZone",),
        checks=(_record_shape,),
        prepare=_record,
        described=_describe_record,
        on_update=_record_update,
        before_delete=_delete_record,
        global_region="us-east-1",
    ),
    Entry(
        "aws:route53/healthCheck:HealthCheck",
        "route53",
        create=Call("CreateHealthCheck", mapped=False),
        id="HealthCheck.Id",
        read=Read("GetHealthCheck", {"HealthCheckId": "{id}"}, "HealthCheck"),
        delete=Call("DeleteHealthCheck", {"HealthCheckId": "{id}"}),
        force_new=frozenset(
            {"measureLatency", "referenceName", "requestInterval", "routingControlArn", "type"}
        ),
        within="HealthCheckConfig",
        names=_HEALTH_NAMES,
        packed=frozenset({"cloudwatchAlarmName", "cloudwatchAlarmRegion", "referenceName"}),
        kept=frozenset({"enableSni", "failureThreshold", "triggers"}),
        reads={name: name for name in ("cloudwatchAlarmName", "cloudwatchAlarmRegion")},
        defaults={"disabled": False, "measureLatency": False},
        spelling={"type": str.upper},
        write_only=frozenset({"referenceName"}),
        tags=_resource_tags("healthcheck"),
        gone=("NoSuchHealthCheck",),
        checks=(_health_kind,),
        prepare=_health_check,
        described=_describe_health_check,
        on_update=_update_health_check,
        global_region="us-east-1",
    ),
)
