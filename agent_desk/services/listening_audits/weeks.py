"""A week's audit: drawn once when somebody who listens first opens it, and what is to be heard.

What can be drawn are the talks of a finished week (Monday to Sunday in Japan) that have a recording
and are no practice. A recording that goes before it was heard gives way to the next one in the
drawn order, and both say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from agent_desk.dialer.business_time import at, business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.listening_audits import drawing as draws
from agent_desk.services.listening_audits import settings
from agent_desk.services.listening_audits.settings import MOST_PER_OPERATOR, AuditSettings
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.listening_audits import drawing, samples
from agent_desk.store.listening_audits.drawing import Unheard, WeekRow
from agent_desk.store.listening_audits.samples import SHOWN, SampleRow, ScoreRow, Viewer
from agent_desk.store.unit_of_work import Database, Session

READERS = ("lead", "manager", "compliance", "auditor", "admin")
LISTENERS = ("lead", "manager", "compliance")
WEEK = timedelta(days=7)
BACK = 12  # weeks that can still be drawn
MOST_WEEKS = 60  # offered
PAGE = 50
MOST_GONE = 200  # replaced at one opening


@dataclass(frozen=True)
class WeekPage:
    """A week as one person sees it. `drawn` None: not drawn, or there was nothing to draw."""

    monday: date
    mondays: tuple[date, ...]
    drawn: WeekRow | None
    settings: AuditSettings
    counts: Mapping[str, int]
    samples: tuple[SampleRow, ...]
    scores: Mapping[int, tuple[ScoreRow, ...]]
    following: tuple[int, int] | None


def viewer_of(who: Person) -> Viewer:
    """Whose calls somebody may see here."""
    return Viewer(who.user_id, who.teams)


class AuditWeeks:
    """See the module. `seed_key` stays within the house."""

    def __init__(
        self,
        *,
        database: Database,
        commits: WriteDoor,
        clock: Clock,
        hub: Hub,
        seed_key: bytes,
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._hub = hub
        self._seed_key = seed_key

    def open(
        self,
        who: Person,
        monday: date | None,
        *,
        shown: str = "all",
        after: tuple[int, int] | None = None,
    ) -> WeekPage:
        """The week that began then, the last finished one for None; drawn if `who` listens.

        ServiceError: listening-week (no finished week begins then), bad-payload (shown),
        not-stored.
        """
        if shown not in SHOWN:
            raise ServiceError("bad-payload", reason="show")
        offered = self.mondays()
        monday = monday or offered[0]
        if monday not in offered:
            raise ServiceError("listening-week")
        if who.role in LISTENERS:
            self._draw(monday, who)
            self._replace_gone(monday, who)
        viewer = viewer_of(who)
        with self._database.read() as session:
            week = drawing.of_monday(session, monday)
            if week is None:
                return WeekPage(monday, offered, None, settings.newest(session), {}, (), {}, None)
            rows = samples.page(session, viewer, week.id, shown=shown, after=after, limit=PAGE + 1)
            page = rows[:PAGE]
            last = page[-1] if len(rows) > PAGE else None
            return WeekPage(
                monday,
                offered,
                week,
                settings.of_version(session, week.settings_version),
                samples.counts(session, viewer, week.id),
                tuple(page),
                _by_sample(samples.scores(session, viewer, [row.id for row in page])),
                None if last is None else (last.operator_id, last.place),
            )

    def mondays(self) -> tuple[date, ...]:
        """The weeks one can open, newest first: the last twelve, and those that were drawn."""
        today = business_date(self._clock.now())
        this = today - timedelta(days=today.weekday())
        lately = {this - n * WEEK for n in range(1, BACK + 1)}
        with self._database.read() as session:
            before = {week.monday for week in drawing.drawn(session, limit=MOST_WEEKS)}
        return tuple(sorted(lately | before, reverse=True)[:MOST_WEEKS])

    # --- drawing --------------------------------------------------------------------------------

    def _draw(self, monday: date, who: Person) -> None:
        with self._database.read() as session:
            if drawing.is_drawn(session, monday):
                return
            people = drawing.people(session)
        seed = draws.seed_of(self._seed_key, monday)
        order: dict[int, list[str]] = {}
        candidates = 0
        for operator_id in people:
            with self._database.read() as session:
                found = drawing.candidates(session, operator_id, between=_span(monday))
            if found:
                order[operator_id] = draws.draw(seed, found, MOST_PER_OPERATOR)
                candidates += len(found)
            self._hub.pause(0)  # some milliseconds each: no seat waits for all of them
        if not order:
            return
        now = self._clock.now()

        def rows(session: Session) -> None:
            if drawing.is_drawn(session, monday):
                return
            chosen = settings.kept(session, at=now)
            made = _samples(seed, order, chosen)
            week_id = drawing.add_week(
                session,
                monday=monday,
                seed=seed,
                settings_version=chosen.version,
                operators=len(order),
                candidates=candidates,
                by=who.username,
                at=now,
            )
            drawing.add_samples(session, [{"week_id": week_id, **row} for row in made])
            details = {"monday": monday.isoformat(), "seed": seed, "settings": chosen.version}
            _note(
                session,
                "listening.week.drawn",
                f"listening_week:{week_id}",
                who,
                at=now,
                **details,
                samples=len(made),
            )

        self._write(rows)

    def _replace_gone(self, monday: date, who: Person) -> None:
        with self._database.read() as session:
            week = drawing.of_monday(session, monday)
            gone = [] if week is None else drawing.unheard(session, week.id, limit=MOST_GONE)
        if week is None or not gone:
            return
        now = self._clock.now()

        def rows(session: Session) -> None:
            for each in gone:
                if drawing.mark_gone(session, each.sample_id, reason=each.reason, at=now):
                    _replace(session, week, each, who, at=now)

        self._write(rows)

    def _write(self, rows: Any) -> None:
        if not self._commits.submit(None, rows=rows, behind=True).ok:
            raise ServiceError("not-stored")


def _samples(
    seed: str, order: Mapping[int, list[str]], chosen: AuditSettings
) -> list[dict[str, Any]]:
    """The first of each operator's order, as many as are asked for, and which of them two hear."""
    drawn = {each: call_ids[: chosen.per_operator] for each, call_ids in order.items()}
    every = [call_id for call_ids in drawn.values() for call_id in call_ids]
    second = draws.for_second(seed, every, chosen.second_percent)
    return [
        {
            "operator_id": operator_id,
            "place": place,
            "call_id": call_id,
            "drawn_hash": draws.place_of(seed, call_id),
            "second_wanted": call_id in second,
        }
        for operator_id, call_ids in drawn.items()
        for place, call_id in enumerate(call_ids, start=1)
    ]


