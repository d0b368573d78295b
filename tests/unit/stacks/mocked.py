"""Runs a stack's component without an engine, and keeps what it registered.

The mocks answer as AWS would where the programs read an answer back: ARNs, identifiers, endpoints.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
import pulumi
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime.rpc import _special_secret_sig, _special_sig_key

ACCOUNT = "123456789012"


class NotThere(grpc.RpcError):  # type: ignore[misc]
    """What the engine answers where a data source finds nothing."""

    def code(self) -> grpc.StatusCode:
        """As of any failure of a provider."""
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        """What the provider said."""
        return str(self)


@dataclass
class Registered:
    """One resource as it was registered, and what was answered; Pulumi's names, camelCase."""

    type: str
    name: str
    inputs: dict[str, Any]
    id: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)


@dataclass
class Recorder(pulumi_mocks.Mocks):
    """Answers registrations and calls; `stack_outputs` are what a StackReference finds, `published` the
    document of a shard map that stands."""

    stack_outputs: dict[str, Any] = field(default_factory=dict)
    published: str | None = None
    resources: list[Registered] = field(default_factory=list)

    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Keep the resource; answer its inputs and what AWS would add."""
        if args.typ == "pulumi:pulumi:StackReference":
            return args.name, {"name": args.name, "outputs": self.stack_outputs}
        inputs = {key: _plain(value) for key, value in args.inputs.items()}
        kind = args.typ.split(":")[1].split("/")[0]
        identity = args.inputs.get("identifier") or args.inputs.get("clusterIdentifier") or f"{args.name}-id"
        answer = {
            "name": args.inputs.get("name", f"{args.name}-1234567"),
            "bucket": f"{args.name}-1234567",
            "arn": f"arn:aws:{kind}:eu-west-3:{ACCOUNT}:{args.name}",
            "arnSuffix": f"{kind}/{args.name}/1234",
            "keyId": f"key-{args.name}",
            "address": f"{identity}.abc.eu-west-3.rds.amazonaws.com",
            "endpoint": f"{identity}.proxy.eu-west-3.rds.amazonaws.com",
            "secretArn": f"arn:aws:secretsmanager:eu-west-3:{ACCOUNT}:secret:{args.name}",
            "resourceId": f"db-{args.name.upper()}",
            "clusterResourceId": f"cluster-{args.name.upper()}",
            "readerEndpoint": f"{identity}.cluster-ro.eu-west-3.rds.amazonaws.com",
            "primaryEndpointAddress": f"{args.name}.cache.amazonaws.com",
            "dnsName": f"{args.name}.elb.amazonaws.com",
            "latestVersion": 1,
            "zoneId": "Z123",
            "domainName": f"{args.name}.cloudfront.net",
            "bucketDomainName": f"{args.name}-1234567.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{args.name}-1234567.s3.eu-west-3.amazonaws.com",
        }
        self.resources.append(Registered(args.typ, args.name, inputs, str(identity), answer))
        return str(identity), answer | args.inputs

    def call(self, args: pulumi_mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """The account's identity and the published shard map; nothing else is asked."""
        if args.token == "aws:dynamodb/getTableItem:getTableItem":
            return self._item(args.args), []
        answers: dict[str, dict[Any, Any]] = {
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT, "arn": "", "userId": ""},
            "aws:index/getPartition:getPartition": {"partition": "aws", "dnsSuffix": "amazonaws.com"},
            "aws:ec2/getManagedPrefixList:getManagedPrefixList": {
                "id": "pl-cloudfront",
                "name": "cloudfront",
            },
            "aws:ssoadmin/getInstances:getInstances": {
                "arns": ["arn:aws:sso:::instance/ssoins-1"],
                "identityStoreIds": ["d-1"],
            },
        }
        return answers[args.token], []

    def _item(self, asked: dict[str, Any]) -> dict[Any, Any]:
        if self.published is None:
            raise NotThere(f"reading DynamoDB Table Item ({asked['tableName']}|…): couldn't find resource")
        return {"item": json.dumps({"document": {"S": self.published}})}

    def of(self, kind: str) -> list[Registered]:
        """Resources of one type, `rds.Instance`-style: last part of the module and class."""
        module, name = kind.split(".")
        token = f"aws:{module}/"
        return [r for r in self.resources if r.type.startswith(token) and r.type.endswith(f":{name}")]

    def named(self, kind: str, name: str) -> Registered:
        """The one resource of a type and logical name."""
        (found,) = [resource for resource in self.of(kind) if resource.name == name]
        return found


def _plain(value: Any) -> Any:
    """A secret's value: the SDK marks some inputs secret, as it does every SSM parameter's."""
    if isinstance(value, dict) and value.get(_special_sig_key) == _special_secret_sig:
        return value["value"]
    return value


def run(
    build: Callable[[], dict[str, pulumi.Input[Any]]],
    *,
    project: str,
    stack: str = "local",
    stack_outputs: dict[str, Any] | None = None,
    published: str | None = None,
) -> tuple[Recorder, dict[str, Any]]:
    """Register what `build` makes and wait for all of it; returns the record and the resolved outputs."""
    recorder = Recorder(stack_outputs=stack_outputs or {}, published=published)
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(recorder, project=project, stack=stack, preview=False)
    resolved: dict[str, Any] = {}

    def program() -> pulumi.Output[None]:
        return pulumi.Output.from_input(build()).apply(resolved.update)

    waiting: Callable[[], None] = pulumi.runtime.test(program)  # type: ignore[no-untyped-call]
    waiting()
    return recorder, resolved
