"""A real Asterisk as the trunk: real audio, real keys, and all it does to a call in its own way.

It is not among Debian 12's packages. `ASTERISK_ROOT=<folder> pytest -m asterisk` with a folder that
`tools/asterisk-root.sh` has made runs these against any version Debian has.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from softphone.audio.ticker import Ticker
from softphone.audio.tones import tone_dbfs
from softphone.protocol import (
    Bridge,
    CallAnswered,
    CallArrived,
    CallBridged,
    CallEnded,
    CallReferred,
    CallRinging,
    DigitHeard,
    EndedBy,
    HangUp,
    Hold,
    OpenSeat,
    Refer,
    SeatUp,
    SendDigits,
    TrunkChanged,
)
from tests.fakes.desk_server import FakeDesk
from tests.interop.asterisk import PLAYED_HZ, Asterisk, find_asterisk
from tests.interop.baresip import Baresip
from tests.interop.sipp_floor import ManyTrunks, free_ports
from tests.softphone.gateway_process import place_call
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

FOUND = find_asterisk()
pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.processes,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        FOUND is None,
        reason="no asterisk on PATH nor in ASTERISK_ROOT (tools/asterisk-root.sh makes one)",
    ),
]

TRUNKS = ("number", "account", "tcp", "tls", "strict", "direct", "tones", "insists")
MILLIWATT_HZ, OPERATOR_HZ = 1004, 440
ANSWER, ECHO, PLAY, BUSY, CONGESTED, RING, EARLY = 101, 102, 103, 104, 105, 106, 107
MUSIC, KEYS_FROM, KEYS_TO, REFERS, UNKNOWN, FAILS = 108, 109, 110, 111, 112, 113
THROUGH, RENAMED, FAX, RECORD, GIVES_UP, PHONE = 114, 115, 116, 118, 119, 120


@dataclass
class Floor:
    """Asterisk, a gateway with a trunk of each kind towards it, and two seats."""

    desk: FakeDesk
    pbx: Asterisk
    gateway: ManyTrunks
    seats: tuple[BrowserClient, BrowserClient]
    placed: set[str] = field(default_factory=set)

    @property
    def ear(self) -> BrowserClient:
        return self.seats[0]

    async def dial(self, what: int, *, trunk: str = "number", ring_limit_s: float = 25.0) -> str:
        """Place a call to one of the dialplan's numbers."""
        call_id = f"{trunk}-{what}-{len(self.placed)}"
        number = f"+8190000{len(self.placed) % 10}0{what}"
        command = place_call(
            call_id, number, desk=self.desk, bridge_within_s=60.0, trunk_id=trunk,
            ring_limit_s=ring_limit_s,
        )  # fmt: skip
        reply = await self.desk.send(command)
        assert reply.refusal is None, reply.refusal
        self.placed.add(call_id)
        return call_id

    async def talk(self, what: int, *, trunk: str = "number") -> str:
        """Place a call, wait for the answer, and join it to the first seat."""
        call_id = await self.dial(what, trunk=trunk)
        await self.desk.event(CallAnswered, call_id=call_id)
        await self.join(call_id)
        return call_id

    async def through(self, trunk: str) -> tuple[str, str]:
        """A call from the first seat through Asterisk and back to the second; both hum."""
        before = len(self.desk.events(CallArrived))
        out = await self.dial(THROUGH, trunk=trunk)
        await await_until(lambda: len(self.desk.events(CallArrived)) > before, what="the call back")
        back = self.desk.events(CallArrived)[-1].call_id
        await self.join(back, "s1")
        await self.desk.event(CallAnswered, call_id=out)
        await self.join(out, "s0")
        for seat, hz in zip(self.seats, (OPERATOR_HZ, PLAYED_HZ), strict=True):
            seat.hum(hz)
        return out, back

    async def is_called(self, trunk: str, caller: str) -> CallArrived:
        """Have Asterisk call the gateway on a trunk."""
        endpoint = f"031234000{TRUNKS.index(trunk) + 1}"
        before = len(self.desk.events(CallArrived))
        await self.pbx.says(f"dialplan set global TO PJSIP/0358765432@{endpoint}")
        await self.pbx.says(f"channel originate Local/{caller}@arriving/n application Milliwatt")
        await await_until(lambda: len(self.desk.events(CallArrived)) > before, what="the call")
        return self.desk.events(CallArrived)[-1]

    async def join(self, call_id: str, seat: str = "s0") -> None:
        reply = await self.desk.send(Bridge(call_id, seat, False))
        assert reply.refusal is None, reply
        await self.desk.event(CallBridged, call_id=call_id)

    async def ended(self, call_id: str) -> CallEnded:
        return await self.desk.event(CallEnded, call_id=call_id, within_s=20)

    async def hang_up(self, call_id: str) -> CallEnded:
        await self.desk.send(HangUp(call_id, "operator"))
        ended = await self.ended(call_id)
        await self.pbx.is_idle()
        return ended

    async def nothing_is_left(self) -> None:
        await self.pbx.is_idle()
        await await_until(
            lambda: not any(trunk.lines_in_use for trunk in self.desk.liveness[-1].trunks),
            what="free lines",
        )


