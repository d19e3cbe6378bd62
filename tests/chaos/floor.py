"""A whole product behind bad networks: desk and gateway, a carrier in the test's hands, operators.

Each operator's sockets go through a `TcpRelay`, each audio leg through a `UdpRelay`; SIP goes
through one too. Customers hum a tone of their own and are told from each other by it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from softphone.audio.ticker import Ticker
from tests.chaos.network import BLACKHOLE, CLEAR, TcpRelay, UdpRelay, Weather
from tests.fakes.carrier import Carrier, CarrierCall
from tests.operator_client import DISAGREEMENT_S, LinkLost, OperatorClient
from tests.population import numbers, populate, usernames
from tests.product import Product
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

MORNING = "2030-11-26T10:00:00+09:00"  # a weekday that is no holiday
AUDIBLE_DBFS = -40.0
OPERATOR_HZ = 440
CUSTOMER_HZ = 700
ENDINGS = ("9440", "9441", "9442")  # enough people for a thousand hang-ups
WRAP_UP_S = 4
# A busy machine may bridge late; that nobody waits for more than 2 s is tested by the clock.
PATIENCE_S = 8.0

Customer = Callable[[CarrierCall], Awaitable[None]]


async def picks_up(call: CarrierCall) -> None:
    """A customer who answers at once and hums for ever."""
    await call.answer(hz=CUSTOMER_HZ)


class Operator(OperatorClient):
    """An operator whose network is `line` (sockets) and `paths` (audio legs, the newest last)."""

    def __init__(self, floor: Floor, line: TcpRelay, url: str, username: str) -> None:
        super().__init__(url, username, ticker=floor.ticker)
        self.line = line
        self.paths: list[UdpRelay] = []
        self.track_live = True
        self.beats = 0  # heartbeats sent
        self.up = self.down = CLEAR
        self._heard: tuple[BrowserClient, int, int] | None = None
        self._floor = floor
        self.media.hum(OPERATOR_HZ)

    def set_audio(self, *, up: Weather = CLEAR, down: Weather = CLEAR) -> None:
        """The weather of audio from now on; `up` is towards the gateway."""
        self.up, self.down = up, down
        for path in self.paths:
            path.up, path.down = up, down

    def partition(self) -> None:
        """Nothing comes through any more, of anything."""
        self.line.up = self.line.down = BLACKHOLE
        self.set_audio(up=BLACKHOLE, down=BLACKHOLE)

    def heal(self) -> None:
        self.line.up = self.line.down = CLEAR
        self.set_audio()

    async def finish(self) -> None:
        """Hang up if need be, save, and go away."""
        if self.seat_state in ("talking", "hold"):
            await self.press("hang_up")
        await self.until(lambda s: s["seat"]["state"] == "wrap_up", what="wrap-up")
        await self.press("go_away", reason="other")
        await self.press("save_result", call_id=self.call_id, note="")
        await self.until(lambda s: s["seat"]["state"] == "away", what="away")

    async def close(self) -> None:
        self.heal()
        await super().close()
        for path in self.paths:
            path.close()
        await self.line.close()

    async def _beat(self, every_s: float) -> None:
        while True:
            if self.socket.connected and "/pulse" in self.socket.namespaces:
                beat = {
                    **{"track_live": self.track_live, "track_unmuted": True, "hidden": False},
                    **dict.fromkeys(("jitter_ms", "rtt_ms")),
                    "loss": self._lost(),
                }
                await self.socket.emit("pulse", beat, namespace="/pulse")
                self.beats += 1
            await asyncio.sleep(every_s)  # pace: as the page

    def _lost(self) -> float | None:
        """The share of packets its leg has missed since the last beat; None for a new leg."""
        leg, before = self.media, self._heard
        if not leg.packets:
            return None
        self._heard = (leg, leg.packets[-1].sequence, leg.count)
        if before is None or before[0] is not leg:
            return None
        due, came = (self._heard[1] - before[1]) & 0xFFFF, leg.count - before[2]
        return min(1.0, max(0.0, 1 - came / due)) if due else None

    async def _renew_media(self) -> None:
        """As the page: a leg that failed is replaced at once, one in doubt after a while."""
        loop = asyncio.get_running_loop()
        since: float | None = None
        while True:
            await asyncio.sleep(0.1)  # pace: between two looks
            seat = self.state.get("seat")
            down = self.connected and seat is not None and seat["media"] == "down"
            since = (since or loop.time()) if down else None
            doubted = since is not None and loop.time() - since >= DISAGREEMENT_S
            if self.connected and (doubted or self.media.lost is not None):
                await self._replace_media()
                since = None

    async def _replace_media(self) -> None:
        fresh = BrowserClient(self._floor.ticker)
        fresh.hum(self.media.hz)
        spare = fresh
        try:
            await fresh.connect(self._offer)
            spare, self.media = self.media, fresh
        except (LinkLost, ConnectionError):
            pass  # tried again at the next look
        finally:
            await spare.vanish()

    async def _offer(self, sdp: str) -> str:
        return await self._floor.through_relay(self, await super()._offer(sdp))


class Floor:
    """See the module. `customer` says what those who are called do; each call is a task of it."""

    def __init__(self, folder: Path, *, seed: int, **environ: str) -> None:
        self.rng = random.Random(seed)
        self.ticker = Ticker()
        self.carrier = Carrier(self.ticker)
        self.product = Product(folder, environ={"GATEWAY_LAG_LIMIT_MS": "2000", **environ})
        self.operators: dict[str, Operator] = {}
        self.customer: Customer = picks_up
        self.sip: UdpRelay
        self._following: asyncio.Task[None] | None = None
        self._customers: list[asyncio.Task[None]] = []

    async def open(self, *, operators: int, customers: int, **campaign: Any) -> None:
        """Every part up, everybody logged in and away."""
        await self.carrier.start()
        self.sip = UdpRelay(("127.0.0.1", self.carrier.port), rng=self.rng)
        _, self.product.sip_port = await self.sip.open()
        await asyncio.to_thread(self.product.run, "migrate")
        self.product.set_clock(MORNING)
        columns: dict[str, Any] = {
            "mode": "progressive",
            "screening": "off",
            "wrap_up_s": WRAP_UP_S,
        }
        columns["bridge_within_s"] = PATIENCE_S
        populate(
            self.product.environ,
            operators=operators,
            customers=list(numbers(ENDINGS, customers)),
            now=self.product.now(),
            **(columns | campaign),
        )
        self._following = asyncio.create_task(self._follow())
        for part in ("desk", "gateway"):
            self.product.start(part)
        await asyncio.to_thread(self.product.wait_ready)
        for username in usernames(operators):
            line = TcpRelay(("127.0.0.1", self.product.port), rng=self.rng)
            host, port = await line.open()
            operator = Operator(self, line, f"http://{host}:{port}", username)
            self.operators[username] = operator
            await operator.sign_in()
            await operator.connect()
            await operator.open_media()
            await operator.send("device_passed", level_dbfs=-20.0)
            operator.keep_media()

    async def close(self) -> None:
        for operator in self.operators.values():
            await operator.close()
        tasks = [task for task in (self._following, *self._customers) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self.product.stop_all)
        await self.carrier.stop()
        self.sip.close()
        await asyncio.sleep(0)  # sockets close on the next turn

    async def through_relay(self, operator: Operator, answer_sdp: str) -> str:
        """The gateway's answer with a relay in front of the gateway's address."""
        kept = []
        for line in answer_sdp.splitlines():
            words = line.split(" ")
            if not line.startswith("a=candidate:"):
                kept.append(line)
            elif words[4] == "127.0.0.1":
                path = UdpRelay((words[4], int(words[5])), rng=self.rng)
                path.up, path.down = operator.up, operator.down
                operator.paths.append(path)
                words[4:6] = map(str, await path.open())
                kept.append(" ".join(words))
        return "\r\n".join(kept) + "\r\n"

    async def talk(self, operator: Operator) -> CarrierCall:
        """Make the seat available; its next customer, both hearing each other."""
        if operator.seat_state in ("away", "starting"):
            await operator.go_available()
        await operator.until(lambda s: s["seat"]["state"] == "talking", what="a customer")
        call = await self.customer_of(operator)
        await await_until(
            lambda: (
                operator.media.heard_dbfs(CUSTOMER_HZ) > AUDIBLE_DBFS
                and call.customer.heard_dbfs(OPERATOR_HZ) > AUDIBLE_DBFS
            ),
            what="each hearing the other",
        )
        return call

    async def customer_of(self, operator: Operator) -> CarrierCall:
        """The carrier's side of the call on the seat."""
        number = operator.state["record"]["customer"]["external_id"]
        return await self.carrier.call("0" + number.removeprefix("+81"))

    def invites(self) -> int:
        """How many calls reached the carrier so far."""
        return len(self.carrier.calls)

    def moves(self, username: str) -> list[tuple[str, str | None, str]]:
        """What the desk wrote of a seat: state, reason, instant."""
        return self.product.query(
            "SELECT to_state, reason, at FROM seat_moves JOIN users ON users.id = user_id"
            " WHERE username = ? ORDER BY seat_moves.id",
            username,
        )

    async def audit(self) -> str:
        """What the auditor says; it fails on any violation."""
        return (await asyncio.to_thread(self.product.run, "audit")).stdout

    async def _follow(self) -> None:
        """Set a customer to each call that arrives."""
        taken = 0
        while True:
            for call in self.carrier.calls[taken:]:
                taken += 1
                self._customers.append(asyncio.ensure_future(self.customer(call)))
            await asyncio.sleep(0.002)  # pace: between two looks


def hears(ear: Any, hz: float) -> bool:
    return bool(ear.heard_dbfs(hz) > AUDIBLE_DBFS)
