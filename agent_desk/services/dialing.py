"""The lease and the order to call: what the engine asks for, done in the database and the gateway.

The lease judges and writes in one transaction, before any INVITE: what is committed counts, what
is not was never called. Telephone numbers live here only between the lease and the order.
"""

from __future__ import annotations

import logging
import uuid

from agent_desk.dialer.commands import AttemptsLeased, LeasedAttempt
from agent_desk.dialer.effects import Lease, PlaceCall
from agent_desk.dialer.floor import Call, CallState, Floor
from agent_desk.dialer.gateway_facts import CallNotPlaced
from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    ListEntryId,
    PhoneId,
    TrunkId,
)
from agent_desk.dialer.why_codes import WhyCode
from agent_desk.services.group_commit import GroupCommit
from agent_desk.services.judging import Judge, rules_of
from agent_desk.services.ports import Clock, GatewayPort, GatewayUnreachable, Placement
from agent_desk.store import campaigns as campaign_rows
from agent_desk.store import leasing, phones, recordings
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

log = logging.getLogger(__name__)

IN_FLIGHT = frozenset(CallState) - {CallState.ENDED}


class Dialing:
    """Runs the effects `Lease` and `PlaceCall`."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        gateway: GatewayPort,
        clock: Clock,
        epoch: int,
        practice: bool,
        trunk_caller_ids: dict[str, str],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._gateway = gateway
        self._clock = clock
        self._epoch = epoch
        self._practice = practice
        self._trunk_caller_ids = trunk_caller_ids

    def lease(self, effect: Lease) -> None:
        """Select, judge and write attempts, then tell the engine what there was."""
        try:
            found, attempts = self._lease(effect)
        except Exception:  # boundary: every `Lease` is answered, or the campaign waits for ever
            # Fail closed: nothing was committed, so nothing is called.
            log.exception("a lease failed")
            found, attempts = leasing.Lease((), WhyCode.NO_DIALABLE.value, None), ()
        self._commits.put(
            AttemptsLeased(
                campaign_id=effect.campaign_id,
                asked=effect.count,
                attempts=attempts,
                reason=found.reason,
                next_allowed_at=found.next_allowed_at,
                seat_id=effect.seat_id,
            )
        )

    def _lease(self, effect: Lease) -> tuple[leasing.Lease, tuple[LeasedAttempt, ...]]:
        now = self._clock.now()
        spots = routes(self._commits.floor, effect.count)
        if not spots:
            return leasing.Lease((), WhyCode.TRUNK_FULL.value, None), ()
        with self._database.write() as session:
            row = campaign_rows.facts(session, int(effect.campaign_id))
            found = leasing.lease(
                session,
                int(effect.campaign_id),
                count=len(spots),
                now=now,
                judge=Judge(rules_of(row, practice=self._practice), self._sealer, now),
                routes=spots,
                new_call_id=lambda: uuid.uuid4().hex,
                desk_epoch=self._epoch,
                seat_id=effect.seat_id,
            )
        return found, tuple(_attempt(each) for each in found.rows)

    def place(self, effect: PlaceCall) -> None:
        """Order the INVITE of a leased attempt; a call that certainly did not leave is released."""
        call = self._commits.floor.calls.get(effect.call_id)
        if call is None or call.phone_id is None:
            return
        try:
            self._gateway.place(effect.gateway_id, self._placement(call, call.phone_id))
        except GatewayUnreachable:
            self._commits.put(CallNotPlaced(call.call_id, self._clock.now(), "gateway-down"))

    def _placement(self, call: Call, phone_id: PhoneId) -> Placement:
        campaign = self._commits.floor.campaigns[call.campaign_id]
        with self._database.read() as session:
            number = phones.number(session, self._sealer, phone_id)
            shown = campaign_rows.facts(session, int(call.campaign_id)).caller_id
            record = recordings.must_record(session, call.call_id)
        return Placement(
            call_id=call.call_id,
            trunk_id=call.trunk_id,
            campaign_id=call.campaign_id,
            number=number,
            number_key=call.number_key,
            caller_id=shown or self._trunk_caller_ids.get(call.trunk_id, ""),
            not_after=call.not_after,
            ring_limit_s=campaign.ring_limit_s,
            screening=campaign.screening,
            bridge_within_s=campaign.bridge_within_s,
            record=record,
        )


def routes(floor: Floor, count: int) -> list[leasing.Route]:
    """A trunk of a linked gateway for each of up to `count` calls, emptiest trunk first."""
    room: dict[tuple[GatewayId, TrunkId], int] = {
        (gateway.gateway_id, trunk_id): share.lines
        for gateway in floor.gateways.values()
        if gateway.takes_new
        for trunk_id, share in gateway.trunks.items()
        if share.up and share.calls_per_second > 0
    }
    for call in floor.calls.values():
        key = (call.gateway_id, call.trunk_id)
        if key in room and call.state in IN_FLIGHT:
            room[key] -= 1
    spots: list[leasing.Route] = []
    while len(spots) < count and room and max(room.values()) > 0:
        key = max(room, key=lambda each: (room[each], each))
        room[key] -= 1
        spots.append(leasing.Route(trunk_id=key[1], gateway_id=key[0]))
    return spots


def _attempt(row: leasing.LeasedRow) -> LeasedAttempt:
    return LeasedAttempt(
        call_id=CallId(row.call_id),
        campaign_id=CampaignId(row.campaign_id),
        list_entry_id=ListEntryId(row.list_entry_id),
        customer_id=CustomerId(row.customer_id),
        phone_id=PhoneId(row.phone_id),
        number_key=row.number_key,
        number_today=row.number_today,
        trunk_id=TrunkId(row.trunk_id),
        gateway_id=GatewayId(row.gateway_id),
        not_after=row.not_after,
    )
