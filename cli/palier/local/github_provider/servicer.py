"""The engine's calls, answered over the table of types."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from palier.local.github_provider.api import Api, NotThere
from palier.local.github_provider.table import TYPES, Type
from palier.local.provider import secrets
from palier.local.provider.errors import ProviderError
from palier.local.provider.telling import told, type_of, worded
from palier.local.provider.values import DEFAULTS_KEY, UNKNOWN, decode, encode, has_unknown, same

_DIFF = provider_pb2.DiffResponse


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One configured provider."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._api: Api | None = None

    def GetPluginInfo(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """The plugin's version."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Handshake(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Nothing of the newer protocol is needed."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def CheckConfig(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Everything is taken: address and token come from the local cloud's environment."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Another owner is another organisation: its resources are others."""
        old, new = decode(request.old_inputs), decode(request.news)
        if same(old.get("owner"), new.get("owner")):
            return _DIFF(changes=_DIFF.DIFF_NONE)
        return _DIFF(changes=_DIFF.DIFF_SOME, diffs=["owner"], replaces=["owner"])

    @told
    def Configure(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Take the owner; a token of the configuration is not looked at."""
        owner = decode(request.args).get("owner") or os.environ.get("GITHUB_OWNER") or ""
        self._api = Api(os.environ.get("GITHUB_BASE_URL"), os.environ.get("GITHUB_TOKEN"), str(owner))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    @told
    def Invoke(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """No data source is asked for."""
        raise ProviderError(f"the local cloud does not have the data source {request.tok} yet")

    def Cancel(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Operations are short: those under way finish."""
        return empty_pb2.Empty()

    @told
    def Check(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Fill in defaults; refuse what GitHub would refuse, in the preview."""
        kind = _type(request.urn)
        inputs = decode(request.news)
        filled = {key: value for key, value in kind.defaults.items() if key not in inputs}
        inputs |= filled | {DEFAULTS_KEY: sorted(filled)}
        failures = [
            provider_pb2.CheckFailure(property=key, reason=why) for key, why in _problems(kind, inputs)
        ]
        if self._api is not None and not self._api.owner:
            failures.append(
                provider_pb2.CheckFailure(property="owner", reason="no organisation: set github:owner")
            )
        checked = secrets.mark(encode(inputs), secrets.marks(request.news))
        return provider_pb2.CheckResponse(inputs=checked, failures=failures)

    @told
    def Diff(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Compare inputs with inputs: what a refresh found different stands in the old ones."""
        kind = _type(request.urn)
        old, new = decode(request.old_inputs), decode(request.news)
        ignored = set(request.ignoreChanges)
        changed = [
            key
            for key in (*kind.required, *kind.optional)
            if key not in ignored and not _alike(kind, key, old.get(key), new.get(key))
        ]
        replaces = [key for key in changed if key in kind.replaces]
        return _DIFF(
            changes=_DIFF.DIFF_SOME if changed else _DIFF.DIFF_NONE,
            diffs=changed,
            replaces=replaces,
            # The new one may be the old one under its other name: a membership, a protection.
            deleteBeforeReplace=bool(replaces),
        )

    @told
    def Create(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Create, or in a preview echo the inputs."""
        inputs, secret = decode(request.properties), secrets.marks(request.properties)
        if request.preview:
            echoed = {key: value for key, value in inputs.items() if key != DEFAULTS_KEY}
            return provider_pb2.CreateResponse(id="", properties=secrets.mark(encode(echoed), secret))
        kind = _type(request.urn)
        with worded("creating", request.urn):
            id_ = kind.write(self._cloud(), inputs, None)
            outputs = {**_carried(kind, inputs), **self._read(kind, id_)}
        return provider_pb2.CreateResponse(id=id_, properties=secrets.mark(encode(outputs), secret))

    @told
    def Read(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """What stands: for a refresh, an import or a `get`."""
        kind, known = _type(request.urn), decode(request.inputs)
        with worded("reading", request.urn):
            id_: str | None = request.id
            if not known and kind.own_id is not None:
                id_ = kind.own_id(self._cloud(), request.id)
            found = kind.read(self._cloud(), id_) if id_ else None
        if found is None or id_ is None:
            return provider_pb2.ReadResponse(id="")
        stands = {key: found[key] for key in (*kind.required, *kind.optional) if key in found}
        fresh = _as_said(stands, known, kind.silent)
        if not known:  # an import: the program's defaults are no difference
            fresh = {**kind.defaults, **fresh}
        kept = {key: value for key, value in known.items() if key not in found and key not in kind.optional}
        outputs = {**_carried(kind, known), **found}
        return provider_pb2.ReadResponse(
            id=id_,
            properties=encode(outputs),
            inputs=encode({**_carried(kind, known), **kept, **fresh}),
        )

    @told
    def Update(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Change in place."""
        kind, inputs = _type(request.urn), decode(request.news)
        if request.preview:
            planned = {**decode(request.olds), **inputs}
            planned.pop(DEFAULTS_KEY, None)
            return provider_pb2.UpdateResponse(properties=encode(planned))
        with worded("updating", request.urn):
            kind.write(self._cloud(), inputs, request.id)
            outputs = {**_carried(kind, inputs), **self._read(kind, request.id)}
        return provider_pb2.UpdateResponse(properties=encode(outputs))

    @told
    def Delete(self, request: Any, rpc: grpc.ServicerContext) -> Any:
        """Delete; what is gone already is fine."""
        kind = _type(request.urn)
        with worded("deleting", request.urn):
            try:
                kind.delete(self._cloud(), request.id, decode(request.properties))
            except NotThere:
                return empty_pb2.Empty()
        return empty_pb2.Empty()

    def _cloud(self) -> Api:
        if self._api is None:
            raise ProviderError("the provider was not configured")
        return self._api

    def _read(self, kind: Type, id_: str) -> dict[str, Any]:
        found = kind.read(self._cloud(), id_)
        if found is None:
            raise ProviderError(f"{id_} is not there after it was written")
        return found


def _type(urn: str) -> Type:
    token = type_of(urn)
    if token not in TYPES:
        raise ProviderError(
            f"the local cloud does not have the type {token} yet; there are: {', '.join(sorted(TYPES))}"
        )
    return TYPES[token]


def _alike(kind: Type, key: str, left: Any, right: Any) -> bool:
    if key in kind.caseless and isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return same(left, right)


def _as_said(stands: Mapping[str, Any], said: Mapping[str, Any], silent: Mapping[str, Any]) -> dict[str, Any]:
    """What stands, in the program's words: what it leaves out, and GitHub has anyway, stays left out."""
    told: dict[str, Any] = {}
    for key, value in stands.items():
        if isinstance(value, Mapping):
            within = said.get(key)
            told[key] = _as_said(value, within if isinstance(within, Mapping) else {}, silent)
        elif key in said or key not in silent or value != silent[key]:
            told[key] = value
    return told


def _carried(kind: Type, known: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs that GitHub knows nothing of: what is done at the end."""
    return {key: known[key] for key in ("downgradeOnDestroy",) if key in known and key in kind.optional}


def _problems(kind: Type, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [
        (key, "an unknown property")
        for key in inputs
        if key not in (*kind.required, *kind.optional, DEFAULTS_KEY)
    ]
    found += [(key, "is missing") for key in kind.required if not inputs.get(key)]
    for key, allowed in kind.allowed.items():
        value = inputs.get(key)
        if value is not UNKNOWN and not has_unknown(value) and value not in allowed:
            found.append((key, f"{value!r} is not one of {', '.join(allowed)}"))
    return found
