"""DB subnet and parameter groups, and how parameters are set, of ElastiCache too."""

from __future__ import annotations

from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.common import lower_case, resource_name_tags
from palier.local.provider.table import Autoname, Call, Entry, Read

_BATCH = 20  # Parameters per call: ModifyDBParameterGroup, RDS API reference.


def _pack(parameters: Any) -> list[dict[str, Any]]:
    return [
        {
            "ParameterName": item["name"],
            "ParameterValue": str(item["value"]),
            "ApplyMethod": item.get("applyMethod", "immediate"),
        }
        for item in parameters or ()
    ]


# By the operation that creates a group: the member that names it, and what changes, resets and describes.
_OPERATIONS = {
    "CreateDBParameterGroup": (
        "DBParameterGroupName",
        "ModifyDBParameterGroup",
        "ResetDBParameterGroup",
        "DescribeDBParameters",
    ),
    "CreateDBClusterParameterGroup": (
        "DBClusterParameterGroupName",
        "ModifyDBClusterParameterGroup",
        "ResetDBClusterParameterGroup",
        "DescribeDBClusterParameters",
    ),
    "CreateCacheParameterGroup": (
        "CacheParameterGroupName",
        "ModifyCacheParameterGroup",
        "ResetCacheParameterGroup",
        "DescribeCacheParameters",
    ),
}


def _operations(entry: Entry) -> tuple[str, str, str, str]:
    return _OPERATIONS[entry.create.operation]


def _pack_for(entry: Entry, parameters: Any) -> list[dict[str, Any]]:
    packed = _pack(parameters)
    if entry.service == "rds":
        return packed
    return [{key: value for key, value in item.items() if key != "ApplyMethod"} for item in packed]


def set_parameters(context: Context) -> None:
    """Set a new group's parameters."""
    _modify_parameters(context, context.inputs.get("parameters"))


def _modify_parameters(context: Context, parameters: Any) -> None:
    entry = context.entry
    rds = entry.service == "rds"
    group_key, operation, _, _ = _operations(entry)
    member = "Parameters" if rds else "ParameterNameValues"
    packed = _pack_for(entry, parameters)
    for start in range(0, len(packed), _BATCH):
        batch: dict[str, Any] = {group_key: context.id, member: packed[start : start + _BATCH]}
        context.call(operation, **batch)


def change_parameters(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """Set what is new, reset what is gone."""
    if "parameters" not in changed:
        return set()
    entry, rds = context.entry, context.entry.service == "rds"
    new = {item["name"] for item in inputs.get("parameters") or ()}
    gone = [item for item in context.old_inputs.get("parameters") or () if item["name"] not in new]
    if gone:
        group_key, _, operation, _ = _operations(entry)
        member = "Parameters" if rds else "ParameterNameValues"
        arguments: dict[str, Any] = {group_key: context.id, member: _pack_for(entry, gone)}
        context.call(operation, **arguments)
    _modify_parameters(context, inputs.get("parameters"))
    return {"parameters"}


def describe_parameters(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    """The parameters that the user set, with the apply method asked for (AWS keeps its own spelling)."""
    rds = context.entry.service == "rds"
    group_key, _, _, operation = _operations(context.entry)
    arguments = {group_key: context.id, "Source": "user"}
    listed = context.call(operation, **arguments)["Parameters"]
    asked = context.inputs.get("parameters") or context.outputs.get("parameters") or ()
    methods = {item["name"]: item.get("applyMethod") for item in asked}
    parameters = []
    for item in listed:
        if item.get("ParameterValue") is None:
            continue
        read = {"name": item["ParameterName"], "value": item["ParameterValue"]}
        method = methods.get(item["ParameterName"], item.get("ApplyMethod"))
        parameters.append({**read, "applyMethod": method} if method and rds else read)
    return {**found, "parameters": parameters}


def without_methods(parameters: Any) -> Any:
    """As pulumi-aws compares parameters: by name and value alone."""
    return [{key: value for key, value in item.items() if key != "applyMethod"} for item in parameters]


def _describe_subnet_group(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "subnetIds": [subnet["SubnetIdentifier"] for subnet in found.get("Subnets", ())]}


ENTRIES = (
    Entry(
        "aws:rds/subnetGroup:SubnetGroup",
        "rds",
        create=Call(
            "CreateDBSubnetGroup",
            {"DBSubnetGroupName": "{name}", "DBSubnetGroupDescription": "{description}"},
        ),
        id="DBSubnetGroup.DBSubnetGroupName",
        read=Read("DescribeDBSubnetGroups", {"DBSubnetGroupName": "{id}"}, "DBSubnetGroups[0]"),
        delete=Call("DeleteDBSubnetGroup", {"DBSubnetGroupName": "{id}"}),
        update=Call(
            "ModifyDBSubnetGroup",
            {
                "DBSubnetGroupName": "{id}",
                "DBSubnetGroupDescription": "{description}",
                "SubnetIds": "{subnetIds}",
            },
        ),
        force_new=frozenset({"name", "namePrefix"}),
        names={
            "name": "DBSubnetGroupName",
            "description": "DBSubnetGroupDescription",
            "arn": "DBSubnetGroupArn",
        },
        defaults={"description": "Managed by Pulumi"},
        tags=resource_name_tags(),
        autoname=Autoname("name", 255),
        checks=(lower_case("name", r"[0-9a-z_ .-]+"),),
        gone=("DBSubnetGroupNotFoundFault",),
        described=_describe_subnet_group,
    ),
    Entry(
        "aws:rds/parameterGroup:ParameterGroup",
        "rds",
        create=Call(
            "CreateDBParameterGroup", {"DBParameterGroupName": "{name}", "DBParameterGroupFamily": "{family}"}
        ),
        id="DBParameterGroup.DBParameterGroupName",
        read=Read("DescribeDBParameterGroups", {"DBParameterGroupName": "{id}"}, "DBParameterGroups[0]"),
        delete=Call("DeleteDBParameterGroup", {"DBParameterGroupName": "{id}"}),
        force_new=frozenset({"description", "family", "name", "namePrefix"}),
        names={
            "name": "DBParameterGroupName",
            "family": "DBParameterGroupFamily",
            "arn": "DBParameterGroupArn",
        },
        defaults={
            "description": "Managed by Pulumi",
            "parameters[].applyMethod": "immediate",
            "skipDestroy": False,
        },
        settings=frozenset({"skipDestroy"}),
        tags=resource_name_tags(),
        autoname=Autoname("name", 255),
        checks=(lower_case("name", r"[0-9a-z-]+"),),
        packed=frozenset({"parameters"}),
        # As pulumi-aws: another apply method alone is no difference.
        spelling={"parameters": without_methods},
        described=describe_parameters,
        on_update=change_parameters,
        after_create=set_parameters,
    ),
)
