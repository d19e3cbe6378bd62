"""SIPp as an independent peer (its log shown on failure), trunks, and strangers on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from softphone.sip.calls.journal import DialogJournal
from softphone.sip.trunk.trunk import Trunk
from tests.ports import free_udp_port, port_is_bound
from tests.softphone.sip.placed_calls import trunk_settings
from tests.softphone.sip.stranger import Stranger
from tests.waiting import PATIENCE_S, await_until

SCENARIOS = Path(__file__).parent / "scenarios"
StartSipp = Callable[..., Awaitable["Sipp"]]


@dataclass
class Sipp:
    """A running scenario. `finished` waits for it and fails with its log unless it succeeded."""

    process: asyncio.subprocess.Process
    port: int
    folder: Path

    async def finished(self) -> None:
        try:
            code = await asyncio.wait_for(self.process.wait(), PATIENCE_S)
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
        port = free_udp_port()
        arguments = ["-sf", str(scenario), "-i", "127.0.0.1", "-mi", "127.0.0.1"]
        arguments += ["-p", str(port), "-m", "1", "-nostdin", "-deadcall_wait", "0"]
        arguments += ["-timeout", "60s", "-timeout_error"]
        arguments += ["-trace_err", "-error_file", "errors.log"]
        arguments += ["-trace_msg", "-message_file", "messages.log"]
        with (tmp_path / "screen.log").open("wb") as screen:
            process = await asyncio.create_subprocess_exec(
                "sipp", *arguments, cwd=tmp_path, stdout=screen, stderr=screen
            )
        sipp = Sipp(process, port, tmp_path)
        running.append(sipp)
        await await_until(
            lambda: process.returncode is not None or port_is_bound(port), what="sipp"
        )
        if process.returncode is not None:
            pytest.fail(f"sipp did not start\n{sipp.logs()}", pytrace=False)
        return sipp

    yield start
    for sipp in running:
        if sipp.process.returncode is None:
            sipp.process.kill()
            await sipp.process.wait()
            print(sipp.logs())  # shown by pytest when the test failed on our side


@pytest.fixture
async def start_trunk(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Trunk]]]:
    """`await start_trunk(port, lines=1)`; all trunks of a test share one journal file's path."""
    trunks: list[Trunk] = []

    async def start(port: int, **changes: object) -> Trunk:
        trunk = Trunk(trunk_settings(port, **changes), DialogJournal(tmp_path / "journal"))
        await trunk.start()
        trunks.append(trunk)
        return trunk

    yield start
    for trunk in trunks:
        await trunk.stop(within_s=1)


@pytest.fixture
def strangers() -> Iterator[Callable[..., Stranger]]:
    """`strangers("127.0.0.2")`: sockets closed after the test."""
    made: list[Stranger] = []

    def make(host: str = "127.0.0.1") -> Stranger:
        made.append(Stranger(host))
        return made[-1]

    yield make
    for stranger in made:
        stranger.close()
