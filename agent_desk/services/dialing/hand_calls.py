"""A customer called by hand: judged at once, so whoever asks is told why not, then leased like any.

The seat is shown the customer as in preview and calls with the same button. What the rules forbid
is noted in the audit; what they forbid only without an override is too, by the lease.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from agent_desk.dialer.commands import DialByHand
from agent_desk.dialer.floor import Seat
from agent_desk.dialer.ids import CampaignId, CustomerId, PhoneId, SeatId
from agent_desk.dialer.sharing import works_for
from agent_desk.services.dialing.judging import Judge
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.customers import customer_of
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.leasing import by_hand as hand_lease
from agent_desk.store.leasing.candidates import EntryRow
from agent_desk.store.leasing.facts import load_facts
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.sealing import CannotOpen, Sealer
from agent_desk.store.unit_of_work import Database, Session


@dataclass(frozen=True)
class Wish:
    """A person and the number they are to be called on."""

    customer_id: int
    phone_id: int


@dataclass(frozen=True)
class Found:
    """Who is meant, and the rules that forbid the call now; none: it may be placed. `number` is
    E.164, `next_allowed_at` an ISO instant or None."""

    name: str
    number: str = field(repr=False)
    campaign_id: int
    rules: tuple[str, ...]
    next_allowed_at: str | None


class HandCalls:
    """For operators at their seats, and for leads who hand a customer to one."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        clock: Clock,
        practice: bool,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._practice = practice

    def dial(
        self,
        seat_id: SeatId,
        customer: str,
        *,
        position: int = 1,
        actor: str,
        teams: frozenset[int] | None,
    ) -> None:
        """Show the seat a customer of its campaigns, to be called on their n-th number.

        ServiceError: seat-not-open, not-in-scope (another team's seat, or a customer on no list of
        the seat's campaigns), customer-unknown, call-forbidden (rules, next_allowed_at), and what
        the core refuses.
        """
        seat = self._seat(seat_id)
        if teams is not None and seat.team_id not in teams:
            raise ServiceError("not-in-scope")
        with self._database.read() as session:
            customer_id = customer_of(session, customer)
            phone_id = hand_lease.phone_at(session, customer_id, position)
        if phone_id is None:
            raise ServiceError("not-in-scope")
        self._dial(seat, Wish(customer_id, phone_id), actor=actor)

    def check(self, seat_id: SeatId, wish: str) -> Found:
        """Whom an operator means by a number or a 顧客番号, and what the rules say of calling now.

        Nothing is dialed and nobody is told. ServiceError: seat-not-open, dial-unknown (nobody, or
        on no list of the seat's campaigns).
        """
        seat = self._seat(seat_id)
        with self._database.read() as session:
            meant, campaign_id, entry = self._meant(session, seat, wish)
            refusal = self._refusal(session, campaign_id, entry, meant.phone_id)
            name_sealed, number_sealed = hand_lease.who(session, meant.phone_id)
        details = {} if refusal is None else dict(refusal[1].details)
        now, actor = self._clock.now(), seat_id

        def note(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=actor,
                action="customer.dial.checked",
                subject=f"customer:{meant.customer_id}",
                details={"allowed": refusal is None},
            )

        self._commits.put(None, rows=note)
        return Found(
            name=self._sealer.open(name_sealed),
            number=self._sealer.open(number_sealed),
            campaign_id=campaign_id,
            rules=tuple(str(details.get("rules", "")).split(", ")) if refusal else (),
            next_allowed_at=details.get("next_allowed_at"),
        )

    def dial_meant(self, seat_id: SeatId, wish: str) -> None:
        """Show the seat whom its operator means; judged once more. ServiceError as `dial`."""
        seat = self._seat(seat_id)
        with self._database.read() as session:
            meant, _, _ = self._meant(session, seat, wish)
        self._dial(seat, meant, actor=seat_id)

    def _seat(self, seat_id: SeatId) -> Seat:
        seat = self._commits.floor.seats.get(seat_id)
        if seat is None:
            raise ServiceError("seat-not-open")
        return seat

    def _dial(self, seat: Seat, wish: Wish, *, actor: str) -> None:
        with self._database.read() as session:
            found = self._chosen(session, seat, wish.customer_id, wish.phone_id)
            if found is None:
                raise ServiceError("not-in-scope")
            campaign_id, entry = found
            refusal = self._refusal(session, campaign_id, entry, wish.phone_id)
        if refusal is not None:
            judge, told = refusal
            self._commits.submit(None, rows=lambda session: judge.keep(session, actor=actor))
            raise told
        command = DialByHand(
            seat.seat_id,
            CampaignId(campaign_id),
            CustomerId(wish.customer_id),
            PhoneId(wish.phone_id),
        )
        reply = self._commits.submit(command)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)

    def _meant(self, session: Session, seat: Seat, wish: str) -> tuple[Wish, int, EntryRow]:
        """By number first: of those who have it the first on a list the seat serves."""
        text = unicodedata.normalize("NFKC", wish).strip()
        wishes = self._with_number(session, text)
        if not wishes:
            wishes = self._of_customer(session, text)
        for each in wishes:
            found = self._chosen(session, seat, each.customer_id, each.phone_id)
            if found is not None:
                return each, *found
        raise ServiceError("dial-unknown")

    @staticmethod
    def _of_customer(session: Session, text: str) -> list[Wish]:
        try:
            customer_id = customer_of(session, text)
        except ServiceError:
            return []
        phone_id = hand_lease.phone_at(session, customer_id, 1)
        return [] if phone_id is None else [Wish(customer_id, phone_id)]

    def _with_number(self, session: Session, text: str) -> list[Wish]:
        try:
            number = normalise.number(text, practice=self._practice).e164
        except normalise.BadValue:
            return []
        key = self._sealer.number_key(number)
        return [Wish(*pair) for pair in hand_lease.with_number(session, key)]

    def _chosen(
        self, session: Session, seat: Seat, customer_id: int, phone_id: int
    ) -> tuple[int, EntryRow] | None:
        """The customer's entry, and whose it is: the campaign of the seat's last call first, then
        one that runs."""
        campaigns = self._commits.floor.campaigns
        order = sorted(
            (each for each in campaigns if works_for(seat, each)),
            key=lambda each: (each != seat.campaign_id, campaigns[each].running != "running", each),
        )
        for campaign_id in order:
            entry = hand_lease.chosen(session, int(campaign_id), customer_id, phone_id)
            if entry is not None:
                return int(campaign_id), entry
        return None

    def _refusal(
        self, session: Session, campaign_id: int, entry: EntryRow, phone_id: int
    ) -> tuple[Judge, ServiceError] | None:
        now = self._clock.now()
        settings = rule_settings.settings(session, campaign_id, now)
        judge = Judge(settings, self._sealer, now, practice=self._practice, channel="manual")
        [(candidate, ledger)] = load_facts(session, campaign_id, [entry], now)
        phone = next(each for each in candidate.phones if each.phone_id == phone_id)
        try:
            said = judge.judge(candidate, phone, ledger)
        except CannotOpen:
            raise ServiceError("number-unusable", reason="unreadable") from None
        if said.allowed:
            return None
        judge.kept.append(said)
        until = None if said.until is None else said.until.isoformat()
        rules = ", ".join(said.rule_ids)
        return judge, ServiceError("call-forbidden", rules=rules, next_allowed_at=until)
