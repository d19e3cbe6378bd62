"""The calls of a day for those who lead: what became of each, and how it sounded.

A list shows the ends of customers' numbers, so who looked at which day is in the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desk.dialer.charges import Version, charge_sen, connected_s, line_of, version_on
from agent_desk.services.api.cursors import Cursors
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock
from agent_desk.services.running.day_figures import JST, business_date
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.caller_records import mask_number
from agent_desk.store import audit
from agent_desk.store.campaigns import tariffs
from agent_desk.store.reports import call_list, call_times
from agent_desk.store.reports.call_list import Cursor, ListedCall
from agent_desk.store.reports.call_times import CallTimes
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

PAGE = 50
EXPORTED_AT_ONCE = 200  # few enough that calls are not held up by the one who exports
# A leg that was poor or noisy for less than this in all was an incident, not a bad line.
_NAMED_FROM_S = 5


@dataclass(frozen=True)
class SoundFault:
    """What one side's leg (operator, customer) suffered from for `seconds` in all.

    `what`: loss, jitter or delay, whichever was commonest (poor: not known), or noise.
    """

    side: str
    what: str
    seconds: int


@dataclass(frozen=True)
class CallLine:
    """One row. `talk_s`, of it on hold `hold_s`, and `wrap_s` after it are None when nobody talked,
    `mos` when nothing was measured.

    `faults` are those of five seconds or more. `verdict` and `evidence` are screening's.
    `charge_sen` is what the connection cost in 1/100 yen: None while it lives, for a call that came
    in and without a tariff.
    """

    call_id: str
    inbound: bool
    at: datetime
    number: str  # masked; "" when there is none to show
    campaign: str
    operator: str
    outcome: str | None
    sip_code: int | None
    talk_s: float | None
    hold_s: float | None
    wrap_s: float | None
    mos: float | None
    worst_mos: float | None
    faults: tuple[SoundFault, ...]
    recording: str | None
    verdict: str | None
    evidence: str | None
    charge_sen: int | None
    caller_id: str | None  # the number we showed; "" when withheld, None where nobody told
    anonymous: bool  # whoever called us withheld their number
    practised: bool  # in no figure, and in no file
    ended_by: str | None  # customer, desk, gateway or trunk; None while it lives


@dataclass(frozen=True)
class CallPage:
    """One page of a day. `next_cursor` is "" on the last."""

    calls: tuple[CallLine, ...]
    next_cursor: str


class CallLists:
    """Reads, and notes who read."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        clock: Clock,
        campaigns: Callable[[frozenset[int] | None], list[tuple[int, str]]],
        cursors: Cursors,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self.campaigns = campaigns
        self._cursors = cursors

    def page(
        self,
        who: Person,
        day: date,
        *,
        campaign_id: int | None,
        talked: bool,
        cursor: str,
        call_id: str = "",
    ) -> CallPage:
        """The calls of a JST day, or one of them; ServiceError cursor-unusable for a cursor of
        another question."""
        start = datetime.combine(day, datetime.min.time(), JST)
        teams = None if who.teams is None else sorted(who.teams)
        question = {"day": day, "campaign": campaign_id, "talked": talked, "teams": teams}
        after = Cursor(*self._cursors.read(cursor, of=question)) if cursor else None
        with self._database.read() as session:
            rows = call_list.page(
                session,
                start,
                start + timedelta(days=1),
                teams=who.teams,
                campaign_id=campaign_id,
                talked=talked,
                call_id=call_id,
                after=after,
                most=PAGE + 1,
            )
            prices = tariffs.versions_of(session)
            times = self._times(session, rows)
        self._note(who, day, campaign_id=campaign_id, count=min(len(rows), PAGE))
        more = ""
        if len(rows) > PAGE:
            last = call_list.cursor_after(rows[PAGE - 1])
            more = self._cursors.write([last.leased_at, last.call_id], of=question)
        return CallPage(tuple(self._line(row, prices, times) for row in rows[:PAGE]), more)

    def export(
        self, who: Person, day: date, *, campaign_id: int | None, talked: bool
    ) -> Iterator[CallLine]:
        """All calls of the day but those that were practised, for a file.

        The export is noted before the first is handed out.

        ServiceError not-stored: then nothing leaves the house.
        """
        self._note_export(who, day, campaign_id=campaign_id, talked=talked)
        start = datetime.combine(day, datetime.min.time(), JST)
        after = None
        while True:
            with self._database.read() as session:
                prices = tariffs.versions_of(session)
                rows = call_list.page(
                    session,
                    start,
                    start + timedelta(days=1),
                    teams=who.teams,
                    campaign_id=campaign_id,
                    talked=talked,
                    practised=False,
                    after=after,
                    most=EXPORTED_AT_ONCE,
                )
                times = self._times(session, rows)
            yield from (self._line(row, prices, times) for row in rows)
            if len(rows) < EXPORTED_AT_ONCE:
                return
            after = call_list.cursor_after(rows[-1])

    def _times(self, session: Session, rows: Sequence[ListedCall]) -> Mapping[str, CallTimes]:
        talked = [row.call_id for row in rows if row.bridged_at is not None]
        return call_times.of_calls(session, talked, self._clock.now())

    def _line(
        self,
        row: ListedCall,
        prices: Mapping[int, Sequence[Version]],
        times: Mapping[str, CallTimes],
    ) -> CallLine:
        number = self._sealer.open(row.number_sealed) if row.number_sealed else ""
        talk_s = None
        if row.bridged_at is not None:
            talk_s = ((row.ended_at or self._clock.now()) - row.bridged_at).total_seconds()
        seat = times.get(row.call_id)
        return CallLine(
            call_id=row.call_id,
            inbound=row.inbound,
            at=row.leased_at,
            number=mask_number(number) if number else "",
            campaign=row.campaign,
            operator=row.operator or "",
            outcome=row.outcome,
            sip_code=row.sip_code,
            talk_s=talk_s,
            hold_s=None if seat is None else seat.hold_s,
            wrap_s=None if seat is None else seat.wrap_s,
            mos=_whole(row.mos_hundredths),
            worst_mos=_whole(row.worst_mos_hundredths),
            faults=_faults(row),
            recording=row.recording,
            verdict=row.verdict,
            evidence=row.evidence,
            charge_sen=_charge(row, prices),
            caller_id=row.caller_id,
            anonymous=row.anonymous,
            practised=row.practised,
            ended_by=row.ended_by,
        )

    def _note(self, who: Person, day: date, *, campaign_id: int | None, count: int) -> None:
        now = self._clock.now()

        def rows(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=who.username,
                action="calls.listed",
                subject="report:calls",
                details={"day": day.isoformat(), "campaign": campaign_id, "count": count},
            )

        self._commits.put(None, rows=rows)

    def _note_export(
        self, who: Person, day: date, *, campaign_id: int | None, talked: bool
    ) -> None:
        now = self._clock.now()

        def rows(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=who.username,
                action="calls.exported",
                subject="report:calls",
                details={"day": day.isoformat(), "campaign": campaign_id, "talked": talked},
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")


def _charge(row: ListedCall, prices: Mapping[int, Sequence[Version]]) -> int | None:
    """What the call cost by the terms of its own day; see `dialer/charges.py`."""
    if row.inbound or row.practised or row.outcome is None or row.tariff_id is None:
        return None
    version = version_on(prices.get(row.tariff_id, ()), business_date(row.leased_at))
    if version is None:
        return None
    seconds = connected_s(row.answered_at, row.line_ended_at or row.ended_at)
    return charge_sen(version.terms, line_of(row.phone_kind), seconds)


def _whole(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100


def _faults(row: ListedCall) -> tuple[SoundFault, ...]:
    found = (
        SoundFault("operator", row.poor_operator_why or "poor", row.poor_operator_s or 0),
        SoundFault("operator", "noise", row.noisy_operator_s or 0),
        SoundFault("customer", row.poor_customer_why or "poor", row.poor_customer_s or 0),
        SoundFault("customer", "noise", row.noisy_customer_s or 0),
    )
    return tuple(fault for fault in found if fault.seconds >= _NAMED_FROM_S)
