"""Listening to one drawn call: the sheet, a second listener's, and what a third decides.

Whoever fills in a sheet has played the recording; the trail knows. A second listener is another
person and sees nothing of the first sheet before their own is stored. Sheets are never changed:
where two differ, a third person may say which stands, and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_desk.services.errors import ServiceError
from agent_desk.services.listening_audits import settings
from agent_desk.services.listening_audits.settings import AuditSettings
from agent_desk.services.listening_audits.sheet import judge
from agent_desk.services.listening_audits.weeks import viewer_of
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.listening_audits import samples, scores
from agent_desk.store.listening_audits.samples import SampleRow, ScoreRow
from agent_desk.store.records.recordings import PLAYABLE
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

DECIDERS = ("manager", "compliance")
LONGEST_REMARK = 2000


@dataclass(frozen=True)
class Sheet:
    """One filled-in sheet that may be seen."""

    row: ScoreRow
    levels: Mapping[str, str]
    remark: str


@dataclass(frozen=True)
class OneSample:
    """A drawn call as one person sees it. `refusal` says why they cannot score it, if so."""

    row: SampleRow
    settings: AuditSettings
    sheets: Sequence[Sheet]
    decision: str
    playable: bool
    heard: bool
    refusal: str | None
    may_decide: bool


class Scoring:
    """Within the teams of who asks, and never of their own talks."""

    def __init__(
        self, *, database: Database, sealer: Sealer, commits: WriteDoor, clock: Clock
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock

    def one(self, who: Person, sample_id: int) -> OneSample:
        """ServiceError listening-unknown."""
        with self._database.read() as session:
            row = samples.one(session, viewer_of(who), sample_id)
            if row is None:
                raise ServiceError("listening-unknown")
            found = samples.scores(session, viewer_of(who), [sample_id])
            levels = samples.answers(session, [each.id for each in found])
            heard = samples.was_heard(session, row.call_id, who.username)
            chosen = settings.of_version(session, row.settings_version)
        sheets = [
            Sheet(each, levels[each.id], self._sealer.open_optional(each.remark_sealed) or "")
            for each in found
        ]
        return OneSample(
            row=row,
            settings=chosen,
            sheets=sheets,
            decision=self._sealer.open_optional(row.decision_sealed) or "",
            playable=row.recording in PLAYABLE,
            heard=heard,
            refusal=_refusal(row, heard=heard),
            may_decide=_may_decide(who, row, found),
        )

    def score(
        self, who: Person, sample_id: int, answers: Mapping[str, str], *, remark: str
    ) -> None:
        """Store a sheet, the first or the second.

        ServiceError: listening-unknown, listening-gone, listening-scored (everybody is done),
        listening-own-sheet (there is one of theirs), listening-unheard, listening-unanswered
        (criteria), listening-remark (too long; most), not-stored.
        """
        found = self.one(who, sample_id)
        if found.refusal is not None:
            raise ServiceError(found.refusal)
        sealed = self._sealed(remark)
        judged = judge(found.settings.criteria, answers)
        levels = {each.code: answers[each.code] for each in found.settings.criteria}
        now = self._clock.now()
        late: list[str | None] = []

        def rows(session: Session) -> None:
            # Asked again where nothing can come between: two may have listened at once.
            row = samples.one(session, viewer_of(who), sample_id)
            late[:] = ["listening-unknown" if row is None else _refusal(row, heard=found.heard)]
            if late[0] is not None:
                return
            position = len(scores.listeners(session, sample_id)) + 1
            scores.add(
                session,
                levels,
                sample_id=sample_id,
                position=position,
                listener_id=who.user_id,
                permille=judged.permille,
                knocked_out=judged.knocked_out,
                remark_sealed=sealed,
                at=now,
            )
            audit.append(
                session,
                at=now,
                actor=who.username,
                action="listening.scored",
                subject=f"listening_sample:{sample_id}",
                details={"position": position, "call": found.row.call_id},
            )

        self._write(rows, late)

    def decide(self, who: Person, sample_id: int, *, stands: int | None, remark: str) -> None:
        """Say which of two sheets stands (None: their mean), and why.

        ServiceError: listening-unknown, listening-undecidable (no two sheets, one of them is
        theirs, or decided before), reason-needed, listening-remark, not-stored.
        """
        found = self.one(who, sample_id)
        if not found.may_decide or stands not in (None, 1, 2):
            raise ServiceError("listening-undecidable")
        if not remark.strip():
            raise ServiceError("reason-needed")
        sealed = self._sealed(remark)
        assert sealed is not None
        now = self._clock.now()
        late: list[str | None] = []

        def rows(session: Session) -> None:
            done = samples.decide(
                session, sample_id, stands=stands, sealed=sealed, by=who.user_id, at=now
            )
            late[:] = [None if done else "listening-undecidable"]
            if done:
                audit.append(
                    session,
                    at=now,
                    actor=who.username,
                    action="listening.decided",
                    subject=f"listening_sample:{sample_id}",
                    details={"stands": stands},
                )

        self._write(rows, late)

    def _sealed(self, remark: str) -> bytes | None:
        remark = remark.strip()
        if len(remark) > LONGEST_REMARK:
            raise ServiceError("listening-remark", most=LONGEST_REMARK)
        return self._sealer.seal(remark) if remark else None

    def _write(self, rows: object, late: Sequence[str | None]) -> None:
        if not self._commits.submit(None, rows=rows).ok:  # type: ignore[arg-type]
            raise ServiceError("not-stored")
        if late[0] is not None:
            raise ServiceError(late[0])


def _refusal(row: SampleRow, *, heard: bool) -> str | None:
    """Why a sheet cannot be filled in by who looks."""
    if row.scored_by_viewer:
        return "listening-own-sheet"
    if row.scores >= (2 if row.second_wanted else 1):
        return "listening-scored"
    if row.gone_reason is not None or row.recording not in PLAYABLE:
        return "listening-gone"
    return None if heard else "listening-unheard"


def _may_decide(who: Person, row: SampleRow, found: Sequence[ScoreRow]) -> bool:
    return (
        who.role in DECIDERS
        and row.decided_at is None
        and len(found) == 2
        and who.user_id not in {each.listener_id for each in found}
    )
