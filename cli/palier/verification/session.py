"""Clients of AWS: one session, one client per service, made when first needed.

The local cloud gets credentials of its own and no configuration file, profile, proxy or endpoint
variable of the user's is looked at; a real account is reached the way the user's own AWS tools reach it.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from palier.errors import OperationError
from palier.local.layout import ACCESS_KEY, ACCOUNT_ID
from palier.phases.runs import LOCAL

# A local cloud that is up connects at once; a real account may be an ocean away.
LOCAL_CONNECT_SECONDS, REAL_CONNECT_SECONDS, READ_SECONDS = 2, 10, 60
# As many sockets per service as there are threads that may use them (reads.THREADS).
CONNECTIONS = 16
# The keys of CloudFront's key value stores: a service of its own, at a host of each account, whose requests
# are signed for all regions. botocore needs `awscrt` for that on AWS; the local cloud has one host.
EDGE_KEYS = "cloudfront-keyvaluestore"


def reach(region: str, environment: str) -> Clients:
    """Clients of an environment: the running local cloud, or AWS with the user's own credentials.

    Raises OperationError where the local cloud does not run.
    """
    if environment != LOCAL:
        return Clients(region=region)
    from palier.local import cloud

    status = cloud.status()
    if not status.running:
        raise OperationError("the local cloud does not run", next_step="palier local start")
    return Clients(region=region, endpoint=status.endpoint)


class Clients:
    """boto3 clients by service name, made once each; safe to use from several threads."""

    def __init__(self, *, region: str, endpoint: str | None = None) -> None:
        """`endpoint` is the local cloud's; None reaches AWS with the user's own credentials."""
        self.region, self.endpoint = region, endpoint
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The client of `service`. botocore sessions are not thread-safe, hence the lock."""
        with self._lock:
            if service not in self._clients:
                self._session = self._session or self._make_session()
                self._clients[service] = self._make_client(service)
            return self._clients[service]

    def in_region(self, region: str) -> Clients:
        """Clients of the same account in another region."""
        return Clients(region=region, endpoint=self.endpoint)

    def _make_session(self) -> Any:
        import boto3
        import botocore.session

        if self.endpoint is None:
            return boto3.session.Session(region_name=self.region)
        core = botocore.session.Session(
            session_vars={  # name: (key in the file, environment variable, default, conversion)
                "profile": (None, None, None, None),
                "config_file": (None, None, os.devnull, None),
                "credentials_file": (None, None, os.devnull, None),
            }
        )
        return boto3.session.Session(
            botocore_session=core,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=ACCESS_KEY,
            region_name=self.region,
        )

    def _make_client(self, service: str) -> Any:
        from botocore.config import Config

        shared = {
            "max_pool_connections": CONNECTIONS,
            "read_timeout": READ_SECONDS,
            "user_agent_appid": "palier-verify",
        }
        if self.endpoint is None:
            config = Config(
                connect_timeout=REAL_CONNECT_SECONDS,
                retries={"mode": "adaptive", "total_max_attempts": 8},
                **shared,
            )
            return self._session.client(service, config=config)
        config = Config(
            connect_timeout=LOCAL_CONNECT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 2},
            proxies={},  # a proxy of the user's must never see the local cloud
            use_fips_endpoint=False,
            use_dualstack_endpoint=False,
            s3={"addressing_style": "path"},
            signature_version="v4" if service == EDGE_KEYS else None,
            **shared,
        )
        made = self._session.client(service, config=config, endpoint_url=self.endpoint)
        if service == EDGE_KEYS:
            made.meta.events.register(f"before-sign.{service}", _at_the_one_host)
        return made


def _at_the_one_host(request: Any, **_: Any) -> None:
    """botocore puts the account before any host, the local cloud's as well."""
    request.url = request.url.replace(f"//{ACCOUNT_ID}.", "//", 1)
