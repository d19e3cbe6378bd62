"""Early hang-ups by scenario: how many leave as soon as they hear us (B25).

A scenario is what the customer hears: a campaign and the version of its script that was in use.
"""

from __future__ import annotations

from datetime import timedelta

from agent_desk.catalogue import translate
from agent_desk.dialer.business_time import at as instant_of
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.call_metrics import FEW, wilson
from agent_desk.services.reports.corrections import corrections
from agent_desk.services.reports.making import (
    INSTANT,
    SHARE,
    TEXT,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.store.campaigns import campaigns
from agent_desk.store.facts import figures
from agent_desk.store.facts.hang_ups import HangUps, hang_ups

_COLUMNS = [
    Column("campaign", TEXT),
    Column("script_version", TEXT),
    Column("script_since", INSTANT),
    Column("hang_answered"),
    Column("hang_early"),
    Column("hang_share", SHARE),
    Column("share_low", SHARE),
    Column("share_high", SHARE),
    Column("hang_note", TEXT),
]


def make(asked: Asked, ground: Ground) -> Made:
    """Of the days `from` to `to` and one `campaign`, or all of them."""
    if asked.user_id is not None:
        raise ServiceError("not-in-scope")
    first, last = asked.day("from"), asked.day("to")
    start, end = instant_of(first, 0), instant_of(last + timedelta(days=1), 0)
    facts = ground.facts()
    with ground.database.read() as session:
        scope = figures.scope_of(session, asked.whole("campaign"), asked.teams)
        found = hang_ups(facts, session, start, end, scope)
        names = {each.campaign_id: each.name for each in campaigns.all_facts(session)}
        later = corrections(session, asked, (start, end))
    rows = [_row(each, names.get(each.campaign_id, ""), asked.locale) for each in found]
    answered, early = sum(each.answered for each in found), sum(each.early for each in found)
    total: list[Cell] = ["", "", None, *_shares(answered, early), ""]
    table = Table(_COLUMNS, rows, "reports.hang_ups", total)
    return Made([table], facts.as_of, corrections=later)


def _row(each: HangUps, name: str, locale: str) -> list[Cell]:
    version = (
        translate("hang_ups.version", locale=locale, n=each.version)
        if each.version
        else translate("hang_ups.no_script", locale=locale)
    )
    few = translate("report.few", locale=locale) if each.answered < FEW else ""
    return [name, version, each.since, *_shares(each.answered, each.early), few]


def _shares(answered: int, early: int) -> list[Cell]:
    if not answered:
        return [0, 0, None, None, None]
    return [answered, early, early / answered, *wilson(early, answered)]
