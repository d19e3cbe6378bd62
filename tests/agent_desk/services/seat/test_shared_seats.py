"""Two campaigns of one team on a whole small desk: one seat has the calls of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import CampaignTeam
from agent_desk.models.lists import ListEntry
from agent_desk.models.seat_moves import SeatMove
from agent_desk.services.running.recovery import Recovery
from agent_desk.store.campaigns import campaigns
from agent_desk.store.invariants import questions as invariants
from softphone import protocol
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.agent_desk.store import desk_rows


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[SmallDesk]:
    """The first team works on both campaigns; `autumn` has customers of its own."""
    made = SmallDesk(sqlite_url, tmp_path)
    other, centre = made.people.other_campaign_id, made.people.centre
    with made.desk.database.write() as session:
        campaigns.add_team(session, other, centre.team_id)
        list_id = desk_rows.add_list(session, centre.product_id, "autumn list")
        campaigns.add_list(session, other, list_id)
        moved = session.scalars(select(ListEntry).order_by(ListEntry.id.desc()).limit(3)).all()
        for entry in moved:
            entry.list_id = list_id
    made.desk.book.reload()
    yield made
    made.stop()


def campaign_of(desk: SmallDesk, call_id: str) -> int:
    with desk.desk.database.read() as session:
        return int(session.scalars(select(Attempt.campaign_id).where(Attempt.id == call_id)).one())


def talk(shift: Shift) -> str:
    """Available, called for, and talking; the call's id."""
    shift.alive()
    shift.page.do("go_available")
    return talk_next(shift)


def talk_next(shift: Shift) -> str:
    call_id = shift.placed()
    shift.answer(call_id)
    shift.gateway.tell(protocol.CallBridged(call_id, shift.seat_id, 800))
    shift.desk.settle()
    return call_id


def finish(shift: Shift, call_id: str) -> None:
    shift.end(call_id)
    shift.alive()
    shift.page.do("save_result", call_id=call_id, note="", counterpart="unknown")
    shift.desk.settle()
    shift.alive()


def test_an_operator_has_the_calls_of_both_campaigns_in_turn(desk: SmallDesk) -> None:
    shift = Shift.begin(desk)
    both = {CampaignId(desk.campaign_id), CampaignId(desk.people.other_campaign_id)}
    assert desk.seat().serves == both
    first = talk(shift)
    assert shift.page.follow()["campaign"]["id"] == campaign_of(desk, first)
    finish(shift, first)
    second = talk_next(shift)
    assert {campaign_of(desk, first), campaign_of(desk, second)} == both
    page = shift.page.follow()
    assert page["campaign"]["id"] == campaign_of(desk, second)
    with desk.desk.database.read() as session:
        moves = session.execute(
            select(SeatMove.to_state, SeatMove.campaign_id).order_by(SeatMove.id)
        ).all()
        assert not invariants.check(session)
    talks = [campaign_id for state, campaign_id in moves if state == "talking"]
    assert talks == [campaign_of(desk, first), campaign_of(desk, second)]


def test_a_campaign_started_by_a_lead_has_the_seat_without_another_login(desk: SmallDesk) -> None:
    lead, other = desk.page("lead1", "/floor"), desk.people.other_campaign_id
    lead.do("set_campaign_running", campaign_id=desk.campaign_id, running="stopped")
    shift = Shift.begin(desk)
    first = talk(shift)
    assert campaign_of(desk, first) == other
    assert shift.page.follow()["campaign"]["name"] == "autumn"
    finish(shift, first)
    lead.do("set_campaign_running", campaign_id=desk.campaign_id, running="running")
    desk.settle()
    assert shift.page.follow()["campaign"]["name"] in ("spring・autumn", "autumn", "spring")


def test_a_desk_that_starts_again_knows_whom_a_seat_serves(desk: SmallDesk) -> None:
    Shift.begin(desk)
    recovery = Recovery(
        database=desk.desk.database, sealer=desk_rows.SEALER, clock=desk.clock
    ).begin()
    seat = recovery.floor.seats[SeatId("operator1")]
    assert seat.serves == {desk.campaign_id, desk.people.other_campaign_id}
    assert seat.state is SeatState.STARTING


def test_leads_see_who_shares_seats_with_whom(desk: SmallDesk) -> None:
    Shift.begin(desk)
    picture = desk.page("manager1", "/floor").follow()
    spring = picture["campaigns"][str(desk.campaign_id)]
    assert spring["shared_with"] == ["autumn"]
    assert spring["seats"] == {"starting": 1}
    assert picture["campaigns"][str(desk.people.other_campaign_id)]["seats"] == {"starting": 1}
    tile = picture["seats"]["operator1"]
    assert tile["campaign"] == "spring・autumn"
    assert tile["serves"] == [desk.campaign_id, desk.people.other_campaign_id]


def of_first_team(desk: SmallDesk, *, autumn: bool) -> None:
    """Let the team work on the second campaign, or not, as an administrator does."""
    other, team_id = desk.people.other_campaign_id, desk.people.centre.team_id
    with desk.desk.database.write() as session:
        session.execute(
            delete(CampaignTeam).where(
                CampaignTeam.campaign_id == other, CampaignTeam.team_id == team_id
            )
        )
        if autumn:
            campaigns.add_team(session, other, team_id)
    desk.desk.book.reload()
    desk.desk.campaigns_changed()
    desk.settle()


def test_a_campaign_given_to_or_taken_from_a_team_is_so_without_a_reload(desk: SmallDesk) -> None:
    shift = Shift.begin(desk)
    spring, autumn = CampaignId(desk.campaign_id), CampaignId(desk.people.other_campaign_id)
    of_first_team(desk, autumn=False)
    assert desk.seat().serves == {spring} and desk.seat().campaign_id == spring
    of_first_team(desk, autumn=True)
    assert desk.seat().serves == {spring, autumn}
    assert "autumn" in shift.page.follow()["campaign"]["name"], "and the page says so"


def test_a_call_of_a_campaign_taken_away_is_served_to_its_end(desk: SmallDesk) -> None:
    shift = Shift.begin(desk)
    autumn = CampaignId(desk.people.other_campaign_id)
    call_id = talk(shift)
    while campaign_of(desk, call_id) != autumn:
        finish(shift, call_id)
        call_id = talk_next(shift)
    of_first_team(desk, autumn=False)
    assert desk.seat().call_id == call_id and desk.seat().campaign_id == autumn
    finish(shift, call_id)
    assert desk.seat().campaign_id == CampaignId(desk.campaign_id)
