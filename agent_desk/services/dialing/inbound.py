"""Who is calling us: the number, the customer who has it, and the campaign they are asked about.

Looked up before the engine decides, in the order the gateway told it. A customer is the one tried
last from the number that was called, and belongs to the campaign of that attempt; what the operator
may see of them is the identity gate's business, as on every call. A number nobody we know has, or
one that was withheld, goes to the campaign that shows the number called, else to the first that
runs.
"""

from __future__ import annotations

from datetime import datetime

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.calling_rules import hours
from agent_desk.dialer.floor import Campaign, SeatState
from agent_desk.dialer.gateway_facts import CallArrived
from agent_desk.dialer.ids import (
    CampaignId,
    CustomerId,
    ListEntryId,
    PhoneId,
    SeatId,
)
from agent_desk.dialer.sharing import works_for
from agent_desk.services.dialing.caller_ids import e164, numbers_of
from agent_desk.services.dialing.judging import rules_of
from agent_desk.services.ports import Arrival
from agent_desk.services.running.business_start import is_holiday
from agent_desk.services.running.campaign_facts import CampaignBook, CampaignFacts
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.campaigns import campaigns as campaign_rows
from agent_desk.store.rows import inbound as inbound_rows
from agent_desk.store.rules import do_not_call
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session


class Callers:
    """Reads only."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        book: CampaignBook,
        epoch: int,
        practice: bool,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._book = book
        self._epoch = epoch
        self._practice = practice

    def recognise(self, arrival: Arrival) -> CallArrived | None:
        """The engine's word for it; None when there is no campaign anybody could call about."""
        key = self._sealer.number_key(arrival.number) if arrival.number else ""
        called = self._campaign_of(arrival.called)
        with self._database.read() as session:
            caller = None
            if key:
                caller = inbound_rows.caller(session, key, campaign_id=called)
            campaign = self._campaign(caller.campaign_id if caller else None, called)
            if campaign is None:
                return None
            operator = inbound_rows.operator_of(session, caller.customer_id) if caller else None
            return CallArrived(
                call_id=arrival.call_id,
                gateway_id=arrival.gateway_id,
                trunk_id=arrival.trunk_id,
                at=arrival.at,
                campaign_id=campaign.campaign_id,
                list_entry_id=_entry(caller),
                customer_id=CustomerId(caller.customer_id) if caller else None,
                phone_id=PhoneId(caller.phone_id) if caller else None,
                number=arrival.number,
                number_key=key,
                desk_epoch=self._epoch,
                out_of_hours=self._closed(session, campaign, arrival.at),
                known_to=SeatId(operator) if operator else None,
                call_back=caller is not None and not _blocked(session, campaign, caller, key),
            )

    def _campaign_of(self, called: str) -> CampaignId | None:
        """The campaign that shows this number, if it is one campaign's own."""
        found = [
            campaign_id
            for campaign_id, facts in self._book.all().items()
            if called and called in {e164(number) for number in _shown(facts)}
        ]
        return found[0] if len(found) == 1 else None

    def _campaign(self, tried: int | None, called: CampaignId | None) -> Campaign | None:
        campaigns = self._commits.floor.campaigns
        for campaign_id in (CampaignId(tried) if tried is not None else None, called):
            if campaign_id is not None and campaign_id in campaigns:
                return campaigns[campaign_id]
        in_order = [campaigns[campaign_id] for campaign_id in sorted(campaigns)]
        running = (campaign for campaign in in_order if campaign.running == "running")
        return next(running, in_order[0] if in_order else None)

    def _closed(self, session: Session, campaign: Campaign, at: datetime) -> bool:
        """Outside the campaign's hours, or nobody works on it at all.

        Whether a campaign works on holidays is up to its operators: nothing forbids calls then, and
        one that calls is there for who calls back.
        """
        row = rule_settings.settings(session, int(campaign.campaign_id), at)
        opens, closes = hours(rules_of(row, practice=self._practice, now=at), at)
        if campaign.running == "stopped" or not opens <= at < closes:
            return True
        return is_holiday(business_date(at)) and not self._is_staffed(campaign.campaign_id)

    def _is_staffed(self, campaign_id: CampaignId) -> bool:
        return any(
            works_for(seat, campaign_id) and seat.state is not SeatState.OFFLINE
            for seat in self._commits.floor.seats.values()
        )


def _shown(facts: CampaignFacts) -> list[str]:
    """All numbers a campaign's customers may have seen."""
    return [*numbers_of(facts.caller_id), *(number for _, number in facts.local_caller_ids)]


def _entry(caller: inbound_rows.CallerRow | None) -> ListEntryId | None:
    if caller is None or caller.list_entry_id is None:
        return None
    return ListEntryId(caller.list_entry_id)


def _blocked(
    session: Session, campaign: Campaign, caller: inbound_rows.CallerRow, key: str
) -> bool:
    product_id = campaign_rows.product_of(session, int(campaign.campaign_id)) or 0
    return bool(
        do_not_call.blocked_keys(session, {key}, product_id)
        or do_not_call.blocked_customers(session, [caller.customer_id], product_id)
    )
