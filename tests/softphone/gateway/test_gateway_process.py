"""The gateway as it runs: a process between a desk, a carrier and a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softphone.audio.ticker import Ticker
from softphone.protocol import (
    BlockNumbers,
    Bridge,
    CallAnswered,
    CallBridged,
    CallEnded,
    CallNotPlaced,
    CallPlaced,
    CallRinging,
    CallScreened,
    CallTreated,
    CloseSeat,
    EndedBy,
    HangUp,
    Hold,
    Mute,
    OpenSeat,
    OrphansCleared,
    Prompt,
    ScreeningMode,
    SeatDown,
    SeatSilent,
    SeatUp,
    TestSeat,
    TrunkShare,
    Verdict,
)
from tests.fakes.carrier import Carrier, CarrierCall
from tests.fakes.desk_server import FakeDesk
from tests.softphone.gateway_process import GatewayProcess, place_call
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

pytestmark = pytest.mark.processes

OPERATOR_HZ, CUSTOMER_HZ = 440, 700
NUMBER = "+819000001234"
DIALED = "09000001234"


class World:
    """A linked gateway with everything around it."""

    def __init__(self, tmp_path: Path) -> None:
        self.ticker = Ticker()
        self.desk = FakeDesk()
        self.carrier = Carrier(self.ticker)
        self._tmp_path = tmp_path
        self._browsers: list[BrowserClient] = []

    async def open(self) -> None:
        await self.desk.start()
        await self.carrier.start()
        self.gateway = GatewayProcess(self._tmp_path, self.desk, sip_port=self.carrier.port)
        self.gateway.start()
        await self.desk.linked()

    async def close(self) -> None:
        for browser in self._browsers:
            await browser.close()
        self.gateway.end()
        await self.carrier.stop()
        await self.desk.stop()

    async def browser(self, seat_id: str = "s1") -> BrowserClient:
        """An operator's page: connected, humming."""
        browser = BrowserClient(self.ticker)
        self._browsers.append(browser)
        ups = len(self.desk.events(SeatUp))

        async def post_offer(offer: str) -> str:
            reply = await self.desk.send(OpenSeat(seat_id, offer))
            assert reply.refusal is None, reply
            assert reply.answer_sdp is not None
            return reply.answer_sdp

        await browser.connect(post_offer)
        browser.hum(OPERATOR_HZ)
        await await_until(lambda: len(self.desk.events(SeatUp)) > ups)
        return browser

    async def place(
        self, call_id: str = "c1", *, number: str = NUMBER, **options: object
    ) -> CarrierCall:
        """Place a call and return it as the carrier sees it."""
        arrived = len(self.carrier.calls)
        command = place_call(call_id, number, desk=self.desk, **options)  # type: ignore[arg-type]
        reply = await self.desk.send(command)
        assert reply.refusal is None, reply
        await await_until(lambda: len(self.carrier.calls) > arrived, what="a new INVITE")
        return await self.carrier.call("0" + number.removeprefix("+81"))

    async def talk(self, call_id: str = "c1", seat_id: str = "s1") -> CarrierCall:
        """A bridged call with both parties humming."""
        call = await self.place(call_id)
        await call.answer(hz=CUSTOMER_HZ)
        await self.desk.event(CallScreened, call_id=call_id, offered=True)
        reply = await self.desk.send(Bridge(call_id, seat_id, True))
        assert reply.refusal is None, reply
        await self.desk.event(CallBridged, call_id=call_id)
        return call


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    await world.open()
    yield world
    await world.close()


async def hear_each_other(browser: BrowserClient, call: CarrierCall) -> None:
    await await_until(lambda: browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ))
    await await_until(lambda: call.customer.hears_only(OPERATOR_HZ, but_not=CUSTOMER_HZ))


# --- one call -----------------------------------------------------------------------------------


async def test_a_call_is_placed_bridged_heard_both_ways_and_hung_up(world: World) -> None:
    browser = await world.browser()
    call = await world.place()
    call.sip.ring()
    await world.desk.event(CallRinging)
    await call.answer(hz=CUSTOMER_HZ)
    offered = await world.desk.event(CallScreened)
    assert offered.offered and offered.verdict is Verdict.NOT_SCREENED
    await world.desk.send(Bridge("c1", "s1", True))
    bridged = await world.desk.event(CallBridged)
    assert bridged.after_ms > 0
    await hear_each_other(browser, call)
    await world.desk.send(HangUp("c1", "operator"))
    ended = await world.desk.event(CallEnded)
    assert (ended.by, ended.answered, ended.rang) == (EndedBy.DESK, True, True)
    await await_until(lambda: call.ended == "bye")
    await await_until(lambda: browser.level_dbfs() < -60, what="silence after the call")
    assert world.desk.kinds() == [
        "TrunkChanged",
        "SeatUp",
        "CallPlaced",
        "CallRinging",
        "CallAnswered",
        "CallScreened",
        "CallBridged",
        "CallEnded",
    ]