def tables(pbx: Asterisk) -> dict[str, dict[str, object]]:
    """A trunk for each endpoint of pjsip.conf; Asterisk knows them by the number they show."""
    found = {}
    for index, name in enumerate(TRUNKS, start=1):
        found[name] = {
            "id": name,
            "host": "127.0.0.1",
            "port": pbx.tls_port if name == "tls" else pbx.port,
            "caller_id": f"031234000{index}",
            "calls_per_second": 50,
            "lines": 20,
        }
    for name, user in (("account", "account"), ("tcp", "tcp-account"), ("tls", "tls-account")):
        found[name] |= {"username": user, "password": "secret", "register": True}
    found["tcp"] |= {"transport": "tcp"}
    found["tls"] |= {"transport": "tls", "srtp": "required", "tls_ca": str(pbx.certificate)}
    for name in ("strict", "insists"):
        found[name] |= {"session_expires_s": 90}
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    assert FOUND is not None
    folder: Path = tmp_path_factory.mktemp("asterisk")
    desk, ticker = FakeDesk(), Ticker()
    seats = BrowserClient(ticker), BrowserClient(ticker)
    await desk.start()
    first = free_ports(1)[0]
    async with Asterisk.running(folder / "pbx", FOUND, gateway_port=first) as pbx:
        settings = {"SIP_BIND": f"127.0.0.1:{first}"}
        gateway = ManyTrunks(folder, desk, tables(pbx), settings=settings)
        gateway.start()
        try:
            await desk.linked(within_s=20)
            for index, seat in enumerate(seats):
                await _seat(desk, seat, f"s{index}")
            for name in TRUNKS:
                await await_until(lambda name=name: is_up(desk, name), within_s=15, what=name)
            yield Floor(desk, pbx, gateway, seats)
        finally:
            for seat in seats:
                await seat.close()
            gateway.end()
            await desk.stop()


async def _seat(desk: FakeDesk, seat: BrowserClient, seat_id: str) -> None:
    async def post_offer(offer: str) -> str:
        reply = await desk.send(OpenSeat(seat_id, offer))
        assert reply.answer_sdp is not None, reply
        return reply.answer_sdp

    await seat.connect(post_offer)
    await desk.event(SeatUp, seat_id=seat_id)


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def tidy(floor: Floor) -> AsyncIterator[None]:
    """A test that fails leaves no call to the next one."""
    yield
    over = {each.call_id for each in floor.desk.events(CallEnded)}
    begun = {each.call_id for each in floor.desk.events(CallArrived)} | floor.placed
    for call_id in begun - over:
        await floor.desk.send(HangUp(call_id, "test over"))
        await floor.ended(call_id)
    for seat in floor.seats:
        seat.hum(None)


def is_up(desk: FakeDesk, trunk_id: str) -> bool:
    told = [*desk.snapshots[-1].trunks, *desk.events(TrunkChanged)]
    return next((each.up for each in reversed(told) if each.trunk_id == trunk_id), False)


@pytest.mark.parametrize("trunk", TRUNKS)
async def test_each_hears_the_other_on_every_trunk(floor: Floor, trunk: str) -> None:
    call_id = await floor.talk(ECHO, trunk=trunk)
    floor.ear.hum(OPERATOR_HZ)
    await await_until(
        lambda: floor.ear.hears_only(OPERATOR_HZ, but_not=MILLIWATT_HZ), what="our own voice"
    )
    ended = await floor.hang_up(call_id)
    assert (ended.by, ended.answered, ended.abandoned) == (EndedBy.DESK, True, False)


