"""A year of a large house, row by row as the desk would have left them.

Operators work nine to six on weekdays; every day has its calls, their outcomes and statuses, and
the moves of every seat. March has the most. Same seed, same rows, on both databases.
"""

from __future__ import annotations

import io
import json
import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg2
from sqlalchemy import Table, create_mock_engine, insert
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateIndex

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.models.base import to_microseconds
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.customers import Customer, Phone
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.models.seat_moves import SeatMove
from agent_desk.store.campaigns import campaigns
from agent_desk.store.people import accounts
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

LOADED = (
    Customer,
    Phone,
    ListEntry,
    Attempt,
    Call,
    AttemptOutcome,
    SeatMove,
    StatusMark,
    Result,
    Promise,
)
# Share of the year's calls by month, January first; March is the end of the business year.
SEASON = (0.8, 0.9, 1.25, 1.0, 0.95, 1.0, 1.0, 0.9, 1.05, 1.0, 1.05, 1.1)
CAMPAIGNS, LISTS, TEAMS, PRODUCTS = 20, 60, 40, 5
OUTCOMES = (
    ("no_answer", 0.48, 480, "customer"),
    ("busy", 0.08, 486, "customer"),
    ("machine", 0.12, 200, "none"),
    ("invalid_number", 0.04, 404, "list"),
    ("human", 0.28, 200, "none"),
)
LATEST = 9 * 3600  # seconds of a working day
STATUSES = ("contact", "valid", "payment_date", "third_party", "refused")
ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    calls: int = 10_000_000
    moves: int = 30_000_000
    operators: int = 1000
    customers: int = 500_000
    fields: int = 40
    first: date = date(2025, 11, 1)
    months: int = 12

    @property
    def days(self) -> list[date]:
        """The working days."""
        found, day = [], self.first
        while (day.year * 12 + day.month) - (self.first.year * 12 + self.first.month) < self.months:
            if day.weekday() < 5:
                found.append(day)
            day += timedelta(days=1)
        return found


class Loader:
    """Rows into tables as fast as the database takes them; indexes are made at the end."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self.sqlite = self._url.get_backend_name() == "sqlite"
        if self.sqlite:
            self._sqlite = sqlite3.connect(str(self._url.database), isolation_level=None)
            for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
                self._sqlite.execute(f"PRAGMA {pragma}")
        else:
            query = dict(self._url.query)
            self._postgresql = psycopg2.connect(
                host=query.get("host", self._url.host),
                user=self._url.username,
                dbname=self._url.database,
            )
            self._postgresql.autocommit = True
            with self._postgresql.cursor() as cursor:
                cursor.execute("SET session_replication_role = replica")  # no foreign keys

    def execute(self, statement: str) -> None:
        if self.sqlite:
            self._sqlite.execute(statement)
        else:
            with self._postgresql.cursor() as cursor:
                cursor.execute(statement)

    def load(self, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Insert; returns how many there were."""
        names = ", ".join(f'"{name}"' for name in columns)
        done = 0
        for some in _some(rows):
            if self.sqlite:
                marks = ", ".join("?" * len(columns))
                self._sqlite.execute("BEGIN")
                self._sqlite.executemany(
                    f"INSERT INTO {table.name} ({names}) VALUES ({marks})", some
                )
                self._sqlite.execute("COMMIT")
            else:
                lines = io.StringIO("".join("\t".join(map(_copied, row)) + "\n" for row in some))
                with self._postgresql.cursor() as cursor:
                    cursor.copy_expert(f"COPY {table.name} ({names}) FROM STDIN", lines)
            done += len(some)
        return done

    def without_indexes(self) -> Callable[[], None]:
        """Drop what can be made again; returns what makes it again."""
        indexes = [each for model in LOADED for each in model.__table__.indexes]
        for each in indexes:
            self.execute(f'DROP INDEX "{each.name}"')

        def again() -> None:
            dialect = self._url.get_backend_name()
            engine = create_mock_engine(f"{dialect}://", lambda *_: None)
            for each in indexes:
                self.execute(str(CreateIndex(each).compile(dialect=engine.dialect)))
            self.execute("ANALYZE")

        return again

    def close(self) -> None:
        (self._sqlite if self.sqlite else self._postgresql).close()


