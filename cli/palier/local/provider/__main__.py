"""The plugin's process: opens a port on loopback, prints it for the engine, serves until told to stop."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

THREADS = 32
_WATCH_SECONDS = 0.5
_MAX_MESSAGE_BYTES = 1024 * 1024 * 400  # As Pulumi's own SDKs (pulumi.runtime._grpc_settings).


def _forget_credentials() -> None:
    """Nothing of the user's AWS settings is wanted here; what is not there can't be read by accident."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        if name != "AWS_REGION":
            del os.environ[name]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


def _leave_with(parent: int) -> None:
    """End when the engine has ended without telling us (kill -9): an orphan must not live on."""
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(0)


def only_the_protocol() -> None:
    """Let `pulumi.runtime.proto` be imported without the SDK around it.

    The package's own `__init__` imports the whole SDK, 0.25 s of the 0.45 s that a start took, and every run
    of the engine starts the plugin; what is wanted are the generated gRPC classes.
    """
    spec = find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations:
        return  # The import below says what is missing.
    root = Path(spec.submodule_search_locations[0])
    for name, folder in (("pulumi", root), ("pulumi.runtime", root / "runtime")):
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


def main() -> None:
    """Serve."""
    _forget_credentials()
    from palier.local.provider import schema
    from palier.local.provider.table import entries

    schemas = schema.load(entries(), _schema_folder())
    only_the_protocol()
    from palier.local.provider.servicer import Provider

    serve(Provider(version("pulumi-aws"), schemas, _schema_folder()))


def serve(provider: Any) -> None:
    """Open a port on loopback, print it for the engine, and serve until told to stop."""
    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    server = grpc.server(
        ThreadPoolExecutor(max_workers=THREADS),
        options=[("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


def _schema_folder() -> Path:
    from palier.paths import local_dir

    return local_dir() / "schema"


if __name__ == "__main__":
    main()
