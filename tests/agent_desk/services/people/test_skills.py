"""Skills on a whole desk: who may name and give them, what both pages see, rows and restarts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.models.audit import AuditRow
from agent_desk.models.skills import UserSkill
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.skills import SkillService
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.services.running.test_recovery import Restarts
from tests.agent_desk.small_desk import Shift, SmallDesk


@pytest.fixture
def restarts(database_url: str, tmp_path: Any) -> Iterator[Restarts]:
    made = Restarts(database_url, tmp_path)
    yield made
    made.stop()


def skills_of(desk: SmallDesk) -> SkillService:
    service: SkillService = desk.desk.calls.skills
    return service


def ask_for(desk: SmallDesk, *codes: str) -> None:
    """The campaign's settings ask for these, as its wizard publishes them."""
    admin = signed_in(desk, "admin1")
    path = f"/admin/campaigns/{desk.campaign_id}"
    saved = admin.post(f"{path}/dialing", {**DIALING, "skills": list(codes)})
    assert saved.status_code == 303, saved.get_data(as_text=True)
    assert admin.post(f"{path}/publish", {"based_on": "0"}).status_code == 303


DIALING = {
    "ratio": "1",
    "abandon_target": "1",
    "ring_limit_s": "25",
    "screening": "strict",
    "local_caller_ids": "",
}


def refused(work: Any) -> str:
    with pytest.raises(ServiceError) as error:
        work()
    return str(error.value.error_id)


def test_a_skill_given_at_the_seat_holds_from_the_next_offer_on_and_is_written(
    shift: Shift,
) -> None:
    desk = shift.desk
    skills_of(desk).put("english", "英語", by="admin1")
    lead = desk.page("lead1", "/floor")
    call_id = shift.talk()
    lead.do("set_skill", seat="operator1", skill="english", on=True)
    picture = lead.follow()
    assert picture["seats"]["operator1"]["skills"] == ["english"]
    assert picture["skills"]["english"]["name"] == "英語"
    assert shift.page.follow()["call"]["id"] == call_id
    with desk.desk.database.read() as session:
        assert session.scalars(select(UserSkill.skill_code)).all() == ["english"]
        trail = session.execute(
            select(AuditRow.actor, AuditRow.subject, AuditRow.details).where(
                AuditRow.action == "skill.set"
            )
        ).all()
    assert [tuple(each) for each in trail] == [
        ("lead1", "seat:operator1", {"skill": "english", "on": True})
    ]


def test_only_leads_of_the_team_give_skills_there_are(shift: Shift) -> None:
    desk = shift.desk
    skills_of(desk).put("english", "英語", by="admin1")
    given = {"seat": "operator1", "skill": "english", "on": True}
    assert desk.page("lead2", "/floor").refused("set_skill", **given) == "not-in-scope"
    lead = desk.page("lead1", "/floor")
    assert lead.refused("set_skill", **{**given, "skill": "nonsense"}) == "skill-unknown"
    assert lead.refused("set_skill", **{**given, "seat": "nobody"}) == "seat-not-open"


def test_skills_are_named_differently_and_removed_when_nobody_needs_them(shift: Shift) -> None:
    skills, users = skills_of(shift.desk), shift.desk.people.users
    skills.put("english", "英語", by="admin1")
    assert refused(lambda: skills.put("legal", "英語", by="admin1")) == "skill-unusable"
    assert refused(lambda: skills.put("Legal!", "法務", by="admin1")) == "skill-unusable"
    skills.put("english", "英会話", by="admin1")
    assert skills.names() == {"english": "英会話"}
    skills.set_for(users["operator2"], ["english"], by="admin1")
    assert refused(lambda: skills.remove("english", by="admin1")) == "skill-in-use"
    skills.set_for(users["operator2"], [], by="admin1")
    skills.remove("english", by="admin1")
    assert skills.names() == {}


def test_a_campaign_that_asks_is_offered_to_who_has_it_only(shift: Shift) -> None:
    desk = shift.desk
    skills_of(desk).put("english", "英語", by="admin1")
    shift.alive()
    ask_for(desk, "english")
    campaign = desk.desk.commits.floor.campaigns[CampaignId(desk.campaign_id)]
    assert list(campaign.skills) == ["english"]
    assert CampaignId(desk.campaign_id) in desk.seat().lacks
    shift.page.do("go_available")
    desk.tick()
    assert not desk.desk.commits.floor.calls, "there is no capacity for it"
    desk.page("lead1", "/floor").do("set_skill", seat="operator1", skill="english", on=True)
    shift.alive()
    assert shift.placed()
    assert refused(lambda: skills_of(desk).remove("english", by="admin1")) == "skill-in-use"


def test_what_was_given_is_there_after_a_restart_and_at_the_next_log_in(
    restarts: Restarts,
) -> None:
    shift = Shift.begin(restarts.start())
    skills, users = skills_of(shift.desk), shift.desk.people.users
    skills.put("english", "英語", by="admin1")
    skills.set_for(users["operator1"], ["english"], by="admin1")
    skills.set_for(users["operator2"], ["english"], by="admin1")
    assert shift.desk.seat().skills == {"english"}
    again = restarts.start()
    assert again.desk.commits.floor.seats[SeatId("operator1")].skills == {"english"}
    again.page("operator2")
    assert again.desk.commits.floor.seats[SeatId("operator2")].skills == {"english"}


def test_an_administrator_names_and_gives_skills_on_pages(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    user_id = small_desk.people.users["operator1"]
    assert admin.post("/admin/skills", {"code": "english", "name": "英語"}).status_code == 303
    assert "英語" in admin.get("/admin/skills").get_data(as_text=True)
    given = admin.post(f"/admin/users/{user_id}/skills", {"skills": ["english"]})
    assert given.status_code == 303
    assert skills_of(small_desk).of_user(user_id) == {"english"}
    page = admin.get(f"/admin/users/{user_id}").get_data(as_text=True)
    assert 'value="english" checked' in page
    assert admin.post("/admin/skills", {"code": "x y", "name": "z"}).status_code == 400
    assert admin.post("/admin/skills/remove", {"code": "english"}).status_code == 409