async def test_a_customer_who_hangs_up_ends_the_call_and_the_operator_hears_it(
    world: World,
) -> None:
    browser = await world.browser()
    call = await world.talk()
    await hear_each_other(browser, call)
    call.hang_up()
    ended = await world.desk.event(CallEnded)
    assert (ended.by, ended.abandoned) == (EndedBy.CUSTOMER, False)
    await await_until(lambda: browser.heard_dbfs(740, ms=60) > -35, what="the falling tone")
    await await_until(lambda: browser.level_dbfs() < -60)


async def test_hold_plays_music_and_mute_keeps_the_operators_voice_back(world: World) -> None:
    browser = await world.browser()
    call = await world.talk()
    await hear_each_other(browser, call)
    await world.desk.send(Hold("c1", True))
    await await_until(lambda: call.customer.heard_dbfs(OPERATOR_HZ) < -40)
    await await_until(lambda: call.customer.level_dbfs() > -50, what="music")
    await world.desk.send(Hold("c1", False))
    await hear_each_other(browser, call)
    await world.desk.send(Mute("s1", True))
    await await_until(lambda: call.customer.hears_silence())
    await await_until(lambda: browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ))
    await world.desk.send(Mute("s1", False))
    await hear_each_other(browser, call)


async def test_the_next_call_needs_no_new_leg(world: World) -> None:
    browser = await world.browser()
    for n in (1, 2, 3):
        call = await world.talk(f"c{n}")
        await hear_each_other(browser, call)
        call.hang_up()
        await world.desk.event(CallEnded, call_id=f"c{n}")
    assert len(world.desk.events(SeatUp)) == 1


@pytest.mark.parametrize(("code", "cause"), [(486, 17), (404, 1), (503, 34)])
async def test_a_refusal_reaches_the_desk_with_its_codes(
    world: World, code: int, cause: int
) -> None:
    call = await world.place()
    call.sip.reject(code, q850=cause)
    ended = await world.desk.event(CallEnded)
    assert (ended.by, ended.sip_code, ended.q850) == (EndedBy.TRUNK, code, cause)
    assert not ended.answered


async def test_nobody_picking_up_ends_at_the_ring_limit(world: World) -> None:
    call = await world.place(ring_limit_s=0.5)
    call.sip.ring()
    ended = await world.desk.event(CallEnded)
    assert (ended.by, ended.sip_code, ended.rang) == (EndedBy.GATEWAY, 487, True)
    assert call.ended == "cancelled"


async def test_blocking_a_number_cancels_its_ringing(world: World) -> None:
    call = await world.place()
    call.sip.ring()
    await world.desk.event(CallRinging)
    await world.desk.send(BlockNumbers((f"key of {NUMBER}",)))
    await await_until(lambda: call.ended == "cancelled")
    await world.desk.send(place_call("c2", NUMBER, desk=world.desk))
    refused = await world.desk.event(CallNotPlaced, call_id="c2")
    assert refused.refusal.error_id == "number_blocked"


async def test_a_late_order_never_reaches_the_carrier(world: World) -> None:
    await world.desk.send(place_call("c1", NUMBER, desk=world.desk, not_after_s=-1.0))
    refused = await world.desk.event(CallNotPlaced)
    assert refused.refusal.error_id == "too_late"
    assert world.carrier.calls == []


async def test_more_calls_than_lines_are_refused(world: World) -> None:
    world.desk.shares = (TrunkShare("trunk1", 2, 50.0),)
    await world.desk.cut()
    await world.desk.linked()
    for n in range(3):
        await world.desk.send(place_call(f"c{n}", f"+81900000000{n}", desk=world.desk))
    refused = await world.desk.event(CallNotPlaced)
    assert refused.refusal.error_id == "no_line"
    await await_until(lambda: len(world.carrier.calls) == 2)


async def test_a_customer_who_answers_a_silent_desk_is_told_who_called(world: World) -> None:
    call = await world.place(bridge_within_s=0.5)
    await call.answer(hz=None)
    treated = await world.desk.event(CallTreated)
    assert treated.prompt is Prompt.SAFE_HARBOUR
    assert treated.after_ms >= 500
    await await_until(lambda: call.customer.level_dbfs() > -40, what="the recording")
    call.hang_up()
    ended = await world.desk.event(CallEnded)
    assert ended.abandoned


