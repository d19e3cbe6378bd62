"""Campaigns: what is called for, under which rules, with which buttons, by which teams."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.dialer.promises import USUAL_COUNTS
from agent_desk.models.base import Base, Code, Id, one_of


class Product(Base):
    """What is sold, or what the debts are about (商材)."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Campaign(Base):
    """One purpose of calling with its mode, rules and script. Minutes count from 0:00 JST."""

    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint(one_of("kind", "collections", "sales", "survey", "dormant"), name="kind"),
        CheckConstraint(
            one_of("mode", "preview", "progressive", "ratio", "predictive"), name="mode"
        ),
        CheckConstraint(
            one_of("running", "running", "paused", "draining", "stopped"), name="running"
        ),
        CheckConstraint(one_of("screening", "off", "watch", "strict"), name="screening"),
        CheckConstraint(one_of("after_wrap_up", "available", "away"), name="after_wrap_up"),
        CheckConstraint("ratio >= 1.0 AND ratio <= 5.0", name="ratio"),
        CheckConstraint("abandon_target >= 0.0 AND abandon_target <= 0.03", name="abandon_target"),
        CheckConstraint("daily_cap >= 1", name="daily_cap"),
        # Collections: 4 attempts a day "may disturb private life" (JFSA self-regulation).
        CheckConstraint("kind <> 'collections' OR daily_cap <= 3", name="collections_cap"),
        # 21:00-8:00 is closed by law (貸金業法21条1項1号, 施行規則19条1項); see rule R01, R03.
        CheckConstraint(
            "window_start_minute >= 480 AND window_end_minute <= 1260"
            " AND window_start_minute < window_end_minute",
            name="window",
        ),
        CheckConstraint("ring_limit_s >= 15 AND ring_limit_s <= 60", name="ring_limit"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(Code)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    mode: Mapped[str] = mapped_column(Code, default="progressive")
    ratio: Mapped[float] = mapped_column(default=1.0)
    running: Mapped[str] = mapped_column(Code, default="stopped")
    running_by: Mapped[str | None] = mapped_column(Code)  # username of who set it last, and when
    running_at: Mapped[datetime | None]
    ring_limit_s: Mapped[int] = mapped_column(default=25)
    screening: Mapped[str] = mapped_column(Code, default="strict")
    bridge_within_s: Mapped[float] = mapped_column(default=2.0)
    # optional, timed, extendable, open. Without a CHECK: SQLite adds none to a table that is there.
    wrap_up_policy: Mapped[str] = mapped_column(
        Code, default="extendable", server_default="extendable"
    )
    wrap_up_s: Mapped[int] = mapped_column(default=60)
    wrap_up_extension_s: Mapped[int] = mapped_column(default=30)
    wrap_up_extensions: Mapped[int] = mapped_column(default=2)
    after_wrap_up: Mapped[str] = mapped_column(Code, default="available")
    # Share of live answers nobody took in time that the pacer aims at (rule R20); 3 % is the limit.
    abandon_target: Mapped[float] = mapped_column(default=0.01)
    identity_needed: Mapped[bool] = mapped_column(default=False)
    identity_factor: Mapped[str] = mapped_column(Code, default="birth_date")
    # Factors asked after the first; a list of codes, two at most.
    identity_also: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    identity_tries: Mapped[int] = mapped_column(default=3)
    promise_max_days: Mapped[int] = mapped_column(default=31)
    # Into how many parts what is owed may be shared out.
    instalment_counts: Mapped[list[Any]] = mapped_column(
        default=lambda: list(USUAL_COUNTS), server_default=text("'[2, 3, 4, 6, 10, 12, 24, 36]'")
    )
    # Days in which an order may be taken back; more than the law's eight is a house's own.
    cooling_off_days: Mapped[int] = mapped_column(default=8, server_default=text("8"))
    daily_cap: Mapped[int] = mapped_column(default=2)
    min_gap_minutes: Mapped[int] = mapped_column(default=15)
    max_tries: Mapped[int] = mapped_column(default=6)  # per list entry
    window_start_minute: Mapped[int] = mapped_column(default=540)
    window_end_minute: Mapped[int] = mapped_column(default=1200)
    caller_id: Mapped[str] = mapped_column(default="")
    # Numbers shown where people live or where their number belongs: [[area, number], …].
    local_caller_ids: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    script: Mapped[str] = mapped_column(default="")
    # What is said when somebody else answers (第三者).
    third_party_script: Mapped[str] = mapped_column(default="", server_default="")
    # What is said to VIPs; "": the script.
    vip_script: Mapped[str] = mapped_column(default="", server_default="")
    # An operator's voice above this level (dB below full scale) for over a second is a flag (A57).
    loud_dbfs: Mapped[int] = mapped_column(default=-12, server_default=text("-12"))
    # Whether operators hear that a lead comes into their call, and see who only listens.
    supervision_tone: Mapped[bool] = mapped_column(default=False, server_default=false())
    supervision_shown: Mapped[bool] = mapped_column(default=True, server_default=true())
    recording: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Of how many calls in a hundred the customer is asked for a score, and how long a key is
    # waited for once the question was heard.
    survey_share: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    survey_wait_s: Mapped[int] = mapped_column(default=6, server_default=text("6"))
    # Years recordings are kept when that is longer than rule R51 asks; None: as it asks.
    recording_years: Mapped[int | None]
    talk_limit_s: Mapped[int | None]  # a talk this long is an alert; None: as the centre has it
    # Ladders that differ from dialer/selection.py's own: {"busy": [15, 15, 120, "next_day"]},
    # minutes from the end of the attempt, one per time in succession.
    retry: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Leave to the AI channel the share of customers that the strategy table gives it.
    human_share_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    # For practice: pretend customers, and nothing of it enters figures (A66).
    training: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Codes of what an operator must be able to do to be offered its calls.
    skills: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    # Being set up: nobody can start it.
    unpublished: Mapped[bool] = mapped_column(default=False, server_default=false())
    # What its calls cost. Without a foreign key: SQLite adds none to a table that is there.
    tariff_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class Status(Base):
    """One status button of a campaign."""

    __tablename__ = "statuses"
    __table_args__ = (
        Index("uq_statuses_campaign_id_hotkey", "campaign_id", "hotkey", unique=True),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    label_ja: Mapped[str]
    label_en: Mapped[str]
    hotkey: Mapped[str | None] = mapped_column(Code)
    colour: Mapped[str] = mapped_column(Code)
    position: Mapped[int]
    needs_identity: Mapped[bool] = mapped_column(default=False)
    # Name of the retry ladder a call with this status follows; None: dialer/selection.py decides.
    retry: Mapped[str | None] = mapped_column(Code)
    retired: Mapped[bool] = mapped_column(default=False)
    # Whom it bars from calls: `product` the person, for the product (R38); `number` this number of
    # this person, at once; None: nobody.
    bars: Mapped[str | None] = mapped_column(Code)
    # What must be filled in with it: of `note`, `amount`, `callback`.
    required: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    # Codes that cannot stand beside it, and those that come with it.
    excludes: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    implies: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    # Pressed when a third party was spoken to, and only then.
    third_party: Mapped[bool] = mapped_column(default=False, server_default=false())


class CampaignTeam(Base):
    """Which teams work on a campaign."""

    __tablename__ = "campaign_teams"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True, index=True)


class CampaignList(Base):
    """Which lists a campaign calls. An enabled list has one campaign, whose ladder it follows."""

    __tablename__ = "campaign_lists"
    __table_args__ = (
        Index(
            "uq_campaign_lists_enabled_list",
            "list_id",
            unique=True,
            sqlite_where=text("enabled = 1"),
            postgresql_where=text("enabled"),
        ),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"), primary_key=True)
    enabled: Mapped[bool] = mapped_column(default=True)
