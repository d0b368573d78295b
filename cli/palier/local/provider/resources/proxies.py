"""RDS proxies, their pools and targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.common import resource_name_tags
from palier.local.provider.table import Autoname, Call, Entry, Read

_AUTH_NAMES = {"authScheme": "AuthScheme", "iamAuth": "IAMAuth"}


def _describe_proxy_target(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    wanted = context.inputs.get("dbInstanceIdentifier") or context.id.split("/")[-1]
    proxy = context.id.split("/")[0]
    for target in found.get("items", ()):
        if target.get("RdsResourceId") == wanted:
            instance = {"DbInstanceIdentifier": wanted} if target.get("Type") == "RDS_INSTANCE" else {}
            return {**target, **instance, "DbProxyName": proxy, "TargetGroupName": context.id.split("/")[1]}
    return {}


def _pool(context: Context) -> None:
    pool = context.inputs.get("connectionPoolConfig")
    if pool:
        _set_pool(context, pool)


def _set_pool(context: Context, pool: Mapping[str, Any]) -> None:
    names = {
        "connectionBorrowTimeout": "ConnectionBorrowTimeout",
        "initQuery": "InitQuery",
        "maxConnectionsPercent": "MaxConnectionsPercent",
        "maxIdleConnectionsPercent": "MaxIdleConnectionsPercent",
        "sessionPinningFilters": "SessionPinningFilters",
    }
    context.call(
        "ModifyDBProxyTargetGroup",
        DBProxyName=context.id,
        TargetGroupName="default",
        ConnectionPoolConfig={
            member: pool[name] for name, member in names.items() if pool.get(name) is not None
        },
    )


def _pool_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    _set_pool(context, inputs.get("connectionPoolConfig") or {})
    return changed


def _rename_proxy(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """A proxy is renamed in place."""
    if "name" not in changed:
        return set()
    old = context.outputs.get("name", context.id)
    context.call("ModifyDBProxy", DBProxyName=old, NewDBProxyName=inputs["name"])
    context.outputs["name"] = inputs["name"]
    return {"name"}


ENTRIES = (
    Entry(
        "aws:rds/proxy:Proxy",
        "rds",
        create=Call("CreateDBProxy", {"DBProxyName": "{name}"}),
        id="DBProxy.DBProxyName",
        # By name rather than by id: a rename in place keeps the id that the engine knows.
        read=Read("DescribeDBProxies", {"DBProxyName": "{name}"}, "DBProxies[0]"),
        delete=Call("DeleteDBProxy", {"DBProxyName": "{name}"}),
        update=Call("ModifyDBProxy", {"DBProxyName": "{name}"}),
        import_id=("name",),
        force_new=frozenset(
            {"endpointNetworkType", "engineFamily", "targetConnectionNetworkType", "vpcSubnetIds"}
        ),
        names={"name": "DBProxyName", "arn": "DBProxyArn", "auths": "Auth", **_AUTH_NAMES},
        kept=frozenset(
            {"defaultAuthScheme", "endpointNetworkType", "idleClientTimeout", "targetConnectionNetworkType"}
            | {"vpcSecurityGroupIds"}
        ),
        on_update=_rename_proxy,
        tags=resource_name_tags(),
        autoname=Autoname("name", 63, prefix=None),
        gone=("DBProxyNotFoundFault",),
    ),
    Entry(
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        "rds",
        create=Call("DescribeDBProxyTargetGroups", {"DBProxyName": "{dbProxyName}"}, mapped=False),
        id="TargetGroups[0].DBProxyName",
        read=Read("DescribeDBProxyTargetGroups", {"DBProxyName": "{id}"}, "TargetGroups[0]"),
        delete=None,  # The default target group goes with its proxy.
        force_new=frozenset({"dbProxyName"}),
        names={"name": "TargetGroupName", "arn": "TargetGroupArn"},
        gone=("DBProxyNotFoundFault",),
        packed=frozenset({"connectionPoolConfig"}),
        kept=frozenset({"connectionPoolConfig"}),
        defaults={
            "connectionPoolConfig.connectionBorrowTimeout": 120,
            "connectionPoolConfig.maxConnectionsPercent": 100,
            "connectionPoolConfig.maxIdleConnectionsPercent": 50,
        },
        on_update=_pool_update,
        after_create=_pool,
    ),
    Entry(
        "aws:rds/proxyTarget:ProxyTarget",
        "rds",
        create=Call(
            "RegisterDBProxyTargets",
            {
                "DBProxyName": "{dbProxyName}",
                "TargetGroupName": "{targetGroupName}",
                "DBInstanceIdentifiers": ["{dbInstanceIdentifier}"],
            },
            mapped=False,
        ),
        id="{dbProxyName}/{targetGroupName}/RDS_INSTANCE/{dbInstanceIdentifier}",
        read=Read(
            "DescribeDBProxyTargets",
            {"DBProxyName": "{dbProxyName}", "TargetGroupName": "{targetGroupName}"},
            "{items: Targets}",
        ),
        delete=Call(
            "DeregisterDBProxyTargets",
            {
                "DBProxyName": "{dbProxyName}",
                "TargetGroupName": "{targetGroupName}",
                "DBInstanceIdentifiers": ["{dbInstanceIdentifier}"],
            },
        ),
        force_new=frozenset(
            {"dbClusterIdentifier", "dbInstanceIdentifier", "dbProxyName", "targetGroupName"}
        ),
        import_id=("dbProxyName", "targetGroupName", "type", "dbInstanceIdentifier"),
        import_separator="/",
        gone=("DBProxyNotFoundFault", "DBProxyTargetNotFoundFault"),
        described=_describe_proxy_target,
    ),
)
