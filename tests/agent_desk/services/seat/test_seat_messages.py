"""Messages of leads: whom they reach, who acknowledged them, and what a restart leaves of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.models.seat_messages import SeatMessage
from agent_desk.services.seat.seat_messages import LONGEST, MOST_A_MINUTE
from agent_desk.store.people import accounts
from tests.agent_desk.services.running.test_recovery import Restarts
from tests.agent_desk.small_desk import Page, Shift


@pytest.fixture
def lead(shift: Shift) -> Page:
    return shift.desk.page("lead1", "/floor")


@pytest.fixture
def restarts(database_url: str, tmp_path: Any) -> Iterator[Restarts]:
    made = Restarts(database_url, tmp_path)
    yield made
    made.stop()


def waiting(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.follow()["help"]["messages"]
    return found


def sent(lead: Page) -> dict[str, Any]:
    """The one message the lead's page tells of."""
    [message] = lead.follow()["messages"].values()
    return dict(message)


def counts(lead: Page) -> tuple[int, int, int]:
    message = sent(lead)
    return message["recipients"], message["delivered"], message["acknowledged"]


def test_a_message_waits_until_it_is_acknowledged_and_the_lead_sees_it(
    shift: Shift, lead: Page
) -> None:
    shift.talk()
    lead.do("send_message", seat="operator1", text="次の方は山田様です")
    [message] = waiting(shift.page)
    assert (message["by"], message["text"], message["again"]) == (
        "lead1",
        "次の方は山田様です",
        False,
    )
    assert counts(lead) == (1, 1, 0)
    assert lead.follow()["seats"]["operator1"]["unread"] == 1
    shift.page.do("acknowledge_message", message_id=message["id"])
    assert waiting(shift.page) == []
    assert counts(lead) == (1, 1, 1)
    assert lead.follow()["seats"]["operator1"]["unread"] == 0
    assert shift.page.follow()["seat"]["state"] == "talking"


def test_the_trail_tells_who_wrote_to_whom_and_holds_no_word_of_it(
    shift: Shift, lead: Page
) -> None:
    lead.do("send_message", text="次の方は山田様です")
    [message] = waiting(shift.page)
    lead.do("remind_message", message_id=message["id"])
    shift.page.do("acknowledge_message", message_id=message["id"])
    shift.page.do("acknowledge_message", message_id=message["id"])
    with shift.desk.desk.database.read() as session:
        rows = session.execute(
            select(AuditRow.action, AuditRow.actor, AuditRow.subject, AuditRow.details)
            .where(AuditRow.action.like("message.%"))
            .order_by(AuditRow.id)
        ).all()
        ids = [
            each.id
            for each in accounts.all_accounts(session)
            if each.username in ("operator1", "operator2")
        ]
    assert [(row.action, row.actor, row.subject) for row in rows] == [
        ("message.sent", "lead1", "all:"),
        ("message.reminded", "lead1", "all:"),
        ("message.acknowledged", "operator1", "all:"),
    ]
    assert sorted(rows[0].details["user_ids"]) == sorted(ids)
    assert "山田" not in json.dumps([row.details for row in rows], ensure_ascii=False)


def test_a_team_is_everybody_in_it_and_a_campaign_whoever_sits_for_it(
    shift: Shift, lead: Page
) -> None:
    with shift.desk.desk.database.read() as session:
        teams = {name: team_id for team_id, name in accounts.teams(session).items()}
        team_id = next(
            each.team_id for each in accounts.all_accounts(session) if each.username == "operator1"
        )
    assert team_id in teams.values()
    lead.do("send_message", team_id=team_id, text="朝礼は9時です")
    assert counts(lead)[:2] == (2, 1), "operator2 is not logged in yet"
    late = shift.desk.page("operator2")
    assert [each["text"] for each in waiting(late)] == ["朝礼は9時です"]
    assert counts(lead)[:2] == (2, 2)
    late.lose()
    admin = shift.desk.page("admin1", "/floor")
    admin.do("send_message", campaign_id=shift.desk.campaign_id, text="トーク変更")
    newest = list(admin.follow()["messages"].values())[-1]
    assert newest["recipients"] == len(shift.desk.desk.commits.floor.seats)


