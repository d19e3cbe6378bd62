"""What pages and services need to know of campaigns beyond the core's settings, kept in memory.

Names, buttons and scripts change rarely and are read on every push, so they are loaded at start
and after a change; the count of what is dialable is refreshed by a timer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from agent_desk.dialer.floor import Answers, Seat
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.rules.hours import opens_at
from agent_desk.dialer.sharing import works_for
from agent_desk.services.dialing.judging import rules_of
from agent_desk.services.ports import Clock
from agent_desk.services.running.answer_windows import AnswerWindows
from agent_desk.store.campaigns import campaigns as campaign_rows
from agent_desk.store.leasing import candidates
from agent_desk.store.people import skills
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.strategy import vips
from agent_desk.store.unit_of_work import Database


@dataclass(frozen=True)
class StatusFacts:
    """One status button."""

    code: str
    label_ja: str
    label_en: str
    hotkey: str | None
    colour: str
    needs_identity: bool
    bars: str | None = None
    required: tuple[str, ...] = ()
    third_party: bool = False

    def label(self, locale: str) -> str:
        return self.label_en if locale == "en" else self.label_ja


@dataclass(frozen=True)
class CampaignFacts:
    """One campaign as people know it, and its counts as of the last refresh."""

    campaign_id: CampaignId
    name: str
    statuses: tuple[StatusFacts, ...]
    identity_factors: tuple[str, ...]  # asked in this order
    identity_tries: int
    promise_max_days: int
    instalment_counts: tuple[int, ...]
    daily_cap: int
    talk_limit_s: int | None  # a talk this long is an alert; None: as the centre has it
    caller_id: str
    script: str
    team_ids: frozenset[int]
    local_caller_ids: tuple[tuple[str, str], ...] = ()  # (area, number)
    third_party_script: str = ""  # what is said when somebody else answers
    vip_script: str = ""  # what is said to VIPs; "": the script
    training: bool = False  # for practice: nothing of it enters figures
    unpublished: bool = False  # being set up: nobody can start it
    dialable: int = 0  # entries due, while the hours are open
    callback_due: bool = False  # somebody who is owed a call may be called now
    vip_operators: frozenset[int] = frozenset()  # user ids of those who take VIPs
    vips_due: int = 0  # VIPs that wait for them
    next_due_at: datetime | None = None  # of the first ready entry, within the hours; None: none


class CampaignBook:
    """The facts of every campaign."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._windows = AnswerWindows(database)
        self._facts: dict[CampaignId, CampaignFacts] = {}

    def reload(self) -> None:
        """Read all campaigns anew; counts are kept until the next refresh."""
        with self._database.read() as session:
            rows = campaign_rows.all_facts(session)
        fresh = {CampaignId(row.campaign_id): _facts(row) for row in rows}
        for campaign_id, facts in fresh.items():
            old = self._facts.get(campaign_id)
            if old is not None:
                fresh[campaign_id] = replace(
                    facts,
                    dialable=old.dialable,
                    next_due_at=old.next_due_at,
                    vip_operators=old.vip_operators,
                    vips_due=old.vips_due,
                )
        self._facts = fresh

    def refresh_counts(self) -> bool:
        """Read how much there is to call; true when anything changed."""
        now = self._clock.now()
        with self._database.read() as session:
            dialable = campaign_rows.dialable(session, now)
            owed = campaign_rows.callbacks_due(session, now)
            named, waiting = vips.named(session), vips.waiting(session, now)
            counts = {each: _within_hours(session, each, n, now) for each, n in dialable.items()}
        before = self._facts
        self._facts = {
            campaign_id: replace(
                facts,
                dialable=counts[campaign_id][0],
                next_due_at=counts[campaign_id][1],
                callback_due=campaign_id in owed and counts[campaign_id][0] > 0,
                vip_operators=named.get(campaign_id, frozenset()),
                vips_due=waiting.get(campaign_id, 0),
            )
            if campaign_id in counts
            else facts
            for campaign_id, facts in before.items()
        }
        return self._facts != before

    def answers(self) -> Mapping[CampaignId, Answers]:
        """Live answers and abandoned ones in the windows that end now, from the rows (R20)."""
        return self._windows.count(self._clock.now())

    def get(self, campaign_id: CampaignId) -> CampaignFacts:
        """KeyError for an id that is none."""
        return self._facts[campaign_id]

    def is_training(self, campaign_id: CampaignId) -> bool:
        """Whether this one is for practice; False for an id that is none."""
        facts = self._facts.get(campaign_id)
        return facts is not None and facts.training

    def callback_due(self, campaign_id: CampaignId) -> bool:
        """Whether somebody who is owed a call could be called at the last refresh."""
        facts = self._facts.get(campaign_id)
        return facts is not None and facts.callback_due

    def all(self) -> Mapping[CampaignId, CampaignFacts]:
        return self._facts

    def vips_for(self, seat: Seat) -> int:
        """How many VIPs waited for the seat's operator at the last refresh."""
        return sum(facts.vips_due for facts in self._with_vips_for(seat))

    def keeps_vips_for(self, seat: Seat) -> CampaignId | None:
        """The first campaign of the seat that keeps VIPs for its operator."""
        return min((facts.campaign_id for facts in self._with_vips_for(seat)), default=None)

    def _with_vips_for(self, seat: Seat) -> list[CampaignFacts]:
        return [
            facts
            for campaign_id, facts in self._facts.items()
            if facts.vips_due
            and int(seat.user_id) in facts.vip_operators
            and works_for(seat, campaign_id)
        ]

    def skills_of(self, user_id: int) -> frozenset[str]:
        """What somebody can do that campaigns may ask for, as it stands in the rows."""
        with self._database.read() as session:
            return skills.of_user(session, user_id)

    def served_by(self, team_id: int | None) -> frozenset[CampaignId]:
        """The campaigns a team's seats serve: all it works on but those for practice."""
        return frozenset(
            campaign_id
            for campaign_id, facts in self._facts.items()
            if team_id in facts.team_ids and not facts.training
        )


def _within_hours(
    session: Session, campaign_id: CampaignId, due: int, now: datetime
) -> tuple[int, datetime | None]:
    """How many of the entries due may be called by the hours, and when the first one may be."""
    settings = rule_settings.settings(session, int(campaign_id), now)
    opens = opens_at(rules_of(settings, practice=False, now=now), now)
    first = candidates.next_due(session, int(campaign_id), also_stopped=True)
    if opens is None or first is None:
        return 0, None
    return (due if opens == now else 0), max(first, opens)


def _facts(row: campaign_rows.FactsRow) -> CampaignFacts:
    return CampaignFacts(
        campaign_id=CampaignId(row.campaign_id),
        name=row.name,
        statuses=tuple(
            StatusFacts(
                code=s.code,
                label_ja=s.label_ja,
                label_en=s.label_en,
                hotkey=s.hotkey,
                colour=s.colour,
                needs_identity=s.needs_identity,
                bars=s.bars,
                required=s.required,
                third_party=s.third_party,
            )
            for s in row.statuses
        ),
        identity_factors=row.identity_factors,
        identity_tries=row.identity_tries,
        promise_max_days=row.promise_max_days,
        instalment_counts=row.instalment_counts,
        daily_cap=row.daily_cap,
        talk_limit_s=row.talk_limit_s,
        caller_id=row.caller_id,
        local_caller_ids=row.local_caller_ids,
        script=row.script,
        third_party_script=row.third_party_script,
        vip_script=row.vip_script,
        team_ids=frozenset(row.team_ids),
        training=row.training,
        unpublished=row.unpublished,
    )
