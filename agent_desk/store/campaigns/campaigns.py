"""Campaigns: what the engine, the pages and the leads need to know of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, insert, select
from sqlalchemy.orm import Session

from agent_desk.dialer import abandonment, floor
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.selection import FIRST_PRIORITY
from agent_desk.dialer.survey import QUESTION, THANKS, Survey
from agent_desk.models.calls import AttemptOutcome
from agent_desk.models.campaigns import Campaign, CampaignList, CampaignTeam, Product, Status
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.models.strategy import ReservedEntry
from agent_desk.store.leasing.candidates import READY
from agent_desk.store.rules import messages, safe_harbours
from agent_desk.store.satisfaction import prompts

# Counting a million due entries would hold everybody up; "more than this" is enough to know.
DIALABLE_AT_MOST = 10_000


@dataclass(frozen=True)
class StatusRow:
    """One status button."""

    code: str
    label_ja: str
    label_en: str
    hotkey: str | None
    colour: str
    needs_identity: bool
    retry: str | None
    bars: str | None
    required: tuple[str, ...]
    excludes: tuple[str, ...]
    implies: tuple[str, ...]
    third_party: bool


@dataclass(frozen=True)
class FactsRow:
    """One campaign as people know it."""

    campaign_id: int
    name: str
    kind: str
    product_id: int
    statuses: tuple[StatusRow, ...]
    identity_factors: tuple[str, ...]
    identity_tries: int
    promise_max_days: int
    instalment_counts: tuple[int, ...]
    daily_cap: int
    talk_limit_s: int | None
    min_gap_minutes: int
    window_start_minute: int
    window_end_minute: int
    ring_limit_s: int
    caller_id: str
    local_caller_ids: tuple[tuple[str, str], ...]
    script: str
    third_party_script: str
    vip_script: str
    retry: Mapping[str, Any]
    team_ids: frozenset[int]
    training: bool
    unpublished: bool


def all_facts(session: Session) -> list[FactsRow]:
    """Every campaign, in id order."""
    statuses = _statuses(session)
    teams: dict[int, set[int]] = defaultdict(set)
    for row in session.execute(select(CampaignTeam.campaign_id, CampaignTeam.team_id)):
        teams[row[0]].add(row[1])
    return [
        FactsRow(
            campaign_id=campaign.id,
            name=campaign.name,
            kind=campaign.kind,
            product_id=campaign.product_id,
            statuses=tuple(statuses[campaign.id]),
            identity_factors=(campaign.identity_factor, *campaign.identity_also),
            identity_tries=campaign.identity_tries,
            promise_max_days=campaign.promise_max_days,
            instalment_counts=tuple(campaign.instalment_counts),
            daily_cap=campaign.daily_cap,
            talk_limit_s=campaign.talk_limit_s,
            min_gap_minutes=campaign.min_gap_minutes,
            window_start_minute=campaign.window_start_minute,
            window_end_minute=campaign.window_end_minute,
            ring_limit_s=campaign.ring_limit_s,
            caller_id=campaign.caller_id,
            local_caller_ids=tuple((area, number) for area, number in campaign.local_caller_ids),
            script=campaign.script,
            third_party_script=campaign.third_party_script,
            vip_script=campaign.vip_script,
            retry=campaign.retry,
            team_ids=frozenset(teams[campaign.id]),
            training=campaign.training,
            unpublished=campaign.unpublished,
        )
        for campaign in session.scalars(select(Campaign).order_by(Campaign.id))
    ]


def facts(session: Session, campaign_id: int) -> FactsRow:
    """One campaign; LookupError when there is none of that id."""
    for row in all_facts(session):
        if row.campaign_id == campaign_id:
            return row
    raise LookupError(f"no campaign has id {campaign_id}")


def on_floor(session: Session, now: datetime) -> dict[CampaignId, floor.Campaign]:
    """Every campaign as the engine knows it."""
    statuses = _statuses(session)
    counted = answers(session, now)
    approved = safe_harbours.approved(session)
    for_machines = messages.approved(session)
    prompted = prompts.approved(session)
    return {
        CampaignId(row.id): floor.Campaign(
            campaign_id=CampaignId(row.id),
            kind=row.kind,  # type: ignore[arg-type]
            mode=row.mode,  # type: ignore[arg-type]
            ratio=row.ratio,
            running=row.running,  # type: ignore[arg-type]
            running_by=row.running_by or "",
            running_at=row.running_at,
            ring_limit_s=row.ring_limit_s,
            screening=row.screening,  # type: ignore[arg-type]
            bridge_within_s=min(row.bridge_within_s, abandonment.WITHIN_S),
            wrap_up_policy=row.wrap_up_policy,  # type: ignore[arg-type]
            wrap_up_s=row.wrap_up_s,
            wrap_up_extension_s=row.wrap_up_extension_s,
            wrap_up_extensions=row.wrap_up_extensions,
            after_wrap_up=row.after_wrap_up,  # type: ignore[arg-type]
            identity_needed=row.identity_needed,
            statuses=tuple(
                floor.StatusCode(
                    each.code,
                    each.needs_identity,
                    frozenset(each.required),
                    frozenset(each.excludes),
                    frozenset(each.implies),
                    each.third_party,
                )
                for each in statuses[row.id]
            ),
            promise_max_days=row.promise_max_days,
            instalment_counts=tuple(row.instalment_counts),
            recording=row.recording,
            abandon_target=row.abandon_target,
            answers=counted[CampaignId(row.id)],
            safe_harbour=approved.get(CampaignId(row.id), ""),
            message=for_machines.get(CampaignId(row.id), ""),
            survey=_survey(row, prompted),
            loud_dbfs=row.loud_dbfs,
            supervision_tone=row.supervision_tone,
            supervision_shown=row.supervision_shown,
            skills=tuple(row.skills),
        )
        for row in session.scalars(select(Campaign).order_by(Campaign.id))
    }


def _survey(row: Campaign, approved: Mapping[tuple[CampaignId, str], str]) -> Survey:
    """What its customers are asked, by which of its recordings."""
    campaign_id = CampaignId(row.id)
    return Survey(
        question=approved.get((campaign_id, QUESTION), ""),
        thanks=approved.get((campaign_id, THANKS), ""),
        share=row.survey_share,
        wait_s=row.survey_wait_s,
    )


def dialable(session: Session, now: datetime) -> dict[CampaignId, int]:
    """Entries due by campaign, 10,000 at most."""
    return {
        CampaignId(campaign_id): _dialable(session, campaign_id, now)
        for campaign_id in session.scalars(select(Campaign.id))
    }


def callbacks_due(session: Session, now: datetime) -> set[CampaignId]:
    """The campaigns with a ready entry that goes before all others and is due, for any operator."""
    query = (
        select(CampaignList.campaign_id)
        .join(ListEntry, ListEntry.list_id == CampaignList.list_id)
        .join(CustomerList, CustomerList.id == CampaignList.list_id)
        .outerjoin(ReservedEntry, ReservedEntry.list_entry_id == ListEntry.id)
        .where(
            CampaignList.enabled,
            CustomerList.paused.is_(False),
            ListEntry.state == READY,
            ListEntry.priority == FIRST_PRIORITY,
            ListEntry.next_at <= now,
            ReservedEntry.list_entry_id.is_(None),
        )
        .distinct()
    )
    return {CampaignId(campaign_id) for campaign_id in session.scalars(query)}


def answers(session: Session, now: datetime) -> dict[CampaignId, floor.Answers]:
    """Live answers and abandoned ones of the 24 hours and 30 days before `now`, for every campaign.

    What ended exactly that long ago is out of the window. What lies ahead of `now` (the clock was
    set back) is in it: no answer is lost.
    """
    counted = {
        CampaignId(campaign_id): floor.Answers()
        for campaign_id in session.scalars(select(Campaign.id))
    }
    day = AttemptOutcome.at > now - timedelta(hours=24)
    abandoned = AttemptOutcome.abandoned
    query = (
        select(
            AttemptOutcome.campaign_id,
            func.sum(case((day, 1), else_=0)),
            func.sum(case((day & abandoned, 1), else_=0)),
            func.count(),
            func.sum(case((abandoned, 1), else_=0)),
        )
        .where(AttemptOutcome.live_answer, AttemptOutcome.at > now - timedelta(days=30))
        .group_by(AttemptOutcome.campaign_id)
    )
    for campaign_id, *sums in session.execute(query):
        counted[CampaignId(campaign_id)] = floor.Answers(*(int(value) for value in sums))
    return counted


def add_product(session: Session, name: str) -> int:
    """A product's id, making it if there is none of that name."""
    found = session.scalar(select(Product.id).where(Product.name == name))
    if found is not None:
        return found
    row = session.execute(insert(Product).values(name=name))
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def add_campaign(session: Session, *, at: datetime, **columns: Any) -> int:
    """A new campaign's id; what `columns` leaves out has the model's default."""
    row = session.execute(insert(Campaign).values(created_at=at, **columns))
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def add_status(session: Session, campaign_id: int, **columns: Any) -> None:
    """A new status button."""
    session.execute(insert(Status).values(campaign_id=campaign_id, **columns))


