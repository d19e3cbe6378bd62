"""What the desk does in each scenario, and what it must be told: by the scenario's name.

Most calls are ended by the peer, so the desk only places them and waits for their end.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from softphone.protocol import (
    CallAnswered,
    CallReferred,
    CallRinging,
    EndedBy,
    HangUp,
    Refer,
)
from tests.fakes.desk_server import FakeDesk
from tests.interop.scenarios import REFUSALS

Act = Callable[[FakeDesk, str], Awaitable[None]]


@dataclass(frozen=True)
class Exercise:
    """`ends`: fields of the `CallEnded` that must come. `trunk`: what its table says besides.

    `rings`: the code of `CallRinging`, None when there must be none. `act` runs once the call has
    been placed.
    """

    ends: dict[str, Any]
    rings: int | None = 180
    act: Act | None = None
    ring_limit_s: float = 25.0
    trunk: dict[str, Any] = field(default_factory=dict)


async def hang_up_answered(desk: FakeDesk, call_id: str) -> None:
    await desk.event(CallAnswered, call_id=call_id, within_s=30)
    await desk.send(HangUp(call_id, "operator"))


async def hang_up_ringing(desk: FakeDesk, call_id: str) -> None:
    await desk.event(CallRinging, call_id=call_id, within_s=30)
    await desk.send(HangUp(call_id, "stopped"))


async def hang_up_at_once(desk: FakeDesk, call_id: str) -> None:
    await desk.send(HangUp(call_id, "stopped"))


async def refer_answered(desk: FakeDesk, call_id: str) -> None:
    await desk.event(CallAnswered, call_id=call_id, within_s=30)
    reply = await desk.send(Refer(call_id, "+81312345678"))
    assert reply.refusal is None, reply.refusal
    await desk.event(CallReferred, call_id=call_id, within_s=30)


def answered(by: EndedBy = EndedBy.CUSTOMER, **more: Any) -> dict[str, Any]:
    return {"by": by, "answered": True, "sip_code": None, **more}


def refused(code: int, **more: Any) -> dict[str, Any]:
    return {"by": EndedBy.TRUNK, "answered": False, "sip_code": code, **more}


def cancelled(by: EndedBy = EndedBy.DESK) -> dict[str, Any]:
    return {"by": by, "answered": False, "sip_code": 487}


_ACCOUNT = {"username": "trunk", "password": "secret"}
_TCP = {"transport": "tcp"}
_BY_PEER = Exercise(answered())
_BY_US = Exercise(answered(EndedBy.DESK), act=hang_up_answered)
_EARLY = Exercise(answered(), rings=183)
_UNRUNG = Exercise(answered(), rings=None)

EXERCISES: dict[str, Exercise] = {
    **{
        f"refused_{code}": Exercise(refused(code, q850=cause, rang=True))
        for code, (_, cause) in REFUSALS.items()
    },
    "answered_then_hung_up_by_us": Exercise(
        answered(EndedBy.DESK), rings=183, act=hang_up_answered
    ),
    "answered_then_hung_up_by_peer": Exercise(answered(q850=16)),
    "answered_without_ringing": _UNRUNG,
    "answered_late": _UNRUNG,
    "answered_without_audio": Exercise({"by": EndedBy.TRUNK, "answered": True}),
    "early_media_then_failure": Exercise(refused(404, q850=1, rang=True), rings=183),
    "early_media_changed_by_update": _EARLY,
    "cancelled_at_the_ring_limit": Exercise(cancelled(EndedBy.GATEWAY), ring_limit_s=0.5),
    "cancelled_before_trying": Exercise(cancelled(), rings=None, act=hang_up_at_once),
    "answer_crosses_cancel": Exercise(answered(EndedBy.DESK, abandoned=True), act=hang_up_ringing),
    "busy_crosses_cancel": Exercise(refused(486), act=hang_up_ringing),
    "forked_one_answers": _BY_PEER,
    "forked_both_answer": _BY_PEER,
    "forked_none_answers": Exercise(refused(480, q850=19)),
    "challenged_401": Exercise(answered(), trunk=_ACCOUNT),
    "challenged_407": Exercise(answered(), trunk=_ACCOUNT),
    "challenged_stale_nonce": Exercise(answered(), trunk=_ACCOUNT),
    "challenged_wrong_password": Exercise(refused(401), rings=None, trunk=_ACCOUNT),
    "challenged_by_proxy_and_carrier": Exercise(answered(), trunk=_ACCOUNT),
    "challenged_on_bye": Exercise(answered(EndedBy.DESK), act=hang_up_answered, trunk=_ACCOUNT),
    "record_routed": _BY_US,
    "strictly_routed": Exercise(answered(EndedBy.DESK), rings=None, act=hang_up_answered),
    "held_and_resumed": _BY_PEER,
    "held_by_no_address": _BY_PEER,
    "held_both_ways": _BY_PEER,
    "reinvited_without_offer": _BY_PEER,
    "reinvited_with_video_alone": _BY_PEER,
    "reinvited_with_video_too": _BY_PEER,
    "codec_changed": _BY_PEER,
    "media_moved": _BY_PEER,
    "offers_crossed": _BY_PEER,
    "extension_required": _BY_PEER,
    "odd_description": _BY_PEER,
    "answer_in_parts": _BY_PEER,
    "long_messages": _EARLY,
    "refreshed_by_us": _BY_PEER,
    "refreshed_by_update": _BY_PEER,
    "refreshed_by_peer": _BY_PEER,
    "never_refreshed": Exercise(answered(EndedBy.TRUNK)),
    "interval_too_short": _BY_PEER,
    "refresh_refused_by_491": _BY_PEER,
    "refreshes_crossed": _BY_PEER,
    "over_tcp_hung_up_by_us": replace(_BY_US, trunk=_TCP),
    "over_tcp_held": replace(_BY_PEER, trunk=_TCP),
    "over_tcp_refused": Exercise(refused(486, q850=17), trunk=_TCP),
    "over_tcp_long": replace(_BY_PEER, trunk=_TCP),
    "over_tcp_cancelled": Exercise(cancelled(), act=hang_up_ringing, trunk=_TCP),
    "reliable_ringing": _BY_US,
    "reliable_early_media": _EARLY,
    "reliable_out_of_order": _BY_PEER,
    "asked_this_and_that": _BY_PEER,
    "keys_by_info": _BY_PEER,
    "transfers_us": _BY_PEER,
    "as_asterisk": Exercise(answered(q850=None), rings=None),
    "as_freeswitch": Exercise(answered(q850=16), rings=183),
    "transfer_taken": Exercise(answered(EndedBy.GATEWAY, cause="referred"), act=refer_answered),
    "transfer_refused": Exercise(answered(), act=refer_answered),
}
