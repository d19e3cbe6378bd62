"""A caller and a callee of ours joined by a wire that loses what the test says, in virtual time."""

from __future__ import annotations

from collections.abc import Callable

from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.inbound import InboundCall
from softphone.sip.calls.outbound import OutboundCall, OutboundInvite
from softphone.sip.messages.invite import InviteForm
from softphone.sip.messages.sdp import answer_audio
from softphone.sip.transport.timing import Timing
from softphone.sip.transport.transactions import Address, ServerTransaction
from softphone.sip.user_agent import UserAgent
from tests.softphone.sip.far_end import MemoryJournal
from tests.softphone.sip.placed_calls import OFFER, HeardCall
from tests.softphone.sip.virtual_time import Counting, VirtualTime

CALLER: Address = ("192.0.2.10", 5060)
CALLEE: Address = ("192.0.2.20", 5060)
_DELAY_S = 0.02


class HeardInbound:
    """An `InboundListener` that writes down what it hears."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.endings: list[SipEnding] = []

    def on_cancelled(self) -> None:
        self.events.append("cancelled")

    def on_ack(self, sdp: str) -> None:
        self.events.append("ack")

    def on_media(self, sdp: str) -> None:
        self.events.append("media")

    def on_bye(self, ending: SipEnding) -> None:
        self.events.append("bye")
        self.endings.append(ending)


class Wire:
    """`caller` and `callee` agents; `loses(data)` decides per datagram; `inbound`: calls taken."""

    def __init__(self, loses: Callable[[bytes], bool] = lambda data: False) -> None:
        self.time = VirtualTime()
        self.loses = loses
        self.carried: list[bytes] = []
        self.caller = self._agent(CALLER)
        self.callee = self._agent(CALLEE)
        self.callee.on_new_request = self._take
        self.inbound: list[InboundCall] = []
        self.heard_inbound: list[HeardInbound] = []
        self.open_inbound = 0

    def _agent(self, address: Address) -> UserAgent:
        agent = UserAgent(
            send=lambda data, to: self._carry(data, address, to),
            timers=self.time,
            timing=Timing(),
            tokens=Counting(),
            product="wire",
        )
        agent.bind(*address)
        return agent

    def _carry(self, data: bytes, source: Address, to: Address) -> None:
        self.carried.append(data)
        if self.loses(data):
            return
        agent = {CALLER: self.caller, CALLEE: self.callee}[to]
        self.time.call_later(_DELAY_S, lambda: agent.receive(data, source))

    def _take(self, transaction: ServerTransaction) -> None:
        self.open_inbound += 1
        call = InboundCall(self.callee, transaction, on_over=self._inbound_over)
        heard = HeardInbound()
        call.listen(heard)
        self.inbound.append(call)
        self.heard_inbound.append(heard)

    def _inbound_over(self) -> None:
        self.open_inbound -= 1

    def place(
        self,
        *,
        ring_limit_s: float = 60,
        session_expires_s: int = 0,
        headers: dict[str, str] | None = None,
    ):
        """(call, what its listener heard), the INVITE on its way."""
        heard = HeardCall()
        form = InviteForm(
            trunk_id="t",
            uri=f"sip:0901230001@{CALLEE[0]}",
            from_uri="sip:0312340000@carrier.test",
            address=CALLEE,
            session_expires_s=session_expires_s,
            headers=headers or {},
        )
        call = OutboundCall(
            self.caller,
            OutboundInvite("c", "0901230001", "", OFFER, ring_limit_s),
            form,
            heard,
            journal=MemoryJournal(),
            on_over=lambda call: None,
        )
        call.start()
        return call, heard

    def answer(self) -> None:
        call = self.inbound[0]
        call.answer(answer_audio(call.offer, host="127.0.0.1", port=6000, session_id=1))

    @property
    def leftovers(self) -> tuple[int, int, int, int]:
        """Transactions, dialogs, inbound calls and timers still open: all 0 in the end."""
        return (
            self.caller.layer.open_transactions + self.callee.layer.open_transactions,
            self.caller.open_dialogs + self.callee.open_dialogs,
            self.open_inbound,
            self.time.pending,
        )
