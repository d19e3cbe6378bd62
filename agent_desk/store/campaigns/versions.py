"""Versions of campaigns' settings, drafts of the next one, and the columns they stand for.

A version is a mapping of plain values: minutes of the Japanese day, ids, ISO dates. It is written
to the tables that everything else reads; the mapping is what is compared and gone back to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt
from agent_desk.models.campaign_versions import CampaignDraft, CampaignSchedule, CampaignVersion
from agent_desk.models.campaigns import Campaign, CampaignList, CampaignTeam
from agent_desk.store.rules import settings as rule_settings

# Columns of `campaigns` a version holds.
COLUMNS = (
    "name",
    "mode",
    "ratio",
    "abandon_target",
    "ring_limit_s",
    "screening",
    "caller_id",
    "local_caller_ids",
    "daily_cap",
    "min_gap_minutes",
    "max_tries",
    "window_start_minute",
    "window_end_minute",
    "recording",
    "wrap_up_policy",
    "wrap_up_s",
    "wrap_up_extension_s",
    "wrap_up_extensions",
    "after_wrap_up",
    "survey_share",
    "survey_wait_s",
    "loud_dbfs",
    "supervision_tone",
    "supervision_shown",
    "tariff_id",
    "identity_needed",
    "identity_tries",
    "promise_max_days",
    "instalment_counts",
    "cooling_off_days",
    "recording_years",
    "talk_limit_s",
    "skills",
)
# What is taken over from another campaign as a version is published, and then is its own.
TAKEN_OVER = ("script_of", "third_party_script_of", "statuses_of")
# What of it a call that lives goes on with.
OF_A_CALL = (
    "ring_limit_s",
    "screening",
    "wrap_up_policy",
    "wrap_up_s",
    "wrap_up_extension_s",
    "wrap_up_extensions",
    "after_wrap_up",
    "identity_needed",
)
NO_SCHEDULE = {
    "scheduled": False,
    "weekdays": [0, 1, 2, 3, 4],
    "start_minute": None,
    "end_minute": None,
    "first_on": None,
    "last_on": None,
}


@dataclass(frozen=True)
class VersionRow:
    """One version; `rolled_back_to` names the one whose settings it took up again."""

    version: int
    settings: Mapping[str, Any]
    rolled_back_to: int | None
    by: str
    at: datetime


@dataclass(frozen=True)
class DraftRow:
    """What will differ from version `based_on`."""

    settings: Mapping[str, Any]
    based_on: int
    by: str
    at: datetime


def current(session: Session, campaign_id: int) -> dict[str, Any]:
    """The settings in use, from the tables; LookupError for an id that is none."""
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise LookupError(f"no campaign has id {campaign_id}")
    found: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS}
    lists = select(CampaignList.list_id).where(
        CampaignList.campaign_id == campaign_id, CampaignList.enabled
    )
    teams = select(CampaignTeam.team_id).where(CampaignTeam.campaign_id == campaign_id)
    found["lists"] = sorted(session.scalars(lists))
    found["teams"] = sorted(session.scalars(teams))
    found["identity_factors"] = [row.identity_factor, *row.identity_also]
    found |= dict.fromkeys(TAKEN_OVER)
    found |= rule_settings.own(session, campaign_id)
    return found | _schedule(session.get(CampaignSchedule, campaign_id))


def _schedule(row: CampaignSchedule | None) -> dict[str, Any]:
    if row is None:
        return dict(NO_SCHEDULE)
    return {
        "scheduled": True,
        "weekdays": list(row.weekdays),
        "start_minute": row.start_minute,
        "end_minute": row.end_minute,
        "first_on": row.first_on and row.first_on.isoformat(),
        "last_on": row.last_on and row.last_on.isoformat(),
    }


def apply(session: Session, campaign_id: int, wanted: Mapping[str, Any], *, at: datetime) -> None:
    """Write settings to their tables; IntegrityError outside the tables' limits."""
    columns = {name: wanted[name] for name in COLUMNS}
    columns["identity_factor"], *columns["identity_also"] = wanted["identity_factors"]
    session.execute(update(Campaign).where(Campaign.id == campaign_id).values(**columns))
    rules = {name: wanted[name] for name in rule_settings.CHANGEABLE}
    rule_settings.change(session, campaign_id, at=at, **rules)
    _set_lists(session, campaign_id, wanted["lists"])
    session.execute(delete(CampaignTeam).where(CampaignTeam.campaign_id == campaign_id))
    for team_id in wanted["teams"]:
        session.execute(insert(CampaignTeam).values(campaign_id=campaign_id, team_id=team_id))
    session.execute(delete(CampaignSchedule).where(CampaignSchedule.campaign_id == campaign_id))
    if wanted["scheduled"]:
        session.execute(
            insert(CampaignSchedule).values(
                campaign_id=campaign_id,
                weekdays=list(wanted["weekdays"]),
                start_minute=wanted["start_minute"],
                end_minute=wanted["end_minute"],
                first_on=_day(wanted["first_on"]),
                last_on=_day(wanted["last_on"]),
                seen_to=at,
            )
        )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _set_lists(session: Session, campaign_id: int, wanted: Sequence[int]) -> None:
    """A list that is taken off keeps its row: reports of past days know whose it was."""
    mine = CampaignList.campaign_id == campaign_id
    known = {row.list_id: row for row in session.scalars(select(CampaignList).where(mine))}
    for list_id, row in known.items():
        row.enabled = list_id in wanted
    session.flush()
    for list_id in wanted:
        if list_id not in known:
            session.execute(
                insert(CampaignList).values(campaign_id=campaign_id, list_id=list_id, enabled=True)
            )


