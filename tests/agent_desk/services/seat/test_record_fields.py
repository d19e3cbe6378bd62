"""The campaign's own fields of the caller record: written on a call, kept whatever it comes to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.models.customers import Phone, SearchKey
from agent_desk.models.record_fields import FieldEdit
from agent_desk.store.customers import search_keys
from agent_desk.store.records import fields
from agent_desk.store.records.fields import FieldRow
from tests.agent_desk.small_desk import BORN, Shift, SmallDesk
from tests.agent_desk.store.desk_rows import SEALER

FIELDS = (
    FieldRow("職業", "editable", True),
    FieldRow("年収", "locked", False),
    FieldRow("社内メモ", "hidden", False),
)


@pytest.fixture
def sales(sqlite_url: str, tmp_path: Path) -> Iterator[Shift]:
    """A campaign that asks nobody who they are."""
    desk = SmallDesk(sqlite_url, tmp_path, kind="sales", identity_needed=False)
    set_up(desk)
    yield Shift.begin(desk)
    desk.stop()


def set_up(desk: SmallDesk) -> None:
    with desk.desk.database.write() as session:
        for row in FIELDS:
            fields.put(session, desk.campaign_id, row)


def shown(shift: Shift) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in shift.page.follow()["record"]["fields"]}


def save(shift: Shift, call_id: str, name: str, value: str) -> None:
    shift.page.do("save_field", call_id=call_id, name=name, value=value)


def test_a_campaign_says_which_fields_are_written_seen_and_hidden(sales: Shift) -> None:
    call_id = sales.talk()
    assert shown(sales) == {
        "職業": {"name": "職業", "value": "", "editable": True, "required": True},
        "年収": {"name": "年収", "value": "", "editable": False, "required": False},
    }
    for name in ("年収", "社内メモ", "生年月日"):
        asked = {"call_id": call_id, "name": name, "value": "x"}
        assert sales.page.refused("save_field", **asked) == "field-locked"


def test_b33_what_is_told_is_kept_even_when_the_call_ends_in_a_refusal(sales: Shift) -> None:
    call_id = sales.talk()
    save(sales, call_id, "職業", "会社員")
    sales.end(call_id)
    sales.page.do("save_result", call_id=call_id, note="けっこうです")
    with sales.desk.desk.database.read() as session:
        edit = session.scalars(select(FieldEdit)).one()
        assert dict(fields.values(session, SEALER, edit.customer_id)) == {"職業": "会社員"}


def test_every_change_is_kept_and_audited_without_its_words(sales: Shift) -> None:
    call_id = sales.talk()
    for value in ("会社員", "会社員", "自営業"):
        save(sales, call_id, "職業", value)
    with sales.desk.desk.database.read() as session:
        edits = session.scalars(select(FieldEdit).order_by(FieldEdit.id)).all()
        assert [SEALER.open(each.after_sealed) for each in edits] == ["会社員", "自営業"]
        assert edits[0].before_sealed is None
        audited = session.scalars(
            select(AuditRow).where(AuditRow.action == "customer.field.changed")
        ).all()
        assert len(audited) == 2
        assert "自営業" not in str([row.details for row in audited])
        keys = set(session.scalars(select(SearchKey.key)))
        assert search_keys.field_key(SEALER, "職業", "自営業") in keys
        assert search_keys.field_key(SEALER, "職業", "会社員") not in keys
    assert shown(sales)["職業"]["value"] == "自営業"


def test_a_required_field_holds_back_the_result_of_a_talk(sales: Shift) -> None:
    call_id = sales.talk()
    sales.page.do("mark_status", call_id=call_id, code="contact", on=True)
    sales.end(call_id)
    answer = sales.page.ask("save_result", call_id=call_id, note="")
    assert (answer["error"]["id"], answer["error"]["details"]) == (
        "field-required",
        {"field": "職業"},
    )
    save(sales, call_id, "職業", "会社員")
    sales.page.do("save_result", call_id=call_id, note="")


def test_fields_are_neither_shown_nor_written_before_the_identity_is_known(shift: Shift) -> None:
    set_up(shift.desk)
    call_id = shift.talk()
    assert shown(shift) == {}
    asked = {"call_id": call_id, "name": "職業", "value": "会社員"}
    assert shift.page.refused("save_field", **asked) == "identity-needed"
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    save(shift, call_id, "職業", "会社員")
    assert shown(shift)["職業"]["value"] == "会社員"


def test_who_shares_the_number_has_debts_of_their_own(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    own = shift.page.follow()["record"]["debts"]
    call = shift.desk.call(call_id)
    with shift.desk.desk.database.write() as session:
        number = session.get_one(Phone, call.phone_id)
        other = session.scalars(select(Phone).where(Phone.customer_id != call.customer_id)).first()
        assert other is not None
        other.number_key = number.number_key  # one household
    shift.page.do("third_party", call_id=call_id)
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    assert shift.page.follow()["record"]["debts"] == own
