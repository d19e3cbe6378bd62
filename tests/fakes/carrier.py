"""A carrier in the test's hands: each INVITE waits until the test rings, answers or refuses it.

carrier = Carrier(ticker)
await carrier.start()
call = await carrier.call("0900...")     # the INVITE to that number
await call.answer(hz=700)                # the customer hums
call.customer.heard_dbfs(440)            # and listens
call.hang_up()
"""

from __future__ import annotations

import asyncio

from softphone.audio.ticker import Ticker
from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.inbound import InboundCall
from softphone.sip.messages.sdp import answer_audio, read_audio
from softphone.sip.server import SipServer
from tests.softphone.trunk_party import TrunkParty
from tests.waiting import PATIENCE_S, await_until


class CarrierCall:
    """One INVITE as the carrier sees it. `ended` says how the caller ended it, if it did."""

    def __init__(self, sip: InboundCall, ticker: Ticker) -> None:
        self.sip = sip
        self.number = sip.number
        self.ended: str | None = None
        self._ticker = ticker
        self._party: TrunkParty | None = None

    @property
    def customer(self) -> TrunkParty:
        assert self._party is not None, "nobody has answered"
        return self._party

    async def answer(self, *, hz: int | None = None, silent: bool = False) -> None:
        """Pick up; the customer hums a tone, sends silence, or (`silent`) no packet at all."""
        party = await TrunkParty.open(self._ticker)
        host, port = party.address
        offer = read_audio(self.sip.offer)
        party.hum(hz)
        if not silent:
            party.speak_to((offer.host, offer.port))
        self._party = party
        self.sip.answer(
            answer_audio(self.sip.offer, host=host, port=port, codecs=("PCMU",), session_id=1)
        )

    def hang_up(self) -> None:
        self.sip.hang_up()
        self.close()

    def close(self) -> None:
        if self._party is not None:
            self._party.close()

    # softphone.sip.calls.inbound.InboundListener

    def on_cancelled(self) -> None:
        self.ended = "cancelled"

    def on_ack(self, sdp: str) -> None:
        """The caller has our answer."""

    def on_media(self, sdp: str) -> None:
        """The gateway does not re-negotiate."""

    def on_bye(self, ending: SipEnding) -> None:
        self.ended = "bye"
        self.close()


class Carrier:
    """See the module."""

    def __init__(self, ticker: Ticker) -> None:
        self.calls: list[CarrierCall] = []
        self._ticker = ticker
        self._server = SipServer(self._take)

    @property
    def port(self) -> int:
        return self._server.address[1]

    @property
    def dialogs(self) -> int:
        """Calls the carrier still believes in."""
        return len(self._server.calls)

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        for call in self.calls:
            call.close()
        await self._server.stop()
        await asyncio.sleep(0)  # sockets close on the next turn

    async def call(self, number: str, *, within_s: float = PATIENCE_S) -> CarrierCall:
        """Wait for the INVITE to a number."""
        found = await await_until(
            lambda: [call for call in self.calls if call.number == number],
            within_s=within_s,
            what=f"an INVITE to {number}",
        )
        return found[-1]

    def _take(self, sip: InboundCall) -> CarrierCall:
        self.calls.append(CarrierCall(sip, self._ticker))
        return self.calls[-1]
