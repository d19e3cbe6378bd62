"""Kamailio in front: a registrar and recording proxy, over UDP, TCP and TLS at once.

One gateway process has a trunk for each transport, and one with a wrong password. Behind the proxy
stand three SIPp peers; every call is made on every transport, all of them side by side.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from softphone.protocol import (
    CallAnswered,
    CallEnded,
    CallNotPlaced,
    CallRinging,
    EndedBy,
    HangUp,
    TrunkChanged,
)
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.trunk.settings import TrunkSettings
from softphone.sip.trunk.trunk import Trunk
from tests.fakes.desk_server import FakeDesk
from tests.interop.certificates import make_certificate
from tests.interop.proxied_scenarios import answers, refuses, rings
from tests.interop.sipp_floor import ManyTrunks, free_ports
from tests.ports import free_tcp_port, listens
from tests.softphone.gateway_process import place_call
from tests.softphone.sip.bindings import bound
from tests.waiting import PATIENCE_S, await_until

pytestmark = [pytest.mark.kamailio, pytest.mark.sipp, pytest.mark.processes]

TRANSPORTS = ("udp", "tcp", "tls")
CONFIGURATION = Path(__file__).parent / "peers" / "kamailio.cfg"
CALLS = {"answers": 6, "refuses": 3, "rings": 6}


@dataclass
class Border:
    """Kamailio and the peers behind it."""

    port: int
    tls_port: int
    certificate: Path
    peers: dict[str, asyncio.subprocess.Process]
    folder: Path

    def log(self) -> str:
        return (self.folder / "kamailio.log").read_text("utf-8", "replace")


@pytest.fixture
async def border(tmp_path: Path) -> AsyncIterator[Border]:
    async with contextlib.AsyncExitStack() as stack:
        ports = dict(zip(CALLS, free_ports(len(CALLS)), strict=True))
        peers = {
            scenario.name: await stack.enter_async_context(
                _sipp(scenario.name, scenario.xml, ports[scenario.name], tmp_path)
            )
            for scenario in (answers(), refuses(), rings())
        }
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        make_certificate(key, certificate)
        words = {
            "port": str(free_ports(1)[0]),
            "tls_port": str(free_tcp_port()),
            "modules": str(_modules()),
            "certificate": str(certificate),
            "key": str(key),
            **{name: str(port) for name, port in ports.items()},
        }
        text = CONFIGURATION.read_text("utf-8")
        for name, value in words.items():
            text = text.replace("{{" + name + "}}", value)
        (tmp_path / "kamailio.cfg").write_text(text, "utf-8")
        await stack.enter_async_context(_kamailio(tmp_path, int(words["tls_port"])))
        yield Border(int(words["port"]), int(words["tls_port"]), certificate, peers, tmp_path)


@contextlib.asynccontextmanager
async def _kamailio(folder: Path, tls_port: int) -> AsyncIterator[None]:
    run = folder / "run"
    run.mkdir()
    arguments = ["-f", str(folder / "kamailio.cfg"), "-DD", "-E", "-m", "64", "-M", "8"]
    arguments += ["-Y", str(run), "-P", str(run / "pid")]
    with (folder / "kamailio.log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            "kamailio", *arguments, cwd=folder, stdout=output, stderr=output
        )
    try:
        await await_until(lambda: process.returncode is not None or listens(tls_port))
        log = (folder / "kamailio.log").read_text("utf-8", "replace")
        assert process.returncode is None, log[-3000:]
        yield
    finally:
        if process.returncode is None:
            process.terminate()  # it ends its own children
            await process.wait()


@contextlib.asynccontextmanager
async def _sipp(
    name: str, xml: str, port: int, folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    path = folder / f"{name}.xml"
    path.write_text(xml, "utf-8")
    arguments = ["-sf", str(path), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(port)]
    arguments += ["-m", str(CALLS[name]), "-nostdin", "-deadcall_wait", "0"]
    arguments += ["-timeout", "60s", "-timeout_error"]
    arguments += ["-trace_msg", "-message_file", f"{name}.messages"]
    arguments += ["-trace_err", "-error_file", f"{name}.errors"]
    with (folder / f"{name}.screen").open("wb") as screen:
        process = await asyncio.create_subprocess_exec(
            "sipp", *arguments, cwd=folder, stdout=screen, stderr=screen
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _modules() -> Path:
    found = sorted(Path("/usr/lib").glob("*/kamailio/modules/tls.so"))
    assert found, "kamailio-tls-modules is not installed"
    return found[0].parent


def tables(border: Border) -> dict[str, dict[str, object]]:
    """A trunk for each transport, and one that does not know the password."""

    def table(name: str, transport: str, password: str) -> dict[str, object]:
        values: dict[str, object] = {
            "id": name,
            "host": "127.0.0.1",
            "port": border.tls_port if transport == "tls" else border.port,
            "transport": transport,
            "domain": "carrier.test",
            "caller_id": "0312340000",
            "username": "trunk",
            "password": password,
            "register": True,
            "calls_per_second": 50,
        }
        return values | ({"tls_ca": str(border.certificate)} if transport == "tls" else {})

    trunks = {name: table(name, name, "secret") for name in TRANSPORTS}
    return {**trunks, "wrong": table("wrong", "udp", "guessed")}


@pytest.fixture
async def desk(border: Border, tmp_path: Path) -> AsyncIterator[FakeDesk]:
    """A desk whose gateway is linked, all good trunks registered."""
    desk = FakeDesk()
    await desk.start()
    gateway = ManyTrunks(tmp_path, desk, tables(border))
    gateway.start()
    try:
        await desk.linked()
        for name in TRANSPORTS:
            await await_until(lambda name=name: is_up(desk, name), what=name)
        yield desk
    finally:
        gateway.end()
        print(gateway.log[-4000:], border.log()[-4000:])  # shown when the test failed
        await desk.stop()


def is_up(desk: FakeDesk, trunk_id: str) -> bool:
    told = [*desk.snapshots[-1].trunks, *desk.events(TrunkChanged)]
    return next((each.up for each in reversed(told) if each.trunk_id == trunk_id), False)


async def call(desk: FakeDesk, trunk_id: str, last_digit: int) -> str:
    call_id = f"{trunk_id}-{last_digit}"
    number = f"+81901230000{last_digit}"
    command = place_call(call_id, number, desk=desk, bridge_within_s=60.0, trunk_id=trunk_id)
    reply = await desk.send(command)
    assert reply.refusal is None, reply.refusal
    return call_id


async def answered(desk: FakeDesk, trunk_id: str, last_digit: int) -> CallEnded:
    call_id = await call(desk, trunk_id, last_digit)
    await desk.event(CallAnswered, call_id=call_id)
    await desk.send(HangUp(call_id, "operator"))
    return await desk.event(CallEnded, call_id=call_id)


async def refused(desk: FakeDesk, trunk_id: str) -> CallEnded:
    return await desk.event(CallEnded, call_id=await call(desk, trunk_id, 2))


async def cancelled(desk: FakeDesk, trunk_id: str) -> CallEnded:
    call_id = await call(desk, trunk_id, 4)
    await desk.event(CallRinging, call_id=call_id)
    await desk.send(HangUp(call_id, "stopped"))
    return await desk.event(CallEnded, call_id=call_id)


async def nowhere(desk: FakeDesk, trunk_id: str) -> CallEnded:
    return await desk.event(CallEnded, call_id=await call(desk, trunk_id, 9))


async def test_every_call_goes_through_on_every_transport(desk: FakeDesk, border: Border) -> None:
    kinds = (
        *(answered(desk, trunk_id, digit) for digit in (1, 3) for trunk_id in TRANSPORTS),
        *(refused(desk, trunk_id) for trunk_id in TRANSPORTS),
        *(cancelled(desk, trunk_id) for trunk_id in TRANSPORTS),
        *(nowhere(desk, trunk_id) for trunk_id in TRANSPORTS),
    )
    ended = await asyncio.gather(*kinds)
    told = [(each.by, each.answered, each.sip_code) for each in ended]
    assert told == [
        *[(EndedBy.DESK, True, None)] * 6,
        *[(EndedBy.TRUNK, False, 486)] * 3,
        *[(EndedBy.DESK, False, 487)] * 3,
        *[(EndedBy.TRUNK, False, 404)] * 3,
    ]
    for name, process in border.peers.items():
        code = await asyncio.wait_for(process.wait(), PATIENCE_S)
        errors = border.folder / f"{name}.errors"
        assert code == 0, errors.read_text("utf-8", "replace") if errors.exists() else name
    await await_until(
        lambda: not any(trunk.lines_in_use for trunk in desk.liveness[-1].trunks), what="free lines"
    )


async def test_two_gateways_of_one_account_have_a_binding_each(
    border: Border, tmp_path: Path
) -> None:
    """The one that leaves takes its own binding with it, and no other."""
    trunks = [_registering(border, tmp_path / name) for name in ("one", "two")]
    try:
        for trunk in trunks:
            await trunk.start()
        await await_until(lambda: all(trunk.state == "up" for trunk in trunks), what="both up")
        addresses = [trunk.endpoint.address for trunk in trunks]
        assert await bound(trunks[1]) == {f"trunk@127.0.0.1:{port}" for _, port in addresses}
        await trunks[0].stop()
        assert await bound(trunks[1]) == {f"trunk@127.0.0.1:{addresses[1][1]}"}
    finally:
        for trunk in trunks:
            await trunk.stop()


def _registering(border: Border, folder: Path) -> Trunk:
    settings = TrunkSettings(
        trunk_id="udp",
        host="127.0.0.1",
        port=border.port,
        domain="carrier.test",
        caller_id="0312340000",
        lines=4,
        calls_per_second=10,
        username="trunk",
        password="secret",
        register=True,
    )
    folder.mkdir()
    return Trunk(settings, DialogJournal(folder / "journal"))


async def test_a_wrong_password_keeps_its_trunk_down(desk: FakeDesk) -> None:
    assert not is_up(desk, "wrong")
    await desk.send(place_call("c1", "+819012300001", desk=desk, trunk_id="wrong"))
    told = await desk.event(CallNotPlaced, call_id="c1")
    assert told.refusal.error_id == "trunk_down"