def taken_lists(session: Session, campaign_id: int, wanted: Sequence[int]) -> list[int]:
    """Which of these lists another campaign calls."""
    query = select(CampaignList.list_id).where(
        CampaignList.list_id.in_(list(wanted)),
        CampaignList.enabled,
        CampaignList.campaign_id != campaign_id,
    )
    return sorted(session.scalars(query))


def publish(session: Session, campaign_id: int) -> None:
    """From here on the campaign can be started."""
    session.execute(update(Campaign).where(Campaign.id == campaign_id).values(unpublished=False))


def created_at(session: Session, campaign_id: int) -> datetime:
    """When the campaign was made."""
    return session.scalars(select(Campaign.created_at).where(Campaign.id == campaign_id)).one()


def is_unpublished(session: Session, campaign_id: int) -> bool:
    """Whether the campaign is still being set up."""
    query = select(Campaign.unpublished).where(Campaign.id == campaign_id)
    return bool(session.scalar(query))


def add(
    session: Session,
    campaign_id: int,
    settings: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
    rolled_back_to: int | None = None,
) -> int:
    """The next version's number."""
    number = newest(session, campaign_id) + 1
    session.execute(
        insert(CampaignVersion).values(
            campaign_id=campaign_id,
            version=number,
            settings={**settings, **dict.fromkeys(TAKEN_OVER)},
            rolled_back_to=rolled_back_to,
            by=by,
            at=at,
        )
    )
    return number


def newest(session: Session, campaign_id: int) -> int:
    """The number of the version in use; 0 for a campaign that has none yet."""
    query = select(func.max(CampaignVersion.version))
    return session.scalar(query.where(CampaignVersion.campaign_id == campaign_id)) or 0


def all_of(session: Session, campaign_id: int) -> list[VersionRow]:
    """Every version, newest first."""
    query = (
        select(CampaignVersion)
        .where(CampaignVersion.campaign_id == campaign_id)
        .order_by(CampaignVersion.version.desc())
    )
    return [
        VersionRow(row.version, row.settings, row.rolled_back_to, row.by, row.at)
        for row in session.scalars(query)
    ]


def draft(session: Session, campaign_id: int) -> DraftRow | None:
    """What is being prepared."""
    row = session.get(CampaignDraft, campaign_id)
    return None if row is None else DraftRow(row.settings, row.based_on, row.by, row.at)


def drafted(session: Session) -> set[int]:
    """The campaigns for which something is being prepared."""
    return set(session.scalars(select(CampaignDraft.campaign_id)))


def put_draft(
    session: Session,
    campaign_id: int,
    settings: Mapping[str, Any],
    *,
    based_on: int,
    by: str,
    at: datetime,
) -> None:
    """Keep what is being prepared, instead of what was; nothing that differs is no draft."""
    session.execute(delete(CampaignDraft).where(CampaignDraft.campaign_id == campaign_id))
    if settings:
        session.execute(
            insert(CampaignDraft).values(
                campaign_id=campaign_id, settings=dict(settings), based_on=based_on, by=by, at=at
            )
        )


def in_force_for(session: Session, call_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What calls that live go on with, by call: of those leased before their campaign's newest
    version."""
    rows = session.execute(
        select(Attempt.id, Attempt.campaign_id, Attempt.leased_at).where(Attempt.id.in_(call_ids))
    ).all()
    found: dict[str, dict[str, Any]] = {}
    history = {campaign_id: all_of(session, campaign_id) for _, campaign_id, _ in rows}
    for call_id, campaign_id, leased_at in rows:
        versions = history[campaign_id]
        before = [each for each in versions if each.at <= leased_at]
        if before and before[0] is not versions[0]:
            settings = before[0].settings
            found[call_id] = {name: settings[name] for name in OF_A_CALL if name in settings}
    return found
