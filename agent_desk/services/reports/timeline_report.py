"""Each person's timeline of the day as a report: bars, sums, stays and calls (B28, B29, A09)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from agent_desk.catalogue import catalogue, translate
from agent_desk.dialer.business_time import JST, business_date
from agent_desk.services.reports import headings
from agent_desk.services.reports.making import (
    COUNT,
    INSTANT,
    SECONDS,
    TEXT,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.services.reports.timeline_picture import HEIGHTS, draw
from agent_desk.services.reports.timelines import (
    TIMES,
    CallOfDay,
    DayTimeline,
    PersonDay,
    timeline,
)
from agent_desk.store.campaigns import statuses
from agent_desk.store.reports.stays import Stay
from agent_desk.store.unit_of_work import Session

MOST_MINUTES = 600  # what a person may name
Labels = Mapping[tuple[int, str], str]

_WHO = [Column("username", TEXT), Column("name", TEXT)]
_PEOPLE = [
    *_WHO,
    Column("login_s", SECONDS),
    *(Column(name, SECONDS) for name in TIMES),
    Column("calls", COUNT),
    Column("talk_avg_s", SECONDS),
    Column("wrap_avg_s", SECONDS),
    Column("long_calls", COUNT),
]
_STAYS = [
    *_WHO,
    Column("stay_began", INSTANT),
    Column("stay_ended", INSTANT),
    Column("stay_s", SECONDS),
    Column("seat_state", TEXT),
    Column("stay_reason", TEXT),
    Column("stay_cause", TEXT),
    Column("stay_end_cause", TEXT),
    Column("campaign", TEXT),
    Column("call_id", TEXT),
]
_CALLS = [
    *_WHO,
    Column("stay_began", INSTANT),
    Column("campaign", TEXT),
    Column("outcome", TEXT),
    Column("statuses", TEXT),
    Column("call_talk_s", SECONDS),
    Column("call_hold_s", SECONDS),
    Column("call_wrap_s", SECONDS),
    Column("long_calls", TEXT),
    Column("corrected", COUNT),
    Column("call_id", TEXT),
]
_CORRECTIONS = [
    *_WHO,
    Column("correction_kind", TEXT),
    Column("correction_minutes", COUNT),
    Column("correction_reason", TEXT),
    Column("correction_by", TEXT),
    Column("correction_decision", TEXT),
]
DECISIONS = {True: "yes", False: "no", None: "open"}


def make(asked: Asked, ground: Ground) -> Made:
    """Of one `day`; `person`: of one person, `limit`: minutes of a long call, whatever the
    campaigns have."""
    minutes = min(asked.whole("limit") or 0, MOST_MINUTES)
    with ground.database.read() as session:
        found = timeline(
            session,
            asked.day("day"),
            now=asked.now,
            teams=asked.teams if asked.user_id is None else None,
            user_id=asked.whole("person") if asked.user_id is None else asked.user_id,
            limit_s=60.0 * minutes or None,
        )
        calls = [call for day in found.people for call in day.calls]
        labels = _labels(session, calls, asked.locale)
    one = len(found.people) == 1
    tables = _tables(found, labels, asked.locale)
    values: dict[str, object] = {
        "timeline": found,
        "picture": draw(found, each_stay=one),
        "one": one,
        "heights": HEIGHTS,
        "clock": clock,
        # Whoever is an operator has no list of calls to look into.
        "may_list": asked.user_id is None,
        "limit_minutes": minutes,  # 0: nobody named any
    }
    if one:  # a thousand people's moves are for files
        values |= {
            "stays": _on_page(tables[1], with_call=False),
            "calls": _on_page(tables[2], with_call=asked.user_id is None),
            "days": [_day(call) for call in calls],
        }
    return Made(
        tables,
        asked.now,
        "timeline.html",
        values,
        corrections=found.corrected,
        picture="_lanes.html",
    )


def cause(code: str, locale: str) -> str:
    """What made a seat move, as people say it; the code where nobody has words for it."""
    key = f"timeline.cause.{code}"
    return translate(key, locale=locale) if key in catalogue(locale) else code


def _day(call: CallOfDay) -> str:
    """On which day it is in the list of calls: a call over midnight on the first."""
    return business_date(call.began if call.call is None else call.call.leased_at).isoformat()


def _on_page(table: Table, *, with_call: bool) -> Table:
    """Of one person on one day: without their name, the time of day to the second, and the id of
    the call, which is last, only where it leads somewhere."""
    names = len(_WHO)
    until = len(table.columns) - (0 if with_call else 1)

    def shown(value: Cell) -> Cell:
        return clock(value) if isinstance(value, datetime) else value

    return Table(
        table.columns[names:until],
        [[shown(value) for value in row[names:until]] for row in table.rows],
        table.title,
    )


def clock(instant: datetime) -> str:
    """Time of day in Japan, to the second."""
    return instant.astimezone(JST).strftime("%H:%M:%S")


def _tables(found: DayTimeline, labels: Labels, locale: str) -> list[Table]:
    people = found.people
    tables = [
        Table(_PEOPLE, [_person(day) for day in people], "reports.timeline"),
        Table(
            _STAYS,
            [[*_who(day), *_stay(stay, locale)] for day in people for stay in day.stays],
            "timeline.stays",
        ),
        Table(
            _CALLS,
            [[*_who(day), *_call(call, labels, locale)] for day in people for call in day.calls],
            "timeline.calls",
        ),
    ]
    corrections = [[*_who(day), *row] for day in people for row in _corrections(day, locale)]
    if corrections:
        tables.append(Table(_CORRECTIONS, corrections, "timeline.corrections"))
    return tables


def _who(day: PersonDay) -> list[Cell]:
    return [day.person.username, day.person.name]


def _person(day: PersonDay) -> list[Cell]:
    return [
        *_who(day),
        day.login_s,
        *(day.time_s(name) for name in TIMES),
        day.reached,
        day.talk_avg_s,
        day.wrap_avg_s,
        day.long_calls,
    ]


def _stay(stay: Stay, locale: str) -> list[Cell]:
    ends = "running" if stay.running else "goes_on" if stay.goes_on else ""
    return [
        stay.began,
        stay.ended,
        stay.seconds,
        translate(f"state.{stay.state}", locale=locale),
        "" if stay.reason is None else headings.away_name(stay.reason, locale),
        translate("timeline.from_before", locale=locale)
        if stay.from_before
        else cause(stay.cause, locale),
        translate(f"timeline.{ends}", locale=locale) if ends else cause(stay.ended_by, locale),
        stay.campaign,
        stay.call_id or "",
    ]


def _call(call: CallOfDay, labels: Labels, locale: str) -> list[Cell]:
    told = call.call
    outcome = "" if told is None or told.outcome is None else f"outcome.{told.outcome}"
    pressed = () if told is None else told.codes
    return [
        call.began,
        call.stays[0].campaign,
        translate(outcome, locale=locale) if outcome else "",
        "、".join(labels.get((told.campaign_id, code), code) for code in pressed) if told else "",
        call.talk_s,
        call.hold_s,
        call.wrap_s,
        translate("report.long_calls", locale=locale) if call.long else "",
        max(0, told.versions - 1) if told else 0,
        call.call_id,
    ]


def _corrections(day: PersonDay, locale: str) -> Iterator[Sequence[Cell]]:
    for each in day.corrections:
        yield [
            translate(f"timeline.kind.{each.kind}", locale=locale),
            each.minutes,
            each.reason,
            each.by,
            translate(f"timeline.decision.{DECISIONS[each.approved]}", locale=locale),
        ]


def _labels(session: Session, calls: Collection[CallOfDay], locale: str) -> Labels:
    """What the buttons that were pressed are called, by campaign and code."""
    campaigns = {call.call.campaign_id for call in calls if call.call is not None}
    return {
        (campaign_id, row.code): row.label_en if locale == "en" else row.label_ja
        for campaign_id in sorted(campaigns)
        for row in statuses.of_campaign(session, campaign_id)
    }
