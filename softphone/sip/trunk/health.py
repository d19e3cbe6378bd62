"""Whether a trunk can take calls: what is known of its connection, its account and its answers.

Facts come in, one state with its reason comes out, told whenever it changes. From strongest to
weakest: not running; no connection (TCP, TLS); no answer, so it is being asked by OPTIONS; resting
(failures in a row, Retry-After); not registered; up.

After a rest the trunk is on trial: it is asked by OPTIONS, and the next failure sends it back to
rest for twice as long. Some carriers ignore OPTIONS, so no answer proves nothing unless this trunk
has answered one before; then a single call at a time is the question.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.sip.messages.message import Message
from softphone.sip.transport.timing import TimerHandle, Timers
from softphone.sip.trunk.breaker import Breaker, is_trunks_code
from softphone.sip.trunk.settings import TrunkState

OnState = Callable[[TrunkState, str], None]
Ask = Callable[[Callable[[Message | None], None]], None]  # send OPTIONS, hand over what came of it


class TrunkHealth:
    """`state` and `reason`. `registers`: the account must be registered before a call."""

    def __init__(
        self,
        *,
        timers: Callable[[], Timers],
        now: Callable[[], float],
        ask: Ask,
        on_state: OnState,
        registers: bool,
        connects: bool,
    ) -> None:
        self.state: TrunkState = "down"
        self.reason = "not started"
        self.single_call = False
        self._timers, self._now, self._ask, self._on_state = timers, now, ask, on_state
        self._breaker = Breaker()
        self._running = self._asking = self._answers_options = False
        self._link_fault = "connecting" if connects else ""
        self._account_fault = "registering" if registers else ""
        self._rest_reason = ""
        self._rests_until = 0.0
        self._timer: TimerHandle | None = None

    # -- facts -----------------------------------------------------------------------------------

    def run(self) -> None:
        self._running = True
        self._tell()

    def stop(self) -> None:
        self._running = False
        self._forget_timer()
        self._tell()

    def connected(self) -> None:
        self._link_fault = ""
        self._tell()

    def disconnected(self, reason: str) -> None:
        self._link_fault = reason
        self._tell()

    def registered(self, fault: str) -> None:
        """The registrar's word; "" when the binding stands."""
        self._account_fault = fault
        self._tell()

    def heard(self) -> None:
        """Any message of the trunk: it is there."""
        if self._asking:
            self._asking = False
            self._tell()

    def silent(self) -> None:
        """Not a word during a whole INVITE: ask, and take its silence then as no proof."""
        if not self._asking and self._running and not self._rest_reason:
            self._asking = True
            self._tell()
            self._ask(self._asked)

    def succeeded(self) -> None:
        """A call got through to the far side."""
        self._breaker.succeed()
        self.single_call = False

    def failed(self, code: int) -> None:
        """A call that failed by the trunk's fault."""
        rest_s = self._breaker.fail()
        if rest_s is not None:
            self._rest(self._now() + rest_s, f"failures in a row, the last with {code}")

    def leave_alone(self, until: float) -> None:
        """Retry-After, at every address of the trunk."""
        self._rest(until, "the trunk asked for a pause (Retry-After)")

    def keep_alive(self) -> None:
        """Ask now; a trunk that answers OPTIONS as a rule and does not is down until it speaks."""
        if self._running and not self._rest_reason and not self._link_fault:
            self._ask(self._kept_alive)

    def may_call(self, live_calls: int) -> bool:
        return self.state == "up" and not (self.single_call and live_calls)

    # -- asking ----------------------------------------------------------------------------------

    def _asked(self, response: Message | None) -> None:
        self._note(response)
        self.heard()  # with or without an answer the next call decides

    def _kept_alive(self, response: Message | None) -> None:
        self._note(response)
        if response is None and self._answers_options:
            self._asking = True
            self._tell()
        elif response is not None and is_trunks_code(response.code):
            self.failed(response.code)

    def _note(self, response: Message | None) -> None:
        self._answers_options = self._answers_options or response is not None

    # -- resting ---------------------------------------------------------------------------------

    def _rest(self, until: float, reason: str) -> None:
        if not self._running or until <= self._rests_until:
            return
        self._rests_until, self._rest_reason, self._asking = until, reason, False
        self._forget_timer()
        self._timer = self._timers().call_later(until - self._now(), self._rested)
        self._tell()

    def _rested(self) -> None:
        self._ask(self._tried)

    def _tried(self, response: Message | None) -> None:
        """What the first question after the rest came to."""
        if not self._running:
            return
        self._note(response)
        self._breaker.try_again()
        refused = response is not None and is_trunks_code(response.code)
        if refused or (response is None and self._answers_options):
            self.failed(response.code if response is not None else 408)
            return
        self.single_call = response is None
        self._rest_reason = ""
        self._tell()

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- the state -------------------------------------------------------------------------------

    def _judge(self) -> tuple[TrunkState, str]:
        if not self._running:
            return "down", "stopped"
        if self._link_fault:
            return "down", self._link_fault
        if self._asking:
            return "down", "no answer from the trunk"
        if self._rest_reason:
            return "resting", self._rest_reason
        if self._account_fault:
            pending = self._account_fault == "registering"
            return "registering" if pending else "down", self._account_fault
        return "up", "up"

    def _tell(self) -> None:
        judged = self._judge()
        if judged != (self.state, self.reason):
            self.state, self.reason = judged
            self._on_state(*judged)
