"""`python -m softphone.practice_carrier`: serve practice customers until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import logging
import signal
import sys
from pathlib import Path

import orjson

from softphone.health import collector
from softphone.practice_carrier.call_log import CallLog, wall_time
from softphone.practice_carrier.server import PracticeCarrier

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """One JSON object per record: instant, level, logger, a static sentence, and its details."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": wall_time().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def loopback(host: str) -> str:
    """An IPv4 address that only this machine reaches; the customers are for practice alone."""
    try:
        if ipaddress.IPv4Address(host).is_loopback:
            return host
    except ValueError:
        pass  # a name; it may mean another address tomorrow
    raise argparse.ArgumentTypeError(f"{host} is not an IPv4 loopback address")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m softphone.practice_carrier", description="Serve practice customers."
    )
    parser.add_argument(
        "--host", type=loopback, default="127.0.0.1", help="loopback address to listen on"
    )
    parser.add_argument("--port", type=int, default=5070, help="UDP port, 0 takes a free one")
    parser.add_argument("--seed", type=int, default=0, help="other seed, other people")
    parser.add_argument("--record-dir", type=Path, help="keep what customers hear as WAV files")
    parser.add_argument("--log-calls", type=Path, help="append a JSON line per change of a call")
    return parser


async def serve(options: argparse.Namespace) -> int:
    """Run until told to stop; the exit code."""
    carrier = PracticeCarrier(
        host=options.host,
        port=options.port,
        seed=options.seed,
        record_dir=options.record_dir,
        call_log=CallLog(options.log_calls),
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await carrier.start()
    except OSError as error:
        sys.stderr.write(
            f"practice carrier: cannot listen on {options.host}:{options.port} (udp): "
            f"{error.strerror}\n"
        )
        return 1
    collector.settle()
    host, port = carrier.address
    sys.stdout.write(f"practice carrier ready on {host}:{port} (udp)\n")
    sys.stdout.flush()
    await stop.wait()
    await carrier.stop()
    return 0


def main() -> None:
    options = arguments().parse_args()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    raise SystemExit(asyncio.run(serve(options)))


if __name__ == "__main__":
    main()
