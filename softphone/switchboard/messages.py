"""Messages for answering machines: `LeaveMessage` in, one `MessageLeft` out.

The operator is off the line as soon as the order is accepted; what is said is one of the recordings
this installation holds, named by the hash of its file, so that nothing is played which nobody has
approved. The call ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.audio.prompts import Sound
from softphone.calls import Call
from softphone.protocol import EndedBy, Event, LeaveMessage, MessageLeft, Refusal
from softphone.talk.endings import not_known


class Messages:
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

    def leave(self, command: LeaveMessage) -> Refusal | None:
        """Say it to the machine; refused for a recording we lack, and unless an operator talks."""
        call_id, recording = command.call_id, command.recording
        call, sound = self._find_call(call_id), self._find_sound(recording)
        if call is None:
            return not_known(call_id)
        if sound is None:
            return Refusal("recording_unknown", "this gateway has no such recording")

        def told(played_ms: int, whole: bool) -> None:
            self._report(MessageLeft(call_id, recording, played_ms, whole))
            call.hang_up(by=EndedBy.DESK, cause="message_left")

        return call.leave_alone(lambda audio: audio.leave(sound, told))
