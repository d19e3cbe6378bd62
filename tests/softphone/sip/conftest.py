"""SIPp as an independent peer: one process per test, on free ports, its log shown on failure."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import await_until

SCENARIOS = Path(__file__).parent / "scenarios"
_FINISHES_WITHIN_S = 10.0
StartSipp = Callable[..., Awaitable["Sipp"]]


@dataclass
class Sipp:
    """A running scenario. `finished` waits for it and fails with its log unless it succeeded."""

    process: asyncio.subprocess.Process
    port: int
    folder: Path

    async def finished(self) -> None:
        try:
            code = await asyncio.wait_for(self.process.wait(), _FINISHES_WITHIN_S)
        except TimeoutError:
            code = None
        if code != 0:
            pytest.fail(f"sipp ended with {code}\n{self.logs()}", pytrace=False)

    def messages(self) -> str:
        """Everything sipp sent and received."""
        return (self.folder / "messages.log").read_text("utf-8", "replace")

    def logs(self) -> str:
        parts = []
        for name in ("errors.log", "messages.log", "screen.log"):
            path = self.folder / name
            if path.exists():
                parts.append(f"--- {name}\n{path.read_text('utf-8', 'replace')[-6000:]}")
        return "\n".join(parts)


@pytest.fixture
async def start_sipp(tmp_path: Path) -> AsyncIterator[StartSipp]:
    """`await start_sipp("refuse", code="486")`: the words fill `{{code}}` in the scenario."""
    running: list[Sipp] = []

    async def start(name: str, **words: str) -> Sipp:
        text = (SCENARIOS / f"{name}.xml").read_text("utf-8")
        for word, value in words.items():
            text = text.replace("{{" + word + "}}", value)
        scenario = tmp_path / f"{name}.xml"
        scenario.write_text(text, "utf-8")
        port = _free_port()
        arguments = ["-sf", str(scenario), "-i", "127.0.0.1", "-mi", "127.0.0.1"]
        arguments += ["-p", str(port), "-m", "1", "-nostdin", "-deadcall_wait", "0"]
        arguments += ["-timeout", "15s", "-timeout_error"]
        arguments += ["-trace_err", "-error_file", "errors.log"]
        arguments += ["-trace_msg", "-message_file", "messages.log"]
        with (tmp_path / "screen.log").open("wb") as screen:
            process = await asyncio.create_subprocess_exec(
                "sipp", *arguments, cwd=tmp_path, stdout=screen, stderr=screen
            )
        sipp = Sipp(process, port, tmp_path)
        running.append(sipp)
        await await_until(lambda: process.returncode is not None or _is_taken(port), what="sipp")
        if process.returncode is not None:
            pytest.fail(f"sipp did not start\n{sipp.logs()}", pytrace=False)
        return sipp

    yield start
    for sipp in running:
        if sipp.process.returncode is None:
            sipp.process.kill()
            await sipp.process.wait()
            print(sipp.logs())  # shown by pytest when the test failed on our side


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False
