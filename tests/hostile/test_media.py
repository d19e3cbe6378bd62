"""What anybody who knows a media port can do with it: nothing that either party hears.

`STRAY_SET_UPS=100` is the full count of seats set up under fire, which `make soak FUZZ=…` runs.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from softphone.audio.g711 import FRAME_SAMPLES
from softphone.protocol import CloseSeat, SeatDown
from softphone.rtp.packet import build
from tests.hostile.scene import Scene, paced
from tests.softphone.sip.stranger import Stranger
from tests.softphone.webrtc.test_shield import ATTACKS, client_hello, dtls_record
from tests.softphone.webrtc_client import BrowserClient, hum_frames

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="module")]

SET_UPS = int(os.environ.get("STRAY_SET_UPS", "2"))
STRAYS = (client_hello, lambda: dtls_record(21, b"\2\x28"), lambda: b"", lambda: b"\x80")
FORGED_HZ = 1200
TRUNK_SSRC = 77  # what the good talk's customer sends with
FORGED = 100
UNHEARD_DBFS = -25.0  # of a forged packet, which is of -12; the good tones leave -40 in their own
GOODBYE = b"\x81\xcb\x00\x01" + bytes((0, 0, 0, TRUNK_SSRC))  # RTCP BYE in the customer's name


def forged_packets(ssrc: int) -> Iterator[bytes]:
    """A tone nobody of the talk makes."""
    for number, payload in enumerate(itertools.islice(itertools.cycle(tone()), FORGED)):
        yield build(
            payload,
            payload_type=0,
            sequence=(1000 + number) & 0xFFFF,
            timestamp=number * FRAME_SAMPLES,
            ssrc=ssrc,
        )


def tone() -> tuple[bytes, ...]:
    return hum_frames(FORGED_HZ, "PCMU")


async def listened(scene: Scene, shots: Iterator[Callable[[], None]], *, per_second: int) -> None:
    """Fire, and look what the two parties heard of it."""
    await paced(shots, per_second=per_second)
    assert scene.browser.loudest_dbfs(FORGED_HZ, ms=1000) < UNHEARD_DBFS
    assert scene.good.customer.loudest_dbfs(FORGED_HZ, ms=1000) < UNHEARD_DBFS


async def test_a_forged_voice_is_not_heard_on_the_trunks_leg(scene: Scene) -> None:
    attackers = [scene.stranger("127.0.0.1"), scene.stranger("127.0.0.2")]
    assert scene.good.customer.remote is not None
    port = scene.good.customer.remote[1]
    dice = random.Random(31)

    def shots() -> Iterator[Callable[[], None]]:
        for right, wrong in zip(forged_packets(TRUNK_SSRC), forged_packets(9), strict=True):
            for attacker in attackers:
                yield partial(attacker.send, right, port)
                yield partial(attacker.send, wrong, port)
                yield partial(attacker.send, GOODBYE, port + 1)
                yield partial(attacker.send, dice.randbytes(dice.randrange(200)), port + 1)
                yield partial(attacker.send, dice.randbytes(dice.randrange(1400)), port)

    await scene.attack(lambda: listened(scene, shots(), per_second=500))
    assert [attacker.got for attacker in attackers] == [[], []]


async def test_garbage_and_replayed_srtp_are_not_heard_on_the_seats_leg(scene: Scene) -> None:
    stranger, dice = scene.stranger(), random.Random(32)
    captured = tap(scene.browser)
    sendto, address = scene.browser._peer._connection.selected  # type: ignore[misc]
    before = scene.good.customer.count

    def shots() -> Iterator[Callable[[], None]]:
        for forged in forged_packets(9):
            for host, port in scene.seat_ports:
                yield partial(stranger._socket.sendto, forged, (host, port))
                yield partial(stranger._socket.sendto, mutated_stun(dice), (host, port))
            yield partial(sendto, forged, address)
            yield partial(sendto, forged + dice.randbytes(10), address)
            yield partial(sendto, b"\x80\xc8" + dice.randbytes(60), address)
            if captured:
                packet = dice.choice(captured)
                yield partial(sendto, packet, address)
                yield partial(sendto, bytes([*packet[:-1], packet[-1] ^ 1]), address)

    began = scene._ticks
    await scene.attack(lambda: listened(scene, shots(), per_second=500))
    assert len(captured) > 20
    assert scene.good.customer.count - before < 1.1 * (scene._ticks - began) + 10, "none twice"
    assert stranger.got == []


def mutated_stun(dice: random.Random) -> bytes:
    """One of the attacks on a leg, bent."""
    data = bytearray(ATTACKS[dice.choice(list(ATTACKS))]())
    for _ in range(dice.randrange(4)):
        if data:
            data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


def tap(browser: BrowserClient) -> list[bytes]:
    """What the browser sends from now on, as it is on the wire."""
    captured: list[bytes] = []
    connection = browser._peer._connection
    sendto, address = connection.selected  # type: ignore[misc]

    def send(data: bytes, to: tuple[str, int]) -> None:
        captured.append(data)
        sendto(data, to)

    connection.selected = (send, address)
    return captured


async def test_garbage_at_the_socket_between_gateways_is_dropped(scene: Scene) -> None:
    stranger, dice = scene.stranger(), random.Random(33)
    port = int(scene.desk.hellos[-1].relay_address.rpartition(":")[2])

    async def shoot() -> None:
        shots = (
            dice.choice((b"", b"\x80", b"\x80\x00", b"\x80\xcb", b"\x80\xc8"))
            + dice.randbytes(dice.randrange(300))
            for _ in range(1000)
        )
        await paced((partial(stranger.send, each, port) for each in shots), per_second=1000)

    await scene.attack(shoot)
    assert stranger.got == []


async def fire(stranger: Stranger, ports: list[tuple[str, int]], per_second: int) -> None:
    """Each kind once at once, then so many a second in turn, until cancelled."""
    for number, stray in enumerate(itertools.cycle(STRAYS)):
        if number >= len(STRAYS):
            await asyncio.sleep(1 / per_second)  # pace: strays a second
        for address in ports:
            stranger._socket.sendto(stray(), address)


@pytest.mark.timeout(240 + 4 * SET_UPS)
@pytest.mark.parametrize("plane", ["direct", "peer_connection"])
async def test_seats_are_set_up_under_fire_and_no_live_one_is_closed(
    tmp_path: Path, plane: str
) -> None:
    scene = Scene(tmp_path, plane=plane)
    await scene.open()
    stranger, live = scene.stranger(), list(scene.seat_ports)
    stranger._socket.setblocking(False)

    async def set_up(seat_id: str, per_second: int) -> None:
        browser, shots = BrowserClient(scene.ticker), []

        async def open_fire() -> None:
            shots.append(
                asyncio.create_task(fire(stranger, [*scene.seat_ports, *live], per_second))
            )
            await asyncio.sleep(0)  # the first of each kind are out

        try:
            await scene.seat(seat_id, browser, before=open_fire)
        finally:
            for shot in shots:
                shot.cancel()
            await browser.close()
        await scene.desk.send(CloseSeat(seat_id))
        await scene.desk.event(SeatDown, seat_id=seat_id)

    seats = (f"t{number}" for number in itertools.count())

    async def shoot() -> None:
        for number in range(SET_UPS):
            await set_up(next(seats), (1, 200)[number % 2])

    try:
        await scene.attack(shoot)
        assert stranger.got == []
    finally:
        await scene.close()
