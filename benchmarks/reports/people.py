"""The house of the year: its teams, operators, campaigns, lists and customers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.models.base import to_microseconds
from agent_desk.models.customers import Customer, Phone
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.store.campaigns import campaigns
from agent_desk.store.people import accounts
from agent_desk.store.sealing import Sealer
from benchmarks.reports.loader import Loader

CAMPAIGNS, LISTS, TEAMS, PRODUCTS = 20, 60, 40, 5
STATUSES = ("contact", "valid", "payment_date", "third_party", "refused")


@dataclass(frozen=True)
class Centre:
    """Ids: operators are (user id, seat)."""

    operators: list[tuple[int, str]]
    campaigns: list[int]
    lists: list[int]


def centre(session: Any, first: date, operators: int) -> Centre:
    """Make it; the operators of team t are every fortieth from t on."""
    when = instant_of(first, 0)
    teams = [accounts.add_team(session, f"チーム{n + 1}") for n in range(TEAMS)]
    products = [campaigns.add_product(session, f"商材{n + 1}") for n in range(PRODUCTS)]
    made = [_campaign(session, n, products, teams, when) for n in range(CAMPAIGNS)]
    lists = [_list(session, n, products, made, when) for n in range(LISTS)]
    people = []
    for n in range(operators):
        seat = f"op{n + 1:04}"
        key = accounts.add_user(
            session,
            username=seat,
            name=f"担当 {n + 1}",
            role="operator",
            team_id=teams[n % TEAMS],
            password_hash="",
            at=when,
        )
        people.append((key, seat))
    return Centre(people, made, lists)


def _campaign(
    session: Any, n: int, products: Sequence[int], teams: Sequence[int], when: datetime
) -> int:
    kind = "collections" if n % 2 else "sales"
    product = products[n % PRODUCTS]
    key: int = campaigns.add_campaign(
        session, at=when, name=f"キャンペーン{n + 1}", kind=kind, product_id=product
    )
    for position, code in enumerate(STATUSES):
        labels = {"label_ja": code, "label_en": code, "colour": "green"}
        hotkey = str(position + 1)
        campaigns.add_status(session, key, code=code, hotkey=hotkey, position=position, **labels)
    for team in teams[n % 2 :: 2]:
        campaigns.add_team(session, key, team)
    return key


def _list(
    session: Any, n: int, products: Sequence[int], made: Sequence[int], when: datetime
) -> int:
    product = products[n % PRODUCTS]
    row = insert(CustomerList).values(
        name=f"リスト{n + 1}", product_id=product, source="import", created_at=when
    )
    key = int(session.execute(row).inserted_primary_key[0])
    campaigns.add_list(session, made[n % CAMPAIGNS], key)
    return key


class Customers:
    """Each has one number, is on one list, and has every field."""

    def __init__(self, first: date, number: int, fields: int, lists: Sequence[int]) -> None:
        self._when = to_microseconds(instant_of(first, 0))
        self._ids = range(1, number + 1)
        self._lists = lists
        # From 3 values to some thousands, those at the beginning more often.
        self._kinds = [2 + round(1.25**n) for n in range(fields)]

    def write(self, loader: Loader, sealer: Sealer, rng: random.Random) -> None:
        """Load all of them."""
        when, lists = self._when, self._lists
        loader.load(
            Customer,
            "id source external_id name_sealed name_key fields_sealed delinquency weekly_adjust vip"
            " created_at updated_at",
            self._rows(sealer, rng),
        )
        number = sealer.seal("+819000000000")
        loader.load(
            Phone,
            "id customer_id position kind number_sealed number_key created_at",
            ((n, n, 1, "mobile" if n % 3 else "fixed", number, f"k{n}", when) for n in self._ids),
        )
        loader.load(
            ListEntry,
            "id list_id customer_id priority state next_at tries ladder_times result_times"
            " created_at",
            ((n, lists[n % len(lists)], n, 5, "closed", when, 3, 0, 0, when) for n in self._ids),
        )

    def _rows(self, sealer: Sealer, rng: random.Random) -> Iterator[tuple[Any, ...]]:
        name, when = sealer.seal("山田 太郎"), self._when
        for n in self._ids:
            said = [
                [f"項目{place}", f"値{min(rng.randrange(kinds), rng.randrange(kinds))}"]
                for place, kinds in enumerate(self._kinds, start=1)
            ]
            fields = sealer.seal(json.dumps(said, ensure_ascii=False))
            level = rng.choice(("light", "middle", "heavy"))
            yield n, "import", f"C{n}", name, f"n{n}", fields, level, 0, False, when, when