def _replace(session: Session, week: WeekRow, gone: Unheard, who: Person, *, at: datetime) -> None:
    """The next in the order instead; a call that somebody scored already keeps its one sheet."""
    place, last_hash = drawing.last_drawn(session, week.id, gone.operator_id)
    found = drawing.candidates(session, gone.operator_id, between=_span(week.monday))
    call_id = None if gone.scores else draws.next_after(week.seed, found, last_hash)
    if call_id is not None:
        row = {
            "week_id": week.id,
            "operator_id": gone.operator_id,
            "place": place + 1,
            "call_id": call_id,
            "drawn_hash": draws.place_of(week.seed, call_id),
            "second_wanted": drawing.wants_second(session, gone.sample_id),
            "replaces_id": gone.sample_id,
        }
        drawing.add_samples(session, [row])
    _note(
        session,
        "listening.sample.gone",
        f"listening_sample:{gone.sample_id}",
        who,
        at=at,
        reason=gone.reason,
        replaced_by=call_id,
    )


def _span(monday: date) -> tuple[datetime, datetime]:
    return at(monday, 0), at(monday + WEEK, 0)


def _by_sample(rows: list[ScoreRow]) -> dict[int, tuple[ScoreRow, ...]]:
    found: dict[int, tuple[ScoreRow, ...]] = {}
    for row in rows:
        found[row.sample_id] = (*found.get(row.sample_id, ()), row)
    return found


def _note(
    session: Session, action: str, subject: str, who: Person, *, at: datetime, **details: Any
) -> None:
    audit.append(
        session, at=at, actor=who.username, action=action, subject=subject, details=details
    )
