"""A trunk over TCP and TLS: calls, lost connections, connections of the carrier, strangers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.outbound import OutboundCall, OutboundInvite
from softphone.sip.transport import lifeline
from softphone.sip.transport.timing import Timing
from softphone.sip.transport.tls import TlsFiles
from softphone.sip.trunk.trunk import Trunk
from tests.softphone.sip.certificates import Authority
from tests.softphone.sip.placed_calls import OFFER, HeardCall, trunk_settings
from tests.softphone.sip.stream_carrier import ANSWERS, BUSY, RINGS, StreamCarrier
from tests.waiting import await_until

HASTY = Timing(t1=0.01, t2=0.08, t4=0.1)
Start = Callable[..., Awaitable[Trunk]]


@pytest.fixture
async def carriers() -> AsyncIterator[list[StreamCarrier]]:
    made: list[StreamCarrier] = []
    yield made
    for carrier in made:
        await carrier.stop()


@pytest.fixture
async def start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carriers: list[StreamCarrier]
) -> AsyncIterator[Start]:
    """A trunk, not yet connected as a rule; it tries again quickly, and ends before its carrier."""
    monkeypatch.setattr(lifeline, "FIRST_WAIT_S", 0.02)
    trunks: list[Trunk] = []

    async def make(port: int, **changes: object) -> Trunk:
        trunk = Trunk(trunk_settings(port, **changes), DialogJournal(tmp_path / "journal"))
        await trunk.start()
        trunks.append(trunk)
        return trunk

    yield make
    for trunk in trunks:
        await trunk.stop(within_s=1)


async def up(trunk: Trunk) -> None:
    await await_until(lambda: trunk.state == "up", what="a trunk that is up")


def place(trunk: Trunk, number: str, *, sdp: str = OFFER) -> tuple[HeardCall, OutboundCall]:
    heard = HeardCall()
    return heard, trunk.place(OutboundInvite("c", number, "", sdp, 20), heard)


async def carrier_of(carriers: list[StreamCarrier], **how: object) -> StreamCarrier:
    carrier = StreamCarrier(**how)  # type: ignore[arg-type]
    await carrier.start()
    carriers.append(carrier)
    return carrier


async def test_a_call_over_tcp_is_answered_and_hung_up(start: Start, carriers: list) -> None:
    carrier = await carrier_of(carriers)
    trunk = await start(carrier.port, transport="tcp", username="desk", password="x")
    await up(trunk)
    heard, call = place(trunk, ANSWERS)
    await await_until(lambda: heard.answers)
    (invite,) = carrier.requests("INVITE")
    assert invite.via.transport == "TCP"
    assert f"127.0.0.1:{trunk.endpoint.address[1]};transport=tcp>" in invite.get("contact")
    call.hang_up("operator")
    await await_until(lambda: carrier.over == 1 and trunk.lines_in_use == 0)
    assert carrier.heard[0].events == ["ack", "bye"]
    assert len(carrier.connections) == 1, "one connection carries it all"


async def test_nothing_is_sent_twice_over_tcp(start: Start, carriers: list) -> None:
    carrier = await carrier_of(carriers)
    trunk = await start(carrier.port, transport="tcp", timing=HASTY)
    await up(trunk)
    carrier.muted = True
    heard, _ = place(trunk, ANSWERS)
    await await_until(lambda: heard.endings)
    assert (heard.ending.code, heard.ending.by) == (408, "trunk")
    assert len(carrier.requests("INVITE")) == 1


async def test_a_registration_stands_over_tcp_and_is_made_anew_with_the_connection(
    start: Start, carriers: list
) -> None:
    carrier = await carrier_of(carriers)
    account = {"register": True, "username": "desk", "password": "x"}
    trunk = await start(carrier.port, transport="tcp", **account)
    await up(trunk)
    carrier.connections[0].close()
    await await_until(lambda: len(carrier.requests("REGISTER")) == 2)
    await up(trunk)


async def test_a_live_call_outlives_its_connection(start: Start, carriers: list) -> None:
    carrier = await carrier_of(carriers)
    trunk = await start(carrier.port, transport="tcp")
    await up(trunk)
    heard, call = place(trunk, ANSWERS)
    await await_until(lambda: carrier.heard and "ack" in carrier.heard[0].events)
    carrier.connections[0].close()
    await await_until(lambda: not carrier.connections or trunk.state == "down")
    assert not heard.endings
    call.hang_up("operator")
    await await_until(lambda: carrier.over == 1 and trunk.lines_in_use == 0)


async def test_a_request_nobody_has_reacted_to_fails_with_its_connection(
    start: Start, carriers: list
) -> None:
    carrier = await carrier_of(carriers)
    trunk = await start(carrier.port, transport="tcp", timing=Timing())
    await up(trunk)
    carrier.muted = True
    heard, _ = place(trunk, RINGS)
    await await_until(lambda: carrier.requests("INVITE"))
    carrier.connections[0].close()
    await await_until(lambda: heard.endings, what="an end long before 32 s")


async def test_a_trunk_that_cannot_be_reached_is_down_and_says_why(
    start: Start, carriers: list
) -> None:
    carrier = await carrier_of(carriers)
    port = carrier.port
    await carrier.stop()
    trunk = await start(port, transport="tcp")
    await await_until(lambda: "refused" in trunk.reason, what="the reason")
    assert trunk.state == "down"
    carrier = StreamCarrier()
    carriers.append(carrier)
    await carrier.start(port)
    await up(trunk)


@asynccontextmanager
async def connected(
    port: int, host: str = "127.0.0.1", **tls: object
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a trunk, made by hand."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1",
        port,
        local_addr=(host, 0),
        **tls,  # type: ignore[arg-type]
    )
    yield reader, writer
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def closed(reader: asyncio.StreamReader) -> bool:
    with suppress(ConnectionError):
        return await reader.read() == b""
    return True


async def test_the_carrier_may_hang_up_over_a_connection_of_its_own(
    start: Start, carriers: list
) -> None:
    carrier = await carrier_of(carriers)
    trunk = await start(carrier.port, transport="tcp")
    await up(trunk)
    heard, _ = place(trunk, ANSWERS)
    await await_until(lambda: carrier.heard and "ack" in carrier.heard[0].events)
    carrier.connections[0].close()
    await await_until(lambda: not carrier.connections)
    carrier.calls[0].hang_up()  # to our Contact
    await await_until(lambda: heard.endings)
    assert heard.ending.by == "remote"


async def test_a_stranger_is_not_listened_to(start: Start, carriers: list) -> None:
    carrier = await carrier_of(carriers)
    trunk = await start(carrier.port, transport="tcp")
    async with connected(trunk.endpoint.address[1], "127.0.0.2") as (reader, _):
        assert await closed(reader)
    assert trunk.endpoint.refused == 1


async def test_garbage_closes_the_connection_it_came_on_and_no_other(
    start: Start, carriers: list
) -> None:
    carrier = await carrier_of(carriers)
    trunk = await start(carrier.port, transport="tcp")
    await up(trunk)
    heard, _ = place(trunk, ANSWERS)
    await await_until(lambda: heard.answers)
    async with connected(trunk.endpoint.address[1]) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await closed(reader)
    assert trunk.endpoint.malformed == 1
    assert not heard.endings and len(carrier.connections) == 1


async def test_a_ping_is_answered(start: Start, carriers: list) -> None:
    carrier = await carrier_of(carriers)
    trunk = await start(carrier.port, transport="tcp")
    async with connected(trunk.endpoint.address[1]) as (reader, writer):
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"


# -- TLS -----------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def shown(authority: Authority, *hosts: str) -> TlsFiles:
    files = authority.issue(*hosts)
    return TlsFiles(certificate=files.certificate, key=files.key)


async def test_a_call_over_tls(start: Start, carriers: list, authority: Authority) -> None:
    carrier = await carrier_of(carriers, tls=shown(authority, "127.0.0.1"))
    tls = TlsFiles(ca=authority.ca)
    trunk = await start(carrier.port, transport="tls", tls=tls, sips=True)
    await up(trunk)
    heard, call = place(trunk, ANSWERS)
    await await_until(lambda: heard.answers)
    (invite,) = carrier.requests("INVITE")
    assert invite.via.transport == "TLS" and invite.uri.startswith("sips:")
    assert ";transport=tls>" in invite.get("contact")
    carrier.calls[0].hang_up()  # over our own connection: we have no certificate to be called at
    await await_until(lambda: heard.endings)
    assert heard.ending.by == "remote"


async def test_the_carrier_connects_to_a_trunk_with_a_certificate(
    start: Start, carriers: list, authority: Authority
) -> None:
    carrier = await carrier_of(carriers, tls=shown(authority, "127.0.0.1"))
    ours = authority.issue("desk.test", "127.0.0.1")
    tls = TlsFiles(ca=authority.ca, certificate=ours.certificate, key=ours.key)
    trunk = await start(carrier.port, transport="tls", tls=tls)
    await up(trunk)
    context = TlsFiles(ca=authority.ca).client()
    port = trunk.endpoint.address[1]
    async with connected(port, ssl=context, server_hostname="desk.test") as (reader, writer):
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"


@pytest.mark.parametrize("fault", ["authority", "name"])
async def test_a_certificate_that_does_not_fit_is_refused_with_the_reason(
    start: Start, carriers: list, authority: Authority, tmp_path: Path, fault: str
) -> None:
    host = "elsewhere.test" if fault == "name" else "127.0.0.1"
    carrier = await carrier_of(carriers, tls=shown(authority, host))
    trusted = Authority(tmp_path, "other") if fault == "authority" else authority
    trunk = await start(carrier.port, transport="tls", tls=TlsFiles(ca=trusted.ca))
    await await_until(lambda: "certificate is not accepted" in trunk.reason)
    assert trunk.state == "down" and not carrier.got


async def test_a_trunk_that_speaks_no_tls_is_refused_with_the_reason(
    start: Start, carriers: list, authority: Authority
) -> None:
    carrier = await carrier_of(carriers)
    trunk = await start(carrier.port, transport="tls", tls=TlsFiles(ca=authority.ca))
    await await_until(lambda: trunk.reason not in ("connecting", "not started"))
    assert trunk.state == "down" and "trunk" in trunk.reason


# -- UDP with TCP for what is long ---------------------------------------------------------------

LONG = OFFER + "a=x-padding:" + "x" * 1300 + "\r\n"


async def test_a_long_request_goes_by_tcp_where_the_trunk_has_it(
    start: Start, carriers: list
) -> None:
    carrier = await carrier_of(carriers, mixed=True)
    trunk = await start(carrier.port, tcp_for_large=True)
    short, _ = place(trunk, BUSY)
    long, call = place(trunk, ANSWERS, sdp=LONG)
    await await_until(lambda: short.endings and long.answers)
    transports = {m.via.transport for m in carrier.requests("INVITE") if len(m.body) > 1300}
    assert transports == {"TCP"}
    assert carrier.requests("INVITE")[0].via.transport == "UDP"
    call.hang_up("operator")
    await await_until(lambda: trunk.lines_in_use == 0)


async def test_a_long_request_goes_by_udp_when_tcp_turns_out_not_to_be_there(
    start: Start, carriers: list
) -> None:
    carrier = await carrier_of(carriers, mixed=True)
    carrier.endpoint._tcp.close()  # type: ignore[attr-defined]
    trunk = await start(carrier.port, tcp_for_large=True)
    for _ in range(2):
        heard, _ = place(trunk, ANSWERS, sdp=LONG)
        await await_until(lambda heard=heard: heard.answers)
    assert {message.via.transport for message in carrier.requests("INVITE")} == {"UDP"}
