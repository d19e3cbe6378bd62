"""訂正: what was saved of a call said anew, by the operator on the day or by a lead, who says why.

Nothing is edited: a correction is the next version, based on the one that was looked at, so that
of two at a time one is told. What hangs on the result follows it, both ways: who is not called
any more, the promise, the list, the figures of that day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.business_time import JST, business_date
from agent_desk.dialer.errors import Refused
from agent_desk.dialer.floor import Campaign
from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.dialer.promises import Promised
from agent_desk.dialer.results import (
    PAYMENT_DATE,
    WRONG_NUMBER,
    implied,
    refuse_contradiction,
    required_by,
)
from agent_desk.services.dialing.next_try import NextTry
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.day_figures import DayFigures
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat import corrected_promises
from agent_desk.store import audit
from agent_desk.store.leasing import under_way
from agent_desk.store.records import saved_results
from agent_desk.store.records.saved_results import SavedResult
from agent_desk.store.rows import corrections as rows
from agent_desk.store.rows.context import RowContext
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

CORRECTORS = frozenset({"lead", "manager", "admin"})
COUNTERPARTS = ("customer", "unverified", "third_party", "somebody_else", "nobody", "unknown")
SHOWN = 50
LONGEST_REASON = 200


@dataclass(frozen=True)
class Corrector:
    """Who corrects; `teams` None: of every team."""

    user_id: int
    username: str
    role: str
    teams: frozenset[int] | None


@dataclass(frozen=True)
class Wanted:
    """A result as it should be. `note` and `counterpart` None: as they are; so is the promise, as
    long as the status stays."""

    based_on: int
    codes: frozenset[str]
    note: str | None = None
    counterpart: str | None = None
    promised: Promised | None = None
    reason: str = ""


@dataclass(frozen=True)
class OwnCallLine:
    """One of the operator's calls of today; `name` is "" for a stranger."""

    call_id: str
    at: datetime
    name: str
    campaign: str
    labels: tuple[str, ...]  # of its statuses
    corrected: bool
    recorded: bool


@dataclass(frozen=True)
class Choice:
    """A status that may be marked; not `possible`: it needs 本人確認, which was not made."""

    code: str
    label: str
    possible: bool


@dataclass(frozen=True)
class OpenResult:
    """A result as it stands, for whoever corrects it; `note` None where it is withheld."""

    saved: SavedResult
    note: str | None
    statuses: tuple[Choice, ...]
    instalment_counts: tuple[int, ...]  # into how many parts its promise may be shared


