"""What leads write to operators: stored, shown until somebody says that they read it.

A message is for today: it comes up again after a reload, a restart and a log-in later in the day,
and is gone from the pages with midnight (the rows stay). Who was written to is settled when it is
sent; a team and all in scope are everybody who works there, at a seat or not, a campaign is whoever
sits at a seat for it. The words are in their table and on the pages, nowhere else.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import at as at_minute
from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.dialer.sharing import works_for
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.day_figures import business_date
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.message_book import MessageBook, Teams
from agent_desk.store import audit
from agent_desk.store.people import accounts
from agent_desk.store.rows import seat_messages as rows
from agent_desk.store.rows.seat_messages import MessageRow, Recipient
from agent_desk.store.unit_of_work import Database

LONGEST = 300
MOST_A_MINUTE = 10  # of one lead, reminders among them
MINUTE = timedelta(minutes=1)


class SeatMessages:
    """Each verb may raise ServiceError. `by` is the lead's username, `teams` their scope."""

    def __init__(
        self, *, database: Database, commits: GroupCommit, clock: Clock, campaigns: CampaignBook
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._campaigns = campaigns
        self._spoke: dict[str, deque[datetime]] = {}
        today = business_date(clock.now())
        with database.read() as session:
            self._kept = MessageBook(today, rows.sent_since(session, at_minute(today, 0)))

    # --- leads ----------------------------------------------------------------------------------

    def send(
        self,
        text: str,
        *,
        seat_id: SeatId | None = None,
        team_id: int | None = None,
        campaign_id: CampaignId | None = None,
        by: str,
        teams: Teams,
        command_id: str | None = None,
    ) -> Sequence[SeatId]:
        """Write to one seat, a team, a campaign's seats, or all in scope; whom it is for."""
        message_id = _id(by, command_id)
        known = self._book.get(message_id)
        if known is not None:  # the same command, delivered twice
            return [SeatId(each) for each in known.recipients]
        scope, scope_id, people = self._whom(seat_id, team_id, campaign_id, teams)
        text = _plain(text)
        if not text or len(text) > LONGEST:
            raise ServiceError("bad-payload", reason="text")
        if not people:
            raise ServiceError("nobody-to-tell")
        now = self._clock.now()
        self._count(by, now)
        with self._database.read() as session:
            lead = accounts.by_username(session, by)
        assert lead is not None  # whoever asks is signed in
        message = MessageRow(message_id, by, lead.name, scope, scope_id, text, now, people)

        def write(session: Session) -> None:
            rows.add(session, message, by_user_id=lead.id)
            ids = [each.user_id for each in people.values()]
            told = {"message": message_id, "user_ids": ids, "characters": len(text)}
            _audit(session, message, by, "message.sent", told, at=now)

        self._submit(write, command_id)
        self._book.take(message)
        return [SeatId(each) for each in people]

    def remind(
        self, message_id: str, *, by: str, teams: Teams, command_id: str | None = None
    ) -> Sequence[SeatId]:
        """Bring it to mind again of those who have not acknowledged it; who they are."""
        message = self._theirs(message_id, teams)
        late = [each for each in message.recipients.values() if each.acknowledged_at is None]
        if not late:
            raise ServiceError("nobody-to-tell")
        now = self._clock.now()
        self._count(by, now)
        ids = [each.user_id for each in late]

        def write(session: Session) -> None:
            rows.note(session, [message_id], ids, reminded_at=now)
            told = {"message": message_id, "user_ids": ids}
            _audit(session, message, by, "message.reminded", told, at=now)

        self._submit(write, command_id)
        names = [each.username for each in late]
        self._book.note(message_id, names, reminded_at=now)
        return [SeatId(each) for each in names]

    def receipts(self, message_id: str, *, teams: Teams) -> list[dict[str, Any]]:
        """Person by person: whether it came to their page, and when they acknowledged it."""
        open_seats = self._commits.floor.seats
        return [
            {
                "name": each.name,
                "here": SeatId(each.username) in open_seats,
                "delivered_at": _instant(each.delivered_at),
                "acknowledged_at": _instant(each.acknowledged_at),
            }
            for each in self._theirs(message_id, teams).recipients.values()
        ]

    def shown_to_leads(self, teams: Teams) -> dict[str, dict[str, Any]]:
        """Today's newest messages to nobody but people in scope, by id."""
        return self._book.views(teams)

    def teams(self, scope: Teams) -> list[tuple[int, str]]:
        """Which teams may be written to."""
        with self._database.read() as session:
            named = accounts.teams(session)
        return [(each, name) for each, name in named.items() if scope is None or each in scope]

    # --- operators ------------------------------------------------------------------------------

    def acknowledge(self, seat_id: SeatId, message_id: str, command_id: str | None = None) -> None:
        """The operator took note of it; once, and only of their own."""
        message = self._book.awaited(seat_id, message_id)
        if message is None:
            return
        user_id, now = message.recipients[seat_id].user_id, self._clock.now()

        def write(session: Session) -> None:
            rows.note(session, [message_id], [user_id], acknowledged_at=now)
            told = {"message": message_id}
            _audit(session, message, seat_id, "message.acknowledged", told, at=now)

        self._submit(write, command_id)
        self._book.note(message_id, [seat_id], acknowledged_at=now)

    def delivered(self, seat_ids: Iterable[SeatId]) -> None:
        """Their pages are open and are shown what waits for them."""
        now = self._clock.now()
        fresh: dict[str, dict[str, int]] = {}  # user ids by username, by message
        for seat_id in seat_ids:
            for message in self._book.open_of(seat_id):
                if message.recipients[seat_id].delivered_at is None:
                    user_id = message.recipients[seat_id].user_id
                    fresh.setdefault(message.message_id, {})[seat_id] = user_id
        if not fresh:
            return

        def write(session: Session) -> None:
            for message_id, people in fresh.items():
                rows.note(session, [message_id], people.values(), delivered_at=now)

        self._submit(write)
        for message_id, names in fresh.items():
            self._book.note(message_id, names, delivered_at=now)

    def waiting(self, seat_id: SeatId) -> int:
        """How many they have not acknowledged."""
        return self._book.waiting(seat_id)

    def shown(self, seat_id: SeatId) -> list[dict[str, Any]]:
        """Those, oldest first."""
        return [
            {
                "id": message.message_id,
                "by": message.by_name,
                "text": message.text,
                "at": message.sent_at.isoformat(),
                "again": message.recipients[seat_id].reminded_at is not None,
            }
            for message in self._book.open_of(seat_id)
        ]

    # --- inside ---------------------------------------------------------------------------------

    @property
    def _book(self) -> MessageBook:
        """Of today, whenever that is."""
        self._kept.roll(business_date(self._clock.now()))
        return self._kept

    def _whom(
        self,
        seat_id: SeatId | None,
        team_id: int | None,
        campaign_id: CampaignId | None,
        teams: Teams,
    ) -> tuple[str, int | None, dict[str, Recipient]]:
        """Scope, its id, and the people; what is out of scope is refused before anything else."""
        floor = self._commits.floor
        if seat_id is not None:
            seat = floor.seats.get(seat_id)
            if seat is None:
                raise ServiceError("seat-not-open")
            if teams is not None and seat.team_id not in teams:
                raise ServiceError("not-in-scope")
        if team_id is not None and teams is not None and team_id not in teams:
            raise ServiceError("not-in-scope")
        facts = None if campaign_id is None else self._campaigns.all().get(campaign_id)
        if campaign_id is not None and (
            facts is None or (teams is not None and not facts.team_ids & teams)
        ):
            raise ServiceError("not-in-scope")
        if sum(each is not None for each in (seat_id, team_id, campaign_id)) > 1:
            raise ServiceError("bad-payload", reason="scope")
        everybody = self._operators(teams)
        if seat_id is not None:
            found = {name: each for name, each in everybody.items() if name == seat_id}
            return "seat", int(floor.seats[seat_id].user_id), found
        if team_id is not None:
            return "team", team_id, {n: p for n, p in everybody.items() if p.team_id == team_id}
        if campaign_id is not None:
            there = {s.seat_id for s in floor.seats.values() if works_for(s, campaign_id)}
            found = {name: each for name, each in everybody.items() if SeatId(name) in there}
            return "campaign", int(campaign_id), found
        return "all", None, everybody

    def _operators(self, teams: Teams) -> dict[str, Recipient]:
        with self._database.read() as session:
            people = accounts.all_accounts(session)
        return {
            each.username: Recipient(each.id, each.username, each.name, each.team_id)
            for each in people
            if each.role == "operator" and each.enabled and (teams is None or each.team_id in teams)
        }

    def _theirs(self, message_id: str, teams: Teams) -> MessageRow:
        message = self._book.get(message_id)
        if message is None or not self._book.within(message_id, teams):
            raise ServiceError("seat-message-unknown")
        return message

    def _count(self, by: str, now: datetime) -> None:
        spoke = self._spoke.setdefault(by, deque())
        while spoke and now - spoke[0] >= MINUTE:
            spoke.popleft()
        if len(spoke) >= MOST_A_MINUTE:
            raise ServiceError("too-many-messages", most=MOST_A_MINUTE)
        spoke.append(now)

    def _submit(self, write: Callable[[Session], None], command_id: str | None = None) -> None:
        if not self._commits.submit(None, rows=write, command_id=command_id).ok:
            raise ServiceError("not-stored")


def _id(by: str, command_id: str | None) -> str:
    """The same for a command that is delivered again, so that nobody is told twice."""
    if command_id is None:
        return uuid.uuid4().hex
    return uuid.uuid5(uuid.NAMESPACE_OID, f"message:{by}:{command_id}").hex


def _plain(text: str) -> str:
    """Without what cannot be seen: a text, and nothing that could be taken for more."""
    return "".join(each for each in text if each.isprintable() or each == "\n").strip()


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _audit(
    session: Session,
    message: MessageRow,
    actor: str,
    action: str,
    details: Mapping[str, Any],
    *,
    at: datetime,
) -> None:
    seat = next(iter(message.recipients)) if message.scope == "seat" else None
    which = seat or (message.scope_id if message.scope_id is not None else "")
    audit.append(
        session,
        at=at,
        actor=actor,
        action=action,
        subject=f"{message.scope}:{which}",
        details=dict(details),
    )
