"""The gateway as `benchmarks.sip` starts it: the real one, which on SIGUSR1 tells what it holds.

    HELD_FILE=held.json python -m benchmarks.sip_gateway

What should be empty between calls is counted where it is kept, for a gateway has no such question
to answer in its work.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import orjson

from config import GatewayConfig
from softphone import __main__ as entry
from softphone import wiring
from softphone.media_plane import PlaneName
from softphone.sip.user_agent import UserAgent

# One of each for every attempt: after the last one none may be left.
_OF_AN_ATTEMPT = ("OutboundCall", "RoutedCall", "Call", "CustomerLine", "RtpSession", "Session")


def held(process: wiring.Process) -> dict[str, int]:
    """How much of everything the gateway has at this moment."""
    gc.collect()
    kinds = Counter(type(each).__name__ for each in gc.get_objects())
    loop = asyncio.get_running_loop()
    trunk = process.trunks._entries["trunk1"].trunk
    user_agent = next(each for each in gc.get_objects() if isinstance(each, UserAgent))
    outbox = process.gateway.outbox
    scheduled = [each for each in loop._scheduled if not each.cancelled()]
    sockets = [fd for fd in Path("/proc/self/fd").iterdir() if _is_socket(fd)]
    return {
        "calls": len(process.calls),
        "lines": trunk.lines_in_use,
        "transactions": user_agent.layer.open_transactions,
        "dialogs": user_agent.open_dialogs,
        "journal": len(process.journal._records),
        "ladders": len(trunk._ladders._open),
        "outbox": outbox.next_seq - outbox.first_seq,
        "timers": len(scheduled),
        "tasks": len(asyncio.all_tasks()),
        "sockets": len(sockets),
        "used_ids": len(process.calls._used),
        "replies": len(process.gateway._log),
        "objects": sum(kinds.values()),
        "rss_kb": _rss_kb(),
        "retransmissions": user_agent.layer.retransmissions,
        **{f"kept {name}": kinds[name] for name in _OF_AN_ATTEMPT},
    }


def _is_socket(fd: Path) -> bool:
    try:
        return os.readlink(fd).startswith("socket:")
    except OSError:
        return False


def _rss_kb() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def main() -> int:
    def build(config: GatewayConfig, plane: PlaneName = "direct") -> wiring.Process:
        process = wiring.build(config, plane)
        path = Path(os.environ["HELD_FILE"])

        def tell() -> None:
            fresh = path.with_suffix(".new")
            fresh.write_bytes(orjson.dumps(held(process)))
            os.replace(fresh, path)

        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)
        return process

    entry.build = build
    return entry.main()


if __name__ == "__main__":
    sys.exit(main())