@pytest.mark.parametrize("trunk", TRUNKS)
async def test_a_tone_is_heard_until_asterisk_hangs_up(floor: Floor, trunk: str) -> None:
    call_id = await floor.talk(PLAY, trunk=trunk)
    await await_until(
        lambda: floor.ear.hears_only(PLAYED_HZ, but_not=MILLIWATT_HZ), what="its tone"
    )
    ended = await floor.ended(call_id)
    assert (ended.by, ended.answered, ended.q850) == (EndedBy.CUSTOMER, True, 16)
    await floor.nothing_is_left()


@pytest.mark.parametrize("trunk", ["number", "account", "tcp", "tls", "insists"])
async def test_every_refusal_is_told_with_its_cause(floor: Floor, trunk: str) -> None:
    refusals = (BUSY, UNKNOWN, GIVES_UP, CONGESTED)
    calls = [await floor.dial(what, trunk=trunk) for what in refusals]
    told = [await floor.ended(call_id) for call_id in calls]
    assert [(each.by, each.answered, each.sip_code) for each in told] == [
        (EndedBy.TRUNK, False, 486),
        (EndedBy.TRUNK, False, 404),
        (EndedBy.TRUNK, False, 480),
        (EndedBy.TRUNK, False, 503),
    ]
    # It says 486 and 503 before it has noted the cause, and then now and then cause 0.
    assert [
        each.q850 in (cause, None) for each, cause in zip(told, (17, 1, 19, 34), strict=True)
    ] == [True] * 4
    await floor.nothing_is_left()


@pytest.mark.parametrize("trunk", ["number", "tcp", "insists"])
async def test_a_call_that_rings_is_cancelled(floor: Floor, trunk: str) -> None:
    call_id = await floor.dial(RING, trunk=trunk)
    await floor.desk.event(CallRinging, call_id=call_id)
    ended = await floor.hang_up(call_id)
    assert (ended.by, ended.answered, ended.sip_code) == (EndedBy.DESK, False, 487)
    limited = await floor.ended(await floor.dial(RING, trunk=trunk, ring_limit_s=0.5))
    assert (limited.by, limited.sip_code) == (EndedBy.GATEWAY, 487)
    await floor.nothing_is_left()


@pytest.mark.parametrize("trunk", ["number", "tls", "insists", "direct"])
async def test_early_media_goes_over_into_the_call(floor: Floor, trunk: str) -> None:
    call_id = await floor.dial(EARLY, trunk=trunk)
    ringing = await floor.desk.event(CallRinging, call_id=call_id)
    assert ringing.sip_code == 183
    await floor.desk.event(CallAnswered, call_id=call_id)
    await floor.join(call_id)
    await await_until(
        lambda: floor.ear.hears_only(MILLIWATT_HZ, but_not=700), what="the answered call"
    )
    await floor.hang_up(call_id)


async def test_music_comes_from_the_far_side(floor: Floor) -> None:
    call_id = await floor.talk(MUSIC)
    await await_until(lambda: floor.ear.heard_dbfs(PLAYED_HZ) > -20, what="its music")
    await floor.hang_up(call_id)


@pytest.mark.parametrize("trunk", ["number", "direct", "tones", "tls"])
async def test_its_keys_are_told_once_each(floor: Floor, trunk: str) -> None:
    call_id = await floor.talk(KEYS_FROM, trunk=trunk)
    await await_until(
        lambda: len(floor.desk.events(DigitHeard, call_id=call_id)) >= 2, what="two keys"
    )
    await floor.hang_up(call_id)
    told = floor.desk.events(DigitHeard, call_id=call_id)
    assert [each.digit for each in told] == ["5", "#"]
    assert {each.in_band for each in told} == {trunk == "tones"}


@pytest.mark.parametrize("trunk", ["number", "tls", "tones"])
async def test_our_keys_are_understood(floor: Floor, trunk: str) -> None:
    await floor.pbx.says("dialplan set global KEYS none")
    call_id = await floor.talk(KEYS_TO, trunk=trunk)
    reply = await floor.desk.send(SendDigits(call_id, "19*0"))
    assert reply.refusal is None, reply
    await floor.ended(call_id)
    assert "KEYS=19*0" in await floor.pbx.says("dialplan show globals")


