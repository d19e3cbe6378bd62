"""A refusal on a call holds for the product on every list, also on those imported later (R38)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, update

from agent_desk.clock import SystemClock
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.services.lists import normalise
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.lists.import_files import open_file
from agent_desk.services.lists.imports import ImportService, Upload
from agent_desk.store.campaigns import campaigns
from agent_desk.store.invariants import questions as invariants
from agent_desk.store.lists import batches as import_batches
from agent_desk.store.lists.prepared import prepare
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.small_desk import Shift, SmallDesk, populate
from tests.agent_desk.store.desk_rows import NOON, SEALER

OF_A_TOKYO_FIRM = "佐藤 花子,09087654321,0312345678,〒123-4567,東京都足立区1-2"
HEADER = "氏名,電話番号,勤務先電話番号,郵便番号,住所"


def sold(database_url: str) -> None:
    """A sales campaign whose operators can mark a refusal."""
    database = Database(database_url)
    with database.write() as session:
        people = populate(session, kind="sales", identity_needed=False)
        campaigns.add_status(
            session,
            people.centre.campaign_id,
            code="refused",
            label_ja="拒否",
            label_en="Refused",
            hotkey="9",
            colour="red",
            position=9,
            bars="product",
        )
    database.close()


def bring(desk: SmallDesk, folder: Path, list_name: str, *lines: str) -> list[str]:
    """Import a file into a list of the campaign; the reasons of what was not taken."""
    database, clock = desk.desk.database, SystemClock(start=NOON)
    service = ImportService(
        database=database,
        sealer=SEALER,
        commits=DirectDoor(database),
        clock=clock,
        data_dir=folder,
    )
    with database.read() as session:
        campaign_id = session.scalar(select(Campaign.id).where(Campaign.name == "spring")) or 0
    data = "\n".join((HEADER, *lines)).encode()
    batch_id = service.create_batch(Upload("b.csv", data, campaign_id, list_name, "admin1", None))
    opened = open_file(data)
    rows = opened.rows(today=NOON.date(), practice=True)
    prepared = [prepare(SEALER, row, normalise.name).to_wire() for row in rows]
    service.accept_rows(batch_id, prepared)
    with database.read() as session:
        return [row.reason for row in import_batches.refused(session, SEALER, batch_id)]


def test_a_refusal_on_a_call_bars_list_b_imported_later(database_url: str, tmp_path: Path) -> None:
    sold(database_url)
    desk = SmallDesk(database_url, tmp_path)
    try:
        shift = Shift.begin(desk)
        call_id = shift.talk()
        call = desk.call(call_id)
        with desk.desk.database.read() as session:
            sealed = session.get_one(Phone, call.phone_id).number_sealed
        number = "0" + SEALER.open(sealed).removeprefix("+81")
        shift.page.do("mark_status", call_id=call_id, code="refused", on=True)
        shift.end(call_id)
        shift.page.do("save_result", call_id=call_id, note="")
        with desk.desk.database.read() as session:
            entry = session.get_one(ListEntry, call.list_entry_id)
        assert (entry.state, entry.closed_reason) == ("closed", "refused")
        stranger = f"別人 次郎,{number},,,"
        assert bring(desk, tmp_path, "list B", stranger, OF_A_TOKYO_FIRM) == ["refused-before"]
        with desk.desk.database.write() as session:
            assert not [v for v in invariants.check(session) if v.invariant == "I9"]
            # A debt is not refused away.
            session.execute(
                update(Campaign).where(Campaign.name == "spring").values(kind="collections")
            )
        assert bring(desk, tmp_path, "list C", stranger) != ["refused-before"]
    finally:
        desk.stop()


def test_an_import_says_where_people_live_and_which_number_is_at_work(
    each_desk: SmallDesk, tmp_path: Path
) -> None:
    assert bring(each_desk, tmp_path, "list B", OF_A_TOKYO_FIRM) == []
    with each_desk.desk.database.read() as session:
        row = session.scalars(select(Customer).order_by(Customer.id.desc())).first()
        assert row is not None
        kinds = session.scalars(
            select(Phone.kind).where(Phone.customer_id == row.id).order_by(Phone.position)
        ).all()
    assert kinds == ["mobile", "work"]
    assert row.prefecture_key == SEALER.area_key("prefecture", "東京都")
    assert row.city_key is None
    assert row.postcode_key == SEALER.area_key("postcode", "1234567")
    assert row.postcode_area_key == SEALER.area_key("postcode", "123")
