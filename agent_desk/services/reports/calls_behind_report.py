"""The calls behind a figure: the newest of them, each with what became of it."""

from __future__ import annotations

from agent_desk.services.reports import call_filters, call_questions
from agent_desk.services.reports.call_figures import behind, corrected
from agent_desk.services.reports.making import (
    INSTANT,
    SECONDS,
    TEXT,
    Asked,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.store.reports import calls_named

MOST = 500
_COLUMNS = [
    Column("call_leased", INSTANT),
    Column("call_campaign", TEXT),
    Column("call_operator", TEXT),
    Column("call_outcome", TEXT),
    Column("call_statuses", TEXT),
    Column("call_talk_s", SECONDS),
    Column("call_id", TEXT),
]


def make(asked: Asked, ground: Ground) -> Made:
    """Of a question's filters: no names and numbers; `/reports/calls` has the single call."""
    question = call_questions.read(asked)
    facts, call_ids, number = behind(asked, ground, question, most=MOST)
    with ground.database.read() as session:
        found = calls_named.rows(session, call_ids, teams=asked.teams, locale=asked.locale)
    table = Table(
        _COLUMNS,
        [
            [
                call.leased_at,
                call.campaign,
                call.operator,
                call.outcome,
                "・".join(call.statuses),
                call.talk_s,
                call.call_id,
            ]
            for call in found
        ],
        "reports.calls_behind",
    )
    values = {
        "number": number,
        "filters": call_filters.with_the_way_out(question, asked.locale),
        "shown": len(found),
        "back": call_questions.address(question, question.only),
    }
    later = corrected(asked, ground, question)
    return Made([table], facts.as_of, "calls_behind.html", values, corrections=later)
