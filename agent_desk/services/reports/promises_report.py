"""What became of promises, as a report: rates by count and by yen, and the promises behind them."""

from __future__ import annotations

from dataclasses import replace

from agent_desk.catalogue import translate
from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.making import (
    COUNT,
    DAY,
    SHARE,
    TEXT,
    YEN,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.services.reports.promises_kept import (
    BYS,
    SHARES,
    PartLine,
    PromiseSums,
    figures,
)
from agent_desk.store.reports.due_parts import PromisesWanted

SHOWN = 200  # of the promises themselves; files have them all

_SUMS = [
    Column("parts_due", COUNT),
    Column("parts_coming", COUNT),
    Column("parts_matured", COUNT),
    Column("parts_kept", COUNT),
    Column("parts_part", COUNT),
    Column("parts_broken", COUNT),
    Column("parts_kept_share", SHARE),
    Column("parts_yen", YEN),
    Column("parts_received_yen", YEN),
    Column("parts_received_share", SHARE),
    Column("parts_open_amounts", COUNT),
    Column("parts_withdrawn", COUNT),
]
_LINES = [
    Column("due_on", DAY),
    Column("standing", TEXT),
    Column("part_yen", YEN),
    Column("part_received_yen", YEN),
    Column("made_on", DAY),
    Column("part_number", COUNT),
    Column("customer_number", TEXT),
    Column("operator", TEXT),
    Column("campaign", TEXT),
    Column("product", TEXT),
    Column("call_id", TEXT),
]


def make(asked: Asked, ground: Ground) -> Made:
    """Due from `from` to `to`, of one `campaign`, `operator` or `product`, `by` something; `share`
    is the partial rule."""
    if asked.user_id is not None:
        raise ServiceError("not-in-scope")
    by, share = asked.params.get("by") or BYS[0], asked.whole("share") or SHARES[0]
    if by not in BYS or share not in SHARES:
        raise ServiceError("bad-payload", reason="by" if by not in BYS else "share")
    wanted = PromisesWanted(
        asked.day("from"),
        asked.day("to"),
        teams=asked.teams,
        campaign_id=asked.whole("campaign"),
        user_id=asked.whole("operator"),
        product_id=asked.whole("product"),
    )
    today = business_date(asked.now)
    with ground.database.read() as session:
        found = figures(session, wanted, today=today, by=by, share=share)
    key = Column("parts_by", TEXT, translate(f"kept.by.{by}", locale=asked.locale))
    rows = [[label, *_sums(sums)] for label, sums in found.rows]
    total = [translate("report.total", locale=asked.locale), *_sums(found.total)]
    tables = [
        Table([key, *_SUMS], rows, "kept.figures", total),
        Table(_LINES, [_line(each, asked.locale) for each in found.lines], "kept.lines"),
    ]
    lines = tables[1]
    values = {
        "kept": found,
        "today": today,
        "lines": replace(lines, rows=lines.rows[:SHOWN]),
        "more": len(lines.rows) - SHOWN,
        "days": [business_date(each.part.called_at).isoformat() for each in found.lines[:SHOWN]],
    }
    return Made(tables, asked.now, "promises.html", values, picture="_promise_shares.html")


def _sums(sums: PromiseSums) -> list[Cell]:
    counts = sums.counts
    return [
        sums.matured + counts["coming"],
        counts["coming"],
        sums.matured,
        counts["kept"],
        counts["part"],
        counts["broken"],
        sums.kept_share,
        sums.yen,
        sums.received_yen,
        sums.received_share,
        sums.open_amounts,
        counts["withdrawn"],
    ]


def _line(line: PartLine, locale: str) -> list[Cell]:
    part = line.part
    return [
        part.due_on,
        translate(f"kept.standing.{line.standing}", locale=locale),
        part.amount_yen,
        line.received_yen,
        business_date(part.made_at),
        part.position,
        part.external_id or f"#{part.customer_id}",
        part.operator or "",
        part.campaign,
        part.product,
        part.call_id,
    ]
