"""All SIPp scenarios at once against one gateway process: each peer has a trunk of its own.

    results = asyncio.run(play_all(folder, names))

A peer plays its scenario once and ends by itself, successfully only if every message came as it
should. What the desk was told, and what the gateway says is left of the calls, stands in the
result.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from socketio.exceptions import SocketIOError

from softphone.protocol import CallAnswered, CallEnded, CallRinging, Event
from tests.fakes.desk_server import FakeDesk
from tests.interop.exercises import EXERCISES, Exercise
from tests.ports import port_is_bound
from tests.softphone.gateway_process import GatewayProcess, place_call
from tests.waiting import await_until

SCENARIOS = Path(__file__).parent / "sipp"
AT_ONCE = 16
PORTS = (20_000, 30_000)
LONGEST_S = 40.0


@dataclass
class Result:
    """What came of one scenario. `code` is SIPp's exit code, None when it had to be ended."""

    code: int | None
    log: str
    ended: list[CallEnded] = field(default_factory=list)
    rings: list[int] = field(default_factory=list)
    answers: int = 0
    events: list[Event] = field(default_factory=list)
    fault: str = ""


@dataclass
class Evening:
    """All results, and what the gateway held at the end."""

    results: dict[str, Result]
    lines_in_use: dict[str, int]
    journal: str
    log: str


class ManyTrunks(GatewayProcess):
    """A gateway with the trunks of a file; its caller id is the same on all."""

    def __init__(
        self,
        folder: Path,
        desk: FakeDesk,
        tables: dict[str, dict[str, object]],
        *,
        settings: dict[str, str] | None = None,
    ) -> None:
        super().__init__(
            folder / "data", desk, sip_port=9, rtp_ports="43000-43999", settings=settings
        )
        for name in ("SIP_TRUNK", "SIP_CALLER_ID", "SIP_DOMAIN"):
            self._environ.pop(name)
        path = folder / "trunks.toml"
        path.write_text("\n".join(_table(each) for each in tables.values()), "utf-8")
        self._environ["SIP_TRUNKS"] = str(path)


def _table(values: dict[str, object]) -> str:
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(["[[trunk]]", *lines, ""])


def trunk_of(name: str, port: int, exercise: Exercise) -> dict[str, object]:
    """The table of the trunk towards a scenario's peer."""
    return {
        "id": name,
        "host": "127.0.0.1",
        "port": port,
        "domain": "carrier.test",
        "caller_id": "0312340000",
        "lines": 2,
        **exercise.trunk,
    }


async def play_all(folder: Path, names: Iterable[str]) -> Evening:
    """Play these scenarios, `AT_ONCE` at a time."""
    desk = FakeDesk()
    await desk.start()
    chosen = sorted(names)
    ports = dict(zip(chosen, free_ports(len(chosen)), strict=True))
    tables = {name: trunk_of(name, ports[name], EXERCISES[name]) for name in chosen}
    gateway = ManyTrunks(folder, desk, tables)
    peers = {name: Peer(name, ports[name], folder) for name in chosen}
    for peer in peers.values():
        if peer.over_tcp:  # its trunk is down until there is somebody to connect to
            await peer.start()
    gateway.start()
    try:
        await desk.linked()
        turn = asyncio.Semaphore(AT_ONCE)
        played = [_play(peers[name], desk, turn=turn) for name in chosen]
        results = dict(zip(chosen, await asyncio.gather(*played), strict=True))
        lines = await _lines_in_use(desk)
        journal = folder / "data" / "gateway" / "dialogs.journal"
        return Evening(results, lines, journal.read_text("utf-8"), gateway.log)
    finally:
        gateway.end()
        await desk.stop()


async def _lines_in_use(desk: FakeDesk) -> dict[str, int]:
    """What the trunks say in the second after the last call, given a moment to become nothing."""

    def lines() -> dict[str, int]:
        return {trunk.trunk_id: trunk.lines_in_use for trunk in desk.liveness[-1].trunks}

    try:
        await await_until(lambda: not any(lines().values()))
    except AssertionError:
        pass  # the test says which
    return lines()


async def _play(peer: Peer, desk: FakeDesk, *, turn: asyncio.Semaphore) -> Result:
    name = peer.name
    async with turn:
        await peer.start()
        fault = ""
        try:
            await _converse(name, desk)
            code: int | None = await peer.finished()
        except (AssertionError, TimeoutError, SocketIOError) as error:
            fault, code = str(error) or type(error).__name__, None
        await peer.end()
        return Result(
            code=code,
            log=peer.log,
            ended=desk.events(CallEnded, call_id=name),
            rings=[event.sip_code for event in desk.events(CallRinging, call_id=name)],
            answers=len(desk.events(CallAnswered, call_id=name)),
            events=[each.event for each in desk.stored if name in repr(each.event)],
            fault=fault,
        )


async def _converse(name: str, desk: FakeDesk) -> None:
    exercise = EXERCISES[name]
    command = place_call(
        name,
        "+819012300001",
        desk=desk,
        bridge_within_s=60.0,
        ring_limit_s=exercise.ring_limit_s,
        trunk_id=name,
    )
    reply = await desk.send(command)
    assert reply.refusal is None, f"not placed: {reply.refusal}"
    if exercise.act is not None:
        await exercise.act(desk, name)
    await desk.event(CallEnded, call_id=name, within_s=LONGEST_S)


class Peer:
    """SIPp with one scenario, played once."""

    def __init__(self, name: str, port: int, folder: Path) -> None:
        self.name, self.port = name, port
        self.over_tcp = EXERCISES[name].trunk.get("transport") == "tcp"
        self._room = folder / name
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, unless it runs already, and wait until it listens."""
        if self._process is not None:
            return
        self._room.mkdir()
        scenario = str(SCENARIOS / f"{self.name}.xml")
        arguments = ["-sf", scenario, "-i", "127.0.0.1", "-mi", "127.0.0.1"]
        arguments += ["-p", str(self.port), "-t", "t1" if self.over_tcp else "u1"]
        arguments += ["-m", "1", "-nostdin", "-deadcall_wait", "0"]
        arguments += ["-timeout", "45s", "-timeout_error"]
        arguments += ["-trace_err", "-error_file", "errors.log"]
        arguments += ["-trace_msg", "-message_file", "messages.log"]
        with (self._room / "screen.log").open("wb") as screen:
            process = await asyncio.create_subprocess_exec(
                "sipp", *arguments, cwd=self._room, stdout=screen, stderr=screen
            )
        self._process = process
        await await_until(lambda: process.returncode is not None or port_is_bound(self.port))

    async def finished(self) -> int:
        """Its exit code: 0 when every message came as it should."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), LONGEST_S)

    async def end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    @property
    def log(self) -> str:
        parts = []
        for name in ("errors.log", "messages.log"):
            path = self._room / name
            if path.exists():
                parts.append(f"--- {name}\n{path.read_text('utf-8', 'replace')[-9000:]}")
        return "\n".join(parts)


def free_ports(count: int) -> list[int]:
    """UDP ports nobody is bound to, outside the range the system gives away by itself."""
    first = random.randrange(*PORTS)
    candidates = itertools.chain(range(first, PORTS[1]), range(PORTS[0], first))
    return list(itertools.islice((port for port in candidates if not port_is_bound(port)), count))
