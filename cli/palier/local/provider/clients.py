"""botocore clients of the local cloud, made once per service and region, and never of anything else."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit

from palier.local.provider.errors import AwsError, ProviderError

ENDPOINT_VARIABLE = "PALIER_LOCAL_ENDPOINT"
URN_HEADER = "X-Palier-Urn"
_CREDENTIAL = "palierlocal"
# The engine creates up to 16 resources per core at once; more connections than threads are never used.
THREADS = 32
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


class Clients:
    """Clients of one endpoint, with credentials of the local cloud, whatever lies around."""

    def __init__(self, endpoint: str | None) -> None:
        self.endpoint = loopback(endpoint)
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._session: Any = None

    def ping(self) -> None:
        """Ask whether the local cloud answers; ProviderError where it does not."""
        place = urlsplit(self.endpoint)
        connection = HTTPConnection(place.hostname or "", place.port, timeout=5)
        try:
            connection.request("GET", "/palier-api/health")
            connection.getresponse().read()
        except OSError as error:
            raise ProviderError(_silent(self.endpoint, error)) from None
        finally:
            connection.close()

    def client(self, service: str, region: str) -> Any:
        """The client of `service` in `region`."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._make(service, region)
            return self._clients[service, region]

    def _make(self, service: str, region: str) -> Any:
        import botocore.session
        from botocore.config import Config

        if self._session is None:
            self._session = botocore.session.Session()
            # Neither the user's profile nor their config file is read, even where the variables are set.
            self._session.set_config_variable("profile", None)
            self._session.set_config_variable("config_file", "/dev/null")
            self._session.set_config_variable("credentials_file", "/dev/null")
        client = self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=_CREDENTIAL,
            aws_secret_access_key=_CREDENTIAL,
            config=Config(
                max_pool_connections=THREADS,
                retries={"max_attempts": 1},
                connect_timeout=5,
                read_timeout=120,
                proxies={},
                s3={"addressing_style": "path"},
                inject_host_prefix=False,
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        client.meta.events.register("before-sign", _mark)
        return client

    def call(self, service: str, region: str, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Run one operation; AwsError where AWS refuses it, ProviderError where it can't be asked."""
        from botocore import xform_name
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        client = self.client(service, region)
        label = client.meta.service_model.service_id
        try:
            answer: dict[str, Any] = getattr(client, xform_name(operation))(**arguments)
        except ClientError as error:
            detail = error.response.get("Error", {})
            code, message = detail.get("Code", "Unknown"), detail.get("Message", "")
            raise AwsError(label, operation, str(code), message) from None
        except ParamValidationError as error:
            raise ProviderError(f"operation error {label}: {operation}, {_without_values(error)}") from None
        except BotoCoreError as error:
            silent = _silent(self.endpoint, error)
            raise ProviderError(f"operation error {label}: {operation}, {silent}") from None
        return answer

    def operation_model(self, service: str, region: str, operation: str) -> Any:
        """botocore's model of an operation."""
        return self.client(service, region).meta.service_model.operation_model(operation)


def _silent(endpoint: str, error: Exception) -> str:
    why = type(error).__name__
    return f"the local cloud at {endpoint} does not answer ({why}); run `palier local status`"


def _mark(request: Any, **_: Any) -> None:
    urn = _creating.get()
    if urn is not None:
        request.headers[URN_HEADER] = quote(urn, safe="")


def _without_values(error: Any) -> str:
    """botocore's complaint with the values cut out of it: one of them may be a password."""
    lines = str(error).splitlines()[1:]
    return "; ".join(line.split(", value:")[0].strip() for line in lines) or "invalid parameters"
