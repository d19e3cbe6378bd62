"""Statuses of a campaign: one change, and buttons, funnel and columns follow without a restart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.dialer.ids import CampaignId
from agent_desk.models.audit import AuditRow
from agent_desk.models.customers import DoNotCall, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import StatusMark
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.creation import create_campaign
from agent_desk.services.campaigns.statuses import StatusService, StatusWanted
from agent_desk.services.errors import ServiceError
from agent_desk.store.campaigns import statuses as rows
from tests.agent_desk.services.reports import rows_now
from tests.agent_desk.small_desk import Shift, SmallDesk

ADMIN = Actor("admin1", "admin")
VISIT = StatusWanted("visit", "訪問希望", "Wants a visit", hotkey="4", colour="#0f766e")
WRONG = StatusWanted("wrong_number", "番号違い", "Wrong number", hotkey="8", bars="number")
REFUSED = StatusWanted("refused", "拒否", "Refused", hotkey="9", bars="product")


@pytest.fixture
def small_desk(sqlite_url: str, tmp_path: Path) -> Iterator[SmallDesk]:
    """Sales: whoever is asked to buy can refuse."""
    desk = SmallDesk(sqlite_url, tmp_path, kind="sales", identity_needed=False)
    yield desk
    desk.stop()


def put(desk: SmallDesk, wanted: StatusWanted, actor: Actor = ADMIN, **scope: Any) -> None:
    desk.desk.statuses.put(
        CampaignId(desk.campaign_id), wanted, actor=actor, teams=scope.get("teams")
    )


def codes(buttons: Sequence[dict[str, Any]]) -> list[str]:
    return [str(button["code"]) for button in buttons]


def test_b13_a_new_status_is_button_funnel_step_and_column_without_a_restart(
    shift: Shift,
) -> None:
    call_id = shift.talk()
    put(shift.desk, VISIT)
    buttons = shift.page.follow()["campaign"]["statuses"]
    assert codes(buttons) == ["contact", "valid", "payment_date", "visit"]
    assert (buttons[-1]["label"], buttons[-1]["hotkey"]) == ("訪問希望", "4")
    shift.page.do("mark_status", call_id=call_id, code="visit", on=True)
    today = (shift.desk.clock.now() + timedelta(hours=9)).date()
    report = rows_now.report(shift.desk, today, campaign_id=shift.desk.campaign_id)
    assert [(s.code, s.label) for s in report.statuses][-1] == ("visit", "訪問希望")
    step = report.funnel[-1]
    assert (step.code, step.count, step.rate_prev) == ("visit", 1, None)
    assert report.total.codes["visit"] == 1


def test_b11_b12_the_order_of_the_buttons_is_the_funnel_and_bars_are_no_steps(
    small_desk: SmallDesk,
) -> None:
    put(small_desk, replace(VISIT, code="gatekeeper", label_ja="受付突破"))
    put(small_desk, REFUSED)
    campaign = CampaignId(small_desk.campaign_id)
    order = ["gatekeeper", "contact", "valid", "payment_date", "refused"]
    small_desk.desk.statuses.arrange(campaign, order, actor=ADMIN, teams=None)
    today = (small_desk.clock.now() + timedelta(hours=9)).date()
    report = rows_now.report(small_desk, today, campaign_id=small_desk.campaign_id)
    assert [step.code for step in report.funnel][3:] == order[:-1]
    assert [(each.code, each.rate_prev) for each in report.outcomes] == [("refused", None)]
    assert [status.code for status in report.statuses] == order


def test_a_change_of_words_alone_reaches_pages_that_are_open(shift: Shift) -> None:
    put(shift.desk, VISIT)
    put(shift.desk, replace(VISIT, label_ja="来店希望", hotkey=None))
    button = shift.page.follow()["campaign"]["statuses"][-1]
    assert (button["label"], button["hotkey"]) == ("来店希望", None)
    assert shift.page.fresh()["campaign"] == shift.page.follow()["campaign"]
    with shift.desk.desk.database.read() as session:
        noted = session.scalars(select(AuditRow.action).where(AuditRow.action.like("status.%")))
        assert list(noted) == ["status.added", "status.changed"]


def test_a_retired_status_has_no_button_and_keeps_its_marks(shift: Shift) -> None:
    call_id = shift.talk()
    put(shift.desk, VISIT)
    shift.page.do("mark_status", call_id=call_id, code="visit", on=True)
    campaign = CampaignId(shift.desk.campaign_id)
    shift.desk.desk.statuses.retire(campaign, "visit", actor=ADMIN, teams=None)
    assert "visit" not in codes(shift.page.follow()["campaign"]["statuses"])
    assert shift.page.refused("mark_status", call_id=call_id, code="visit", on=False) == (
        "status-unknown"
    )
    with shift.desk.desk.database.read() as session:
        assert session.scalar(select(StatusMark.marked).where(StatusMark.code == "visit"))
    put(shift.desk, replace(VISIT, code="other"))  # its key is free again


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (replace(VISIT, code="Visit!"), "code"),
        (replace(VISIT, label_ja=" "), "label"),
        (replace(VISIT, hotkey="x"), "hotkey"),
        (replace(VISIT, hotkey="1"), "hotkey_taken"),
        (replace(VISIT, colour="url(x)"), "colour"),
        (replace(VISIT, retry="never"), "retry"),
        (replace(VISIT, bars="everything"), "bars"),
        (replace(VISIT, required=("shoe_size",)), "required"),
        (replace(VISIT, required=("amount",)), "required"),
        (StatusWanted("contact", "接触", "Contact", bars="number"), "built_in"),
    ],
)
def test_a_status_that_makes_no_sense_is_refused(
    small_desk: SmallDesk, wanted: StatusWanted, reason: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        put(small_desk, wanted)
    assert (refused.value.error_id, refused.value.details["reason"]) == ("status-unusable", reason)


def test_only_leads_of_the_campaign_change_its_statuses(small_desk: SmallDesk) -> None:
    service: StatusService = small_desk.desk.statuses
    for actor, teams, error in (
        (Actor("operator1", "operator"), None, "role-too-low"),
        (Actor("lead2", "lead"), frozenset({99}), "not-in-scope"),
    ):
        with pytest.raises(ServiceError) as refused:
            put(small_desk, VISIT, actor, teams=teams)
        assert refused.value.error_id == error
    with pytest.raises(ServiceError, match="built_in"):
        service.retire(CampaignId(small_desk.campaign_id), "valid", actor=ADMIN, teams=None)


def test_required_fields_hold_the_result_back_until_they_are_filled(shift: Shift) -> None:
    put(shift.desk, replace(VISIT, required=("note", "callback")))
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="visit", on=True)
    shift.end(call_id)
    refused, save = shift.page.refused, {"call_id": call_id}
    assert refused("save_result", note="  ", **save) == "note-required"
    assert refused("save_result", note="玄関まで", **save) == "callback-required"
    due = (shift.desk.clock.now() + timedelta(hours=3)).isoformat()
    shift.page.do("set_callback", due_at=due, own=False, **save)
    shift.page.do("save_result", note="玄関まで", **save)


def test_a_wrong_number_is_not_called_for_that_person_from_the_press_on(shift: Shift) -> None:
    put(shift.desk, WRONG)
    call_id = shift.talk()
    phone_id = shift.desk.call(call_id).phone_id

    def reason() -> str | None:
        with shift.desk.desk.database.read() as session:
            return session.get_one(Phone, phone_id).unusable_reason

    shift.page.do("mark_status", call_id=call_id, code="wrong_number", on=True)
    assert reason() == "wrong_number"
    shift.page.do("mark_status", call_id=call_id, code="wrong_number", on=False)
    assert reason() is None
    shift.page.do("mark_status", call_id=call_id, code="wrong_number", on=True)
    entry_id = shift.desk.call(call_id).list_entry_id
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="")
    with shift.desk.desk.database.read() as session:
        entry = session.get_one(ListEntry, entry_id)
        assert (entry.state, entry.closed_reason) == ("closed", "wrong_number")


def test_a_status_of_ones_own_with_the_flag_bars_the_person_for_the_product(
    small_desk: SmallDesk,
) -> None:
    put(small_desk, replace(REFUSED, code="never_again"))
    shift = Shift.begin(small_desk)
    call_id = shift.talk()
    customer_id = small_desk.call(call_id).customer_id
    shift.page.do("mark_status", call_id=call_id, code="never_again", on=True)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="")
    with small_desk.desk.database.read() as session:
        barred = session.scalars(
            select(DoNotCall.call_id).where(DoNotCall.customer_id == customer_id)
        )
        assert list(barred) == [call_id]


@pytest.mark.parametrize(("kind", "last"), [("sales", ["8", "9"]), ("collections", ["8"])])
def test_new_campaigns_can_say_wrong_number_and_all_but_collections_refusal(
    small_desk: SmallDesk, kind: str, last: list[str]
) -> None:
    campaign_id = create_campaign(
        small_desk.desk.database,
        name="new",
        product="card",
        team="first",
        kind=kind,
        running=False,
        now=small_desk.clock.now(),
    )
    with small_desk.desk.database.read() as session:
        made = rows.of_campaign(session, campaign_id)
    assert [row.hotkey for row in made] == ["1", "2", "3", *last]
    assert [row.bars for row in made][3:] == ["number", "product"][: len(last)]


def test_a_retired_status_keeps_its_column_and_step_on_the_days_it_was_pressed(
    shift: Shift,
) -> None:
    call_id = shift.talk()
    put(shift.desk, VISIT)
    shift.page.do("mark_status", call_id=call_id, code="visit", on=True)
    campaign = CampaignId(shift.desk.campaign_id)
    shift.desk.desk.statuses.retire(campaign, "visit", actor=ADMIN, teams=None)
    today = (shift.desk.clock.now() + timedelta(hours=9)).date()
    for day, there in ((today, True), (today - timedelta(days=1), False)):
        report = rows_now.report(shift.desk, day)
        assert ("visit" in [each.code for each in report.statuses]) is there
        assert ("visit" in [each.code for each in report.funnel]) is there
