"""AWS operations on the local cloud, and never on anything else."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from palier.local.layout import ACCESS_KEY
from palier.local.provider import models
from palier.local.provider.errors import AwsError, ProviderError
from palier.local.provider.patience import Patience

ENDPOINT_VARIABLE = "PALIER_LOCAL_ENDPOINT"
URN_HEADER = "X-Palier-Urn"
# The engine creates up to 16 resources per core at once; more connections than threads are never used.
THREADS = 32
_CONNECT_SECONDS = 5
_READ_SECONDS = 120
# AWS SDKs and Tools Reference Guide, "Retry behavior": throttled requests had no effect, and may pass.
THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
PATIENCE_SECONDS = 60.0
_creating: ContextVar[str | None] = ContextVar("creating", default=None)


@contextmanager
def creating(urn: str) -> Iterator[None]:
    """Requests inside carry `urn`, so that what a killed run has created can be found again."""
    token = _creating.set(urn)
    try:
        yield
    finally:
        _creating.reset(token)


def loopback(endpoint: str | None) -> str:
    """`endpoint`, or ProviderError where it is missing or leads off this machine."""
    if not endpoint:
        raise ProviderError(
            f"{ENDPOINT_VARIABLE} is not set: this is the local cloud's provider; run `palier up`, or "
            '`eval "$(palier local env)"` before plain pulumi'
        )
    host = urlsplit(endpoint).hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ProviderError(f"{ENDPOINT_VARIABLE}={endpoint} is not a loopback address")
    return endpoint


@dataclass(frozen=True)
class _Service:
    """What botocore knows of one service: its model, and how requests are written and answers read."""

    model: Any
    serializer: Any
    parser: Any


class Clients:
    """AWS operations on one endpoint, with the local cloud's credential, whatever lies around.

    botocore's models, serializers and parsers do the work; its clients are left out. They resolve endpoints,
    sign, retry and fire a dozen hooks a request, all for nothing here, and cost two thirds of the provider's
    time. The emulator reads service and region off the credential's scope and checks no signature.
    """

    def __init__(self, endpoint: str | None, cut_models: Path | None = None) -> None:
        """`cut_models` is the folder of `models.write`; without it every model is read whole."""
        self.endpoint = loopback(endpoint)
        self._cut_models = cut_models
        self._lock = threading.Lock()
        self._services: dict[str, _Service] = {}
        self._pool: Any = None

    def ping(self) -> None:
        """Ask whether the local cloud answers; ProviderError where it does not."""
        place = urlsplit(self.endpoint)
        connection = HTTPConnection(place.hostname or "", place.port, timeout=_CONNECT_SECONDS)
        try:
            connection.request("GET", "/palier-api/health")
            connection.getresponse().read()
        except OSError as error:
            raise ProviderError(_silent(self.endpoint, error)) from None
        finally:
            connection.close()

    def call(self, service: str, region: str, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Run one operation, again where it is throttled.

        AwsError where AWS refuses it, ProviderError where it can't be asked.
        """
        patience = Patience(PATIENCE_SECONDS)
        while True:
            try:
                return self._once(service, region, operation, arguments)
            except AwsError as error:
                if error.code not in THROTTLED or not patience.holds():
                    raise

    def _once(
        self, service: str, region: str, operation: str, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        from urllib3.exceptions import HTTPError

        known = self._service(service)
        label = known.model.service_id
        model = self.operation_model(service, operation)
        if problems := _invalid(arguments, model.input_shape):
            raise ProviderError(f"operation error {label}: {operation}, {problems}")
        try:
            status, headers, body = self._send(known, region, model, dict(arguments))
        except HTTPError as error:
            silent = _silent(self.endpoint, error)
            raise ProviderError(f"operation error {label}: {operation}, {silent}") from None
        response = {"status_code": status, "headers": headers, "body": body}
        answer: dict[str, Any] = known.parser.parse(response, model.output_shape)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            detail = answer.get("Error", {})
            raise AwsError(label, operation, str(detail.get("Code", status)), detail.get("Message", ""))
        return answer

    def operation_model(self, service: str, operation: str) -> Any:
        """botocore's model of an operation."""
        from botocore.model import OperationNotFoundError

        try:
            return self._service(service).model.operation_model(operation)
        except OperationNotFoundError:  # Not in the cut model.
            with self._lock:
                self._services[service] = self._known(models.whole(service))
            return self._services[service].model.operation_model(operation)

    def _service(self, name: str) -> _Service:
        with self._lock:
            if name not in self._services:
                self._services[name] = self._load(name)
            return self._services[name]

    def _load(self, name: str) -> _Service:
        return self._known(models.load(name, self._cut_models) if self._cut_models else models.whole(name))

    def _known(self, model: Any) -> _Service:
        from botocore.parsers import create_parser
        from botocore.serialize import create_serializer

        protocol = model.resolved_protocol
        return _Service(model, create_serializer(protocol, include_validation=False), create_parser(protocol))

    def _send(
        self, known: _Service, region: str, model: Any, arguments: dict[str, Any]
    ) -> tuple[int, Any, bytes]:
        from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict

        request = known.serializer.serialize_to_request(arguments, model)
        prepare_request_dict(request, self.endpoint)
        request["headers"].update(_signed(known.model.signing_name, region))
        prepared = create_request_object(request).prepare()
        answer = self._connections().urlopen(
            prepared.method,
            prepared.url.removeprefix(self.endpoint),  # a whole address is what one asks of a proxy
            body=prepared.body,
            headers=dict(prepared.headers.items()),
            assert_same_host=False,
            redirect=False,
            retries=False,
        )
        return answer.status, HeadersDict(answer.headers.items()), answer.data

    def _connections(self) -> Any:
        from urllib3 import HTTPConnectionPool, Timeout

        with self._lock:
            if self._pool is None:
                place = urlsplit(self.endpoint)
                timeout = Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
                self._pool = HTTPConnectionPool(
                    place.hostname or "", place.port, timeout=timeout, maxsize=THREADS
                )
            return self._pool


def _signed(signing_name: str, region: str) -> dict[str, str]:
    """An authorization header whose scope names service and region, with a signature that nobody checks."""
    now = datetime.now(tz=UTC)
    scope = f"{ACCESS_KEY}/{now:%Y%m%d}/{region}/{signing_name}/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
    }
    urn = _creating.get()
    return headers if urn is None else {**headers, URN_HEADER: quote(urn, safe="")}


def _invalid(arguments: Mapping[str, Any], shape: Any) -> str | None:
    """What botocore finds wrong with the arguments, without their values: one of them may be a password."""
    from botocore.validate import ParamValidator

    if shape is None:
        return None
    report = ParamValidator().validate(dict(arguments), shape)
    if not report.has_errors():
        return None
    return "; ".join(line.split(", value:")[0].strip() for line in report.generate_report().splitlines())


def _silent(endpoint: str, error: Exception) -> str:
    why = type(error).__name__
    return f"the local cloud at {endpoint} does not answer ({why}); run `palier local status`"
