"""RDS Proxy: pools the application's connections to the primary.

It stands before the primary and never before a replica: of DB instances that replicate, RDS Proxy takes
only the writer (RDS user guide, "Quotas and limitations for RDS Proxy"). Clients come with IAM tokens; the
proxy reads the users' passwords from Secrets Manager.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import iam, rds

from palier_stacks.iam_policies import Account, allow, assumed_by, document
from palier_stacks.replicas.settings import ProxySettings
from palier_stacks.scope import Scope

POSTGRESQL = 5432
MASTER_WARNING = (
    "replicas:proxy.secret_arns is empty: the proxy logs in as the primary's master user; "
    "make a database user for the application and give its secret"
)


class PrimaryProxy(pulumi.ComponentResource):
    """The proxy, its role, its security group between application and database, and its target."""

    def __init__(
        self,
        scope: Scope,
        settings: ProxySettings,
        foundation: pulumi.Output[dict[str, Any]],
        *,
        account: Account,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:replicas:PrimaryProxy", "primary-proxy", None, opts)
        self._scope, self._settings, self._foundation = scope, settings, foundation
        self._own = pulumi.ResourceOptions(parent=self)
        secrets: list[pulumi.Input[str]] = [*settings.secret_arns]
        if not secrets:
            pulumi.log.warn(MASTER_WARNING, resource=self)
            secrets = [foundation["database_master_secret_arn"]]
        group = self._firewall()
        role, policy = self._role(account, secrets)
        self.proxy = rds.Proxy(
            "primary",
            name=scope.name("primary"),
            engine_family="POSTGRESQL",
            role_arn=role.arn,
            auths=[
                {"auth_scheme": "SECRETS", "iam_auth": "REQUIRED", "secret_arn": secret} for secret in secrets
            ],
            require_tls=True,
            idle_client_timeout=settings.idle_client_timeout_seconds,
            debug_logging=False,
            vpc_subnet_ids=foundation["data_subnet_ids"],
            vpc_security_group_ids=[group],
            tags=scope.tags("database", "primary"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self._target()
        # arn:…:db-proxy:prx-0123: the id that a login through the proxy is allowed by.
        self.resource_id = self.proxy.arn.apply(lambda arn: arn.rsplit(":", 1)[-1])
        self.endpoint = self.proxy.endpoint
        self.register_outputs({"endpoint": self.endpoint})

    def _target(self) -> None:
        settings = self._settings
        pool = rds.ProxyDefaultTargetGroup(
            "primary",
            db_proxy_name=self.proxy.name,
            connection_pool_config={
                "max_connections_percent": settings.max_connections_percent,
                "max_idle_connections_percent": settings.max_idle_connections_percent,
                "connection_borrow_timeout": settings.borrow_timeout_seconds,
            },
            opts=self._own,
        )
        rds.ProxyTarget(
            "primary",
            db_proxy_name=self.proxy.name,
            target_group_name=pool.name,
            db_instance_identifier=self._foundation["database_identifier"],
            opts=self._own,
        )

    def _role(self, account: Account, secrets: list[pulumi.Input[str]]) -> tuple[iam.Role, iam.RolePolicy]:
        role = iam.Role(
            "primary-proxy",
            assume_role_policy=assumed_by(
                "rds.amazonaws.com", {"StringEquals": {"aws:SourceAccount": account.account_id}}
            ),
            tags=self._scope.tags("database", "primary-proxy"),
            opts=self._own,
        )
        through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{account.region}.amazonaws.com"}}
        policy = iam.RolePolicy(
            "primary-proxy",
            role=role.id,
            policy=document(
                allow("ReadPasswords", ["secretsmanager:GetSecretValue"], secrets),
                allow("DecryptPasswords", ["kms:Decrypt"], self._foundation["data_key_arn"], through),
            ),
            opts=self._own,
        )
        return role, policy

    def _firewall(self) -> pulumi.Output[str]:
        """The proxy's security group and the rules to either side; its id."""
        # The ec2 module takes half a second to import: only where there is a proxy.
        from pulumi_aws import ec2

        foundation = self._foundation
        group = ec2.SecurityGroup(
            "primary-proxy",
            vpc_id=foundation["vpc_id"],
            description="RDS Proxy before the primary",
            revoke_rules_on_delete=True,
            tags=self._scope.tags("database", "primary-proxy"),
            opts=self._own,
        )
        application = foundation["application_security_group_id"]
        self._connect("application", application, "primary-proxy", group.id)
        self._connect("primary-proxy", group.id, "database", foundation["database_security_group_id"])
        identity: pulumi.Output[str] = group.id
        return identity

    def _connect(
        self, source_name: str, source: pulumi.Input[str], target_name: str, target: pulumi.Input[str]
    ) -> None:
        from pulumi_aws import vpc

        rule = {"ip_protocol": "tcp", "from_port": POSTGRESQL, "to_port": POSTGRESQL}
        outward, inward = f"{source_name}-to-{target_name}", f"{target_name}-from-{source_name}"
        vpc.SecurityGroupEgressRule(
            outward,
            security_group_id=source,
            referenced_security_group_id=target,
            description=f"To the {target_name.replace('-', ' ')}",
            tags=self._scope.tags("security", outward),
            opts=self._own,
            **rule,
        )
        vpc.SecurityGroupIngressRule(
            inward,
            security_group_id=target,
            referenced_security_group_id=source,
            description=f"From the {source_name.replace('-', ' ')}",
            tags=self._scope.tags("security", inward),
            opts=self._own,
            **rule,
        )