def add_team(session: Session, campaign_id: int, team_id: int) -> None:
    """Let a team work on a campaign."""
    session.execute(insert(CampaignTeam).values(campaign_id=campaign_id, team_id=team_id))


def add_list(session: Session, campaign_id: int, list_id: int) -> None:
    """Let a campaign call a list; raises IntegrityError when another campaign does."""
    known = select(CampaignList.enabled).where(
        CampaignList.campaign_id == campaign_id, CampaignList.list_id == list_id
    )
    if session.scalar(known) is None:
        session.execute(
            insert(CampaignList).values(campaign_id=campaign_id, list_id=list_id, enabled=True)
        )


def by_name(session: Session, name: str) -> tuple[int, int] | None:
    """Id and product id of a campaign."""
    query = select(Campaign.id, Campaign.product_id).where(Campaign.name == name)
    found = session.execute(query).first()
    return None if found is None else (found[0], found[1])


def product_named(session: Session, name: str) -> int | None:
    """The id of the product of this name."""
    return session.scalar(select(Product.id).where(Product.name == name))


def product_of(session: Session, campaign_id: int) -> int | None:
    """The product a campaign is about; None for an id that is none."""
    return session.scalar(select(Campaign.product_id).where(Campaign.id == campaign_id))


def calling(session: Session, list_name: str) -> int | None:
    """The campaign that calls the list of this name."""
    query = (
        select(CampaignList.campaign_id)
        .join(CustomerList, CustomerList.id == CampaignList.list_id)
        .where(CustomerList.name == list_name, CampaignList.enabled)
    )
    return session.scalar(query)


