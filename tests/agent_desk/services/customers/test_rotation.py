"""Keys are changed in steps that may be killed anywhere, while others go on writing."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import insert, select

from agent_desk.models.customers import Customer, DoNotCall, Note, Phone, SearchKey
from agent_desk.models.rules import AreaHold
from agent_desk.services.actor import Actor
from agent_desk.services.customers.rotation import Rotation, index_key_fits
from agent_desk.services.customers.search import Asked, CustomerSearch
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.import_direct import DirectDoor, Written
from agent_desk.store import rotation
from agent_desk.store.lists.customers import CustomerWriter, Target
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.rules import do_not_call
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.routes.test_internal import post
from tests.agent_desk.services.customers.test_search import BLANK
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.store.desk_rows import NOON, small_centre
from tests.fakes.clock import FakeClock

OLD_KEY, NEW_KEY = b"o" * 32, b"n" * 32
INDEX, NEW_INDEX = b"i" * 32, b"j" * 32
OLD = Sealer.of_keys([OLD_KEY], INDEX)
BOTH = Sealer.of_keys([NEW_KEY, OLD_KEY], INDEX)
NEW = Sealer.of_keys([NEW_KEY], INDEX)
MANAGER = Actor("manager1", "manager")
STRANGER = "+819077777777"


class Killed(Exception):
    """The process is gone."""


@dataclass
class MortalDoor:
    """A write door whose process dies now and then: before the commit, or right after it."""

    database: Database
    dice: random.Random

    def submit(self, command: object, *, rows: object) -> Written:
        with self.database.write() as session:
            rows(session)  # type: ignore[operator]
            if self.dice.random() < 0.2:
                raise Killed
        if self.dice.random() < 0.2:
            raise Killed
        return Written()


class House:
    """Customers written with one sealer; each with a number, a note and a file's column."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database, self.clock = database, clock
        with database.write() as session:
            self.centre = small_centre(session)
            for n in range(30):
                self.customer(session, OLD, n)
            do_not_call.add(
                session,
                since=NOON,
                reason="x",
                source="x",
                number_key=OLD.number_key(number(3)),
            )
            do_not_call.add(
                session,
                since=NOON,
                reason="x",
                source="x",
                number_key=OLD.number_key(STRANGER),
                number_sealed=OLD.seal(STRANGER),
            )
            session.execute(
                insert(AreaHold).values(
                    kind="prefecture",
                    value="東京都",
                    area_key=OLD.area_key("prefecture", "東京都"),
                    reason="x",
                    until=NOON,
                    actor="x",
                    made_at=NOON,
                )
            )

    def customer(self, session: Session, sealer: Sealer, n: int) -> None:
        record: Record = replace(
            BLANK,
            name=f"山田 {n}郎",
            kana="ヤマダ" + "アイウエオ"[n % 5],
            numbers=((number(n), "mobile"),),
            fields=(("業種", "建設業"),),
            areas=(("prefecture", "東京都"), ("postcode", "1000001")),
        )
        target = Target(0, self.centre.list_id, self.centre.product_id, "import", NOON)
        keys = {sealer.number_key(each): (each, kind) for each, kind in record.numbers}
        writer = CustomerWriter(session, sealer, target)
        known = writer.write(record, normalise.name(record.name), None, keys)
        note = {"customer_id": known.id, "text_sealed": sealer.seal(f"メモ{n}"), "at": NOON}
        session.execute(insert(Note).values(**note))

    def rotate(self, sealer: Sealer, door: object | None = None) -> Rotation:
        return Rotation(
            database=self.database,
            sealer=sealer,
            commits=door or DirectDoor(self.database),  # type: ignore[arg-type]
            clock=self.clock,
        )

    def finish(self, sealer: Sealer) -> None:
        going = self.rotate(sealer)
        while going.step().part:
            pass

    def found(self, sealer: Sealer, **typed: str) -> int:
        search = CustomerSearch(
            database=self.database,
            sealer=sealer,
            commits=DirectDoor(self.database),
            clock=self.clock,
            practice=False,
        )
        return len(search.look(Asked(**typed), actor=MANAGER).rows)

    def stale(self, sealer: Sealer) -> dict[str, int]:
        with self.database.read() as session:
            return rotation.stale(session, sealer)


