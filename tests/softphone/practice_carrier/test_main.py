"""The process: its ready line, its log, a taken port, and a graceful end."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.softphone.practice_carrier.caller import exchange
from tests.waiting import PATIENCE_S, await_until

ROOT = Path(__file__).parents[3]
READY = re.compile(r"practice carrier ready on 127\.0\.0\.1:(\d+) \(udp\)\n")


@asynccontextmanager
async def carrier_process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "softphone.practice_carrier",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ready_port(process: asyncio.subprocess.Process) -> int:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        found = READY.fullmatch((await process.stdout.readline()).decode())
    assert found is not None
    return int(found[1])


@pytest.mark.processes
async def test_it_serves_logs_each_change_and_ends_on_sigterm(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    async with carrier_process("--port", "0", "--log-calls", str(log)) as process:
        port = await ready_port(process)
        async with exchange(tmp_path, port=port) as line:
            caller = await line.answered("09000009440")
            await await_until(lambda: caller.heard_dbfs(440) > -16)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                await caller.ended.wait()
                _, errors = await process.communicate()
        assert process.returncode == 0
    messages = [json.loads(line)["message"] for line in errors.decode().splitlines()]
    assert messages == ["call taken", "call over"]
    events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert events == ["invite", "answer", "end"]


@pytest.mark.processes
async def test_a_taken_port_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with carrier_process("--port", str(port)) as process:
            async with asyncio.timeout(PATIENCE_S):
                _, errors = await process.communicate()
    assert process.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in errors.decode()
    assert "Traceback" not in errors.decode()


@pytest.mark.processes
async def test_it_listens_on_loopback_only() -> None:
    async with carrier_process("--host", "0.0.0.0") as process:
        async with asyncio.timeout(PATIENCE_S):
            _, errors = await process.communicate()
    assert process.returncode == 2
    assert "0.0.0.0 is not an IPv4 loopback address" in errors.decode()