def test_nobody_writes_beyond_their_teams_nor_reads_what_went_beyond(
    shift: Shift, lead: Page
) -> None:
    other = shift.desk.page("lead2", "/floor")
    first, second = (shift.desk.person(name).team_id for name in ("operator1", "operator3"))
    for whom in (
        {"seat": "operator1"},
        {"team_id": first},
        {"campaign_id": shift.desk.campaign_id},
        {"campaign_id": 999},
    ):
        assert other.refused("send_message", text="x", **whom) == "not-in-scope", whom
    other.do("send_message", text="x")
    assert waiting(shift.page) == []
    shift.desk.page("admin1", "/floor").do("send_message", text="全員へ")
    assert lead.follow()["messages"] == {}, "it went to other teams as well"
    assert [each["text"] for each in waiting(shift.page)] == ["全員へ"]
    assert second != first
    [message] = other.follow()["messages"].values()
    for event in ("remind_message", "find_receipts"):
        assert lead.refused(event, message_id=message["id"]) == "seat-message-unknown"


def test_a_message_has_words_one_scope_and_an_end(shift: Shift, lead: Page) -> None:
    assert lead.refused("send_message", text="  \n") == "bad-payload"
    assert lead.refused("send_message", text="x" * (LONGEST + 1)) == "bad-payload"
    both = {"seat": "operator1", "campaign_id": shift.desk.campaign_id}
    assert lead.refused("send_message", text="x", **both) == "bad-payload"
    assert lead.refused("send_message", seat="nobody", text="x") == "seat-not-open"
    lead.do("send_message", seat="operator1", text="<b>\x1b[1m太字\u202e</b>\n次の行")
    assert waiting(shift.page)[0]["text"] == "<b>[1m太字</b>\n次の行"
    for _ in range(MOST_A_MINUTE - 1):
        lead.do("send_message", seat="operator1", text="x")
    assert lead.refused("send_message", seat="operator1", text="x") == "too-many-messages"
    shift.desk.clock.advance(61)
    lead.do("send_message", seat="operator1", text="x")


def test_the_rest_is_told_again(shift: Shift, lead: Page) -> None:
    second = shift.desk.page("operator2")
    lead.do("send_message", text="確認してください")
    [message] = waiting(second)
    second.do("acknowledge_message", message_id=message["id"])
    lead.do("remind_message", message_id=message["id"])
    assert [each["again"] for each in waiting(shift.page)] == [True]
    assert waiting(second) == []
    receipts = lead.do("find_receipts", message_id=message["id"])["receipts"]
    assert [(each["here"], bool(each["acknowledged_at"])) for each in receipts] == [
        (True, False),
        (True, True),
    ]
    shift.page.do("acknowledge_message", message_id=message["id"])
    assert lead.refused("remind_message", message_id=message["id"]) == "nobody-to-tell"


def test_another_ones_message_is_nobodys_to_acknowledge(shift: Shift, lead: Page) -> None:
    lead.do("send_message", seat="operator1", text="x")
    [message] = waiting(shift.page)
    shift.desk.page("operator2").do("acknowledge_message", message_id=message["id"])
    assert counts(lead) == (1, 1, 0)


def test_a_command_that_comes_twice_is_one_message(shift: Shift, lead: Page) -> None:
    for _ in range(2):
        lead.do("send_message", seat="operator1", text="x", command_id="the-same-id")
    assert len(waiting(shift.page)) == 1
    with shift.desk.desk.database.read() as session:
        assert len(session.scalars(select(SeatMessage)).all()) == 1


def test_what_waits_is_there_after_the_desk_died_and_gone_with_the_day(
    restarts: Restarts,
) -> None:
    shift = Shift.begin(restarts.start())
    lead = shift.desk.page("lead1", "/floor")
    lead.do("send_message", seat="operator1", text="一つ目")
    shift.desk.clock.advance(1)
    lead.do("send_message", seat="operator1", text="二つ目")
    first, _ = waiting(shift.page)
    shift.page.do("acknowledge_message", message_id=first["id"])
    again = restarts.start()
    page = again.page("operator1")
    assert [each["text"] for each in waiting(page)] == ["二つ目"]
    shown = again.page("lead1", "/floor").follow()["messages"].values()
    assert [(each["text"], each["acknowledged"]) for each in shown] == [
        ("一つ目", 1),
        ("二つ目", 0),
    ]
    again.clock.advance(24 * 3600)
    assert waiting(again.page("operator1")) == []
