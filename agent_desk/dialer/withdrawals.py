"""Calls nobody may want any more: somebody was held, refused or paid while they were queued, asked
never to be called, or the campaign was stopped.

What an operator is already being joined to goes on: hanging up on a person is worse. So does what
came in, and, where `ringing` is false, what already rings.

* Each is ended with a recording, whatever the desk knows of it: somebody may have picked up in this
  very moment, and the gateway plays it to nobody where nobody has.
* A gateway out of reach cannot be told, and what became of the call is for it to tell: somebody may
  have answered, and been treated, meanwhile. Back in touch it ends what is blocked by itself;
  `gateways.snapshot` asks for the rest.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from agent_desk.dialer import commands, effects, endings
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.floor import Call, CallState, Campaign
from agent_desk.dialer.why_codes import WhyCode


def withdraw(draft: Draft, command: commands.WithdrawCalls) -> None:
    """End these calls unless they have come too far; one that has left the floor is none."""
    for call_id in command.call_ids:
        call = draft.calls.get(call_id)
        if call is not None and (command.ringing or call.state is CallState.LEASED):
            _end(draft, call, command.reason)


def of_numbers(draft: Draft, number_keys: Container[str], cause: str) -> None:
    """Nobody calls these numbers any more (I9)."""
    for call in draft.calls.values():
        if call.number_key in number_keys:
            _end(draft, call, cause)


def of_campaign(draft: Draft, campaign: Campaign) -> None:
    """It was stopped: no dead air, and no ringing on (R59)."""
    for call in draft.calls.values():
        if call.campaign_id == campaign.campaign_id:
            _end(draft, call, WhyCode.CAMPAIGN_STOPPED.value)


def say_again(draft: Draft, call: Call, *, treated: bool) -> None:
    """The gateway of a call that is to end is back in touch; `treated`: a recording plays already.

    The order was lost with the link, or never given; a second one changes nothing.
    """
    if not treated:
        order = effects.EndWithPrompt(call.call_id, call.gateway_id, "safe_harbour", "said-again")
        draft.do(order)
    draft.put_call(replace(call, ending_at=draft.now))


def _end(draft: Draft, call: Call, cause: str) -> None:
    if call.inbound or call.bridge_asked_at is not None:
        return
    if call.may_exist and not draft.linked(call.gateway_id):
        if call.seat_id is None:
            draft.put_call(replace(call, ending_at=call.ending_at or draft.now))
        return  # a customer somebody previews is judged again when the gateway is back
    endings.ask_to_end(draft, call, cause, prompt="safe_harbour")