def _statuses(session: Session) -> dict[int, list[StatusRow]]:
    query = (
        select(
            Status.campaign_id,
            Status.code,
            Status.label_ja,
            Status.label_en,
            Status.hotkey,
            Status.colour,
            Status.needs_identity,
            Status.retry,
            Status.bars,
            Status.required,
            Status.excludes,
            Status.implies,
            Status.third_party,
        )
        .where(Status.retired.is_(False))
        .order_by(Status.campaign_id, Status.position)
    )
    statuses: dict[int, list[StatusRow]] = defaultdict(list)
    for row in session.execute(query):
        statuses[row[0]].append(StatusRow(*(*row[1:9], *map(tuple, row[9:12]), row[12])))
    return statuses


def _dialable(session: Session, campaign_id: int, now: datetime) -> int:
    due = (
        select(ListEntry.id)
        .join(CampaignList, CampaignList.list_id == ListEntry.list_id)
        .join(CustomerList, CustomerList.id == CampaignList.list_id)
        .where(
            CampaignList.campaign_id == campaign_id,
            CampaignList.enabled,
            CustomerList.paused.is_(False),
            ListEntry.state == READY,
            ListEntry.next_at <= now,
        )
        .limit(DIALABLE_AT_MOST)
    )
    return session.scalar(select(func.count()).select_from(due.subquery())) or 0
