"""A gateway with one good talk, and those who would disturb it.

scene = Scene(tmp_path)
await scene.open()
await scene.attack(shoot)        # shoot: async () -> None; the talk must not notice
await scene.close()

The trunk is 127.0.0.1, on whatever port; 127.0.0.2 is a stranger. What the attacks do to the good
talk is judged by what its two parties hear. A busy machine loses packets too, but not each time:
an attack that costs any is made again, and harms if it costs some `TRIES` times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from softphone.audio.ticker import Ticker
from softphone.protocol import (
    Bridge,
    CallArrived,
    CallBridged,
    CallEnded,
    CallScreened,
    HangUp,
    OpenSeat,
    SeatDown,
    SeatUp,
)
from tests.fakes.carrier import Carrier, CarrierCall
from tests.fakes.desk_server import FakeDesk
from tests.softphone.gateway_process import GatewayProcess, place_call
from tests.softphone.sip.stranger import Stranger
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

OPERATOR_HZ, CUSTOMER_HZ = 440, 700
TRIES = 6  # each is over at once when the machine is not starved
FRAMES = 100  # of the talk, at the least, for one judgement
MOST_LOST = 0.01
MOST_GROWTH = 1.10

Shoot = Callable[[], Awaitable[None]]
PostOffer = Callable[[str], Awaitable[str]]


class Scene:
    """See the module. `plane`: what carries the seats' audio (`MEDIA_PLANE`)."""

    def __init__(self, tmp_path: Path, *, plane: str = "direct") -> None:
        self._tmp_path, self._plane = tmp_path, plane
        self.ticker = Ticker()
        self.desk = FakeDesk()
        self.carrier = Carrier(self.ticker)
        self.browser = BrowserClient(self.ticker)
        self.seat_ports: list[tuple[str, int]] = []
        self.worst_lost = 0.0
        self.refuses = True  # calls that come in
        self._ticks = 0
        self._numbers = 0
        self._strangers: list[Stranger] = []

    async def open(self) -> None:
        """Start everything, and the good talk."""
        await self.desk.start()
        await self.carrier.start()
        self.gateway = GatewayProcess(
            self._tmp_path,
            self.desk,
            sip_port=self.carrier.port,
            settings={"MEDIA_PLANE": self._plane},
        )
        self.gateway.start()
        try:
            await self.desk.linked(within_s=60)
        except AssertionError as fault:
            self.gateway.end()
            raise AssertionError(f"no gateway: {self.gateway.log[-2000:]}") from fault
        self._desk_work = asyncio.create_task(self._refuse_arrivals())
        await self.seat("s1", self.browser)
        self.browser.hum(OPERATOR_HZ)
        _, self.good = await self.answered(hz=CUSTOMER_HZ)
        assert (await self.desk.send(Bridge("c1", "s1", False))).refusal is None
        await self.desk.event(CallBridged, call_id="c1")
        await self.hear_each_other()
        self.ticker.add(self._count)

    async def close(self) -> None:
        self.ticker.remove(self._count)
        for stranger in self._strangers:
            stranger.close()
        await self.browser.close()
        self._desk_work.cancel()
        await asyncio.wait([self._desk_work])
        self.gateway.end()
        await self.carrier.stop()
        await self.desk.stop()

    # -- parties ---------------------------------------------------------------------------------

    async def seat(
        self, seat_id: str, browser: BrowserClient, *, before: Shoot | None = None
    ) -> None:
        """Connect a seat; `before` runs when its ports are open and nothing else has happened."""
        ups = len(self.desk.events(SeatUp, seat_id=seat_id))

        async def post_offer(offer: str) -> str:
            reply = await self.desk.send(OpenSeat(seat_id, offer))
            assert reply.refusal is None and reply.answer_sdp is not None, reply
            self.seat_ports = candidates(reply.answer_sdp)
            if before is not None:
                await before()
            return reply.answer_sdp

        await browser.connect(post_offer)
        await await_until(lambda: len(self.desk.events(SeatUp, seat_id=seat_id)) > ups)

    async def placed(self) -> tuple[str, CarrierCall]:
        """A call whose INVITE the carrier has."""
        self._numbers += 1
        call_id, number = f"c{self._numbers}", f"+8190000{self._numbers:05}"
        reply = await self.desk.send(place_call(call_id, number, desk=self.desk))
        assert reply.refusal is None, reply
        return call_id, await self.carrier.call("0" + number.removeprefix("+81"))

    async def answered(self, *, hz: int | None = None) -> tuple[str, CarrierCall]:
        """A call somebody has answered; it is not bridged."""
        call_id, call = await self.placed()
        await call.answer(hz=hz)
        await self.desk.event(CallScreened, call_id=call_id, offered=True)
        return call_id, call

    def stranger(self, host: str = "127.0.0.2") -> Stranger:
        """A socket of somebody else's; on 127.0.0.1 of the trunk's."""
        self._strangers.append(Stranger(host))
        return self._strangers[-1]

    @property
    def sip_port(self) -> int:
        return self.good.sip.source[1]

    @property
    def lines_in_use(self) -> int:
        return self.desk.liveness[-1].trunks[0].lines_in_use if self.desk.liveness else -1

    async def end(self, call_id: str) -> None:
        await self.desk.send(HangUp(call_id, "operator"))
        await self.desk.event(CallEnded, call_id=call_id)

    # -- attacks ---------------------------------------------------------------------------------

    async def attack(self, shoot: Shoot, *, remembered: bool = False) -> None:
        """Carry it out beside the good talk, which must not lose a hundredth of its packets.

        `remembered`: memory may grow, by the requests that are kept for 32 s in case they are sent
        again, of which there are a bounded number.
        """
        losses = []
        for _ in range(TRIES):
            losses.append(await self.lost_during(shoot, remembered=remembered))
            if losses[-1] <= MOST_LOST:
                break
        await self.hear_each_other()
        self.assert_unharmed()
        assert losses[-1] <= MOST_LOST, f"the talk lost {losses} of its packets"
        self.worst_lost = max(self.worst_lost, losses[-1])

    async def lost_during(self, shoot: Shoot, *, remembered: bool = False) -> float:
        """The share of the talk's packets that did not arrive, of the worse direction."""
        customer = self.good.customer
        ticks, heard = self._ticks, (self.browser.count, customer.count)
        memory = self.resident_kb
        await shoot()
        await await_until(lambda: self._ticks - ticks >= FRAMES, within_s=30)
        sent = self._ticks - ticks
        arrived = (self.browser.count - heard[0], customer.count - heard[1])
        grown = self.resident_kb / memory
        assert remembered or grown < MOST_GROWTH, "memory grows with what is sent to us"
        return max(0.0, (sent - min(arrived) - 2) / sent)  # two are on their way

    async def hear_each_other(self) -> None:
        await await_until(
            lambda: self.browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ), what="the customer"
        )
        await await_until(
            lambda: self.good.customer.hears_only(OPERATOR_HZ, but_not=CUSTOMER_HZ),
            what="the operator",
        )

    def assert_unharmed(self) -> None:
        """The process lives, nothing went wrong in it, and strangers heard nothing."""
        assert not self.desk.events(CallEnded, call_id="c1")
        assert not self.desk.events(SeatDown, seat_id="s1")
        assert self.browser.lost is None and self.good.ended is None
        wrong = [
            line
            for line in self.gateway.log_lines()
            if "error" in line or line["level"] in ("error", "critical")
        ]
        assert wrong == []

    async def all_is_over(self, *, within_s: float = 15.0) -> None:
        """No line is taken but the good talk's."""
        await await_until(lambda: self.lines_in_use == 1, within_s=within_s, what="free lines")

    @property
    def resident_kb(self) -> int:
        """Memory of the gateway's process."""
        status = Path(f"/proc/{self.gateway.pid}/status").read_text("ascii")
        return int(status.partition("VmRSS:")[2].split()[0])

    def _count(self, tick: int) -> None:
        self._ticks += 1

    async def _refuse_arrivals(self) -> None:
        """The desk turns callers away, so that none of them takes a line for long."""
        done = 0
        while True:
            await asyncio.sleep(0.02)  # pace: a desk that decides fifty times a second
            arrived = self.desk.events(CallArrived)
            if self.refuses:
                for event in arrived[done:]:
                    await self.desk.send(HangUp(event.call_id, "operator"))
                done = len(arrived)


def candidates(answer_sdp: str) -> list[tuple[str, int]]:
    """The IPv4 addresses of an answer."""
    words = [x.split() for x in answer_sdp.splitlines() if x.startswith("a=candidate:")]
    return [(word[4], int(word[5])) for word in words if ":" not in word[4]]


async def paced(shots: Iterable[Callable[[], None]], *, per_second: int) -> None:
    """Fire one after another at this rate."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, shot in enumerate(shots):
        ahead = number / per_second - (loop.time() - began)
        if ahead > 0:
            await asyncio.sleep(ahead)  # pace: so many a second
        elif number % 10 == 0:
            await asyncio.sleep(0)  # the talk's parties share this loop
        shot()