async def test_what_asterisk_records_is_the_operator(floor: Floor) -> None:
    call_id = await floor.talk(RECORD)
    floor.ear.hum(OPERATOR_HZ)
    await await_until(
        lambda: tone_dbfs(floor.pbx.heard("heard")[-3200:], OPERATOR_HZ) > -20, what="its recording"
    )
    await floor.hang_up(call_id)


@pytest.mark.parametrize("trunk", ["number", "strict", "direct"])
async def test_a_refer_of_its_is_declined_and_the_call_goes_on(floor: Floor, trunk: str) -> None:
    call_id = await floor.talk(REFERS, trunk=trunk)
    await await_until(
        lambda: floor.ear.hears_only(MILLIWATT_HZ, but_not=PLAYED_HZ), what="the call going on"
    )
    assert "transfer was FAILURE" in floor.pbx.log
    await floor.hang_up(call_id)


@pytest.mark.parametrize("trunk", ["number", "tcp", "strict"])
async def test_it_takes_a_refer_of_ours(floor: Floor, trunk: str) -> None:
    """Whom it had joined to us goes on with the number we named: here their own voice."""
    out, back = await floor.through(trunk)
    reply = await floor.desk.send(Refer(out, "+819000000102"))
    assert reply.refusal is None, reply.refusal
    referred = await floor.desk.event(CallReferred, call_id=out)
    assert referred.accepted, referred
    ended = await floor.ended(out)
    assert (ended.by, ended.cause) == (EndedBy.GATEWAY, "referred")
    await await_until(lambda: floor.seats[1].heard_dbfs(PLAYED_HZ) > -20, what="the echo")
    await floor.hang_up(back)


async def test_a_refer_it_cannot_carry_out_leaves_the_call_as_it_was(floor: Floor) -> None:
    call_id = await floor.talk(ANSWER)
    reply = await floor.desk.send(Refer(call_id, "+819000000102"))
    assert reply.refusal is None, reply.refusal
    referred = await floor.desk.event(CallReferred, call_id=call_id)
    assert (referred.accepted, referred.sip_code) == (False, 400), "it has nobody to transfer"
    await await_until(
        lambda: floor.ear.hears_only(MILLIWATT_HZ, but_not=PLAYED_HZ), what="the call going on"
    )
    await floor.hang_up(call_id)


async def test_a_new_connected_line_leaves_the_call_alone(floor: Floor) -> None:
    call_id = await floor.talk(RENAMED, trunk="strict")
    await await_until(
        lambda: floor.ear.hears_only(MILLIWATT_HZ, but_not=PLAYED_HZ), what="its tone"
    )
    await floor.hang_up(call_id)


async def test_a_fax_is_declined_and_the_call_goes_on(floor: Floor) -> None:
    offered = floor.pbx.log.count("m=image")
    call_id = await floor.talk(FAX, trunk="strict")
    await await_until(lambda: floor.pbx.log.count("m=image") > offered, what="T.38")
    await await_until(lambda: floor.ear.level_dbfs() > -40, what="the fax machine's tone")
    await floor.hang_up(call_id)


@pytest.mark.parametrize("trunk", ["number", "account", "tcp", "tls", "strict", "insists"])
async def test_a_call_that_comes_in_is_taken(floor: Floor, trunk: str) -> None:
    caller = f"0901234567{TRUNKS.index(trunk)}"
    arrived = await floor.is_called(trunk, caller)
    assert (arrived.trunk_id, arrived.number) == (trunk, f"+81{caller[1:]}")
    await floor.join(arrived.call_id)
    await await_until(
        lambda: floor.ear.hears_only(MILLIWATT_HZ, but_not=PLAYED_HZ), what="the caller"
    )
    await floor.hang_up(arrived.call_id)


async def test_a_caller_who_gives_up_is_told(floor: Floor) -> None:
    arrived = await floor.is_called("number", "09012345679")
    await floor.pbx.says("channel request hangup all")
    ended = await floor.ended(arrived.call_id)
    assert (ended.by, ended.answered) == (EndedBy.CUSTOMER, False)
    await floor.nothing_is_left()


