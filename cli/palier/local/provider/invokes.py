"""The data sources that the stacks read, and a refusal by name of the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from palier.local.layout import ACCOUNT_ID
from palier.local.provider.clients import Clients
from palier.local.provider.errors import AwsError, ProviderError
from palier.local.provider.resources.dynamodb_items import attributes, plain
from palier.local.provider.resources.facts import partitions

Answer = dict[str, Any]


def _identity(clients: Clients, _: str, __: Mapping[str, Any]) -> Answer:
    # The emulator has one account and asks nobody who they are; that it answers is all there is to ask.
    clients.ping()
    return {
        "id": ACCOUNT_ID,
        "accountId": ACCOUNT_ID,
        "arn": f"arn:aws:sts::{ACCOUNT_ID}:user/palier",
        "userId": "AKIAIOSFODNN7EXAMPLE",
    }


def _partition(_: Clients, region: str, __: Mapping[str, Any]) -> Answer:
    name, suffix = partitions()[region]
    reverse = ".".join(reversed(suffix.split(".")))
    return {"id": name, "partition": name, "dnsSuffix": suffix, "reverseDnsPrefix": reverse}


def _region(_: Clients, region: str, arguments: Mapping[str, Any]) -> Answer:
    name = arguments.get("region") or arguments.get("name") or region
    return {
        "id": name,
        "name": name,
        "region": name,
        "endpoint": f"ec2.{name}.amazonaws.com",
        "description": name,
    }


def _identity_instances(clients: Clients, region: str, arguments: Mapping[str, Any]) -> Answer:
    region = arguments.get("region") or region
    found = clients.call("sso-admin", region, "ListInstances", {})["Instances"]
    return {
        "id": region,
        "region": region,
        "arns": [each["InstanceArn"] for each in found],
        "identityStoreIds": [each["IdentityStoreId"] for each in found],
    }


def _zones(clients: Clients, region: str, arguments: Mapping[str, Any]) -> Answer:
    region = arguments.get("region") or region
    answer = clients.call("ec2", region, "DescribeAvailabilityZones", {})
    zones = [
        zone for zone in answer["AvailabilityZones"] if zone["State"] == arguments.get("state", zone["State"])
    ]
    return {
        "id": region,
        "region": region,
        "names": [zone["ZoneName"] for zone in zones],
        "zoneIds": [zone["ZoneId"] for zone in zones],
        "groupNames": [region],
    }


def _table_item(clients: Clients, region: str, arguments: Mapping[str, Any]) -> Answer:
    region, table, key = arguments.get("region") or region, arguments["tableName"], arguments["key"]
    further = {
        member: arguments[name] for name, member in _ITEM_MEMBERS.items() if arguments.get(name) is not None
    }
    wanted = attributes(key)
    values = [str(value) for item in plain(wanted).values() for value in item.values()]
    id_ = "|".join([table, *values])
    try:
        answer = clients.call(
            "dynamodb",
            region,
            "GetItem",
            {"TableName": table, "Key": wanted, "ConsistentRead": True, **further},
        )
    except AwsError as error:
        why = "couldn't find resource" if error.code == "ResourceNotFoundException" else str(error)
        raise ProviderError(f"reading DynamoDB Table Item ({id_}): {why}") from None
    if not answer.get("Item"):
        raise ProviderError(f"reading DynamoDB Table Item ({id_}): empty result")
    item = json.dumps(plain(answer["Item"]), sort_keys=True)
    return {**arguments, "id": id_, "item": item, "region": region}


def _prefix_list(clients: Clients, region: str, arguments: Mapping[str, Any]) -> Answer:
    region = arguments.get("region") or region
    filters = [{"Name": one["name"], "Values": one["values"]} for one in arguments.get("filters") or []]
    if name := arguments.get("name"):
        filters.append({"Name": "prefix-list-name", "Values": [name]})
    wanted: dict[str, Any] = {"Filters": filters} if filters else {}
    if id_ := arguments.get("id"):
        wanted["PrefixListIds"] = [id_]
    found = clients.call("ec2", region, "DescribeManagedPrefixLists", wanted)["PrefixLists"]
    if len(found) != 1:
        raise ProviderError(f"EC2 Managed Prefix List: {_not_one(len(found))} ({region}, {dict(arguments)})")
    one = found[0]
    asked = {"PrefixListId": one["PrefixListId"]}
    entries = clients.call("ec2", region, "GetManagedPrefixListEntries", asked)["Entries"]
    return {
        "id": one["PrefixListId"],
        "name": one["PrefixListName"],
        "arn": one["PrefixListArn"],
        "addressFamily": one["AddressFamily"],
        "ownerId": one["OwnerId"],
        # EC2 tells neither of lists that AWS keeps, which the official provider gives as 0.
        "maxEntries": one.get("MaxEntries") or 0,
        "version": one.get("Version") or 0,
        "entries": [{"cidr": item["Cidr"], "description": item.get("Description", "")} for item in entries],
        "filters": arguments.get("filters"),
        "region": region,
        "tags": {tag["Key"]: tag["Value"] for tag in one.get("Tags", [])},
    }


def _not_one(count: int) -> str:
    """What is wrong with a search that must find one, as the official provider puts it."""
    if not count:
        return "no matching one found"
    return f"{count} matched; use additional constraints to reduce matches to a single one"


# As terraform-provider-aws's data source has them (internal/service/dynamodb/table_item_data_source.go).
_ITEM_MEMBERS = {
    "expressionAttributeNames": "ExpressionAttributeNames",
    "projectionExpression": "ProjectionExpression",
}

_INVOKES: dict[str, Callable[[Clients, str, Mapping[str, Any]], Answer]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:dynamodb/getTableItem:getTableItem": _table_item,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:ssoadmin/getInstances:getInstances": _identity_instances,
}


def invoke(token: str, arguments: Mapping[str, Any], region: str, clients: Clients) -> Answer:
    """Answer a data source. The account is always the local cloud's (`ACCOUNT_ID`)."""
    if token not in _INVOKES:
        raise ProviderError(
            f"the local cloud has no data source {token} (it has: "
            f"{', '.join(name.split(':')[-1] for name in _INVOKES)}); account {ACCOUNT_ID}"
        )
    return _INVOKES[token](clients, region, arguments)
