"""Whom an operator may ask into a call, or hand it to: a colleague, or a number outside.

A number is judged before anything is sent: what may never be dialed (R57) and whom somebody has
blocked is refused here. It is kept sealed, and shown by its end only.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent_desk.dialer import commands
from agent_desk.dialer.floor import Call, Seat, SeatState
from agent_desk.dialer.ids import SeatId
from agent_desk.dialer.sharing import works_for
from agent_desk.services.dialing import caller_ids
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.caller_records import mask_number
from agent_desk.store.campaigns import campaigns
from agent_desk.store.rules import do_not_call
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

ALL_PRODUCTS = 0  # a block of one product says nothing of a third party


class Transfers:
    """Verbs of the operator's call that bring somebody else in. Each may raise ServiceError."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        clock: Clock,
        caller_ids: Mapping[str, str],
        trunk_numbers: Mapping[str, Sequence[str]],
        names: Callable[[], Mapping[str, tuple[str, str]]],
        practice: bool,
    ) -> None:
        """By trunk id: `caller_ids`, the number shown when nothing else is said, `trunk_numbers`,
        all it may show. `names`: username → (name, team)."""
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._caller_ids = caller_ids
        self._trunk_numbers = trunk_numbers
        self._names = names
        self._practice = practice

    def colleagues(self, seat_id: SeatId) -> Sequence[dict[str, Any]]:
        """Who works on the campaign of the call, whom one may ask first."""
        seats = self._commits.floor.seats
        own = seats.get(seat_id)
        if own is None:
            raise ServiceError("seat-not-open")
        others = [
            seat
            for seat in seats.values()
            if seat.seat_id != seat_id and works_for(seat, own.campaign_id)
        ]
        now = self._clock.now()
        rows = [(not each.proven_ready(now), self._name(each.seat_id), each) for each in others]
        return [
            {"id": each.seat_id, "name": name, "state": each.state.value, "ready": not busy}
            for busy, name, each in sorted(rows, key=lambda row: row[:2])
        ]

    def call_number(
        self, seat_id: SeatId, number: str, *, blind: bool, command_id: str | None
    ) -> None:
        """Call a third number into the call; `blind`: hand the call on as soon as it can be."""
        _, call = self._own(seat_id)
        try:
            e164 = normalise.number(number, practice=self._practice).e164
        except normalise.BadValue as bad:
            raise ServiceError("number-unusable", reason=bad.reason) from None
        key = self._sealer.number_key(e164)
        if key == call.number_key:
            raise ServiceError("number-of-customer")
        with self._database.read() as session:
            if do_not_call.blocked_keys(session, [key], ALL_PRODUCTS):
                raise ServiceError("number-blocked")
        self._submit(
            commands.CallNumber(
                seat_id=seat_id,
                party_id=uuid.uuid4().hex,
                number=e164,
                number_key=key,
                shown=mask_number(e164),
                caller_id=self._caller_id(call, e164),
                blind=blind,
            ),
            command_id,
        )

    def call_colleague(
        self, seat_id: SeatId, colleague: str, *, blind: bool, command_id: str | None
    ) -> None:
        """Ask a colleague in; `blind`: hand the call on as soon as they are there."""
        party_id = uuid.uuid4().hex
        asked = commands.CallColleague(seat_id, party_id, SeatId(colleague), blind)
        self._submit(asked, command_id)

    def set_mode(self, seat_id: SeatId, mode: str, *, command_id: str | None) -> None:
        """`consult` or `conference`."""
        if mode == "consult":
            self._submit(commands.SetPartyMode(seat_id, "consult"), command_id)
        elif mode == "conference":
            self._submit(commands.SetPartyMode(seat_id, "conference"), command_id)
        else:
            raise ServiceError("bad-payload", reason="mode")

    def hand_over(self, seat_id: SeatId, command_id: str | None) -> None:
        self._submit(commands.HandOver(seat_id), command_id)

    def drop(self, seat_id: SeatId, command_id: str | None) -> None:
        self._submit(commands.DropParty(seat_id), command_id)

    def send_digits(self, seat_id: SeatId, digits: str, *, command_id: str | None) -> None:
        self._submit(commands.SendDigits(seat_id, digits), command_id)

    # --- what the pages show --------------------------------------------------------------------

    def shown(self, call: Call) -> dict[str, Any] | None:
        """The second party as its operator sees it, or None."""
        party = call.party
        if party is None:
            return None
        return {
            "kind": party.kind,
            "name": party.shown if party.seat_id is None else self._name(party.seat_id),
            "state": party.state,
            "mode": party.mode,
            "blind": party.blind,
            "handed": party.handed,
        }

    def consulted(self, seat: Seat) -> dict[str, Any] | None:
        """Whose call this seat was asked into, or None."""
        call = self._commits.floor.calls.get(seat.consulted_on) if seat.consulted_on else None
        if call is None or seat.state is not SeatState.AWAY:
            return None
        return {"by": "" if call.seat_id is None else self._name(call.seat_id)}

    # --- inside ---------------------------------------------------------------------------------

    def _own(self, seat_id: SeatId) -> tuple[Seat, Call]:
        floor = self._commits.floor
        seat = floor.seats.get(seat_id)
        call = floor.calls.get(seat.call_id) if seat is not None and seat.call_id else None
        if seat is None or call is None:
            raise ServiceError("no-call")
        return seat, call

    def _caller_id(self, call: Call, number: str) -> str:
        """What the third number sees: the campaign's for its area, as if it were dialed.

        Nobody knows where a third person lives, so only the number's own area counts. Else it is
        the number the call's customer sees.
        """
        with self._database.read() as session:
            facts = campaigns.facts(session, int(call.campaign_id))
        here = caller_ids.local(
            facts.local_caller_ids, called=number, lives_in=lambda prefecture: False
        )
        chosen = caller_ids.choose(
            int(call.customer_id or 0),
            campaign=facts.caller_id,
            here=here,
            trunk=self._trunk_numbers.get(call.trunk_id, ()),
        )
        return chosen or self._caller_ids.get(call.trunk_id, "")

    def _name(self, seat_id: SeatId) -> str:
        return self._names().get(seat_id, (str(seat_id), ""))[0]

    def _submit(self, command: commands.Command, command_id: str | None) -> None:
        reply = self._commits.submit(command, command_id=command_id)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)