async def test_strict_screening_lets_go_of_a_silent_line(world: World) -> None:
    call = await world.place(screening=ScreeningMode.STRICT)
    await call.answer(silent=True)
    ended = await world.desk.event(CallEnded)
    assert (ended.verdict, ended.cause, ended.abandoned) == (Verdict.SILENCE, "silence", False)
    assert not world.desk.events(CallScreened)[0].offered


async def test_watching_offers_a_silent_line_after_a_moment(world: World) -> None:
    call = await world.place(screening=ScreeningMode.WATCH)
    await call.answer(hz=None)
    screened = await world.desk.event(CallScreened)
    assert screened.offered
    call.hang_up()
    await world.desk.event(CallEnded)


# --- seats --------------------------------------------------------------------------------------


async def test_the_device_check_gives_a_tone_and_ones_own_voice(world: World) -> None:
    browser = await world.browser()
    await world.desk.send(TestSeat("s1", "tone"))
    await await_until(lambda: browser.heard_dbfs(523) > -30)
    await world.desk.send(TestSeat("s1", "echo"))
    await await_until(lambda: browser.heard_dbfs(OPERATOR_HZ) > -30)
    await world.desk.send(TestSeat("s1", "stop"))
    await await_until(lambda: browser.level_dbfs() < -60)


async def test_a_bad_offer_is_refused_by_name(world: World) -> None:
    reply = await world.desk.send(OpenSeat("s1", "v=0\r\n"))
    assert reply.refusal is not None and reply.refusal.error_id == "bad_offer"


async def test_a_page_reload_in_a_talk_goes_on_with_the_same_customer(world: World) -> None:
    browser = await world.browser()
    call = await world.talk()
    await hear_each_other(browser, call)
    await browser.close()
    await world.desk.event(SeatDown)
    await world.desk.event(SeatSilent, silent=True)
    await await_until(lambda: call.customer.level_dbfs() > -50, what="a prompt or music")
    reloaded = await world.browser()
    await world.desk.event(SeatSilent, silent=False)
    await hear_each_other(reloaded, call)
    assert call.ended is None


async def test_a_second_tab_takes_the_talk_over_without_a_pause(world: World) -> None:
    first = await world.browser()
    call = await world.talk()
    await hear_each_other(first, call)
    second = await world.browser()
    await hear_each_other(second, call)
    await await_until(lambda: first.lost is not None, what="the first tab to be let go")
    assert world.desk.events(SeatSilent) == []
    assert world.desk.events(SeatDown) == []


async def test_a_seat_that_does_not_come_back_ends_in_an_apology(world: World) -> None:
    browser = await world.browser()
    call = await world.talk()
    await browser.vanish()
    treated = await world.desk.event(CallTreated)
    assert treated.prompt is Prompt.APOLOGY
    await await_until(lambda: call.customer.level_dbfs() > -40, what="the apology")
    call.hang_up()
    ended = await world.desk.event(CallEnded)
    assert ended.seat_lost and not ended.abandoned


async def test_a_closed_seat_is_down(world: World) -> None:
    browser = await world.browser()
    await world.desk.send(CloseSeat("s1"))
    await world.desk.event(SeatDown)
    await await_until(lambda: browser.lost is not None)


async def test_liveness_shows_the_seat_and_the_line(world: World) -> None:
    await world.browser()
    await world.talk()
    live = await await_until(
        lambda: [
            each
            for each in world.desk.liveness
            if each.seats
            and each.trunks[0].lines_in_use == 1
            and each.seats[0].level_dbfs > -30
            and each.seats[0].packet_age_s < 1.0
            and each.seats[0].consent_age_s < 10.0
        ]
    )
    assert live[-1].seats[0].connected
    assert live[-1].loop_lag_ms >= 0.0


# --- the desk goes away -------------------------------------------------------------------------


async def test_with_no_desk_an_answered_call_is_treated_and_reported_later(
    world: World,
) -> None:
    call = await world.place(bridge_within_s=0.5)
    await world.desk.event(CallPlaced)
    await world.desk.stop()
    await call.answer(hz=None)
    await await_until(lambda: call.customer.level_dbfs() > -40, what="the recording")
    await await_until(lambda: call.ended == "bye")
    await world.desk.start()
    ended = await world.desk.event(CallEnded)
    assert ended.abandoned
    assert world.desk.events(CallAnswered) and world.desk.events(CallTreated)
    assert world.desk.gaps == []


