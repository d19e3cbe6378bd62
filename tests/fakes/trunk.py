"""A trunk without a network: the test plays the carrier."""

from __future__ import annotations

from collections.abc import Callable

from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.outbound import OutboundInvite, OutboundListener
from softphone.sip.calls.referral import ReferResult
from softphone.sip.trunk.settings import RefusalReason, TrunkRefused, TrunkSettings, TrunkState


class FakeSipCall:
    """One call as `OutboundCall` behaves: BYE ends it at once, CANCEL when the carrier says so."""

    def __init__(self, invite: OutboundInvite, listener: OutboundListener) -> None:
        self.invite = invite
        self.listener = listener
        self.causes: list[str] = []
        self.asked = 0
        self.referred: list[tuple[str, Callable[[ReferResult], None]]] = []
        self.on_digit: Callable[[str, int], None] = lambda digit, duration_ms: None
        self.ended = False
        self._rang = self._answered = False

    # what the gateway does

    def hang_up(self, cause: str) -> None:
        self.causes.append(cause)
        if self._answered:
            self._end(200, cause, by="local")

    def refer(self, number: str, on_result: Callable[[ReferResult], None]) -> bool:
        self.referred.append((number, on_result))
        return self._answered

    def ask(self) -> None:
        self.asked += 1

    # what the carrier does

    def ring(self, code: int = 180) -> None:
        self._rang = True
        self.listener.on_ringing(code, None)

    def answer(self, sdp: str = "answer") -> None:
        self._answered = True
        self.listener.on_answer(sdp)

    def refuse(self, code: int, reason: str = "refused", *, q850: int | None = None) -> None:
        self._end(code, reason, by="remote", q850=q850)

    def confirm_cancel(self) -> None:
        assert self.causes, "nothing was cancelled"
        self._end(487, self.causes[0], by="local")

    def answer_across_cancel(self) -> None:
        """A 200 that crossed our CANCEL: hung up before anybody could hear it."""
        self._answered = True
        self._end(200, self.causes[0], by="local")

    def reach_ring_limit(self) -> None:
        self._end(487, "ring limit", by="timeout")

    def stay_silent(self) -> None:
        self._end(408, "no answer from the trunk", by="trunk")

    def say_bye(self) -> None:
        self._end(200, "bye", by="remote")

    def _end(self, code: int, reason: str, *, by: str, q850: int | None = None) -> None:
        if self.ended:
            return
        self.ended = True
        self.listener.on_end(
            SipEnding(
                code=code,
                reason=reason,
                q850=q850,
                by=by,  # type: ignore[arg-type]  # the literals above
                rang=self._rang,
                answered=self._answered,
            )
        )


class FakeArrival:
    """A call that came in, as `sip.arrivals.ArrivedCall` behaves; the test is the caller."""

    def __init__(
        self,
        call_id: str,
        *,
        number: str = "+819000000001",
        called: str = "",
        offer: str = "offer",
    ) -> None:
        self.call_id = call_id
        self.trunk_id = "t1"
        self.number, self.called, self.offer = number, called, offer
        self.on_digit: Callable[[str, int], None] = lambda digit, duration_ms: None
        self.on_acknowledged: Callable[[], None] = lambda: None
        self.rang = self.over = False
        self.rejected = 0
        self.answers: list[str] = []
        self.causes: list[str] = []
        self._listener: OutboundListener | None = None

    def listen(self, listener: OutboundListener) -> None:
        self._listener = listener

    def ring(self) -> None:
        self.rang = True

    def answer(self, sdp: str) -> None:
        self.answers.append(sdp)

    def reject(self, code: int) -> None:
        self.rejected, self.over = code, True

    def refer(self, number: str, on_result: Callable[[ReferResult], None]) -> bool:
        return False

    def ask(self) -> None: ...

    def hang_up(self, cause: str) -> None:
        self.causes.append(cause)
        answered = bool(self.answers)
        code = 200 if answered else 486
        self.tell(SipEnding(code, cause, None, "local", rang=True, answered=answered))

    def give_up(self) -> None:
        """CANCEL."""
        self.tell(SipEnding(487, "cancelled", None, "remote", rang=True, answered=False))

    def tell(self, ending: SipEnding) -> None:
        if not self.over:
            self.over = True
            if self._listener is not None:
                self._listener.on_end(ending)


class FakeTrunk:
    """Takes calls until told to refuse."""

    def __init__(self, trunk_id: str = "t1", *, lines: int = 2, cps: float = 5.0) -> None:
        self.trunk_id = trunk_id
        self.state: TrunkState = "up"
        self.limits = (lines, cps)
        self.settings = TrunkSettings(
            trunk_id=trunk_id,
            host="127.0.0.1",
            port=5060,
            domain="carrier.example",
            caller_id="",
            lines=lines,
            calls_per_second=cps,
        )
        self.refuse: RefusalReason | None = None
        self.placed: list[FakeSipCall] = []
        self.addresses = 1
        self.local_host = "127.0.0.1"
        self.on_state: Callable[[TrunkState, str], None] = lambda state, reason: None
        self.stopped = False

    @property
    def lines_in_use(self) -> int:
        return sum(not call.ended for call in self.placed)

    def set_limits(self, lines: int, calls_per_second: float) -> None:
        self.limits = (lines, calls_per_second)

    def load(self) -> tuple[int, int, int]:
        return 3, self.lines_in_use, 0

    def place(self, invite: OutboundInvite, listener: OutboundListener) -> FakeSipCall:
        if self.refuse is not None:
            raise TrunkRefused(self.refuse)
        if self.lines_in_use >= self.limits[0]:
            raise TrunkRefused("lines")
        self.placed.append(FakeSipCall(invite, listener))
        return self.placed[-1]

    async def start(self) -> None:
        self.on_state(self.state, self.state)

    async def stop(self, *, within_s: float = 2.0) -> None:
        self.stopped = True
        for call in self.placed:
            call.hang_up("trunk stopped")
