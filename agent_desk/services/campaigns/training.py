"""Practice: a campaign is copied for trainees, with pretend customers instead of its lists (A66).

The customers' numbers are of the block nobody has, and only the practice carrier takes them; on a
desk whose trunk is a real one the calling rules refuse each of them, so nobody is rung by mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from agent_desk.dialer.commands import ConfigureCampaign, WorkOn
from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.services.actor import Actor
from agent_desk.services.demo.people import Person, people
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook, CampaignFacts
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns, training, trials
from agent_desk.store.lists import lists
from agent_desk.store.lists.customers import CustomerWriter, Target
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

CUSTOMERS = 100
FIRST_BLOCK = 800  # 090-0800-xxxx on, one block of numbers per campaign
BLOCKS = 199
BORN = "1980-01-01"
SOURCE = "training"


@dataclass(frozen=True)
class Trained:
    """A campaign, and the one made of it for practice, if there is one."""

    campaign_id: int
    name: str
    practice_id: int | None


class Training:
    """Makes practice campaigns, and sends operators there and back."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        book: CampaignBook,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._book = book
        self._clock = clock

    def overview(self, teams: frozenset[int] | None) -> Sequence[Trained]:
        """The real campaigns in scope."""
        real = [f for f in self._book.all().values() if not f.training]
        with self._database.read() as session:
            return [
                Trained(int(f.campaign_id), f.name, training.copy_of(session, int(f.campaign_id)))
                for f in real
                if teams is None or teams & f.team_ids
            ]

    def prepare(self, campaign_id: int, *, teams: frozenset[int] | None, actor: Actor) -> None:
        """Make the practice campaign of one, with its customers.

        ServiceError: not-in-scope, campaign-exists, not-stored.
        """
        facts = self._book.all().get(CampaignId(campaign_id))
        if facts is None or facts.training or not (teams is None or teams & facts.team_ids):
            raise ServiceError("not-in-scope")
        with self._database.read() as session:
            if training.copy_of(session, campaign_id) is not None:
                raise ServiceError("campaign-exists", name=training.name_of(facts.name))

        def write(session: Session) -> None:
            self._write(session, facts, actor)

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")
        self._book.reload()
        with self._database.read() as session:
            fresh = campaigns.on_floor(session, self._clock.now())
            copied = training.copy_of(session, campaign_id)
        if copied is not None:
            self._commits.submit(ConfigureCampaign(fresh[CampaignId(copied)]))

    def enter(self, seat_id: SeatId, command_id: str | None) -> None:
        """To the practice campaign of the seat's own; ServiceError no-practice."""
        facts = self._facts_of(seat_id)
        with self._database.read() as session:
            copied = training.copy_of(session, int(facts.campaign_id))
        if facts.training or copied is None:
            raise ServiceError("no-practice")
        self._work_on(seat_id, CampaignId(copied), command_id)

    def leave(self, seat_id: SeatId, command_id: str | None) -> None:
        """Back to the campaign that is practised, or was tried out."""
        facts = self._facts_of(seat_id)
        if not facts.training:
            return
        names = {
            name_of(each.name): each.campaign_id
            for each in self._book.all().values()
            for name_of in (training.name_of, trials.name_of)
        }
        theirs = self._book.served_by(self._commits.floor.seats[seat_id].team_id)
        self._work_on(seat_id, names[facts.name], command_id, serves=theirs)

    # --- inside ---------------------------------------------------------------------------------

    def _write(self, session: Session, facts: CampaignFacts, actor: Actor) -> None:
        """The campaign, its list and its pretend customers, and who made them."""
        now, campaign_id = self._clock.now(), int(facts.campaign_id)
        product_id = campaigns.product_of(session, campaign_id) or 0
        name = training.name_of(facts.name)
        copied = training.copy(session, campaign_id, name=name, by=actor.username, at=now)
        list_id = lists.list_id_of(session, name, product_id, source=SOURCE, at=now)
        campaigns.add_list(session, copied, list_id)
        writer = CustomerWriter(
            session, self._sealer, Target(0, list_id, product_id, f"{SOURCE}-{copied}", now)
        )
        for person in people(FIRST_BLOCK + copied % BLOCKS, CUSTOMERS):
            keys = {self._sealer.number_key(person.number): (person.number, "mobile")}
            record = _record(person, copied)
            known = writer.write(record, normalise.name(person.name), None, keys)
            lists.add_entry(session, list_id, known.id, at=now)
        audit.append(
            session,
            at=now,
            actor=actor.username,
            action="training.prepared",
            subject=f"campaign:{copied}",
            details={"of": campaign_id, "customers": CUSTOMERS},
        )

    def _facts_of(self, seat_id: SeatId) -> CampaignFacts:
        seat = self._commits.floor.seats.get(seat_id)
        if seat is None:
            raise ServiceError("seat-not-open")
        return self._book.get(seat.campaign_id)

    def _work_on(
        self,
        seat_id: SeatId,
        campaign_id: CampaignId,
        command_id: str | None,
        *,
        serves: frozenset[CampaignId] = frozenset(),
    ) -> None:
        command = WorkOn(seat_id, campaign_id, serves)
        reply = self._commits.submit(command, command_id=command_id)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)


def _record(person: Person, campaign_id: int) -> Record:
    """One pretend customer, with what collections ask for."""
    return Record(
        name=person.name,
        kana=person.kana,
        numbers=((person.number, "mobile"),),
        external_id=f"P{campaign_id}-{person.number[-7:]}",
        birth_date=BORN,
        address_town=person.town,
        member_last4=person.number[-4:],
        product=None,
        amount_yen=8_000 + person.place * 1_730 % 92_000,
        due_on=None,
        fields=(("練習", BORN),),
    )
