"""One outbound call, from its INVITE to its one `CallEnded`.

The law of a call is `talk/phases.py`; what may happen in each phase:

* placed, ringing: the SIP side has it. We can only give up (CANCEL).
* screening: answered, and not yet known by whom. Strict mode offers the call to the desk when a
  human (or nobody knows what) was heard, and hangs up on machines and on silence. Watch mode offers
  it at the first voice, or after 1.2 s without any, so that nobody talks to a dead line.
* waiting: offered. The desk sends `Bridge`, or the time to bridge runs out: then a recording says
  who called and the call counts as abandoned. That clock starts with the end of the greeting, or,
  when nobody spoke, with the offer. All this needs no desk: what to do came with `PlaceCall`.
* bridged: in conversation for as long as both sides want, desk or no desk (`conversation.py`).
* treated: no operator any more; a prompt, a message or a question plays; then we hang up.

Whatever ends a call goes through `_finish`, once. An answered call is over for the desk when we say
BYE; an unanswered one when the trunk says its final word, because that word is the outcome.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.protocol import (
    CallAnswered,
    CallPhase,
    CallPlaced,
    CallRinging,
    CallScreened,
    CallState,
    CallTreated,
    DigitHeard,
    EndedBy,
    Event,
    Prompt,
    Refusal,
    ScreeningMode,
    Verdict,
)
from softphone.rtp.digits import MOST_DIGITS, is_digits
from softphone.rtp.leg import TrunkMedia
from softphone.sip.calls.endings import SipEnding
from softphone.sip.transport.timing import TimerHandle, Timers
from softphone.talk.asking import OnKey
from softphone.talk.call_ports import (
    CustomerAudio,
    Finding,
    Record,
    Recording,
    SipCall,
    TalkingSeat,
    Terms,
)
from softphone.talk.conversation import Conversation, Surroundings
from softphone.talk.endings import MACHINES, Facts, Wish, report_end
from softphone.talk.phases import MOVES, IllegalMove

OFFER_AT_LATEST_S = 1.2

_PERSONS = frozenset({Verdict.HUMAN, Verdict.UNCERTAIN})


class Call:
    """See the module. `report` takes the events; `on_over(call)` comes once, after the last one."""

    def __init__(
        self,
        command: Terms,
        audio: CustomerAudio,
        *,
        report: Callable[[Event], None],
        timers: Timers,
        now: Callable[[], float],
        on_over: Callable[[Call], None],
        record: Record | None = None,
    ) -> None:
        self.command = command
        self.phase = CallPhase.PLACED
        self.made_at = now()
        self._audio = audio
        self._report = report
        self._timers = timers
        self._now = now
        self._on_over = on_over
        self._record = record
        self._recording: Recording | None = None
        self._facts = Facts()
        self.sip: SipCall | None = None
        self._wish: Wish | None = None
        self._answered_at = 0.0
        self._deadline: TimerHandle | None = None
        self.conversation: Conversation | None = None  # while bridged
        self.on_key: OnKey = lambda key: None  # of a customer who is asked something
        self._over = False

    @property
    def call_id(self) -> str:
        return self.command.call_id

    @property
    def state(self) -> CallState:
        """The call as a snapshot shows it."""
        seat_id = self.conversation.seat_id if self.conversation is not None else None
        return CallState(self.call_id, self.command.trunk_id, self.phase, seat_id)

    @property
    def media(self) -> TrunkMedia | None:
        """What can be measured of the customer's side while the call is bridged."""
        return self._audio.media if self.conversation is not None else None

    def placed(self, sip: SipCall, *, caller_id: str = "") -> None:
        """The trunk took it, and shows this number."""
        self.sip = sip
        sip.on_digit = lambda key, ms: self._hear_digit(key, ms, in_band=False)
        self._report(CallPlaced(self.call_id, self.command.trunk_id, caller_id))

    # --- what the desk asks -----------------------------------------------------------------

    def bridge(
        self, seat: TalkingSeat, *, zip_tone: bool, replay_greeting: bool = False
    ) -> Refusal | None:
        """Join a waiting call to a seat that is connected and free."""
        if self.phase is not CallPhase.WAITING:
            return Refusal("call_not_waiting", f"the call is {self.phase}")
        leg = seat.leg_for_call()
        if isinstance(leg, Refusal):
            return leg
        self._move(CallPhase.BRIDGED)
        self._facts.bridged = True
        if self._record is not None and self.command.record:
            self._recording = self._record(self.call_id, self._audio)
        greeting = self._audio.greeting() if replay_greeting else None
        around = Surroundings(
            self.call_id,
            report=self._report,
            timers=self._timers,
            now=self._now,
            answered_at=self._answered_at,
            on_lost=self._seat_did_not_return,
            on_deserted=lambda: self.hang_up(by=EndedBy.GATEWAY, cause="party_gone"),
            on_dead_air=self._ask,
        )
        self.conversation = Conversation(around, self._audio.join(leg), seat)
        self.conversation.begin(zip_tone=zip_tone, greeting=greeting, on_hold=self._audio.on_hold)
        return None

    def _ask(self) -> None:
        if self.sip is not None:
            self.sip.ask()

    def hold(self, on: bool) -> Refusal | None:
        """Hold music to the customer, or back."""
        if self.conversation is None:
            return Refusal("call_not_bridged", f"the call is {self.phase}")
        return self.conversation.hold(on)

    def press(self, digits: str) -> Refusal | None:
        """Keys towards the customer, one after the other."""
        if self.conversation is None:
            return Refusal("call_not_bridged", f"the call is {self.phase}")
        if not is_digits(digits) or len(digits) > MOST_DIGITS:
            return Refusal("malformed", f"at most {MOST_DIGITS} of 0-9 * # A-D")
        self._audio.press(digits)
        return None

    def hang_up(self, *, by: EndedBy, cause: str) -> None:
        """End the call in whatever phase it is; harmless when it is ending already."""
        self._end(Wish(by, cause))

    def end_with_prompt(self, prompt: Prompt, *, by: EndedBy, cause: str) -> None:
        """Play a recording, then hang up; where nobody has answered there is nobody to hear it."""
        if self.phase in (CallPhase.PLACED, CallPhase.RINGING):
            self._end(Wish(by, cause))
        elif self.phase is not CallPhase.TREATED and not self._over:
            self._treat(prompt, Wish(by, cause))

    def leave_alone(self, treat: Callable[[CustomerAudio], None]) -> Refusal | None:
        """Free the operator and do this with who is called; then the call is to be ended."""
        if self.conversation is None:
            return Refusal("call_not_bridged", f"the call is {self.phase}")
        self._move(CallPhase.TREATED)
        self._part(customer_gone=False)
        treat(self._audio)
        return None

    def stop_recording(self) -> None:
        """The rest of the call must not be heard by us; harmless when nothing is recorded."""
        if self._recording is not None:
            self._recording.stop()

    # --- what SIP says ----------------------------------------------------------------------

    def on_ringing(self, code: int, sdp: str | None) -> None:
        """The first 18x is reported. Early media is listened to and played to nobody."""
        if sdp is not None and not self._facts.answered:
            self._audio.hear_early(sdp, self._facts.note_early_media)
        if self.phase is CallPhase.PLACED:
            self._move(CallPhase.RINGING)
            self._facts.rang = True
            self._report(CallRinging(self.call_id, code))

    def on_answer(self, sdp: str) -> None:
        """200 OK; the trunk has checked that the SDP can be used."""
        self._answered_at = self._now()
        self._facts.answered = True
        self._audio.on_digit = self._hear_digit
        self._audio.connect(sdp)
        self._report(CallAnswered(self.call_id))
        if self.command.screening is ScreeningMode.OFF:
            self._offer(Finding(Verdict.NOT_SCREENED, None, "not screened"))
            self._bridge_within(self._answered_at)
            return
        self._move(CallPhase.SCREENING)
        self._audio.screen(on_voice=self._on_voice, on_finding=self._on_finding)
        if self.command.screening is ScreeningMode.WATCH:
            self._deadline = self._timers.call_later(OFFER_AT_LATEST_S, self._offer_unheard)

    def on_media(self, sdp: str) -> None:
        """A re-INVITE moved the customer's audio."""
        self._audio.connect(sdp)
        if self.conversation is not None:
            self.conversation.media_changed(on_hold=self._audio.on_hold)

    def _hear_digit(self, digit: str, duration_ms: int, in_band: bool) -> None:
        self._report(DigitHeard(self.call_id, digit, duration_ms, in_band))
        self.on_key(digit)

    def on_end(self, ending: SipEnding) -> None:
        """The trunk's last word; for a call we have reported already it is no news."""
        self._finish(ending)

    # --- screening --------------------------------------------------------------------------

    def _on_voice(self) -> None:
        if self.command.screening is not ScreeningMode.WATCH:
            return
        self._forget_deadline()  # somebody speaks: the greeting's end counts from now on
        if self.phase is CallPhase.SCREENING:
            self._offer(Finding(Verdict.NOT_SCREENED, None, "first voice"))

    def _offer_unheard(self) -> None:
        self._offer(Finding(Verdict.NOT_SCREENED, None, "no voice yet"))
        self._bridge_within(self._now())

    def _on_finding(self, finding: Finding) -> None:
        self._facts.verdict = finding.verdict
        if self.phase is CallPhase.SCREENING:
            self._judge(finding)
            return
        self._screened(finding, offered=False)
        if self.phase is CallPhase.WAITING:
            self._bridge_within(self._greeting_end(finding))

    def _judge(self, finding: Finding) -> None:
        """The verdict came before the call was offered."""
        watched = self.command.screening is ScreeningMode.WATCH
        if watched or finding.verdict in _PERSONS:
            self._offer(finding)
            self._bridge_within(self._greeting_end(finding))
        else:
            self._screened(finding, offered=False)
            self._end(Wish(EndedBy.GATEWAY, finding.verdict.value))

    def _greeting_end(self, finding: Finding) -> float:
        """From when the time to bridge counts, in loop time."""
        if finding.greeting_end_ms is None or finding.verdict in MACHINES:
            return self._now()
        return self._answered_at + finding.greeting_end_ms / 1000

    def _offer(self, finding: Finding) -> None:
        self._move(CallPhase.WAITING)
        self._screened(finding, offered=True)

    def _screened(self, finding: Finding, *, offered: bool) -> None:
        self._report(
            CallScreened(
                self.call_id,
                finding.verdict,
                finding.greeting_end_ms,
                offered=offered,
                evidence=finding.evidence,
            )
        )

    # --- waiting ----------------------------------------------------------------------------

    def _bridge_within(self, since: float) -> None:
        self._forget_deadline()
        left_s = since + self.command.bridge_within_s - self._now()
        self._deadline = self._timers.call_later(max(0.0, left_s), self._not_bridged)

    def _not_bridged(self) -> None:
        if self._facts.verdict in MACHINES:
            self._end(Wish(EndedBy.GATEWAY, self._facts.verdict.value))
        else:
            self._treat(self.command.if_not_bridged, Wish(EndedBy.GATEWAY, "not_bridged"))

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    # --- the end ----------------------------------------------------------------------------

    def _seat_did_not_return(self) -> None:
        self._treat(Prompt.APOLOGY, Wish(EndedBy.GATEWAY, "seat_lost", seat_lost=True))

    def _treat(self, prompt: Prompt, wish: Wish) -> None:
        """Take the operator off the line, play the prompt, then hang up."""
        self._move(CallPhase.TREATED)
        self._part(customer_gone=True)
        self._facts.treated = wish
        after_ms = round((self._now() - self._answered_at) * 1000)
        said, done = self.command.recording, lambda: self._end(wish)
        played = self._audio.play(prompt, recording=said, on_done=done)
        self._report(CallTreated(self.call_id, prompt, after_ms, played))

    def _end(self, wish: Wish) -> None:
        """Our side wants it over. SIP answers with `on_end`: at once after a BYE."""
        if self._wish is None and self.sip is not None and not self._over:
            self._wish = wish
            self._forget_deadline()
            self.sip.hang_up(wish.cause)

    def _finish(self, ending: SipEnding) -> None:
        if self._over:
            return
        self._over = True
        self._forget_deadline()
        report = report_end(self.call_id, self._facts, self._decisive_wish(ending), ending)
        self._part(customer_gone=report.by is not EndedBy.DESK)
        self.stop_recording()
        self._audio.close()
        self._report(report)
        self._on_over(self)

    def _decisive_wish(self, ending: SipEnding) -> Wish | None:
        """Our wish, unless the other side was faster: a refusal that crossed our CANCEL stands."""
        return self._wish if ending.by == "local" else None

    def _part(self, *, customer_gone: bool) -> None:
        """Let the seat go, with a tone when the operator did not end the talk."""
        if self.conversation is not None:
            self.conversation.end(customer_gone=customer_gone)
            self.conversation = None

    def _move(self, to: CallPhase) -> None:
        if to not in MOVES[self.phase] or self._over:
            raise IllegalMove(f"call {self.call_id}: {self.phase} cannot become {to}")
        self._forget_deadline()
        self.phase = to
