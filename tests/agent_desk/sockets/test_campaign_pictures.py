"""What a lead is told of campaigns beside the panel: lists, changes, the dialer's last hour."""

from __future__ import annotations

from typing import Any

from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CampaignId
from agent_desk.sockets.campaign_pictures import CampaignPictures
from tests.agent_desk.small_desk import Page, Shift, SmallDesk

TABLES = ("campaigns", "lists", "changes", "pacing")


def second(desk: SmallDesk) -> None:
    """What the desk does once a second for the panels."""
    for job in desk.desk.publisher.chores:
        job.work()


def told(page: Page, table: str, campaign_id: int) -> Any:
    return page.follow()[table][str(campaign_id)]


def test_every_table_keeps_to_the_leads_teams(small_desk: SmallDesk) -> None:
    second(small_desk)
    mine, others = str(small_desk.campaign_id), str(small_desk.people.other_campaign_id)
    for username, seen in (("lead1", {mine}), ("lead2", {others}), ("manager1", {mine, others})):
        picture = small_desk.page(username, "/floor").follow()
        assert {name: set(picture[name]) for name in TABLES} == {name: seen for name in TABLES}


def test_the_last_hour_is_told_to_whom_it_concerns(small_desk: SmallDesk) -> None:
    second(small_desk)
    ask: dict[str, Any] = {"campaign_id": small_desk.campaign_id, "since": 0}
    assert small_desk.page("lead2", "/floor").refused("pacing_trace", **ask) == "not-in-scope"
    assert small_desk.page("lead1", "/floor").refused("pacing_trace", **ask | {"campaign_id": 99})
    for username in ("lead1", "manager1"):
        trace = small_desk.page(username, "/floor").do("pacing_trace", **ask)
        assert len(trace["at"]) == len(trace["lines"]) == 1
        assert trace["reasons"][trace["why"][0]] == ""


def test_a_new_second_is_pushed_and_one_like_the_last_is_not(shift: Shift) -> None:
    desk, lead = shift.desk, shift.desk.page("lead1", "/floor")
    second(desk)
    before = told(lead, "pacing", desk.campaign_id)
    desk.clock.advance(1)
    second(desk)
    assert told(lead, "pacing", desk.campaign_id) == before
    shift.talk()
    second(desk)
    newest = told(lead, "pacing", desk.campaign_id)
    assert (newest["talking"], newest["at"]) == (1, before["at"] + 1)
    since = lead.do("pacing_trace", campaign_id=desk.campaign_id, since=before["at"])
    assert (since["at"], since["talking"]) == ([newest["at"]], [1])


def test_lists_and_changes_come_with_names_and_are_told_when_they_change(shift: Shift) -> None:
    desk, lead = shift.desk, shift.desk.page("lead1", "/floor")
    desk.desk.routine.count()
    second(desk)
    [one] = told(lead, "lists", desk.campaign_id)["rows"]
    assert {name: one[name] for name in ("name", "entries", "tried", "finished", "dialable")} == {
        **{"name": "spring list", "entries": 6, "tried": 0, "finished": 0, "dialable": 6}
    }
    lead.do("set_pacing", campaign_id=desk.campaign_id, mode="ratio", ratio=2.0)
    desk.clock.advance(10)
    second(desk)
    [change] = told(lead, "changes", desk.campaign_id)["rows"]
    assert (change["by"], change["action"]) == ("lead1", "campaign.pacing")
    assert change["values"] == [["mode", "progressive", "ratio"], ["ratio", 1.0, 2.0]]


def test_what_nothing_changed_of_marks_no_floor(small_desk: SmallDesk) -> None:
    floor: Floor = small_desk.desk.commits.floor
    marked: list[int] = []
    pictures: CampaignPictures = small_desk.desk.publisher._states.pictures
    jobs = pictures.chores(lambda: floor, small_desk.clock.now, lambda: marked.append(1))
    for job in jobs:
        job.work()
    assert len(marked) == len(jobs)
    small_desk.clock.advance(10)
    for job in jobs:
        job.work()
    assert len(marked) == len(jobs)
    assert CampaignId(small_desk.campaign_id) in floor.campaigns
