"""Mends of RDS Proxy: targets that say where they are, changes, and errors that AWS's SDKs know."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import added, around, mend

CHANGEABLE = {
    "Auth": "auth",
    "RequireTLS": "require_tls",
    "IdleClientTimeout": "idle_client_timeout",
    "DebugLogging": "debug_logging",
    "RoleArn": "role_arn",
    "SecurityGroups": "vpc_security_group_ids",
}


def _proxy(backend: Any, name: str) -> Any:
    from moto.rds.exceptions import DBProxyNotFoundFault

    if name not in backend.db_proxies:
        raise DBProxyNotFoundFault(name)
    return backend.db_proxies[name]


def _group(proxy: Any, name: str | None) -> Any:
    from moto.rds.exceptions import RDSClientError

    group = proxy.proxy_target_groups.get(name or "default")
    if group is None:
        text = f"The specified target group {name} doesn't exist for the proxy {proxy.db_proxy_name}."
        raise RDSClientError("DBProxyTargetGroupNotFoundFault", text)
    return group


@mend("rds")
def proxy_changed() -> None:
    """ModifyDBProxy is missing."""
    from moto.core import utils
    from moto.core.responses import ActionResult
    from moto.rds.responses import RDSResponse

    @added(RDSResponse)
    def modify_db_proxy(self: Any) -> ActionResult:
        proxy = _proxy(self.backend, self.params["DBProxyName"])
        for parameter, attribute in CHANGEABLE.items():
            if self.params.get(parameter) is not None:
                setattr(proxy, attribute, self.params[parameter])
        if new_name := self.params.get("NewDBProxyName"):
            self.backend.db_proxies[new_name] = self.backend.db_proxies.pop(proxy.db_proxy_name)
            proxy.db_proxy_name = new_name
        proxy.updated_date = utils.utcnow()
        return ActionResult({"DBProxy": proxy})


@mend("rds")
def proxy_unknown_told() -> None:
    """Target groups, targets and deletion of an unknown proxy answer 500 instead of DBProxyNotFoundFault."""
    from moto.rds.models import RDSBackend

    for name in ("describe_db_proxy_targets", "describe_db_proxy_target_groups", "delete_db_proxy"):

        @around(RDSBackend, name)
        def checked(original: Any, self: Any, proxy_name: str) -> Any:
            _proxy(self, proxy_name)
            return original(self, proxy_name)

    @around(RDSBackend, "modify_db_proxy_target_group")
    def modify(original: Any, self: Any, proxy_name: str, config: Any) -> Any:
        _proxy(self, proxy_name)
        return original(self, proxy_name, config)

    @around(RDSBackend, "deregister_db_proxy_targets")
    def deregister(original: Any, self: Any, db_proxy_name: str, target_group_name: str, **named: Any) -> Any:
        _group(_proxy(self, db_proxy_name), target_group_name)
        return original(self, db_proxy_name, target_group_name, **named)


@mend("rds")
def proxy_targets_addressed() -> None:
    """A target has neither endpoint nor role, always port 5432, and may be registered twice or not exist."""
    from moto.rds.exceptions import DBInstanceNotFoundError, RDSClientError
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "register_db_proxy_targets")
    def register(
        original: Any,
        self: Any,
        db_proxy_name: str,
        target_group_name: str,
        db_cluster_identifiers: list[str],
        db_instance_identifiers: list[str],
    ) -> Any:
        group = _group(_proxy(self, db_proxy_name), target_group_name)
        present = {target.rds_resource_id for target in group.targets}
        for name in db_instance_identifiers:
            if name not in self.databases:
                raise DBInstanceNotFoundError(name)
            if name in present:
                text = f"The instance {name} is already registered with the proxy."
                raise RDSClientError("DBProxyTargetAlreadyRegisteredFault", text)
        targets = original(
            self, db_proxy_name, target_group_name, db_cluster_identifiers, db_instance_identifiers
        )
        for target in targets:
            if target.rds_resource_id in self.databases:
                database = self.databases[target.rds_resource_id]
                target.endpoint, target.port = database.address, database.port
                target.role = "READ_ONLY" if database.is_replica else "READ_WRITE"
        return targets
