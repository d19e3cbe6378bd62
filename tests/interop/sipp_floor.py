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
from tests.ports import udp_port_is_bound
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

    def __init__(self, folder: Path, desk: FakeDesk, tables: dict[str, dict[str, object]]) -> None:
        super().__init__(folder / "data", desk, sip_port=9, rtp_ports="43000-43999")
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
    gateway.start()
    try:
        await desk.linked(within_s=30)
        turn = asyncio.Semaphore(AT_ONCE)
        played = [_play(name, ports[name], desk, folder=folder, turn=turn) for name in chosen]
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
        await await_until(lambda: not any(lines().values()), within_s=5)
    except AssertionError:
        pass  # the test says which
    return lines()


async def _play(
    name: str, port: int, desk: FakeDesk, *, folder: Path, turn: asyncio.Semaphore
) -> Result:
    async with turn:
        room = folder / name
        room.mkdir()
        process = await _start_sipp(name, port, room)
        fault = ""
        try:
            await await_until(lambda: process.returncode is not None or udp_port_is_bound(port))
            await _converse(name, desk)
            code: int | None = await asyncio.wait_for(process.wait(), LONGEST_S)
        except (AssertionError, TimeoutError, SocketIOError) as error:
            fault, code = str(error) or type(error).__name__, process.returncode
        if process.returncode is None:
            process.kill()
            await process.wait()
        return Result(
            code=code,
            log=_log(room),
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


async def _start_sipp(name: str, port: int, room: Path) -> asyncio.subprocess.Process:
    arguments = ["-sf", str(SCENARIOS / f"{name}.xml"), "-i", "127.0.0.1", "-mi", "127.0.0.1"]
    arguments += ["-p", str(port), "-m", "1", "-nostdin", "-deadcall_wait", "0"]
    arguments += ["-timeout", "45s", "-timeout_error"]
    arguments += ["-trace_err", "-error_file", "errors.log"]
    arguments += ["-trace_msg", "-message_file", "messages.log"]
    with (room / "screen.log").open("wb") as screen:
        return await asyncio.create_subprocess_exec(
            "sipp", *arguments, cwd=room, stdout=screen, stderr=screen
        )


def _log(room: Path) -> str:
    parts = []
    for name in ("errors.log", "messages.log"):
        path = room / name
        if path.exists():
            parts.append(f"--- {name}\n{path.read_text('utf-8', 'replace')[-9000:]}")
    return "\n".join(parts)


def free_ports(count: int) -> list[int]:
    """UDP ports nobody is bound to, outside the range the system gives away by itself."""
    first = random.randrange(*PORTS)
    candidates = itertools.chain(range(first, PORTS[1]), range(PORTS[0], first))
    return list(
        itertools.islice((port for port in candidates if not udp_port_is_bound(port)), count)
    )
