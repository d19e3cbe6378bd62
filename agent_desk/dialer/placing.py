"""The order to call: the instant from which an attempt may exist outside, and counts."""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer.draft import Draft
from agent_desk.dialer.effects import PlaceCall
from agent_desk.dialer.floor import Call


def place(draft: Draft, call: Call) -> None:
    """Order the INVITE; from here the attempt may exist, whatever becomes of us."""
    draft.put_call(replace(call, place_asked_at=draft.now))
    draft.do(PlaceCall(call.call_id, call.gateway_id))
    gateway = draft.gateways.get(call.gateway_id)
    share = gateway.trunks.get(call.trunk_id) if gateway is not None else None
    if gateway is not None and share is not None:
        left = share.calls_now(draft.now) - 1.0
        used = replace(share, tokens=left, tokens_at=draft.now)
        trunks = {**gateway.trunks, call.trunk_id: used}
        draft.gateways.put(gateway.gateway_id, replace(gateway, trunks=trunks))
