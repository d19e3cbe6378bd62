"""Customers and list entries sent by other systems: read, matched, written, answered one by one.

Values are brought into normal form by the same functions as those of a file, rows are matched and
written by the same store functions. They go through the write door in portions, below call
traffic; sent again they change nothing twice, so a request that was cut off is simply repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from agent_desk.dialer.business_time import business_date
from agent_desk.services.actor import Actor
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.customers import customer_of
from agent_desk.services.lists.normalise import BadValue
from agent_desk.services.ports import Clock
from agent_desk.services.rules import areas
from agent_desk.services.told import Told
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.api.upserts import NO_LIST, DebtTold, Sent, Taken, Upserts
from agent_desk.store.lists import lists, overview
from agent_desk.store.lists.customers import Target
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.lists.prepared import prepare_person
from agent_desk.store.rules import withdrawals
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

MOST = 200  # customers of one request
PORTION = 20  # of them in one turn at the write door
MOST_NUMBERS = 6
MOST_DEBTS = 20
MOST_FIELDS = 40
LONGEST_SOURCE = 100
LONGEST_ID = 64
MAX_DEBT_YEN = normalise.MAX_YEN


@dataclass(frozen=True)
class Intake:
    """What became of a request: one answer for each customer, in the order they were sent."""

    results: Sequence[Taken]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many were added, updated and refused."""
        found = Counter(each.state for each in self.results)
        return {state: found[state] for state in ("added", "updated", "refused")}


