"""Start, ask, kill and restart a real emulator process."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from palier.local import client, ports
from palier.local.layout import ACCESS_KEY, Layout

REGION = "eu-west-3"


def free_port() -> int:
    """A port that nobody listens on now, and none that the system gives to clients (32768 and above)."""
    while True:
        port = random.randrange(20000, 32000)
        if ports.is_free(port):
            return port


class Emulated:
    """An emulator process on a folder and a port."""

    def __init__(self, folder: Path, port: int) -> None:
        self.layout = Layout(folder)
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._clients: dict[tuple[str, str], Any] = {}

    def start(self) -> None:
        """Start it and wait until it is ready."""
        command = [sys.executable, "-m", "palier.local.emulator", "--port", str(self.port)]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        self.process = subprocess.Popen([*command, "--dir", str(self.layout.root)], env=environment)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}"
            try:
                if self.api("health")["ready"]:
                    return
            except client.Unreachable:
                time.sleep(0.05)
        raise AssertionError("the emulator did not get ready within a minute")

    def kill(self) -> None:
        """kill −9, and reap."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def restart_after_kill(self) -> None:
        """kill −9, and start again on the same journal."""
        self.kill()
        self.start()

    def api(self, path: str, *, method: str = "GET", body: object = None) -> Any:
        """Ask its own interface."""
        return client.ask(self.endpoint, path, method=method, body=body, timeout_seconds=60.0)

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client for it, made once: making one costs more than most of what it is made for."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self.new_client(service, region)
        return self._clients[service, region]

    def new_client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of one's own, without retries: an error is told at once."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=ACCESS_KEY,
            config=Config(retries={"total_max_attempts": 1}),
        )


@cache
def upstream_client(service: str, region: str = REGION) -> Any:
    """A boto3 client for moto as it is; only inside `moto.mock_aws()`."""
    return boto3.client(
        service, region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing"
    )
