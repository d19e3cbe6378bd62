"""The page of hints: the rules of `hints.py` over a period, each with the way to its report."""

from __future__ import annotations

from collections.abc import Mapping

from agent_desk.catalogue import translate
from agent_desk.services.reports import call_questions, hints
from agent_desk.services.reports.call_figures import corrected, groups
from agent_desk.services.reports.call_metrics import CALL_METRICS, FEW
from agent_desk.services.reports.call_questions import CallQuestion
from agent_desk.services.reports.figures import Report, report
from agent_desk.services.reports.hints import Abandoned, Counted, Hint, WrapUps
from agent_desk.services.reports.making import (
    NUMBER,
    SECONDS,
    TEXT,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.services.reports.operator_tables import step_name
from agent_desk.services.reports.pages import text
from agent_desk.services.reports.ranking_report import PROSPECTS
from agent_desk.store.campaigns import campaigns
from agent_desk.store.reports import dialing

_CONTACT = "m_contact_rate"
BOUND = 0.03  # R20; what a campaign aims at is near its own target by itself
# Where the figures of a hint are, in full.
REPORTS: Mapping[str, str] = {
    hints.WORST_STEP: "/reports",
    hints.BEST_HOUR: "/reports/heat-map",
    hints.SLOW_WRAP_UP: "/reports",
    hints.POOR_LIST: "/reports/ranking",
    hints.NEAR_BOUND: "/reports/dialer",
    hints.OVER_BOUND: "/reports/dialer",
}
_COLUMNS = [
    Column("hint_text", TEXT),
    Column("hint_about", TEXT),
    Column("hint_value", NUMBER),
    Column("hint_compared", NUMBER),
    Column("hint_n"),
    Column("hint_unit", TEXT),
]


def make(asked: Asked, ground: Ground) -> Made:
    """Of the days `from` to `to` and one `campaign`, or all of them."""
    question = call_questions.read(asked, metrics=(PROSPECTS, _CONTACT))
    facts, by_list = groups(asked, ground, question, by=("list",))
    _, by_hour = groups(asked, ground, question, by=("weekday", "hour"))
    found = _report(asked, ground, question)
    weekdays = [translate(f"weekday.{day}", locale=asked.locale) for day in range(7)]
    hours = [
        Counted(
            translate(
                "hints.hour", locale=asked.locale, weekday=weekdays[each.codes[0]], n=each.codes[1]
            ),
            *_of(_CONTACT, each.sums),
        )
        for each in by_hour
    ]
    nothing = translate("report.nothing", locale=asked.locale)
    lists = [Counted(each.names[0] or nothing, *_of(PROSPECTS, each.sums)) for each in by_list]
    worst = next((step for step in found.funnel if step.worst), None)
    told = [
        *hints.near_bounds(_bounds(asked, ground, question)),
        *hints.worst_step(found.funnel, step_name(worst, asked.locale) if worst else ""),
        *hints.best_hour(hours),
        *hints.slow_wrap_ups(
            [WrapUps(row.name, row.wrap_avg_s or 0.0, row.wrap_ups) for row in found.rows]
        ),
        *hints.poor_lists(lists),
    ]
    lines = [(each, sentence(each, asked.locale), REPORTS[each.code]) for each in told]
    table = Table(_COLUMNS, [_row(*line[:2], asked.locale) for line in lines], "reports.hints")
    values = {"lines": lines, "few_cases": FEW, "query": call_questions.address(question, {})}
    later = corrected(asked, ground, question)
    return Made([table], facts.as_of, "hints.html", values, corrections=later)


def sentence(hint: Hint, locale: str) -> str:
    """What a hint says, with its figures."""
    return translate(
        f"hints.{hint.code}",
        locale=locale,
        about=hint.about,
        value=text(hint.value, hint.unit, locale=locale),
        compared=text(hint.compared, hint.unit, locale=locale),
        n=f"{hint.n:,}",
    )


def _row(hint: Hint, said: str, locale: str) -> list[Cell]:
    unit = translate(f"report.unit.{hint.unit}", locale=locale)
    value = hint.value if hint.unit == SECONDS else round(hint.value, 4)
    return [said, hint.about, value, hint.compared, hint.n, unit]


def _of(code: str, sums: Mapping[str, int]) -> tuple[int, int]:
    metric = CALL_METRICS[code]
    return sums[metric.numerator], sums[metric.denominator or ""]


def _report(asked: Asked, ground: Ground, question: CallQuestion) -> Report:
    with ground.database.read() as session:
        return report(
            session,
            question.first,
            question.last,
            now=asked.now,
            campaign_id=question.campaign_id,
            teams=asked.teams,
            campaigns=campaigns.all_facts(session),
            locale=asked.locale,
            facts=ground.facts(),
        )


def _bounds(asked: Asked, ground: Ground, question: CallQuestion) -> list[Abandoned]:
    """Both windows of each campaign as they stood at the end of the period."""
    until = min(question.end, asked.now)
    with ground.database.read() as session:
        windows = dialing.windows(
            session, until, teams=asked.teams, campaign_id=question.campaign_id
        )
    told = []
    for each in windows:
        for name, abandoned, live in (
            ("24h", each.abandoned_24h, each.live_24h),
            ("30d", each.abandoned_30d, each.live_30d),
        ):
            of = translate(f"hints.window_{name}", locale=asked.locale, campaign=each.campaign)
            told.append(Abandoned(of, abandoned, live, BOUND))
    return told
