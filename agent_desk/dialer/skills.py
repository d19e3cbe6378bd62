"""Which campaigns a seat is not to be offered, because its operator lacks a skill they ask for.

A campaign asks for skills, an operator has some; a seat is offered a campaign's calls only with
all of them. Which campaigns a seat lacks something for is worked out whenever either side changes
and kept on the seat, for it is asked a thousand times as often. Nothing here touches a call: one
that was offered is served by whoever it was offered to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from agent_desk.dialer import commands
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.events import SkillSet
from agent_desk.dialer.floor import Campaign, Seat
from agent_desk.dialer.ids import CampaignId


def lacking(skills: frozenset[str], campaigns: Iterable[Campaign]) -> frozenset[CampaignId]:
    """The campaigns that ask for a skill that is not among these."""
    return frozenset(each.campaign_id for each in campaigns if not skills.issuperset(each.skills))


def fitted(draft: Draft, seat: Seat) -> Seat:
    """The seat with what it lacks, by the campaigns as they are."""
    return replace(seat, lacks=lacking(seat.skills, draft.campaigns.rows.values()))


def set_skill(draft: Draft, command: commands.SetSkill) -> None:
    """Give or take one; what is so already changes nothing and is not written."""
    seat = draft.seat(command.seat_id)
    if (command.skill in seat.skills) is command.on:
        return
    skills = seat.skills | {command.skill} if command.on else seat.skills - {command.skill}
    draft.put_seat(fitted(draft, replace(seat, skills=skills)))
    draft.emit(
        SkillSet(seat.seat_id, seat.user_id, command.skill, command.on, command.by, draft.now)
    )


def fit_all(draft: Draft) -> None:
    """A campaign asks for other skills, or is new: every seat is looked at."""
    for seat in draft.seats.values():
        fresh = fitted(draft, seat)
        if fresh.lacks != seat.lacks:
            draft.put_seat(fresh)