def number(n: int) -> str:
    return f"+8190{10_000_000 + n}"


@pytest.fixture
def house(database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(rotation, "PORTION", 7)
    return House(database, clock)


def test_killed_anywhere_it_goes_on_and_the_old_key_can_be_dropped(house: House) -> None:
    dice, deaths, steps = random.Random(5), 0, 0
    door = MortalDoor(house.database, dice)
    while True:
        going = house.rotate(BOTH, door)  # whoever is killed starts anew, knowing nothing
        steps += 1
        try:
            if not going.step().part:
                break
        except Killed:
            deaths += 1
        if steps == 10:  # a desk with both keys works on meanwhile
            with house.database.write() as session:
                house.customer(session, BOTH, 99)
    assert deaths > 5
    assert house.stale(BOTH) == {}
    with house.database.read() as session:
        names = [NEW.open(each) for each in session.scalars(select(Customer.name_sealed))]
        notes = [NEW.open(each) for each in session.scalars(select(Note.text_sealed))]
    assert sorted(names) == sorted([*(f"山田 {n}郎" for n in range(30)), "山田 99郎"])
    assert sorted(notes) == sorted([*(f"メモ{n}" for n in range(30)), "メモ99"])
    assert house.found(NEW, kana="ヤマダ") == 31


def test_before_it_is_through_rows_of_both_keys_are_told_apart(house: House) -> None:
    going = house.rotate(BOTH)
    while going.step().part != "customers":
        pass
    left = house.stale(BOTH)
    assert left["customers"] == 23
    assert left["phones"] == 30


def test_an_index_that_was_lost_is_made_anew(house: House) -> None:
    with house.database.write() as session:
        session.query(SearchKey).delete()
    assert house.found(BOTH, kana="ヤマダ") == 0
    house.finish(BOTH)
    assert house.found(NEW, kana="ヤマダ") == 30
    assert house.found(NEW, last4="0003") == 1


def test_another_index_key_takes_every_hash_with_it(house: House) -> None:
    newer = Sealer.of_keys([OLD_KEY], NEW_INDEX)
    assert index_key_fits(house.database, OLD)
    assert not index_key_fits(house.database, newer)
    house.finish(newer)
    assert index_key_fits(house.database, newer)
    assert house.found(newer, number=number(3).replace("+81", "0")) == 1
    assert house.found(OLD, number=number(3).replace("+81", "0")) == 0
    with house.database.read() as session:
        wanted = {newer.number_key(number(3)), newer.number_key(STRANGER)}
        assert set(session.scalars(select(DoNotCall.number_key))) == wanted
        assert set(session.scalars(select(Phone.number_key))) == {
            newer.number_key(number(n)) for n in range(30)
        }
        tokyo = newer.area_key("prefecture", "東京都")
        assert set(session.scalars(select(Customer.prefecture_key))) == {tokyo}
        assert set(session.scalars(select(AreaHold.area_key))) == {tokyo}
        assert set(session.scalars(select(Customer.postcode_area_key))) == {
            newer.area_key("postcode", "100")
        }


def test_places_nobody_can_name_any_more_keep_the_index_key(house: House) -> None:
    assert index_key_fits(house.database, OLD)
    with house.database.write() as session:
        session.execute(Customer.__table__.update().values(areas_sealed=None))  # type: ignore[attr-defined]
    with pytest.raises(ServiceError) as refused:
        house.finish(Sealer.of_keys([OLD_KEY], NEW_INDEX))
    assert (refused.value.error_id, refused.value.details) == ("areas-unnamed", {"customers": 30})


def test_a_running_desk_takes_its_steps_for_the_command_line(small_desk: SmallDesk) -> None:
    steps = 0
    while True:
        done = post(small_desk, "/internal/keys/step", {}).get_json()
        if not done["part"]:
            break
        steps += 1
    assert steps >= len(rotation.parts())
    assert done["key"] == small_desk.desk.customers.rotation.key
