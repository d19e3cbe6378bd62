"""Questions to customers at the end of a talk: `AskCustomer` in, one `CustomerAnswered` out.

The operator is off the line as soon as the order is accepted, and the recording of the talk ends
with the talk. What is played are recordings this installation holds, named by the hash of their
files. The answer is told before the thanks are said, so that a customer who hangs up meanwhile has
given it all the same. The call ends by itself, whatever the customer does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from softphone.audio.prompts import Sound
from softphone.calls import Call
from softphone.protocol import AskCustomer, CustomerAnswered, EndedBy, Event, Refusal
from softphone.rtp.digits import is_digits
from softphone.talk.asking import Answer, Asked
from softphone.talk.call_ports import CustomerAudio
from softphone.talk.endings import not_known

LONGEST_WAIT_S = 60.0
MOST_TRIES = 5
CAUSE = "asked"


class Questions:
    """The action behind the command; `find_sound` by SHA-256 of its file."""

    def __init__(
        self,
        find_sound: Callable[[str], Sound | None],
        *,
        find_call: Callable[[str], Call | None],
        report: Callable[[Event], None],
    ) -> None:
        self._find_sound = find_sound
        self._find_call = find_call
        self._report = report

    def ask(self, command: AskCustomer) -> Refusal | None:
        """Ask; refused for a recording we lack, and unless an operator talks."""
        call = self._find_call(command.call_id)
        question, thanks = self._find_sound(command.question), self._find_sound(command.thanks)
        if call is None:
            return not_known(command.call_id)
        if question is None or thanks is None:
            return Refusal("recording_unknown", "this gateway has no such recording")
        if not _is_sound(command):
            return Refusal("malformed", f"keys, up to {LONGEST_WAIT_S:.0f} s, {MOST_TRIES} tries")
        asked = Asked(question, command.keys, command.wait_s, command.tries)
        refusal = call.leave_alone(partial(self._treat, command, call, asked, thanks))
        if refusal is None:
            call.stop_recording()
        return refusal

    def _treat(
        self, command: AskCustomer, call: Call, asked: Asked, thanks: Sound, audio: CustomerAudio
    ) -> None:
        def told(answer: Answer) -> None:
            self._report(
                CustomerAnswered(
                    command.call_id, command.question, answer.key, answer.outcome, answer.tries
                )
            )
            if answer.outcome != "hung_up":
                bye = partial(call.hang_up, by=EndedBy.DESK, cause=CAUSE)
                audio.say(thanks, on_done=bye)

        call.on_key = audio.ask(asked, told)


def _is_sound(command: AskCustomer) -> bool:
    return (
        is_digits(command.keys)
        and 0 < command.wait_s <= LONGEST_WAIT_S
        and 0 < command.tries <= MOST_TRIES
    )
