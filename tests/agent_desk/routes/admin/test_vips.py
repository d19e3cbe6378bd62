"""VIPs from the flag to the talk: who takes them, what is said to them, and who may say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt
from agent_desk.models.scripts import ScriptTick
from agent_desk.models.strategy import ReservedEntry, VipOperator
from agent_desk.store.unit_of_work import Database
from softphone import protocol
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import Shift, SmallDesk, populate

EVERYBODYS = """# 名乗り
[ ] identification: 名乗った"""
SPECIAL = """# ごあいさつ
いつも格別のお引き立てをいただき、ありがとうございます。
[!] identification: 名乗った
[!] thanks: お礼を伝えた"""
CUSTOMER, CAMPAIGN = 1, 1


@pytest.fixture
def vip_shift(database_url: str, tmp_path: Path) -> Iterator[Shift]:
    """A campaign that dials ahead of free seats; its only customer was made a VIP by a lead."""
    database = Database(database_url)
    with database.write() as session:
        populate(session, customers=1, mode="ratio", ratio=3.0)
    database.close()
    desk = SmallDesk(database_url, tmp_path)
    try:
        shift = Shift.begin(desk)
        lead = signed_in(desk, "lead1")
        path = f"/admin/customers/{CUSTOMER}"
        assert lead.post(f"{path}/vip", {"on": "yes"}).status_code == 303
        assert 'data-testid="customer-vip"' in lead.get(path).get_data(as_text=True)
        yield shift
    finally:
        desk.stop()


def named(desk: SmallDesk, *usernames: str, by: str = "lead1") -> int:
    """Have these take the VIPs; the status of the answer."""
    users = [str(desk.people.users.get(each) or _id_of(desk, each)) for each in usernames]
    browser = signed_in(desk, by)
    return browser.post(f"/admin/vips/{CAMPAIGN}", {"operators": users}).status_code


def _id_of(desk: SmallDesk, username: str) -> int:
    return desk.person(username).user_id


def saved(desk: SmallDesk, audience: str, text: str) -> None:
    form = {"do": "save", "audience": audience, "based_on": "0", "text": text}
    assert signed_in(desk, "lead1").post(f"/admin/scripts/{CAMPAIGN}", form).status_code == 303


def dialed_past(shift: Shift) -> None:
    """The dialer has met the VIP and called nobody."""
    shift.alive()
    shift.page.do("go_available")
    for _ in range(3):
        shift.desk.tick(1)
        shift.alive()
    assert shift.gateway.newest(protocol.PlaceCall) is None
    shift.desk.desk.routine.count()


def test_a33_a_vip_is_seen_before_the_call_by_who_is_named_with_a_script_of_their_own(
    vip_shift: Shift,
) -> None:
    shift, desk = vip_shift, vip_shift.desk
    saved(desk, "customer", EVERYBODYS)
    saved(desk, "vip", SPECIAL)
    assert named(desk, "operator1") == 303
    dialed_past(shift)
    assert shift.page.follow()["campaign"]["vips"] == 1
    shift.page.do("next_customer")
    shown = shift.page.follow()
    assert (shown["seat"]["state"], shown["call"]["preview"]) == ("reserved", True)
    assert shown["record"]["customer"]["vip"]
    assert "格別のお引き立て" in str(shown["call"]["script"])
    assert shift.gateway.newest(protocol.PlaceCall) is None, "nobody is called before that"
    shift.page.do("place_previewed")
    call_id = shift.placed()
    shift.answer(call_id)
    shift.gateway.tell(protocol.CallBridged(call_id, "operator1", 800))
    desk.settle()
    shift.page.do("tick_statement", call_id=call_id, statement="identification", on=True)
    shift.page.do("tick_statement", call_id=call_id, statement="thanks", on=True)
    with desk.desk.database.read() as session:
        ticks = session.scalars(select(ScriptTick)).all()
        [attempt] = session.scalars(select(Attempt)).all()
    assert {tick.audience for tick in ticks} == {"vip"}
    assert attempt.customer_id == CUSTOMER


def test_a33_without_a_script_for_vips_they_hear_the_campaigns_own(vip_shift: Shift) -> None:
    saved(vip_shift.desk, "customer", EVERYBODYS)
    named(vip_shift.desk, "operator1")
    dialed_past(vip_shift)
    vip_shift.page.do("next_customer")
    assert [step["title"] for step in vip_shift.page.follow()["call"]["script"]["steps"]] == [
        "名乗り"
    ]


def test_a33_who_is_not_named_is_offered_no_vip(vip_shift: Shift) -> None:
    named(vip_shift.desk, "operator2")
    dialed_past(vip_shift)
    assert vip_shift.page.follow()["campaign"]["vips"] == 0
    assert vip_shift.page.refused("next_customer") == "not-preview"
    with vip_shift.desk.desk.database.read() as session:
        assert session.scalar(select(ReservedEntry.user_id)) is None


def test_naming_is_audited_and_a_page_says_when_nobody_is_named(vip_shift: Shift) -> None:
    lead = signed_in(vip_shift.desk, "lead1")
    assert "vip-nobody" in lead.get("/admin/vips").get_data(as_text=True)
    named(vip_shift.desk, "operator1", "operator2")
    named(vip_shift.desk, "operator2")
    page = lead.get("/admin/vips?saved=1").get_data(as_text=True)
    assert "vip-nobody" not in page and "vip-saved" in page
    with vip_shift.desk.desk.database.read() as session:
        rows = session.scalars(
            select(AuditRow)
            .where(AuditRow.action == "campaign.vip_operators")
            .order_by(AuditRow.id)
        ).all()
        users = session.scalars(select(VipOperator.user_id)).all()
    assert users == [_id_of(vip_shift.desk, "operator2")]
    assert [row.actor for row in rows] == ["lead1", "lead1"]
    assert rows[-1].details == {"user_ids": str(users[0])}


def test_a_lead_names_nobody_of_another_team_and_for_no_other_campaign(
    small_desk: SmallDesk,
) -> None:
    assert named(small_desk, "operator3") == 403, "works elsewhere"
    assert named(small_desk, "operator1", by="lead2") == 403, "not the lead's campaign"
    assert named(small_desk, "operator1", by="manager1") == 403
    other = signed_in(small_desk, "lead2").get("/admin/vips").get_data(as_text=True)
    assert "autumn" in other and "spring" not in other