class CustomerIntake:
    """Each of its ServiceErrors leaves everything as it was; portions before it stay."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: WriteDoor,
        clock: Clock,
        practice: bool,
        calls: Withdrawals,
    ) -> None:
        """`calls` ends what is queued for a debt that is told to be none any more (R54)."""
        self._calls = calls
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._practice = practice

    def take(self, told: Told, *, actor: Actor) -> Intake:
        """Customers of a `source`, without a list. ServiceError: bad-payload, not-stored."""
        source = told.text("source").strip()
        if not 1 <= len(source) <= LONGEST_SOURCE:
            raise ServiceError("bad-payload", reason="source")
        return self._take(told, Target(0, NO_LIST, 0, source, self._clock.now()), actor)

    def enter(self, list_id: int, told: Told, *, actor: Actor) -> Intake:
        """Customers of a list, with their entries. ServiceError: list-unknown, bad-payload."""
        with self._database.read() as session:
            if not self._is_theirs(session, list_id, actor):
                raise ServiceError("list-unknown")
            product_id = lists.product_of(session, list_id)
            source = lists.source_of(session, list_id)
        return self._take(told, Target(0, list_id, product_id, source, self._clock.now()), actor)

    def check_customer(self, reference: str, *, actor: Actor) -> None:
        """ServiceError customer-unknown unless it is one person, and within the actor's teams."""
        with self._database.read() as session:
            customer_of(session, reference, teams=actor.teams)

    # --- inside ---------------------------------------------------------------------------------

    def _is_theirs(self, session: Session, list_id: int, actor: Actor) -> bool:
        if not lists.exists(session, list_id):
            return False
        return actor.teams is None or bool(overview.teams_of(session, list_id) & actor.teams)

    def _take(self, told: Told, target: Target, actor: Actor) -> Intake:
        rows = told.rows("customers", MOST)
        taken: list[Taken | None] = []
        read: list[tuple[int, Sent]] = []
        for number, row in enumerate(rows):
            try:
                read.append((number, self._read(row)))
                taken.append(None)
            except BadValue as bad:
                taken.append(Taken("refused", bad.reason))
        for first in range(0, len(read), PORTION):
            portion = read[first : first + PORTION]
            done = self._write([sent for _, sent in portion], target, actor)
            for (number, _), each in zip(portion, done, strict=True):
                taken[number] = each
        return Intake([each for each in taken if each is not None])

    def _write(self, sent: Sequence[Sent], target: Target, actor: Actor) -> list[Taken]:
        done: list[Taken] = []

        def rows(session: Session) -> None:
            upserts = Upserts(session, self._sealer, target, teams=actor.teams)
            done[:] = upserts.take(sent)
            self._note(session, done, target, actor)

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        for each in done:
            self._end_calls(each)
        return done

    def _end_calls(self, taken: Taken) -> None:
        customer_id = taken.customer_id
        if customer_id is None:
            return
        for product_id in taken.settled:
            find = partial(
                withdrawals.open_calls_on_lists, customer_id=customer_id, product_id=product_id
            )
            self._calls.withdraw(find, reason=withdrawals.PAID, ringing=False)

    def _note(self, session: Session, done: Sequence[Taken], target: Target, actor: Actor) -> None:
        """Who was added and changed, by ids."""
        ids = {
            state: [each.customer_id for each in done if each.state == state]
            for state in ("added", "updated")
        }
        on_list = target.list_id != NO_LIST
        audit.append(
            session,
            at=self._clock.now(),
            actor=actor.username,
            action="list.entries.upserted" if on_list else "customers.upserted",
            subject=f"list:{target.list_id}" if on_list else "customers",
            details={**ids, "refused": sum(each.state == "refused" for each in done)},
        )

    def _read(self, told: Told) -> Sent:
        """One customer in normal form; BadValue with the reason of a file's row."""
        name = normalise.shown(told.text("name"))
        if not name:
            raise BadValue("name-missing")
        today = business_date(self._clock.now())
        born = told.maybe_day("birth_date")
        if born is not None and not date(1900, 1, 1) <= born <= today:
            raise BadValue("birth-date-malformed")
        external_id = normalise.shown(told.text("external_id", ""))
        if len(external_id) > LONGEST_ID:
            raise ServiceError("bad-payload", reason="external_id")
        texts = {
            kind: told.text(kind, "") for kind in (areas.PREFECTURE, areas.CITY, areas.POSTCODE)
        }
        record = Record(
            name=name,
            kana=normalise.kana(told.text("kana", "")) or None,
            numbers=self._numbers(told),
            external_id=external_id or None,
            birth_date=None if born is None else born.isoformat(),
            address_town=normalise.shown(told.text("town", "")) or None,
            member_last4=normalise.last4(told.text("member_number", "")),
            product=None,
            amount_yen=None,
            due_on=None,
            fields=_fields(told),
            areas=tuple(
                (kind, value)
                for kind, text in texts.items()
                if text.strip() and (value := areas.plain(kind, text)) is not None
            ),
        )
        priority = told.whole("priority", 5)
        if not 0 <= priority <= 9:
            raise ServiceError("bad-payload", reason="priority")
        # Sealed here, before its turn at the write door: there everybody waits for it.
        keys = {self._sealer.number_key(e164): (e164, kind) for e164, kind in record.numbers}
        person = prepare_person(self._sealer, record, normalise.name(name), keys)
        debts = tuple(_debt(each) for each in told.rows("debts", MOST_DEBTS, []))
        return Sent(person, debts, priority)

    def _numbers(self, told: Told) -> tuple[tuple[str, str], ...]:
        """At least one; all of them must be good."""
        found: dict[str, str] = {}
        for each in told.rows("numbers", MOST_NUMBERS):
            number = normalise.number(each.text("number"), practice=self._practice)
            work = each.switch("work", False)
            found.setdefault(number.e164, "work" if work else number.kind)
        if not found:
            raise BadValue("number-missing")
        return tuple(found.items())


def _debt(told: Told) -> DebtTold:
    product = normalise.shown(told.text("product"))
    amount = told.whole("amount_yen")
    external_id = normalise.shown(told.text("external_id", ""))
    if not product or not 0 <= amount <= MAX_DEBT_YEN or len(external_id) > LONGEST_ID:
        raise BadValue("amount-malformed")
    return DebtTold(product, amount, told.maybe_day("due_on"), external_id)


def _fields(told: Told) -> tuple[tuple[str, str], ...]:
    """What has no place of its own, under its own name."""
    found = told.texts("fields", MOST_FIELDS)
    pairs = ((normalise.shown(name), normalise.shown(value)) for name, value in found.items())
    return tuple((name, value) for name, value in pairs if name and value)
