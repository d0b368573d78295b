"""Palier's provider over real gRPC, driven as the engine drives it, but one call at a time.

What needs no engine is tested so: the semantics of each resource type. A check, a create and a read of one
type take milliseconds, where a run of the engine takes seconds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grpc
from google.rpc import status_pb2
from palier.local.provider import schema
from palier.local.provider.clients import ENDPOINT_VARIABLE
from palier.local.provider.servicer import Provider
from palier.local.provider.table import entries
from palier.local.provider.values import decode, encode
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

Properties = dict[str, Any]


class Failed(Exception):
    """A call that the provider refused; `partly` is what it says of a resource that exists all the same."""

    def __init__(self, message: str, partly: tuple[str, Properties, Properties] | None) -> None:
        self.partly = partly
        super().__init__(message)


@dataclass
class Standing:
    """A resource as the engine's state knows it."""

    token: str
    name: str
    inputs: Properties
    id: str = ""
    outputs: Properties = field(default_factory=dict)

    @property
    def urn(self) -> str:
        """Its URN."""
        return f"urn:pulumi:test::driven::{self.token}::{self.name}"


@dataclass(frozen=True)
class Change:
    """What a diff tells."""

    kinds: Mapping[str, str]
    replaces: tuple[str, ...]
    delete_before_replace: bool
    wanted: bool
    """Whether anything is to be done at all: a resource may be unfinished without a changed input."""

    @property
    def properties(self) -> set[str]:
        """The changed paths."""
        return set(self.kinds)


class Driven:
    """A configured provider."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def configure(self, **settings: Any) -> None:
        """Configure it; settings as the engine passes them."""
        self._ask("Configure", provider_pb2.ConfigureRequest(args=encode(settings)))

    def refusals(self, token: str, name: str, news: Properties, olds: Properties | None = None) -> Properties:
        """What a check refuses: property path to reason."""
        return self._check(token, name, news, olds or {})[1]

    def check(self, token: str, name: str, news: Properties, olds: Properties | None = None) -> Properties:
        """The inputs filled in; fails where any is refused."""
        inputs, failures = self._check(token, name, news, olds or {})
        assert not failures, f"{token} ({name}) was refused: {failures}"
        return inputs

    def _check(
        self, token: str, name: str, news: Properties, olds: Properties
    ) -> tuple[Properties, Properties]:
        request = provider_pb2.CheckRequest(
            urn=Standing(token, name, {}).urn, news=encode(news), olds=encode(olds), randomSeed=name.encode()
        )
        answer = self._ask("Check", request)
        return decode(answer.inputs), {failure.property: failure.reason for failure in answer.failures}

    def invoke(self, token: str, **arguments: Any) -> Properties:
        """What a data source answers."""
        request = provider_pb2.InvokeRequest(tok=token, args=encode(arguments))
        return decode(getattr(self._ask("Invoke", request), "return"))

    def make(self, token: str, name: str, news: Properties) -> Standing:
        """Check and create."""
        standing = Standing(token, name, self.check(token, name, news))
        request = provider_pb2.CreateRequest(urn=standing.urn, properties=encode(standing.inputs))
        answer = self._ask("Create", request)
        standing.id, standing.outputs = answer.id, decode(answer.properties)
        return standing

    def diff(self, standing: Standing, inputs: Properties, ignoring: tuple[str, ...] = ()) -> Change:
        """What these (checked) inputs would change."""
        answer = self._ask(
            "Diff",
            provider_pb2.DiffRequest(
                urn=standing.urn,
                id=standing.id,
                olds=encode(standing.outputs),
                old_inputs=encode(standing.inputs),
                news=encode(inputs),
                ignoreChanges=list(ignoring),
            ),
        )
        kinds = {path: provider_pb2.PropertyDiff.Kind.Name(d.kind) for path, d in answer.detailedDiff.items()}
        wanted = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        return Change(kinds, tuple(answer.replaces), answer.deleteBeforeReplace, wanted)

    def recheck(self, standing: Standing, news: Properties) -> Properties:
        """The inputs of a next run, filled in."""
        return self.check(standing.token, standing.name, news, standing.inputs)

    def change(self, standing: Standing, inputs: Properties, *, preview: bool = False) -> Standing:
        """Update in place to these (checked) inputs; the resource as it is then."""
        answer = self._ask(
            "Update",
            provider_pb2.UpdateRequest(
                urn=standing.urn,
                id=standing.id,
                olds=encode(standing.outputs),
                old_inputs=encode(standing.inputs),
                news=encode(inputs),
                preview=preview,
            ),
        )
        return Standing(standing.token, standing.name, inputs, standing.id, decode(answer.properties))

    def look(self, standing: Standing) -> Standing | None:
        """A refresh: the resource as it stands, with inputs that say so; None where it is gone."""
        return self._read(standing, standing.id, standing.inputs, standing.outputs)

    def take_over(self, token: str, name: str, id_: str) -> Standing | None:
        """An import: by id alone."""
        return self._read(Standing(token, name, {}), id_, {}, {})

    def _read(self, standing: Standing, id_: str, inputs: Properties, outputs: Properties) -> Standing | None:
        answer = self._ask(
            "Read",
            provider_pb2.ReadRequest(
                urn=standing.urn, id=id_, inputs=encode(inputs), properties=encode(outputs)
            ),
        )
        if not answer.id:
            return None
        seen = decode(answer.inputs), answer.id, decode(answer.properties)
        return Standing(standing.token, standing.name, *seen)

    def remove(self, standing: Standing) -> None:
        """Delete."""
        self._ask(
            "Delete",
            provider_pb2.DeleteRequest(
                urn=standing.urn,
                id=standing.id,
                properties=encode(standing.outputs),
                old_inputs=encode(standing.inputs),
            ),
        )

    def _ask(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            raise Failed(str(error.details()), _partly(error)) from None


def _partly(error: Any) -> tuple[str, Properties, Properties] | None:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            detail = provider_pb2.ErrorResourceInitFailed()
            status_pb2.Status.FromString(value).details[0].Unpack(detail)
            return detail.id, decode(detail.inputs), decode(detail.properties)
    return None


@contextmanager
def driven(endpoint: str, folder: Path) -> Iterator[Driven]:
    """The provider on a loopback port, for the emulator at `endpoint`; the SDK's types stay in `folder`."""
    before = os.environ.get(ENDPOINT_VARIABLE)
    os.environ[ENDPOINT_VARIABLE] = endpoint
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    provider = Provider(version("pulumi-aws"), schema.load(entries(), folder))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    try:
        one = Driven(provider_pb2_grpc.ResourceProviderStub(channel))
        one.configure(region="eu-west-3")
        yield one
    finally:
        channel.close()
        server.stop(0).wait()
        if before is None:
            del os.environ[ENDPOINT_VARIABLE]
        else:
            os.environ[ENDPOINT_VARIABLE] = before