def write(url: str, size: Size, sealer: Sealer, say: Callable[[str], None]) -> None:
    """Fill a migrated, empty database."""
    database = Database(url)
    with database.write() as session:
        people, lists, campaign_ids = _centre(session, size)
    database.close()
    rng = random.Random(20251101)
    loader = Loader(url)
    again = loader.without_indexes()
    when = to_microseconds(instant_of(size.first, 0))
    _customers(loader, size, lists, sealer, rng, when, say)
    days = size.days
    weights = [SEASON[day.month - 1] for day in days]
    share = size.calls / sum(weights)
    year = _Year(size, people, campaign_ids, rng)
    for number, (day, weight) in enumerate(zip(days, weights, strict=True)):
        year.day(loader, day, round(share * weight), round(size.moves / len(days)))
        if number % 20 == 19 or day is days[-1]:
            say(f"{day}: {year.calls:,} calls, {year.moves:,} moves")
    again()
    if not loader.sqlite:
        for model in (SeatMove, StatusMark, Result, Promise, Customer, Phone, ListEntry):
            name = model.__tablename__
            loader.execute(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
            )
    loader.close()


def _centre(session: Any, size: Size) -> tuple[list[tuple[int, str, int]], list[int], list[int]]:
    """Teams, operators, campaigns and lists: (user id, seat, team), list ids, campaign ids."""
    when = instant_of(size.first, 0)
    teams = [accounts.add_team(session, f"チーム{n + 1}") for n in range(TEAMS)]
    products = [campaigns.add_product(session, f"商材{n + 1}") for n in range(PRODUCTS)]
    campaign_ids = []
    lists = []
    for n in range(CAMPAIGNS):
        key = campaigns.add_campaign(
            session,
            at=when,
            name=f"キャンペーン{n + 1}",
            kind="collections" if n % 2 else "sales",
            product_id=products[n % PRODUCTS],
        )
        campaign_ids.append(key)
        for position, code in enumerate(STATUSES):
            campaigns.add_status(
                session,
                key,
                code=code,
                label_ja=code,
                label_en=code,
                hotkey=str(position + 1),
                colour="green",
                position=position,
            )
        for team in teams[n % 2 :: 2]:
            campaigns.add_team(session, key, team)
    for n in range(LISTS):
        row = insert(CustomerList).values(
            name=f"リスト{n + 1}",
            product_id=products[n % PRODUCTS],
            source="import",
            created_at=when,
        )
        lists.append(int(session.execute(row).inserted_primary_key[0]))
        campaigns.add_list(session, campaign_ids[n % CAMPAIGNS], lists[-1])
    people = []
    for n in range(size.operators):
        team = teams[n % TEAMS]
        key = accounts.add_user(
            session,
            username=f"op{n + 1:04}",
            name=f"担当 {n + 1}",
            role="operator",
            team_id=team,
            password_hash="",
            at=when,
        )
        people.append((key, f"op{n + 1:04}", n % TEAMS))
    return people, lists, campaign_ids


def _customers(
    loader: Loader,
    size: Size,
    lists: Sequence[int],
    sealer: Sealer,
    rng: random.Random,
    when: int,
    say: Callable[[str], None],
) -> None:
    name, number = sealer.seal("山田 太郎"), sealer.seal("+819000000000")
    kinds = [2 + round(1.25**n) for n in range(size.fields)]  # from 3 values to some thousands

    def customers() -> Iterator[tuple[Any, ...]]:
        for n in range(1, size.customers + 1):
            said = [
                [f"項目{k + 1}", f"値{min(rng.randrange(kinds[k]), rng.randrange(kinds[k]))}"]
                for k in range(size.fields)
            ]
            sealed = sealer.seal(json.dumps(said, ensure_ascii=False))
            yield (
                n,
                "import",
                f"C{n}",
                name,
                f"n{n}",
                sealed,
                rng.choice(("light", "middle", "heavy")),
                0,
                False,
                when,
                when,
            )

    columns = (
        "id",
        "source",
        "external_id",
        "name_sealed",
        "name_key",
        "fields_sealed",
        "delinquency",
        "weekly_adjust",
        "vip",
        "created_at",
        "updated_at",
    )
    loader.load(Customer.__table__, columns, customers())
    phones = (
        (n, n, 1, "mobile" if n % 3 else "fixed", number, f"k{n}", when)
        for n in range(1, size.customers + 1)
    )
    loader.load(
        Phone.__table__,
        ("id", "customer_id", "position", "kind", "number_sealed", "number_key", "created_at"),
        phones,
    )
    entries = (
        (n, lists[n % len(lists)], n, 5, "closed", when, 3, 0, 0, when)
        for n in range(1, size.customers + 1)
    )
    loader.load(
        ListEntry.__table__,
        (
            "id",
            "list_id",
            "customer_id",
            "priority",
            "state",
            "next_at",
            "tries",
            "ladder_times",
            "result_times",
            "created_at",
        ),
        entries,
    )
    say(f"{size.customers:,} customers with {size.fields} fields each")


