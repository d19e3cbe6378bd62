"""The report that tries more calls and a better rate on what was measured (B32)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from agent_desk.catalogue import translate
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.corrections import corrections
from agent_desk.services.reports.making import (
    NUMBER,
    TEXT,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
    within,
)
from agent_desk.services.reports.money import came
from agent_desk.services.reports.money_asked import out_of_facts, question, require_campaign
from agent_desk.services.reports.what_if import MOST_CALLS_PERCENT, MOST_RATE_POINTS, WhatIf
from agent_desk.store.campaigns import campaigns, statuses
from agent_desk.store.unit_of_work import Session

USUAL = ("appointment", "payment_date", "valid", "contact")  # the first there is, if none is asked


def make(asked: Asked, ground: Ground) -> Made:
    """Params: from, to, campaign, code (of a status), calls_percent, rate_points."""
    wanted = out_of_facts(question(asked), ground)
    with ground.database.read() as session:
        require_campaign(session, asked)
        names = _names(session, asked)
        brought = came(session, wanted)
        later = corrections(session, asked, (wanted.start, wanted.end))
    code = asked.params.get("code", "")
    if code not in names:
        code = next((each for each in USUAL if each in names), "")
    tried = WhatIf(
        calls=brought.reached.attempts,
        hits=brought.statuses.get(code, 0),
        calls_percent=_number(asked, "calls_percent", MOST_CALLS_PERCENT),
        rate_points=_number(asked, "rate_points", MOST_RATE_POINTS),
    )
    return Made(
        tables=[_table(tried, asked.locale)],
        as_of=wanted.as_of,
        template="what_if.html",
        values={
            "tried": tried,
            "code": code,
            "names": names,
            "most_calls": MOST_CALLS_PERCENT,
            "most_points": MOST_RATE_POINTS,
        },
        corrections=later,
    )


def _names(session: Session, asked: Asked) -> Mapping[str, str]:
    """The statuses of the campaigns asked for, by code: the label of whichever has it first."""
    found: dict[str, str] = {}
    for campaign in campaigns.all_facts(session):
        if asked.whole("campaign") not in (None, campaign.campaign_id):
            continue
        if campaign.training or not within(asked, campaign.team_ids):
            continue
        for row in statuses.of_campaign(session, campaign.campaign_id):
            found.setdefault(row.code, row.label_en if asked.locale == "en" else row.label_ja)
    return found


def _number(asked: Asked, name: str, most: int) -> float:
    text = asked.params.get(name, "") or "0"
    try:
        found = float(text)
    except ValueError:
        raise ServiceError("bad-payload", reason=name) from None
    if not math.isfinite(found) or abs(found) > most:
        raise ServiceError("bad-payload", reason=name)
    return found


def _table(tried: WhatIf, locale: str) -> Table:
    def row(code: str, now: Cell, then: Cell, more: Cell) -> tuple[Cell, ...]:
        return (translate(f"money.what_if.{code}", locale=locale), now, then, more)

    rate = None if tried.rate is None else tried.rate * 100
    tried_rate = None if tried.tried_rate is None else tried.tried_rate * 100
    more = None if rate is None or tried_rate is None else tried_rate - rate
    return Table(
        title="money.table.what_if",
        columns=[
            Column("money_item", TEXT),
            Column("what_if_now", NUMBER),
            Column("what_if_tried", NUMBER),
            Column("what_if_more", NUMBER),
        ],
        rows=[
            row("calls", tried.calls, tried.tried_calls, tried.tried_calls - tried.calls),
            row("rate", rate, tried_rate, more),
            row("hits", tried.hits, tried.tried_hits, tried.more),
            row("by_calls", None, None, tried.by_calls),
            row("by_rate", None, None, tried.by_rate),
            row("worth_of_a_point", None, None, tried.worth_of_a_point),
        ],
    )
