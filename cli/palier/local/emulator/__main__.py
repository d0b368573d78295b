"""The emulator's process: `python -m palier.local.emulator --port N --dir DIR`.

Started by `palier.local.cloud`; by hand only to look at it in the foreground.
"""

from __future__ import annotations

import argparse
import datetime
import logging
import os
import signal
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from palier.local import pidfile
from palier.local.layout import DEFAULT_REGION, Layout

if TYPE_CHECKING:
    from palier.local.emulator.application import Application
    from palier.local.emulator.server import Server

LOG_BYTES, LOG_FILES = 2_000_000, 2  # about 25 000 requests a file

log = logging.getLogger("palier.emulator")


def main() -> int:
    """Run until told to stop: 0; 1 where it cannot run, with a line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m palier.local.emulator")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--region", default=DEFAULT_REGION)
    arguments = parser.parse_args()
    os.umask(0o077)
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # 0.1 s, once; else no role can attach one
    place = Layout(arguments.dir)
    place.make()
    _log_to(place)
    return run(place, arguments.port, arguments.region)


def run(place: Layout, port: int, region: str) -> int:
    """Serve the cloud in `place` on `port` until SIGTERM or SIGINT."""
    from filelock import FileLock, Timeout

    from palier.local.emulator.application import Application
    from palier.local.emulator.engine import Engine
    from palier.local.emulator.journal import BadJournal, Journal
    from palier.local.emulator.server import Server

    alone = FileLock(place.run_lock)
    try:
        alone.acquire(timeout=2)  # a killed one may hold it a moment longer
    except Timeout:
        print(f"another emulator already writes the journal in {place.emulator}", file=sys.stderr)
        return 1
    started_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    facts = {"dir": str(place.root), "port": port, "region": region, "started_at": started_at}
    try:
        engine = Engine(Journal(place.journal))
        application = Application(engine, facts)
        server = Server(port, application)
    except (BadJournal, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    record = pidfile.Record(os.getpid(), pidfile.process_began(os.getpid()) or "", port, region, started_at)
    pidfile.write(place.pid_file, record)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    threading.Thread(target=_prepare, args=(application, server), daemon=True).start()
    log.info("listening on 127.0.0.1:%d for %s", port, place.root)
    try:
        server.serve_forever(poll_interval=0.1)
        with engine.lock:  # a request under way ends before the journal closes
            engine.journal.close()
    finally:
        place.pid_file.unlink(missing_ok=True)
        alone.release()
    log.info("stopped")
    return 0 if application.failed is None else 1


def _prepare(application: Application, server: Server) -> None:
    """Load moto and replay the journal, beside the server, which tells how far it is."""
    engine = application.engine
    try:
        application.ready = engine.journal.count == 0  # nothing to replay: requests wait for the load alone
        engine.load()
        engine.replay()
        application.ready = True
        engine.load_rest()
    except Exception as error:
        log.exception("the emulator cannot go on")
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        application.failed = str(error)
        server.shutdown()


def _log_to(place: Layout) -> None:
    handler = RotatingFileHandler(place.log, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    log.setLevel(logging.INFO)


if __name__ == "__main__":
    sys.exit(main())