class _Year:
    """Writes day after day."""

    def __init__(
        self,
        size: Size,
        people: Sequence[tuple[int, str, int]],
        campaign_ids: Sequence[int],
        rng: random.Random,
    ) -> None:
        self._size = size
        self._people = people
        self._campaigns = campaign_ids
        self._rng = rng
        self.calls = self.moves = self._mark_id = self._result_id = self._promise_id = 0

    def day(self, loader: Loader, day: date, calls: int, moves: int) -> None:
        rng, size = self._rng, self._size
        start = to_microseconds(instant_of(day, 9 * 60))
        attempts, call_rows, outcomes, marks, results, promises = [], [], [], [], [], []
        talks: dict[int, list[tuple[str, int, int, int]]] = {}
        chosen = rng.choices(range(len(OUTCOMES)), [each[1] for each in OUTCOMES], k=calls)
        for n, kind in enumerate(chosen):
            call_id = f"{rng.getrandbits(128):032x}"
            customer = rng.randrange(1, size.customers + 1)
            place = customer % LISTS
            campaign = self._campaigns[place % CAMPAIGNS]
            leased = start + n * (LATEST - 900) * 1_000_000 // calls
            outcome, _, sip, blame = OUTCOMES[kind]
            answered = leased + rng.randrange(4_000_000, 20_000_000) if sip == 200 else None
            ended = (answered or leased) + rng.randrange(5_000_000, 25_000_000)
            bridged = user = None
            if outcome == "human" and rng.random() < 0.985:
                bridged = (answered or 0) + rng.randrange(100_000, 1_900_000)
                length = rng.randrange(10_000_000, 240_000_000)
                ended = bridged + length
                operator = self._people[
                    (rng.randrange(size.operators // TEAMS) * TEAMS + place % TEAMS)
                    % size.operators
                ]
                user = operator[0]
                talks.setdefault(user, []).append((call_id, campaign, bridged, ended))
            identity = "verified" if bridged and rng.random() < 0.6 else "unknown"
            attempts.append(
                (
                    call_id,
                    campaign,
                    False,
                    customer,
                    customer,
                    customer,
                    f"k{customer}",
                    1,
                    2,
                    f"trunk{n % 2 + 1}",
                    "+81345670000",
                    f"gw{n % 2 + 1}",
                    1,
                    leased,
                    leased + 60_000_000,
                    leased,
                    False,
                    True,
                )
            )
            call_rows.append(
                (
                    call_id,
                    campaign,
                    customer,
                    user,
                    "ended",
                    False,
                    ended,
                    leased,
                    answered,
                    bridged,
                    ended,
                    None if sip != 200 else ("human" if outcome == "human" else "machine"),
                    "customer" if n % 3 else "operator",
                    identity,
                    bool(bridged),
                )
            )
            outcomes.append(
                (
                    call_id,
                    campaign,
                    outcome,
                    blame,
                    "customer",
                    True,
                    sip == 200,
                    outcome == "human",
                    outcome == "human" and bridged is None,
                    sip,
                    16 if sip == 200 else 17,
                    "",
                    ended,
                )
            )
            if bridged is not None and user is not None:
                codes = self._codes(rng)
                for code in codes:
                    self._mark_id += 1
                    marks.append((self._mark_id, call_id, user, campaign, code, True, True, ended))
                self._result_id += 1
                results.append(
                    (
                        self._result_id,
                        call_id,
                        1,
                        customer,
                        campaign,
                        user,
                        json.dumps(codes),
                        True,
                        "customer",
                        ended + 30_000_000,
                    )
                )
                if "payment_date" in codes:
                    self._promise_id += 1
                    promises.append(
                        (
                            self._promise_id,
                            call_id,
                            customer,
                            user,
                            day + timedelta(days=7),
                            rng.randrange(1, 60) * 1000,
                            rng.choice(("open", "kept", "broken")),
                            ended,
                        )
                    )
        loader.load(
            Attempt.__table__,
            (
                "id",
                "campaign_id",
                "inbound",
                "list_entry_id",
                "customer_id",
                "phone_id",
                "number_key",
                "number_today",
                "cap_today",
                "trunk_id",
                "caller_id",
                "gateway_id",
                "desk_epoch",
                "leased_at",
                "not_after",
                "placed_at",
                "open",
                "counts",
            ),
            attempts,
        )
        loader.load(
            Call.__table__,
            (
                "id",
                "campaign_id",
                "customer_id",
                "seat_user_id",
                "state",
                "live",
                "since",
                "leased_at",
                "answered_at",
                "bridged_at",
                "ended_at",
                "verdict",
                "ended_by",
                "identity",
                "record",
            ),
            call_rows,
        )
        loader.load(
            AttemptOutcome.__table__,
            (
                "attempt_id",
                "campaign_id",
                "outcome",
                "blame",
                "by",
                "counts",
                "answered",
                "live_answer",
                "abandoned",
                "sip_code",
                "q850",
                "cause",
                "at",
            ),
            outcomes,
        )
        loader.load(
            StatusMark.__table__,
            ("id", "call_id", "user_id", "campaign_id", "code", "marked", "current", "at"),
            marks,
        )
        loader.load(
            Result.__table__,
            (
                "id",
                "call_id",
                "version",
                "customer_id",
                "campaign_id",
                "user_id",
                "codes",
                "recorded",
                "counterpart",
                "at",
            ),
            results,
        )
        due = [
            (key, call, customer, user, on.isoformat(), yen, state, at)
            for key, call, customer, user, on, yen, state, at in promises
        ]
        loader.load(
            Promise.__table__,
            ("id", "call_id", "customer_id", "user_id", "due_on", "amount_yen", "state", "made_at"),
            due,
        )
        every = self._seats(talks, start, moves)
        loader.load(
            SeatMove.__table__,
            (
                "id",
                "seat_id",
                "user_id",
                "from_state",
                "to_state",
                "reason",
                "cause",
                "call_id",
                "campaign_id",
                "at",
            ),
            every,
        )
        self.calls += calls

    @staticmethod
    def _codes(rng: random.Random) -> list[str]:
        found: list[str] = []
        for code, chance in (("contact", 0.8), ("valid", 0.5), ("payment_date", 0.4)):
            if rng.random() >= chance:
                return found or [rng.choice(("third_party", "refused"))]
            found.append(code)
        return found

    def _seats(
        self, talks: dict[int, list[tuple[str, int, int, int]]], start: int, moves: int
    ) -> list[tuple[Any, ...]]:
        """The moves of all seats in the order of their instants: five and more for each talk."""
        rng = self._rng
        found: list[tuple[int, str, int, str, str, str | None, str | None, int]] = []
        spare = max(
            0, moves - sum(5 * len(each) for each in talks.values()) - 3 * len(self._people)
        )
        holds = spare / max(1, 2 * sum(len(each) for each in talks.values()))
        for user, seat, _ in self._people:
            campaign = self._campaigns[0]
            now, state = start, "available"
            found.append((now, seat, user, "offline", "starting", None, None, campaign))
            found.append(
                (now + 3_000_000, seat, user, "starting", "available", None, None, campaign)
            )
            now += 3_000_000
            for call_id, campaign, bridged, ended in sorted(
                talks.get(user, ()), key=lambda each: each[2]
            ):
                if bridged <= now + 2_000_000:
                    bridged, ended = now + 2_000_000, max(ended, now + 12_000_000)
                found.append(
                    (bridged - 1_000_000, seat, user, state, "reserved", None, call_id, campaign)
                )
                found.append((bridged, seat, user, "reserved", "talking", None, call_id, campaign))
                often = int(holds) + (rng.random() < holds % 1)
                step = (ended - bridged) // (2 * often + 1)
                for k in range(often):
                    found.append(
                        (
                            bridged + (2 * k + 1) * step,
                            seat,
                            user,
                            "talking",
                            "hold",
                            None,
                            call_id,
                            campaign,
                        )
                    )
                    found.append(
                        (
                            bridged + (2 * k + 2) * step,
                            seat,
                            user,
                            "hold",
                            "talking",
                            None,
                            call_id,
                            campaign,
                        )
                    )
                found.append((ended, seat, user, "talking", "wrap_up", None, call_id, campaign))
                now = ended + rng.randrange(5_000_000, 60_000_000)
                away = rng.random() < 0.1
                state = "away" if away else "available"
                found.append(
                    (
                        now,
                        seat,
                        user,
                        "wrap_up",
                        state,
                        rng.choice(("break", "meeting")) if away else None,
                        call_id,
                        campaign,
                    )
                )
                if away:
                    now += rng.randrange(60_000_000, 600_000_000)
                    found.append((now, seat, user, "away", "available", None, None, campaign))
                    state = "available"
            found.append(
                (
                    max(now + 1_000_000, start + LATEST * 1_000_000),
                    seat,
                    user,
                    state,
                    "offline",
                    None,
                    None,
                    campaign,
                )
            )
        found.sort(key=lambda each: each[0])
        rows = []
        for at, seat, user, before, after, reason, call, campaign in found:
            self.moves += 1
            rows.append((self.moves, seat, user, before, after, reason, "auto", call, campaign, at))
        return rows


def _some(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    some: list[Sequence[Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == ROWS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _copied(value: Any) -> str:
    """A value as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, datetime):
        raise TypeError("instants are numbers here")
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
