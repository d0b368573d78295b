"""How a call's failure reaches the user: in the official provider's words, and without a secret in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2
from google.rpc import status_pb2
from pulumi.runtime.proto import provider_pb2

from palier.local.provider import secrets
from palier.local.provider.errors import PartlyMade, ProviderError, reason
from palier.local.provider.values import encode

Handler = Callable[[Any, Any, grpc.ServicerContext], Any]


def told(handler: Handler) -> Handler:
    """Turn a failure into the gRPC error that the engine shows; a bug of ours is told as one."""

    def answer(self: Any, request: Any, rpc: grpc.ServicerContext) -> Any:
        try:
            return handler(self, request, rpc)
        except PartlyMade as error:
            return _abort_partly(rpc, error, request)
        except ProviderError as error:
            return rpc.abort(grpc.StatusCode.UNKNOWN, openly(str(error), request))
        except Exception as error:
            return rpc.abort(grpc.StatusCode.INTERNAL, openly(reason(error), request))

    return answer


def openly(text: str, request: Any) -> str:
    """A text that the user sees, without the secrets of the request that it is about."""
    return secrets.redacted(text, secrets.texts(request))


def _abort_partly(rpc: grpc.ServicerContext, error: PartlyMade, request: Any) -> NoReturn:
    secret = secrets.marks(_asked(request))
    why = openly(error.reason, request)
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.id,
            properties=secrets.mark(encode(error.outputs), secret),
            inputs=secrets.mark(encode(error.inputs), secret),
            reasons=[why],
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=why, details=[detail])
    rpc.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    rpc.abort(grpc.StatusCode.UNKNOWN, why)
    raise AssertionError("abort always raises")


def _asked(request: Any) -> Any:
    """The inputs that a create (`properties`) or an update (`news`) asks for."""
    return request.news if "news" in request.DESCRIPTOR.fields_by_name else request.properties


class worded:
    """Says what was being done to which resource, in the official provider's words."""

    def __init__(self, doing: str, urn: str) -> None:
        self._doing, self._urn = doing, urn

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        prefix = f"{self._doing} {type_of(self._urn)} ({self._urn.split('::')[-1]})"
        if isinstance(error, PartlyMade):
            error.reason = f"{prefix}: {error.reason}"
        elif isinstance(error, ProviderError):
            raise ProviderError(f"{prefix}: {error}") from None


def type_of(urn: str) -> str:
    """The resource's own type: the last of the URN's `$`-joined chain of types."""
    return urn.split("::")[2].split("$")[-1]
