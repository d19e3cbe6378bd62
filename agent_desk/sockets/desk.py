"""`/desk`: the operator's page. One handler per event, each a line to a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.services.errors import ServiceError
from agent_desk.services.seat.use_cases import SeatUseCases
from agent_desk.sockets.connections import Open
from agent_desk.sockets.events import DESK_EVENTS
from agent_desk.sockets.own_calls import (
    callback_view,
    corrector,
    found_view,
    own_call_view,
    result_view,
    wanted,
)
from agent_desk.sockets.publisher import SocketPublisher
from agent_desk.sockets.strict import StrictNamespace

Payload = Mapping[str, Any]


class DeskNamespace(StrictNamespace):
    """The newest page of an operator owns the seat; an older one is told and closed."""

    EVENTS = DESK_EVENTS

    def __init__(self, use: SeatUseCases, *, publisher: SocketPublisher, **checks: Any) -> None:
        super().__init__("/desk", **checks)
        self._use = use
        self._seats = use.seats
        self._transfers = use.calls.transfers
        self._publisher = publisher

    def opened(self, sid: str, opened: Open) -> None:
        who = opened.identity
        for other, socket in self.connections.superseded_by(opened):
            if socket.namespace == self.namespace and socket.tab != opened.tab:
                self.emit("taken_over", {}, to=other)
            self.connections.close(other, socket.namespace)
        try:
            self._seats.open(SeatId(who.username), user_id=who.user_id, team_id=who.team_id)
        except ServiceError as refused:
            notice = {"id": refused.error_id, "params": dict(refused.details)}
            self.emit("notice", notice, to=sid)
        self._publisher.send_snapshot(sid, opened)
        self._use.calls.seat_messages.delivered([_seat(opened)])
        self._publisher.mark_floor()

    # --- the seat -------------------------------------------------------------------------------

    def on_go_available(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.go_available(_seat(opened), cid)

    def on_go_away(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.go_away(_seat(opened), payload["reason"], command_id=cid)

    def on_cancel_away(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.cancel_away(_seat(opened), cid)

    def on_hang_up(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        skips = self._use.calls.surveys.skipped(_seat(opened))
        self._seats.hang_up(_seat(opened), cid, skips_survey=skips)

    def on_hand_to_survey(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.calls.surveys.hand_over(_seat(opened), cid)

    def on_hold(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.hold(_seat(opened), payload["on"], command_id=cid)

    def on_mute(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.mute(_seat(opened), payload["on"], command_id=cid)

    def on_pause_recording(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.pause_recording(_seat(opened), payload["on"], command_id=cid)

    # --- others in the call ---------------------------------------------------------------------

    def on_send_digits(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._transfers.send_digits(_seat(opened), payload["digits"], command_id=cid)

    def on_find_colleagues(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        return {"colleagues": self._transfers.colleagues(_seat(opened))}

    def on_call_number(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        number, blind = payload["number"], payload["blind"]
        self._transfers.call_number(_seat(opened), number, blind=blind, command_id=cid)

    def on_call_colleague(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        colleague, blind = payload["colleague"], payload["blind"]
        self._transfers.call_colleague(_seat(opened), colleague, blind=blind, command_id=cid)

    def on_set_party_mode(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._transfers.set_mode(_seat(opened), payload["mode"], command_id=cid)

    def on_hand_over(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._transfers.hand_over(_seat(opened), cid)

    def on_drop_party(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._transfers.drop(_seat(opened), cid)

    def on_leave_message(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.calls.messages.leave(_seat(opened), cid)

    def on_tick_statement(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.calls.scripts.tick(
            _seat(opened),
            _call(payload),
            statement=payload["statement"],
            on=payload["on"],
            command_id=cid,
        )
        self._publisher.seat_changed(_seat(opened))

    # --- the lead -------------------------------------------------------------------------------

    def on_enter_practice(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.calls.training.enter(_seat(opened), cid)

    def on_leave_practice(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.calls.training.leave(_seat(opened), cid)

    def on_raise_hand(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.calls.help.raise_hand(_seat(opened), payload["reason"])
        self._publisher.seat_changed(_seat(opened))
        self._publisher.leads_told("hand-raised", _seat(opened), None)

    def on_lower_hand(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.calls.help.lower_hand(_seat(opened), by=_seat(opened))
        self._publisher.seat_changed(_seat(opened))

    def on_acknowledge_message(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> None:
        self._use.calls.seat_messages.acknowledge(_seat(opened), payload["message_id"], cid)
        self._publisher.seat_changed(_seat(opened))

    # --- wrap-up and preview --------------------------------------------------------------------

    def on_extend_wrap_up(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.extend_wrap_up(_seat(opened), cid)

    def on_next_customer(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.next_customer(_seat(opened), cid)

    def on_place_previewed(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.place_previewed(_seat(opened), cid)

    def on_skip_previewed(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.skip_previewed(_seat(opened), payload["reason"], command_id=cid)

    # --- media ----------------------------------------------------------------------------------

    def on_media_offer(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        return {"answer_sdp": self._seats.offer_media(_seat(opened), payload["sdp"])}

    def on_device_test(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.test_device(_seat(opened), payload["kind"])

    def on_device_passed(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.pass_device_check(_seat(opened), cid)

    # --- the call's paper -----------------------------------------------------------------------

    def on_mark_status(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.mark_status(
            _seat(opened), _call(payload), code=payload["code"], on=payload["on"], command_id=cid
        )

    def on_check_identity(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        checked = self._use.identity.check(
            _seat(opened), _call(payload), answer=payload["answer"], command_id=cid
        )
        return {
            "matched": checked.matched,
            "state": checked.state,
            "tries_left": checked.tries_left,
        }

    def on_third_party(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.identity.third_party(_seat(opened), _call(payload), command_id=cid)

    def on_set_promise(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.set_promise(
            _seat(opened),
            _call(payload),
            due_on=payload["due_on"],
            amount_yen=payload["amount_yen"],
            method=payload["method"],
            parts=payload["parts"] or (),
            command_id=cid,
        )

    def on_withdraw_promise(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> None:
        self._seats.withdraw_promise(_seat(opened), _call(payload), command_id=cid)

    def on_set_callback(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.callbacks.set(
            _seat(opened),
            _call(payload),
            due_at=payload["due_at"],
            own=payload["own"],
            command_id=cid,
        )

    def on_note_objection(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        seat_id, call_id = _seat(opened), _call(payload)
        self._use.objections.note(
            seat_id, call_id, reason=payload["reason"], document=payload["document"]
        )
        self._use.calls.surveys.forget(call_id)
        self._publisher.record_shown(seat_id, call_id)

    def on_save_field(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        seat_id, call_id = _seat(opened), _call(payload)
        name, value = payload["name"], payload["value"]
        self._use.fields.save(seat_id, call_id, name=name, value=value, command_id=cid)
        self._publisher.record_shown(seat_id, call_id)

    def on_save_voice(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.calls.voices.save(_seat(opened), _call(payload), payload["text"], command_id=cid)
        self._publisher.seat_changed(_seat(opened))

    def on_draft_note(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._seats.draft_note(_seat(opened), _call(payload), text=payload["text"], command_id=cid)

    def on_save_result(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        seat_id, call_id = _seat(opened), _call(payload)
        self._use.calls.scripts.require(seat_id, call_id)
        self._use.fields.require(seat_id, call_id)
        counterpart = self._use.counterparts.of(seat_id, call_id, payload["counterpart"])
        self._seats.save_result(
            seat_id, call_id, note=payload["note"], counterpart=counterpart, command_id=cid
        )

    # --- the calls before -----------------------------------------------------------------------

    def on_find_callbacks(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        found = self._use.callbacks.own(_seat(opened), opened.identity.user_id)
        return {"callbacks": [callback_view(each) for each in found]}

    def on_check_dial(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        return {"found": found_view(self._use.hand_calls.check(_seat(opened), payload["wish"]))}

    def on_dial_by_hand(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._use.hand_calls.dial_meant(_seat(opened), payload["wish"])

    def on_find_own_calls(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        who = opened.identity
        found = self._use.corrections.own_today(corrector(who), locale=who.locale)
        return {"calls": [own_call_view(each) for each in found]}

    def on_open_result(
        self, opened: Open, sid: str, payload: Payload, cid: str | None
    ) -> dict[str, Any]:
        who = opened.identity
        found = self._use.corrections.open(corrector(who), payload["call_id"], locale=who.locale)
        return {"result": result_view(found)}

    def on_correct_result(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        who, call_id = corrector(opened.identity), payload["call_id"]
        self._use.corrections.correct(who, call_id, wanted(payload), command_id=cid)

    def on_resync(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._publisher.send_snapshot(sid, opened)


def _seat(opened: Open) -> SeatId:
    return SeatId(opened.identity.username)


def _call(payload: Payload) -> CallId:
    return CallId(payload["call_id"])
