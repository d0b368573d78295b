"""The engine's calls, answered: Pulumi's ResourceProvider service over the table of resource types.

Written on the generated gRPC classes rather than on `pulumi.provider.experimental`, which gives diff,
update and delete no old inputs and can't report a partly made resource (docs/decisions).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from palier.local.layout import DEFAULT_REGION
from palier.local.provider import check, diff, drift, identity, invokes, operations, secrets
from palier.local.provider.changes import PENDING_KEY, in_effect
from palier.local.provider.clients import ENDPOINT_VARIABLE, Clients, creating
from palier.local.provider.context import Context
from palier.local.provider.errors import ProviderError
from palier.local.provider.schema import TypeSchema
from palier.local.provider.table import Entry, entries
from palier.local.provider.telling import openly, told, type_of, worded
from palier.local.provider.values import DEFAULTS_KEY, decode, encode, same

# The kind of a change in place, then that of one that replaces.
_KINDS = {
    "add": (provider_pb2.PropertyDiff.ADD, provider_pb2.PropertyDiff.ADD_REPLACE),
    "delete": (provider_pb2.PropertyDiff.DELETE, provider_pb2.PropertyDiff.DELETE_REPLACE),
    "update": (provider_pb2.PropertyDiff.UPDATE, provider_pb2.PropertyDiff.UPDATE_REPLACE),
}
_AUTONAMING = {0: "propose", 1: "enforce", 2: "disable"}


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One configured provider."""

    def __init__(
        self, version: str, schemas: Mapping[str, TypeSchema], cut_models: Path | None = None
    ) -> None:
        """`cut_models` is the folder of `models.write`; None reads botocore's models whole."""
        self._version, self._schemas, self._cut_models = version, schemas, cut_models
        self._region = DEFAULT_REGION
        self._default_tags: dict[str, str] = {}
        self._clients: Clients | None = None
        self._planned: dict[tuple[str, str], Mapping[str, Any]] = {}

    # -- the provider itself ------------------------------------------------------------------------

    def GetPluginInfo(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """The plugin's version."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Handshake(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Nothing of the newer protocol is needed."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, supports_autonaming_configuration=True
        )

    @told
    def CheckConfig(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Refuse a region that AWS does not have."""
        news = decode(request.news)
        failures = []
        region = news.get("region")
        if isinstance(region, str) and (problem := check.unknown_region(region)):
            failures.append(provider_pb2.CheckFailure(property="region", reason=problem))
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """A changed configuration never replaces the provider; the resources' regions tell their own."""
        old, new = decode(request.old_inputs), decode(request.news)
        changed = sorted(key for key in old.keys() | new.keys() if not same(old.get(key), new.get(key)))
        kind = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=kind, diffs=changed)

    @told
    def Configure(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Take region and default tags; credentials and endpoints of the configuration are not looked at."""
        arguments = decode(request.args)
        self._clients = Clients(os.environ.get(ENDPOINT_VARIABLE), self._cut_models)
        region = arguments.get("region") or os.environ.get("AWS_REGION") or DEFAULT_REGION
        self._region = str(region)
        tags = _unpacked(arguments.get("defaultTags")).get("tags")
        self._default_tags = {str(key): str(value) for key, value in _unpacked(tags).items()}
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True,
            supportsPreview=True,
            acceptResources=False,
            acceptOutputs=False,
            supports_autonaming_configuration=True,
        )

    @told
    def Invoke(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Answer a data source."""
        answer = invokes.invoke(request.tok, decode(request.args), self._region, self._cloud())
        return provider_pb2.InvokeResponse(**{"return": encode(answer)})

    def Cancel(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Operations are short: those under way finish."""
        return empty_pb2.Empty()

    # -- resources ----------------------------------------------------------------------------------

    @told
    def Check(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Fill the inputs in, or refuse them."""
        entry, schema = self._entry(request.urn)
        news, olds = decode(request.news), decode(request.olds)
        inputs = check.fill_in(
            entry,
            schema,
            news,
            olds,
            logical_name=request.urn.split("::")[-1],
            seed=request.randomSeed,
            region=self._region,
            default_tags=self._default_tags,
            proposed=_proposed(request),
        )
        region = self._region_of(entry, inputs)
        problems = check.refusals(
            entry, schema, inputs, region, self._cloud(), olds=olds, planned=self._plan(entry, inputs)
        )
        failures = [
            provider_pb2.CheckFailure(property=path, reason=openly(why, request)) for path, why in problems
        ]
        checked = secrets.mark(encode(inputs), secrets.marks(request.news))
        return provider_pb2.CheckResponse(inputs=checked, failures=failures)

    @told
    def Diff(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Compare inputs with inputs: what a refresh found different stands in the old ones."""
        entry, _ = self._entry(request.urn)
        olds = decode(request.olds)
        held = in_effect(decode(request.old_inputs), olds)
        found = diff.compare(entry, held, decode(request.news), list(request.ignoreChanges), olds)
        detailed = {}
        for path, kind in found.kinds.items():
            code = _KINDS[kind][path in found.replaces]
            detailed[path] = provider_pb2.PropertyDiff(kind=code, inputDiff=True)
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some if found.kinds or operations.is_unfinished(olds) else none,
            diffs=found.properties,
            replaces=found.replaces,
            deleteBeforeReplace=found.delete_before_replace,
            detailedDiff=detailed,
            hasDetailedDiff=bool(detailed),
        )

    @told
    def Create(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Create, or in a preview echo the inputs."""
        inputs = decode(request.properties)
        secret = secrets.marks(request.properties)
        if request.preview:
            echoed = {key: value for key, value in inputs.items() if key != DEFAULTS_KEY}
            return provider_pb2.CreateResponse(id="", properties=secrets.mark(encode(echoed), secret))
        context = self._context(request.urn, inputs)
        with creating(request.urn), worded("creating", request.urn):
            outputs = operations.create(context)
        return provider_pb2.CreateResponse(id=context.id, properties=secrets.mark(encode(outputs), secret))

    @told
    def Read(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """What stands: for a refresh, an import or a `get`."""
        inputs, outputs = decode(request.inputs), decode(request.properties)
        context = self._context(request.urn, in_effect(inputs, outputs), request.id, outputs)
        if "region" in outputs and not context.entry.global_region:
            context.region = outputs["region"]
        with worded("reading", request.urn):
            if not inputs:
                self._locate(context)
            else:  # of what was adopted after a kill, the id may be all that is known
                context.outputs = {**identity.parts(context.entry, context.id), **context.outputs}
            found = operations.describe(context)
        if found is None:
            return provider_pb2.ReadResponse(id="")
        fresh = drift.inputs_from(context, found)
        if operations.is_unfinished(outputs):
            found = {**found, PENDING_KEY: [operations.CREATION]}
        secret = {**secrets.marks(request.properties), **secrets.marks(request.inputs)}
        return provider_pb2.ReadResponse(
            id=context.id,
            properties=secrets.mark(encode(found), secret),
            inputs=secrets.mark(encode(fresh), secret),
        )

    def _locate(self, context: Context) -> None:
        context.id, region = identity.placed(context.id)
        if region and not context.entry.global_region:
            context.region = region
        identity.locate(context)

    @told
    def Update(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Change in place, or in a preview tell what the outputs would be."""
        inputs, olds = decode(request.news), decode(request.olds)
        context = self._context(request.urn, inputs, request.id, olds)
        context.old_inputs = in_effect(decode(request.old_inputs), olds)
        secret = secrets.marks(request.news)
        if request.preview:
            planned = encode(operations.planned(context))
            return provider_pb2.UpdateResponse(properties=secrets.mark(planned, secret))
        with worded("updating", request.urn):
            if PENDING_KEY in olds:
                operations.catch_up(context, olds)
            outputs = operations.update(context)
        return provider_pb2.UpdateResponse(properties=secrets.mark(encode(outputs), secret))

    @told
    def Delete(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Delete; what is gone already is fine."""
        outputs, old_inputs = decode(request.properties), decode(request.old_inputs)
        context = self._context(request.urn, old_inputs, request.id, outputs)
        if "region" in outputs and not context.entry.global_region:
            context.region = outputs["region"]
        with worded("deleting", request.urn):
            operations.delete(context)
        return empty_pb2.Empty()

    # -- helpers ------------------------------------------------------------------------------------

    def _cloud(self) -> Clients:
        if self._clients is None:
            self._clients = Clients(os.environ.get(ENDPOINT_VARIABLE), self._cut_models)
        return self._clients

    def _entry(self, urn: str) -> tuple[Entry, TypeSchema]:
        token = type_of(urn)
        if token not in entries():
            raise ProviderError(
                f"the local cloud does not have the type {token} yet; "
                "docs/fidelity.md lists the types it has, docs/adding-a-resource-type.md says how to add one"
            )
        return entries()[token], self._schemas[token]

    def _plan(self, entry: Entry, inputs: Mapping[str, Any]) -> check.Planned:
        """Remember what is checked by its own name: a replica may be planned together with its source."""
        name = inputs.get(entry.autoname.property) if entry.autoname else None
        if isinstance(name, str):
            self._planned[entry.token, name] = inputs
        return lambda token, name: self._planned.get((token, name))

    def _region_of(self, entry: Entry, inputs: Mapping[str, Any]) -> str:
        region = inputs.get("region")
        return entry.global_region or (region if isinstance(region, str) and region else self._region)

    def _context(
        self, urn: str, inputs: Mapping[str, Any], id_: str = "", outputs: Mapping[str, Any] | None = None
    ) -> Context:
        entry, schema = self._entry(urn)
        return Context(
            entry=entry,
            schema=schema,
            clients=self._cloud(),
            region=self._region_of(entry, inputs),
            inputs=inputs,
            id=id_,
            outputs=dict(outputs or {}),
            default_tags=self._default_tags,
            home_region=self._region,
        )


def _proposed(request: Any) -> tuple[str, str] | None:
    if not request.HasField("autonaming"):
        return None
    return _AUTONAMING[request.autonaming.mode], request.autonaming.proposed_name


def _unpacked(value: Any) -> dict[str, Any]:
    """A mapping that the configuration holds as it is, or as JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
