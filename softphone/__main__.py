"""The gateway process: `python -m softphone`."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TextIO

from config import ConfigError, GatewayConfig
from softphone.health import collector
from softphone.health.descriptors import raise_limit
from softphone.health.logs import start_logging
from softphone.health.threads import yield_to_loop
from softphone.media_plane import choose_plane
from softphone.webrtc.self_test import MediaSelfTestFailed
from softphone.wiring import build

log = logging.getLogger("softphone")


def main() -> int:
    """Run until SIGTERM (finish the calls first) or SIGINT. 1 when the gateway cannot start."""
    try:
        config = GatewayConfig.from_environ(os.environ)
        lock = _lock(config.data_dir)
    except (ConfigError, OSError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    start_logging()
    raise_limit()
    with lock:
        return asyncio.run(_serve(config))


def _lock(data_dir: Path) -> TextIO:
    """Hold the data directory: a second gateway would take our live calls for orphans.

    Raises OSError; the lock ends with the process, however it ends.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    file = open(data_dir / "lock", "w", encoding="ascii")  # noqa: SIM115  # held until the end
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise OSError(f"another gateway is running with the data directory {data_dir}") from None
    return file


async def _serve(config: GatewayConfig) -> int:
    stop, drain = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop.set)
    # Who asks a second time does not want to wait.
    loop.add_signal_handler(signal.SIGTERM, lambda: stop.set() if drain.is_set() else drain.set())
    try:
        plane = await choose_plane(config.media_plane)
        process = build(config, plane)
    except (MediaSelfTestFailed, OSError, ValueError) as fault:
        log.error("cannot start", extra={"reason": str(fault)})
        return 1
    yield_to_loop()
    collector.settle()
    log.info("started", extra={"gateway_id": config.gateway_id, "kind": plane})
    await process.run(stop, drain=drain)
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
