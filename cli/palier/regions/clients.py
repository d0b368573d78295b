"""Clients that soon give up on a region, and what counts as a region that does not answer."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from palier.errors import OperationError
from palier.regions.model import Unreachable
from palier.verification.session import Clients

# A region that is lost may be silent: what is asked of it has to end. Two tries of so long, at most.
CONNECT_SECONDS, READ_SECONDS, TRIES = 3, 5, 2
LOCAL_READ_SECONDS = 3  # of the local cloud, which answers in milliseconds
# What is asked for is not given up on so soon: AWS takes some seconds to begin with a new replica.
PATIENT_READ_SECONDS = 30
SERVER_ERROR = 500


class ImpatientClients(Clients):
    """Clients by service name that give up after seconds; of the local cloud, at the first try."""

    def __init__(self, *, region: str, endpoint: str | None = None, read_seconds: int = READ_SECONDS) -> None:
        super().__init__(region=region, endpoint=endpoint)
        self._read_seconds = read_seconds

    def _make_client(self, service: str) -> Any:
        from botocore.config import Config

        # What does not read may have had its effect although no answer came: it is asked for once.
        quick, local = self._read_seconds == READ_SECONDS, self.endpoint is not None
        tries = TRIES if quick and not local else 1
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=min(self._read_seconds, LOCAL_READ_SECONDS)
            if quick and local
            else self._read_seconds,
            retries={"mode": "standard", "total_max_attempts": tries},
            user_agent_appid="palier-region",
            **({"proxies": {}} if local else {}),
        )
        return self._session.client(service, config=config, endpoint_url=self.endpoint)


def ask(region: str, call: Callable[..., Any], /, *, known: Collection[str] = (), **asked: Any) -> Any:
    """The answer of a call. Raises Unreachable for no answer or 5xx, OperationError for a refusal.

    A refusal with one of the `known` codes, which the caller knows what to do with, stays a ClientError.
    """
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

    try:
        return call(**asked)
    except (ConnectionError, HTTPClientError) as error:
        raise Unreachable(region, _how(error)) from None
    except ClientError as error:
        told = error.response.get("Error", {})
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= SERVER_ERROR:
            raise Unreachable(region, f"{told.get('Code')}") from None
        if told.get("Code") in known:
            raise
        raise OperationError(
            f"{region}: AWS refused {error.operation_name}: {told.get('Code')}: {told.get('Message', '')}",
            next_step="mend it, then run the same command again: it goes on where this one stopped",
        ) from None
    except BotoCoreError as error:
        raise OperationError(f"{region}: {error}", next_step="`aws sts get-caller-identity`") from None


def _how(error: Exception) -> str:
    kind = type(error).__name__
    return "no answer in time" if "Timeout" in kind else f"no connection ({kind})"
