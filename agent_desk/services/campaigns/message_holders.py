"""Which gateways hold a recording, wait for it, or could not take it, as the page tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agent_desk.dialer.approved_recordings import can_play
from agent_desk.dialer.floor import Gateway
from agent_desk.dialer.ids import GatewayId

REASONS = frozenset(
    ("bad_hash", "bad_part", "too_large", "not_playable", "not_stored", "not_uploaded")
)


@dataclass(frozen=True)
class Holder:
    """One gateway. `reason`: why it was refused there, a word of `REASONS` or `other`."""

    gateway_id: str
    state: Literal["held", "coming", "refused", "away"]
    reason: str = ""


def holders(gateways: Mapping[GatewayId, Gateway], recording: str) -> list[Holder]:
    """Every gateway known, by name; of one that is away nobody knows what it holds now."""
    return [_holder(gateways[key], recording) for key in sorted(gateways)]


def _holder(gateway: Gateway, recording: str) -> Holder:
    name = str(gateway.gateway_id)
    if not gateway.linked:
        return Holder(name, "away")
    if can_play(gateway, recording):
        return Holder(name, "held")
    reason = dict(gateway.refused_messages).get(recording)
    if reason is None:
        return Holder(name, "coming")
    return Holder(name, "refused", reason if reason in REASONS else "other")
