"""Clients of the local cloud see nothing of the user's; clients of AWS are the user's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from palier.verification.session import Clients

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing answers there
ANSWER = b"""<?xml version="1.0"?><DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
<requestId>1</requestId><vpcSet/></DescribeVpcsResponse>"""


@pytest.fixture
def cloud() -> Iterator[tuple[str, list[str]]]:
    """A loopback server that answers like EC2: its address, and the credentials it was shown."""
    shown: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            shown.append(self.headers["Authorization"])
            self.send_response(200)
            self.send_header("Content-Length", str(len(ANSWER)))
            self.end_headers()
            self.wfile.write(ANSWER)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", shown
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def users_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user with real credentials, a profile that is not there, proxies, and endpoints of their own."""
    credentials = tmp_path / "credentials"
    credentials.write_text("[default]\naws_access_key_id = REALKEY\naws_secret_access_key = REALSECRET\n")
    settings = {
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_ACCESS_KEY_ID": "REALKEY",
        "AWS_SECRET_ACCESS_KEY": "REALSECRET",
        "AWS_SESSION_TOKEN": "REALTOKEN",
        "AWS_PROFILE": "not-there",
        "AWS_ENDPOINT_URL": NOBODY,
        "AWS_ENDPOINT_URL_EC2": NOBODY,
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "HTTP_PROXY": NOBODY,
        "http_proxy": NOBODY,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("users_settings")
def test_the_local_cloud_is_asked_with_its_own_credentials_and_nobody_else_is(
    cloud: tuple[str, list[str]],
) -> None:
    endpoint, shown = cloud
    clients = Clients(region="eu-west-3", endpoint=endpoint)
    assert clients.client("ec2").describe_vpcs()["Vpcs"] == []
    assert len(shown) == 1
    assert "Credential=palierlocal/" in shown[0]
    assert "/eu-west-3/ec2/" in shown[0]


def test_a_real_account_is_asked_with_the_users_credentials(
    cloud: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, shown = cloud
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "THEUSERS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    Clients(region="eu-west-1").client("ec2").describe_vpcs()
    assert "Credential=THEUSERS/" in shown[0]
    assert "/eu-west-1/ec2/" in shown[0]


def test_a_client_is_made_once() -> None:
    clients = Clients(region="eu-west-3", endpoint=NOBODY)
    assert clients.client("sns") is clients.client("sns")
