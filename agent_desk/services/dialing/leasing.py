"""The lease and the order to call: what the engine asks for, done in the database and the gateway.

The lease judges and writes in one transaction, before any INVITE: what is committed counts, what
is not was never called. Telephone numbers live here only between the lease and the order.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from agent_desk.dialer import abandonment
from agent_desk.dialer.commands import AttemptsLeased, LeasedAttempt, WithdrawCalls
from agent_desk.dialer.effects import JudgeAgain, Lease, PlaceCall
from agent_desk.dialer.floor import Call
from agent_desk.dialer.gateway_facts import CallNotPlaced
from agent_desk.dialer.ids import (
    CallId,
    PhoneId,
    TrunkId,
)
from agent_desk.dialer.rules.facts import CampaignRules, Channel
from agent_desk.dialer.rules.hours import opens_at
from agent_desk.dialer.why_codes import WhyCode
from agent_desk.services.dialing import caller_ids
from agent_desk.services.dialing.draining import Draining
from agent_desk.services.dialing.judging import Judge
from agent_desk.services.dialing.lease_answers import LeaseAnswers, leased_attempt
from agent_desk.services.dialing.second_look import Objection
from agent_desk.services.dialing.trunk_choice import Rank, Spot, deal, fallbacks, room_of
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.ports import Clock, GatewayPort, GatewayUnreachable, Placement
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import system
from agent_desk.store.leasing import by_hand as hand_lease
from agent_desk.store.leasing import lease as leasing
from agent_desk.store.leasing import phones, placing, under_way
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.rules.settings import RuleSettings
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

log = logging.getLogger(__name__)


class Dialing:
    """Runs the effects `Lease`, `PlaceCall` and `JudgeAgain`."""

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
        calls: Withdrawals,
        answers: LeaseAnswers,
        draining: Draining,
        trunk_caller_ids: Mapping[str, str] = MappingProxyType({}),
        trunk_numbers: Mapping[str, Sequence[str]] = MappingProxyType({}),
        trunk_ranks: Mapping[TrunkId, Rank] = MappingProxyType({}),
    ) -> None:
        """By trunk id: the number shown when nothing else is said, and all it may show."""
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._gateway = gateway
        self._clock = clock
        self._epoch = epoch
        self._practice = practice
        self._calls = calls
        self._look = calls.look
        self._answers = answers
        self._draining = draining
        self._trunk_caller_ids = trunk_caller_ids
        self._trunk_numbers = trunk_numbers
        self._trunk_ranks = trunk_ranks
        self._dealt: Mapping[TrunkId, int] = {}

    def lease(self, effect: Lease) -> None:
        """Select, judge and write attempts, then tell the engine what there was."""
        try:
            found, attempts = self._lease(effect)
        except Exception:  # boundary: every `Lease` is answered, or the campaign waits for ever
            # Fail closed: what was committed all the same is found by its rows, and not called.
            log.exception("a lease failed")
            found, attempts = leasing.Lease((), WhyCode.NO_DIALABLE.value, None), ()
        self._answers.tell(
            AttemptsLeased(
                campaign_id=effect.campaign_id,
                asked=effect.count,
                attempts=attempts,
                reason=found.reason,
                next_allowed_at=found.next_allowed_at,
                seat_id=effect.seat_id,
            )
        )

    def _held(self) -> str:
        """Why this desk starts no call at all at this moment; "" when it does."""
        if self._clock.stepped:
            return WhyCode.CLOCK_STEPPED.value
        return WhyCode.DESK_DRAINING.value if self._draining.on else ""

    def _lease(self, effect: Lease) -> tuple[leasing.Lease, tuple[LeasedAttempt, ...]]:
        if held := self._held():
            return leasing.Lease((), held, None), ()
        now = self._clock.now()
        room = self._answers.without_lines_of(room_of(self._commits.floor))
        dealt = deal(room, effect.count, ranks=self._trunk_ranks, standing=self._dealt)
        spots = [leasing.Route(spot.trunk_id, spot.gateway_id) for spot in dealt.spots]
        if not spots:
            return leasing.Lease((), WhyCode.TRUNK_FULL.value, None), ()
        with self._database.write() as session:
            system.fence(session, self._epoch)
            settings = rule_settings.settings(session, int(effect.campaign_id), now)
            if effect.phone_id is not None:
                found = self._by_hand(session, effect, settings, spots[0])
                return found, tuple(leased_attempt(each) for each in found.rows)
            channel: Channel = "auto" if effect.seat_id is None else "preview"
            judge = Judge(settings, self._sealer, now, practice=self._practice, channel=channel)
            found = leasing.lease(
                session,
                settings,
                count=len(spots),
                now=now,
                judge=judge,
                routes=spots,
                new_call_id=lambda: uuid.uuid4().hex,
                desk_epoch=self._epoch,
                seat_id=effect.seat_id,
            )
            judge.keep(session, actor=effect.seat_id or "dialer")
        found = _by_hours(found, judge.rules, now)
        # Only what was leased was dealt: asking for more than there is must not tip the balance.
        used = deal(room, len(found.rows), ranks=self._trunk_ranks, standing=self._dealt)
        self._dealt = used.standing
        return found, tuple(leased_attempt(each) for each in found.rows)

    def _by_hand(
        self, session: Session, effect: Lease, settings: RuleSettings, route: leasing.Route
    ) -> leasing.Lease:
        now, phone_id = self._clock.now(), int(effect.phone_id or 0)
        customer_id = int(effect.customer_id or 0)
        judge = Judge(settings, self._sealer, now, practice=self._practice, channel="manual")
        entry = hand_lease.chosen(session, int(effect.campaign_id), customer_id, phone_id)
        if entry is None:
            return leasing.Lease((), WhyCode.NO_DIALABLE.value, None)
        found = hand_lease.lease(
            session,
            int(effect.campaign_id),
            entry,
            phone_id,
            now=now,
            judge=judge.by_hand,
            route=route,
            call_id=uuid.uuid4().hex,
            desk_epoch=self._epoch,
            seat_id=str(effect.seat_id),
        )
        judge.keep(session, actor=str(effect.seat_id))
        alive = self._commits.floor.calls
        self._look.chosen_by_hand([row.call_id for row in found.rows], alive=alive)
        return found

    def place(self, effect: PlaceCall) -> None:
        """Order the INVITE of a leased attempt; a call that certainly did not leave is released."""
        call = self._commits.floor.calls.get(effect.call_id)
        if call is None or call.phone_id is None:
            return
        if held := self._held():  # also what was leased, or previewed, before
            self._commits.put(CallNotPlaced(call.call_id, self._clock.now(), held))
            return
        # An operator may have looked at a customer for long; what the dialer leased leaves at once.
        if call.preview or self._calls.recent(call.since):
            objection = self._objections([call]).get(call.call_id)
            if objection is not None:
                not_placed = CallNotPlaced(call.call_id, self._clock.now(), "withdrawn")
                self._commits.put(not_placed, rows=objection.note)
                return
        try:
            self._gateway.place(effect.gateway_id, self._placement(call, call.phone_id))
        except GatewayUnreachable:
            self._commits.put(CallNotPlaced(call.call_id, self._clock.now(), "gateway-down"))

    def judge_again(self, effect: JudgeAgain) -> None:
        """Withdraw whom somebody held, refused or paid for while no desk could order the end."""
        waiting = [
            call
            for call in self._commits.floor.calls.values()
            if call.gateway_id == effect.gateway_id and not call.inbound and call.bridged_at is None
        ]
        for call_id, objection in self._objections(waiting).items():
            withdrawn = WithdrawCalls((CallId(call_id),), "withdrawn", objection.ends_ringing)
            self._commits.put(withdrawn, rows=objection.note)

    def _objections(self, calls: Sequence[Call]) -> dict[str, Objection]:
        with self._database.read() as session:
            found = under_way.those(session, [call.call_id for call in calls])
            return self._look.objections(session, found)

    def _placement(self, call: Call, phone_id: PhoneId) -> Placement:
        campaign = call.leased_under or self._commits.floor.campaigns[call.campaign_id]
        with self._database.look() as session:
            order = placing.order(session, self._sealer, call.call_id)
            here = caller_ids.local(
                order.local_caller_ids,
                called=order.number,
                lives_in=lambda name: phones.lives_in(session, self._sealer, phone_id, name),
            )
        return Placement(
            call_id=call.call_id,
            trunk_id=call.trunk_id,
            campaign_id=call.campaign_id,
            number=order.number,
            number_key=call.number_key,
            caller_id=caller_ids.choose(
                int(call.customer_id or 0),
                campaign=order.caller_id,
                here=here,
                trunk=self._trunk_numbers.get(call.trunk_id, ()),
            )
            or self._trunk_caller_ids.get(call.trunk_id, ""),
            not_after=call.not_after,
            ring_limit_s=campaign.ring_limit_s,
            screening=campaign.screening,
            bridge_within_s=abandonment.serve_within(campaign.bridge_within_s),
            record=order.record,
            recording=campaign.safe_harbour,
            fallback_trunk_ids=fallbacks(
                self._commits.floor,
                Spot(call.trunk_id, call.gateway_id),
                ranks=self._trunk_ranks,
            ),
        )


def _by_hours(found: leasing.Lease, rules: CampaignRules, now: datetime) -> leasing.Lease:
    """Nothing is due since the first look of the evening put it all off: the hours are why."""
    opens = opens_at(rules, now)
    if found.reason != WhyCode.NO_DIALABLE or opens is None or opens == now:
        return found
    until = max(opens, found.next_allowed_at or opens)
    return replace(found, reason=WhyCode.OUTSIDE_HOURS.value, next_allowed_at=until)