async def test_a_talk_goes_on_while_the_desk_restarts(world: World) -> None:
    browser = await world.browser()
    call = await world.talk()
    await world.desk.stop()
    world.desk.epoch += 1
    await hear_each_other(browser, call)
    await world.desk.start()
    snapshot = await world.desk.linked()
    assert [(each.call_id, each.seat_id) for each in snapshot.calls] == [("c1", "s1")]
    await hear_each_other(browser, call)
    await world.desk.send(HangUp("c1", "operator"))
    await world.desk.event(CallEnded)


async def test_events_are_neither_lost_nor_doubled_while_the_link_breaks(world: World) -> None:
    orders = 12
    for n in range(orders):
        command = place_call(f"c{n}", f"+8190000000{n:02}", desk=world.desk, ring_limit_s=0.3)
        reply = await world.desk.send(command)
        assert reply.refusal is None
        if n % 3 == 2:
            await world.desk.cut()
            await world.desk.linked()

    def over() -> list[str]:
        """The calls that had their last word; a burst above the trunk's pace is not placed."""
        ended = [event.call_id for event in world.desk.events(CallEnded)]
        return sorted(ended + [event.call_id for event in world.desk.events(CallNotPlaced)])

    await await_until(lambda: len(over()) == orders, what="all ends")
    boot_id = world.desk.hellos[-1].boot_id
    seqs = [each.seq for each in world.desk.stored if each.boot_id == boot_id]
    assert seqs == list(range(1, len(seqs) + 1))
    assert world.desk.gaps == []
    assert over() == sorted(f"c{n}" for n in range(orders))
    assert len(world.desk.hellos) == 1 + orders // 3


async def test_an_older_desk_is_refused_also_by_a_restarted_gateway(world: World) -> None:
    world.desk.epoch = 7
    await world.desk.cut()
    await world.desk.linked()
    stale = place_call("c1", NUMBER, desk=world.desk)
    reply = await world.desk.send(stale, epoch=6)
    assert reply.refusal is not None and reply.refusal.error_id == "stale_epoch"
    world.gateway.kill()
    world.gateway.start()
    await await_until(lambda: len(world.desk.hellos) == 3)
    await world.desk.linked()
    assert world.desk.hellos[-1].newest_epoch == 7
    reply = await world.desk.send(stale, epoch=6)
    assert reply.refusal is not None and reply.refusal.error_id == "stale_epoch"
    assert world.carrier.calls == []


# --- the gateway goes away ----------------------------------------------------------------------


async def test_after_kill_9_no_call_is_left_at_the_carrier(world: World) -> None:
    talk = await world.place("c1", number="+819000000001")
    await talk.answer(hz=None)
    ringing = await world.place("c2", number="+819000000002")
    ringing.sip.ring()
    await world.desk.event(CallRinging)
    await world.desk.event(CallAnswered)
    world.gateway.kill()
    assert world.carrier.dialogs == 2
    world.gateway.start()
    await await_until(lambda: (talk.ended, ringing.ended) == ("bye", "cancelled"))
    cleared = await world.desk.event(OrphansCleared)
    assert cleared.count == 2
    boots = {hello.boot_id for hello in world.desk.hellos}
    assert len(boots) == 2
    assert world.desk.snapshots[-1].calls == ()


async def test_a_stopped_gateway_says_good_bye_to_everybody(world: World) -> None:
    browser = await world.browser()
    talk = await world.talk()
    ringing = await world.place("c2", number="+819000000002")
    ringing.sip.ring()
    await world.desk.event(CallRinging)
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(None, world.gateway.stop) == 0
    assert (talk.ended, ringing.ended) == ("bye", "cancelled")
    await await_until(lambda: browser.lost is not None)
    causes = {event.call_id: event.cause for event in world.desk.events(CallEnded)}
    assert causes == {"c1": "gateway_stopping", "c2": "gateway_stopping"}


async def test_a_second_gateway_with_the_same_data_does_not_start(world: World) -> None:
    second = GatewayProcess(world.gateway.data_dir, world.desk, sip_port=world.carrier.port)
    second.start()
    loop = asyncio.get_running_loop()
    code = await loop.run_in_executor(None, second.wait)
    assert code == 1
    assert "another gateway is running" in second.log


async def test_the_log_is_json_and_names_no_number_and_no_sdp(world: World) -> None:
    await world.browser()
    call = await world.talk()
    call.hang_up()
    await world.desk.event(CallEnded)
    lines = world.gateway.log_lines()
    assert {line["what"] for line in lines} >= {"started", "linked to the desk"}
    for secret in (DIALED, NUMBER.removeprefix("+"), "m=audio", "a=candidate", "0312340000"):
        assert secret not in world.gateway.log
