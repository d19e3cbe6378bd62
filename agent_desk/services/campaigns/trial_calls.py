"""A trial call before a campaign is published: to a telephone of one's own, from a waiting seat.

What is tried is the draft: its number shown, its ring time, buttons, words and after-call work, by
the same rules and through the same gateway as any call. It belongs to a campaign of its own, which
is marked like those for practice, so nothing of it enters a figure; the seat is back at its work as
after practice.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent_desk.dialer.commands import ConfigureCampaign, WorkOn
from agent_desk.dialer.floor import Seat, SeatState
from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.editing import CampaignEditing, Edited
from agent_desk.services.dialing.hand_calls import HandCalls
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns, trials
from agent_desk.store.lists import lists
from agent_desk.store.lists.customers import CustomerWriter, Target
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

SOURCE = "trial"
NAME, KANA = "試験通話", "シケンツウワ"
BORN = "1980-01-01"


@dataclass(frozen=True)
class Trial:
    """What a trial stands on once it is written."""

    campaign_id: CampaignId
    customer_id: int


class TrialCalls:
    """For leads and administrators."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        book: CampaignBook,
        clock: Clock,
        editing: CampaignEditing,
        practice: bool,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._book = book
        self._clock = clock
        self._editing = editing
        self._practice = practice

    def seats(self, campaign_id: int) -> list[SeatId]:
        """The seats that could try the campaign out: of its teams, and waiting."""
        teams = self._book.get(CampaignId(campaign_id)).team_ids
        return sorted(
            seat.seat_id
            for seat in self._commits.floor.seats.values()
            if seat.team_id in teams and seat.state is SeatState.AVAILABLE
        )

    def place(
        self,
        campaign_id: int,
        number: str,
        seat_id: str,
        *,
        actor: Actor,
        teams: frozenset[int] | None,
    ) -> None:
        """Show a waiting seat the trial's customer, who has this number; the operator calls.

        ServiceError: not-in-scope, role-too-low, number-unusable (reason), seat-not-open,
        campaign-unusable, call-forbidden (rules, next_allowed_at), not-stored, and what the core
        refuses.
        """
        actor.needs("lead")
        edited = self._editing.open(campaign_id, teams=teams)
        if edited.faults:
            wrong = edited.faults[0]
            raise ServiceError("campaign-unusable", field=wrong.field, reason=wrong.reason)
        if seat_id not in self.seats(campaign_id):
            raise ServiceError("seat-not-open")
        e164 = self._number(number)
        trial = self._prepare(edited, e164, actor)
        self._show(self._commits.floor.seats[SeatId(seat_id)], trial, actor)

    # --- inside ---------------------------------------------------------------------------------

    def _number(self, text: str) -> normalise.Number:
        try:
            return normalise.number(text, practice=self._practice)
        except normalise.BadValue as bad:
            raise ServiceError("number-unusable", reason=str(bad)) from None

    def _prepare(self, edited: Edited, number: normalise.Number, actor: Actor) -> Trial:
        now = self._clock.now()
        made: list[Trial] = []

        def rows(session: Session) -> None:
            wanted = edited.wanted
            trial = trials.make_like(session, edited.campaign_id, wanted, by=actor.username, at=now)
            made[:] = [Trial(CampaignId(trial), self._customer(session, trial, number))]
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action="campaign.tried",
                subject=f"campaign:{edited.campaign_id}",
                details={"trial": trial, "version": edited.version},
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        self._book.reload()
        with self._database.read() as session:
            campaign = campaigns.on_floor(session, now)[made[0].campaign_id]
        self._commits.submit(ConfigureCampaign(campaign, published=True))
        return made[0]

    def _customer(self, session: Session, trial: int, number: normalise.Number) -> int:
        """The person at this telephone, on the trial's own list."""
        key, now = self._sealer.number_key(number.e164), self._clock.now()
        known = trials.customer_of(session, trial, key)
        if known is not None:
            return known
        product_id = campaigns.product_of(session, trial) or 0
        list_id = lists.list_id_of(
            session, f"{trials.PREFIX}{trial}", product_id, source=SOURCE, at=now
        )
        campaigns.add_list(session, trial, list_id)
        writer = CustomerWriter(
            session, self._sealer, Target(0, list_id, product_id, f"{SOURCE}-{trial}", now)
        )
        record = _record(number, f"T{trial}-{key[:12]}")
        keys = {key: (number.e164, number.kind)}
        customer = writer.write(record, normalise.name(NAME), None, keys)
        lists.add_entry(session, list_id, customer.id, at=now)
        return customer.id

    def _show(self, seat: Seat, trial: Trial, actor: Actor) -> None:
        """The rules may still say no: then the seat stays where it was."""
        self._work_on(seat.seat_id, trial.campaign_id, frozenset())
        hand = HandCalls(
            database=self._database,
            sealer=self._sealer,
            commits=self._commits,
            clock=self._clock,
            practice=self._practice,
        )
        try:
            hand.dial(seat.seat_id, f"#{trial.customer_id}", actor=actor.username, teams=None)
        except ServiceError:
            self._work_on(seat.seat_id, seat.campaign_id, seat.serves)
            raise

    def _work_on(
        self, seat_id: SeatId, campaign_id: CampaignId, serves: frozenset[CampaignId]
    ) -> None:
        reply = self._commits.submit(WorkOn(seat_id, campaign_id, serves))
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)


def _record(number: normalise.Number, external_id: str) -> Record:
    """Nobody's debts: what collections show is made up."""
    return Record(
        name=NAME,
        kana=KANA,
        numbers=((number.e164, number.kind),),
        external_id=external_id,
        birth_date=BORN,
        address_town=None,
        member_last4=None,
        product=None,
        amount_yen=10_000,
        due_on=None,
        fields=(("試験", BORN),),
    )