@pytest.mark.parametrize("trunk", ["number", "direct"])
async def test_a_call_through_asterisk_back_to_us_is_held_and_goes_on(
    floor: Floor, trunk: str
) -> None:
    """From one trunk through Asterisk to another of ours: media goes past it when it may."""
    out, back = await floor.through(trunk)
    here, there = floor.seats
    for _ in range(2):
        await await_until(lambda: here.hears_only(PLAYED_HZ, but_not=OPERATOR_HZ), what="there")
        await await_until(lambda: there.hears_only(OPERATOR_HZ, but_not=PLAYED_HZ), what="here")
        await floor.desk.send(Hold(back, True))
        await await_until(lambda: here.heard_dbfs(PLAYED_HZ) < -40, what="hold")
        await floor.desk.send(Hold(back, False))
    await await_until(lambda: here.hears_only(PLAYED_HZ, but_not=OPERATOR_HZ), what="there again")
    await floor.hang_up(out)
    assert (await floor.ended(back)).by is EndedBy.CUSTOMER
    await floor.nothing_is_left()


async def test_a_call_put_elsewhere_by_asterisk_goes_on(floor: Floor) -> None:
    """A transfer inside Asterisk: our media, which went past it, comes back to it by re-INVITE."""
    out, back = await floor.through("direct")
    here, there = floor.seats
    await await_until(lambda: here.hears_only(PLAYED_HZ, but_not=OPERATOR_HZ), what="there")
    channels = (await floor.pbx.says("core show channels concise")).splitlines()
    ours = next(line.split("!")[0] for line in channels if "!Dial!" in line)
    await floor.pbx.says(f"channel redirect {ours} from-gateway,09000000101,1")
    await await_until(lambda: here.hears_only(MILLIWATT_HZ, but_not=PLAYED_HZ), what="elsewhere")
    assert (await floor.ended(back)).by is EndedBy.CUSTOMER
    await floor.hang_up(out)


@pytest.mark.baresip
@pytest.mark.parametrize("trunk", ["number", "strict", "direct"])
async def test_a_telephone_behind_asterisk_holds_and_comes_back(
    floor: Floor, trunk: str, tmp_path: Path
) -> None:
    async with Baresip.running(tmp_path, user="09012300001", hz=PLAYED_HZ) as phone:
        await floor.pbx.says(f"dialplan set global PHONE 09012300001@127.0.0.1:{phone.port}")
        call_id = await floor.talk(PHONE, trunk=trunk)
        floor.ear.hum(OPERATOR_HZ)
        held = floor.pbx.log.count("a=sendonly")
        await await_until(lambda: floor.ear.heard_dbfs(PLAYED_HZ) > -20, what="the telephone")
        await await_until(lambda: phone.heard_dbfs(OPERATOR_HZ) > -20, what="the operator")
        await phone.command("hold")
        await await_until(lambda: floor.pbx.log.count("a=sendonly") > held, what="its hold")
        await phone.command("resume")
        await await_until(lambda: floor.ear.heard_dbfs(PLAYED_HZ) > -20, what="back")
        await await_until(lambda: phone.receiving, within_s=8, what="the operator back")
        await phone.command("hangup")
        ended = await floor.ended(call_id)
        assert (ended.by, ended.answered) == (EndedBy.CUSTOMER, True)
        await floor.nothing_is_left()


@pytest.mark.skipif("ASTERISK_ROOT" not in os.environ, reason="a minute: only when asked for")
async def test_long_calls_are_refreshed_from_either_side(floor: Floor) -> None:
    """The least session is 90 s, so its refresh is due after 45."""
    arrived = await floor.is_called("strict", "09012345678")
    await floor.join(arrived.call_id, "s1")
    placed = await floor.talk(ANSWER, trunk="insists")
    begun = floor.pbx.log.count("Session-Expires: 90")
    await await_until(
        lambda: floor.pbx.log.count("Session-Expires: 90") >= begun + 4,
        within_s=60,
        what="a refresh and its answer on both calls",
    )
    for seat in floor.seats:
        await await_until(lambda seat=seat: seat.heard_dbfs(MILLIWATT_HZ) > -20, what="going on")
    await floor.desk.send(HangUp(arrived.call_id, "operator"))
    await floor.hang_up(placed)


async def test_no_fault_was_logged(floor: Floor) -> None:
    assert "Traceback" not in floor.gateway.log
