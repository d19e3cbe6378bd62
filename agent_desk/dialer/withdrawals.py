"""Calls nobody may want any more: somebody was held, refused or paid while they were queued.

What an operator is already being joined to goes on: hanging up on a person is worse. So does what
came in, and, where `ringing` is false, what already rings.
"""

from __future__ import annotations

from agent_desk.dialer import commands, endings
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.floor import CallState


def withdraw(draft: Draft, command: commands.WithdrawCalls) -> None:
    """End these calls unless they have come too far; one that has left the floor is none."""
    for call_id in command.call_ids:
        call = draft.calls.get(call_id)
        if call is None or call.inbound or call.bridge_asked_at is not None:
            continue
        if not command.ringing and call.state is not CallState.LEASED:
            continue
        answered = call.answered_at is not None
        endings.ask_to_end(draft, call, command.reason, prompt="safe_harbour" if answered else None)
