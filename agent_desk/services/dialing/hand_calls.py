"""A customer called by hand: judged at once, so whoever asks is told why not, then leased like any.

The seat is shown the customer as in preview and calls with the same button. What the rules forbid
is noted in the audit; what they forbid only without an override is too, by the lease.
"""

from __future__ import annotations

from agent_desk.dialer.commands import DialByHand
from agent_desk.dialer.floor import Seat
from agent_desk.dialer.ids import CampaignId, CustomerId, PhoneId, SeatId
from agent_desk.dialer.sharing import works_for
from agent_desk.services.dialing.judging import Judge
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.customers import customer_of
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.leasing import by_hand as hand_lease
from agent_desk.store.leasing.candidates import EntryRow
from agent_desk.store.leasing.facts import load_facts
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.sealing import CannotOpen, Sealer
from agent_desk.store.unit_of_work import Database, Session


class HandCalls:
    """For operators at their seats, and for leads who hand a customer to one."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        clock: Clock,
        practice: bool,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._practice = practice

    def dial(
        self,
        seat_id: SeatId,
        customer: str,
        *,
        position: int = 1,
        actor: str,
        teams: frozenset[int] | None,
    ) -> None:
        """Show the seat a customer of its campaigns, to be called on their n-th number.

        ServiceError: seat-not-open, not-in-scope (another team's seat, or a customer on no list of
        the seat's campaigns), customer-unknown, call-forbidden (rules, next_allowed_at), and what
        the core refuses.
        """
        seat = self._commits.floor.seats.get(seat_id)
        if seat is None:
            raise ServiceError("seat-not-open")
        if teams is not None and seat.team_id not in teams:
            raise ServiceError("not-in-scope")
        with self._database.read() as session:
            customer_id = customer_of(session, customer)
            phone_id = hand_lease.phone_at(session, customer_id, position)
            found = phone_id and self._chosen(session, seat, customer_id, phone_id)
            if not phone_id or not found:
                raise ServiceError("not-in-scope")
            campaign_id, entry = found
            refusal = self._refusal(session, campaign_id, entry, phone_id)
        if refusal is not None:
            judge, told = refusal
            self._commits.submit(None, rows=lambda session: judge.keep(session, actor=actor))
            raise told
        campaign = CampaignId(campaign_id)
        command = DialByHand(seat_id, campaign, CustomerId(customer_id), PhoneId(phone_id))
        reply = self._commits.submit(command)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)

    def _chosen(
        self, session: Session, seat: Seat, customer_id: int, phone_id: int
    ) -> tuple[int, EntryRow] | None:
        """The customer's entry, and whose it is: the campaign of the seat's last call first, then
        one that runs."""
        campaigns = self._commits.floor.campaigns
        order = sorted(
            (each for each in campaigns if works_for(seat, each)),
            key=lambda each: (each != seat.campaign_id, campaigns[each].running != "running", each),
        )
        for campaign_id in order:
            entry = hand_lease.chosen(session, int(campaign_id), customer_id, phone_id)
            if entry is not None:
                return int(campaign_id), entry
        return None

    def _refusal(
        self, session: Session, campaign_id: int, entry: EntryRow, phone_id: int
    ) -> tuple[Judge, ServiceError] | None:
        now = self._clock.now()
        settings = rule_settings.settings(session, campaign_id, now)
        judge = Judge(settings, self._sealer, now, practice=self._practice, channel="manual")
        [(candidate, ledger)] = load_facts(session, campaign_id, [entry], now)
        phone = next(each for each in candidate.phones if each.phone_id == phone_id)
        try:
            said = judge.judge(candidate, phone, ledger)
        except CannotOpen:
            raise ServiceError("number-unusable", reason="unreadable") from None
        if said.allowed:
            return None
        judge.kept.append(said)
        until = None if said.until is None else said.until.isoformat()
        rules = ", ".join(said.rule_ids)
        return judge, ServiceError("call-forbidden", rules=rules, next_allowed_at=until)