class Corrections:
    """Verbs of `/desk` and of the calls page; each may raise ServiceError."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        clock: Clock,
        book: CampaignBook,
        figures: DayFigures,
        calls: Withdrawals,
        practice: bool,
        changed: Callable[[SeatId], None],
    ) -> None:
        """`changed` tells an operator's page that its figures are others."""
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._book = book
        self._figures = figures
        self._calls = calls
        self._arrange = NextTry(sealer=sealer, practice=practice)
        self._changed = changed

    def own_today(self, who: Corrector, *, locale: str) -> list[OwnCallLine]:
        """The operator's calls of this business day, newest first; the look is audited."""
        now = self._clock.now()
        midnight = datetime.combine(business_date(now), datetime.min.time(), JST)
        with self._database.read() as session:
            found = saved_results.own_since(session, who.user_id, midnight, limit=SHOWN)
        self._note(who.username, "calls.own.listed", f"user:{who.user_id}", count=len(found))
        return [
            OwnCallLine(
                call_id=each.call_id,
                at=each.at,
                name=self._sealer.open(each.name_sealed) if each.name_sealed else "",
                campaign=each.campaign,
                labels=self._labels(each, locale),
                corrected=each.version > 1,
                recorded=each.recorded,
            )
            for each in found
        ]

    def open(self, who: Corrector, call_id: str, *, locale: str) -> OpenResult:
        """What holds of a call. ServiceError: result-unknown, not-in-scope, correction-closed.

        The note is withheld where the person of that call was never known (R32), unless from
        leads, who answer for what is kept.
        """
        saved = self._theirs(who, call_id)
        withheld = who.role == "operator" and not self._may_see(saved)
        note = "" if saved.note_sealed is None else self._sealer.open(saved.note_sealed)
        self._note(who.username, "call.result.opened", f"call:{call_id}", version=saved.version)
        choices = tuple(
            Choice(each.code, each.label(locale), self._may_see(saved) or not each.needs_identity)
            for each in self._book.get(self._campaign_id(saved)).statuses
        )
        counts = corrected_promises.counts(self._campaign(saved), saved)
        return OpenResult(saved, None if withheld else note, choices, counts)

    def versions(self, who: Corrector, call_id: str) -> list[saved_results.Version]:
        """Every version, oldest first, with a lead's reason. ServiceError as `open`."""
        self._theirs(who, call_id)
        with self._database.read() as session:
            return saved_results.versions(session, self._sealer, call_id)

    def correct(
        self, who: Corrector, call_id: str, wanted: Wanted, *, command_id: str | None
    ) -> None:
        """Save the next version.

        ServiceError: as `open`, correction-stale (somebody was first), reason-needed (a lead's),
        and what a result like this is refused for while the call is on the seat.
        """
        before = self._theirs(who, call_id)
        own = who.role == "operator"
        if not own and not 3 <= len(wanted.reason.strip()) <= LONGEST_REASON:
            raise ServiceError("reason-needed")
        now = self._clock.now()
        corrected = self._checked(before, wanted, own=own)
        stale: list[bool] = []

        def write(session: Session) -> None:
            newest = saved_results.newest(session, call_id)
            if newest is None or newest.version != wanted.based_on:
                stale.append(True)
                return
            context = RowContext(session, self._sealer, self._arrange)
            rows.write(context, newest, corrected, user_id=who.user_id, at=now)
            if corrected.promised is not None:
                corrected_promises.judge_anew(session, newest, at=now)

        if not self._commits.submit(None, rows=write, command_id=command_id).ok:
            raise ServiceError("not-stored")
        if stale:
            raise ServiceError("correction-stale")
        self._follow(before, corrected, now)

    # --- inside ---------------------------------------------------------------------------------

    def _labels(self, line: saved_results.OwnCall, locale: str) -> tuple[str, ...]:
        statuses = self._book.get(CampaignId(line.campaign_id)).statuses
        known = {each.code: each.label(locale) for each in statuses}
        return tuple(known.get(code, code) for code in line.codes)

    def _theirs(self, who: Corrector, call_id: str) -> SavedResult:
        with self._database.read() as session:
            saved = saved_results.newest(session, call_id)
        if saved is None:
            raise ServiceError("result-unknown")
        if who.role == "operator":
            today = business_date(self._clock.now())
            if saved.owner_id != who.user_id:
                raise ServiceError("result-unknown")
            if business_date(saved.first_at) != today:
                raise ServiceError("correction-closed")
        elif who.role not in CORRECTORS:
            raise ServiceError("not-allowed")
        elif who.teams is not None and saved.owner_team_id not in who.teams:
            raise ServiceError("result-unknown")
        return saved

    def _campaign(self, saved: SavedResult) -> Campaign:
        return self._commits.floor.campaigns[CampaignId(saved.campaign_id)]

    def _may_see(self, saved: SavedResult) -> bool:
        return not self._campaign(saved).identity_needed or saved.identity == "verified"

    def _checked(self, before: SavedResult, wanted: Wanted, *, own: bool) -> rows.Corrected:
        campaign = self._campaign(before)
        known = {status.code for status in campaign.statuses} | before.codes
        if not wanted.codes <= known:
            raise ServiceError("status-unknown", code=sorted(wanted.codes - known)[0])
        codes = wanted.codes | implied(campaign, wanted.codes)
        promised = corrected_promises.changed(before, wanted.codes, wanted.promised)
        guarded = {status.code for status in campaign.statuses if status.needs_identity}
        if (codes - before.codes) & (guarded | {PAYMENT_DATE}) and not self._may_see(before):
            raise ServiceError("identity-needed")
        note = wanted.note if wanted.note is None else wanted.note.strip()
        empty = not note if note is not None else before.note_id is None
        try:
            refuse_contradiction(campaign, codes)
            if promised is not None:
                corrected_promises.refuse(campaign, promised, before)
        except Refused as refused:
            raise ServiceError(refused.error_id, **refused.details) from None
        if empty and "note" in required_by(campaign, codes):
            raise ServiceError("note-required")
        counterpart = self._counterpart(before, wanted, codes)
        return rows.Corrected(
            frozenset(codes), note, counterpart, promised, "" if own else wanted.reason.strip()
        )

    def _counterpart(self, before: SavedResult, wanted: Wanted, codes: frozenset[str]) -> str:
        said = wanted.counterpart or before.counterpart
        if said not in COUNTERPARTS:
            raise ServiceError("bad-payload", reason="counterpart")
        if WRONG_NUMBER in codes:
            return "somebody_else"
        if WRONG_NUMBER in before.codes and wanted.counterpart is None:
            return "unknown"
        if said == "customer" != before.counterpart and not self._may_see(before):
            raise ServiceError("identity-needed")
        return said

    def _follow(self, before: SavedResult, corrected: rows.Corrected, now: datetime) -> None:
        """What was queued for whom nobody may call any more ends; figures of today follow."""
        customer_id, added = before.customer_id, corrected.codes - before.codes
        bars = {each.code: each.bars for each in self._book.get(self._campaign_id(before)).statuses}
        barred = {bars.get(code) for code in added} - {None}
        if customer_id is not None and "number" in barred:
            self._calls.withdraw(
                lambda session: [
                    each.call_id
                    for each in under_way.of_people(session, [customer_id])
                    if each.phone_id == before.phone_id
                ],
                reason="result-corrected",
                ringing=True,
            )
        if customer_id is not None and barred:
            self._calls.reconsider(
                lambda session: under_way.of_people(session, [customer_id]),
                reason="result-corrected",
            )
        today = business_date(now) == business_date(before.first_at)
        if today and not self._book.is_training(self._campaign_id(before)):
            had, has = (PAYMENT_DATE in each for each in (before.codes, corrected.codes))
            self._figures.of(before.owner_id).correct(
                added=added, taken=before.codes - corrected.codes, promises=has - had
            )
        self._changed(SeatId(before.owner))

    @staticmethod
    def _campaign_id(saved: SavedResult) -> CampaignId:
        return CampaignId(saved.campaign_id)

    def _note(self, actor: str, action: str, subject: str, **details: int) -> None:
        now = self._clock.now()

        def write(session: Session) -> None:
            audit.append(
                session, at=now, actor=actor, action=action, subject=subject, details=details
            )

        self._commits.put(None, rows=write)
