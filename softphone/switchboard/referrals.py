"""Blind transfers by the carrier: `Refer` in, one `CallReferred` out.

The call goes on untouched until the carrier has taken it over; then it ends on our side, which is
told by its `CallEnded` as of every call, after the `CallReferred`.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.protocol import CallReferred, Event, Refer, Refusal
from softphone.routing.routed_call import NotPlaced
from softphone.sip.calls.referral import ReferResult
from softphone.sip.messages.addressing import UnusableNumber
from softphone.switchboard.call_register import CallRegister
from softphone.talk.endings import not_known


class Referrals:
    """The action behind the command."""

    def __init__(self, calls: CallRegister, report: Callable[[Event], None]) -> None:
        self._calls, self._report = calls, report

    def refer(self, command: Refer) -> Refusal | None:
        """Ask the carrier; refused when there is nobody to transfer or the number may not be."""
        call_id = command.call_id
        call = self._calls.find(call_id)
        if call is None or call.sip is None:
            return not_known(call_id)

        def done(result: ReferResult) -> None:
            self._report(CallReferred(call_id, result.accepted, result.code))

        try:
            sent = call.sip.refer(command.target, done)
        except UnusableNumber:
            return Refusal("number_unusable", "not a number that can be dialed")
        except NotPlaced as refused:
            return refused.refusal
        return None if sent else Refusal("call_not_answered", f"the call is {call.phase}")
