"""A provider for the `aws` package that does nothing: what is left is what engine and program cost.

It serves the same unmodified programs as Palier's provider: every output that the SDK names is filled with
a placeholder of its kind, nothing is asked of anybody, nothing is checked.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from palier.local.provider import schema
from palier.local.provider.schema import Kind, TypeSchema
from palier.local.provider.table import entries
from palier.local.provider.values import decode, encode
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

_INVOKED = {
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "id": "1",
        "accountId": "123456789012",
        "arn": "arn:aws:iam::123456789012:root",
        "userId": "u",
    },
    "aws:index/getPartition:getPartition": {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    },
}


def _placeholder(name: str, kind: Kind) -> Any:
    if isinstance(kind, str):
        return {"integer": 1, "number": 1.0, "boolean": True}.get(kind, f"arn:aws:floor:::{name}/{name}")
    if kind[0] == "map":
        return {}
    if kind[0] == "list":
        return [_placeholder(name, kind[1])]
    return {key: _placeholder(key, inner) for key, inner in kind[1].items() if isinstance(inner, str)}


class Floor(provider_pb2_grpc.ResourceProviderServicer):
    """Answers at once."""

    def __init__(self, schemas: dict[str, TypeSchema]) -> None:
        self._schemas = schemas

    def _outputs(self, urn: str, inputs: dict[str, Any]) -> dict[str, Any]:
        described = self._schemas.get(urn.split("::")[2].split("$")[-1])
        if described is None:  # a type that the local cloud does not serve
            return inputs
        return {key: inputs.get(key, _placeholder(key, kind)) for key, kind in described.properties.items()}

    def GetPluginInfo(self, request: Any, rpc: Any) -> Any:
        return plugin_pb2.PluginInfo(version="0.0.0")

    def CheckConfig(self, request: Any, rpc: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, rpc: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, rpc: Any) -> Any:
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Invoke(self, request: Any, rpc: Any) -> Any:
        if request.tok == "aws:dynamodb/getTableItem:getTableItem":
            # What the shards' program takes for a map that nobody has published yet.
            rpc.abort(grpc.StatusCode.UNKNOWN, "couldn't find resource")
        return provider_pb2.InvokeResponse(**{"return": encode(_INVOKED[request.tok])})

    def Check(self, request: Any, rpc: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, rpc: Any) -> Any:
        same = decode(request.old_inputs) == decode(request.news)
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=none if same else some)

    def Create(self, request: Any, rpc: Any) -> Any:
        inputs = decode(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        name = request.urn.split("::")[-1]
        return provider_pb2.CreateResponse(id=name, properties=encode(self._outputs(request.urn, inputs)))

    def Read(self, request: Any, rpc: Any) -> Any:
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: Any, rpc: Any) -> Any:
        return provider_pb2.UpdateResponse(properties=request.olds)

    def Delete(self, request: Any, rpc: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, rpc: Any) -> Any:
        return empty_pb2.Empty()


def main() -> None:
    """Serve, with the same thread pool as Palier's provider."""
    schemas = schema.load(entries(), Path(os.environ["PALIER_LOCAL_DIR"]) / "schema")
    server = grpc.server(ThreadPoolExecutor(max_workers=32))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Floor(schemas), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
