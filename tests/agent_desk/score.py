"""A campaign that asks every customer for a score, in the smallest number of words."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from agent_desk.dialer.commands import ConfigureCampaign
from agent_desk.dialer.ids import CampaignId
from agent_desk.models.campaigns import Campaign
from agent_desk.services.dialing.safe_harbours import Heard
from softphone import protocol
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.fakes.gateway import MESSAGE

HEARD = Heard(MESSAGE, 12_000, 100)
QUESTION = "満足度をお聞かせください。大変満足は5、満足は4、普通は3、不満は2、大変不満は1です。"
THANKS = "ありがとうございました。"


def ask_everybody(desk: SmallDesk, share: int = 100) -> None:
    """The recordings are approved, and the draw takes this share of the calls."""
    prompts = desk.desk.survey_prompts
    for kind, text in (("survey_question", QUESTION), ("survey_thanks", THANKS)):
        prompts.approve("spring", kind, HEARD, text, actor="lead1", brought_by="admin1")
    desk.settle()
    campaign_id = CampaignId(desk.campaign_id)
    campaign = desk.desk.commits.floor.campaigns[campaign_id]
    with desk.desk.database.write() as session:
        mine = update(Campaign).where(Campaign.id == desk.campaign_id)
        session.execute(mine.values(survey_share=share))
    configured = replace(campaign, survey=replace(campaign.survey, share=share))
    assert desk.desk.commits.submit(ConfigureCampaign(configured)).ok


def answer(shift: Shift, call_id: str, key: str, outcome: str = "answered") -> None:
    """What the gateway says of the question."""
    shift.gateway.tell(protocol.CustomerAnswered(call_id, MESSAGE, key, outcome, 1))
    shift.desk.settle()
