"""Skills: no offer to a seat that lacks one, whoever changes what and when."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer import commands, gateway_facts
from agent_desk.dialer.commands import Command
from agent_desk.dialer.engine import Decided
from agent_desk.dialer.events import SkillSet
from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.ids import CallId, CampaignId, SeatId
from agent_desk.dialer.pacing_view import snapshot
from agent_desk.dialer.sharing import campaigns_of, works_for
from tests.agent_desk.dialer.floors import A, B, C, World, campaign

ONE, TWO = CampaignId(1), CampaignId(2)
LEAD, OTHER = SeatId("lead1"), SeatId("lead2")
SEATS, SKILLS = (A, B, C), ("english", "legal")


class Watched(World):
    """Looks at every offer as it is made."""

    def run(self, command: Command) -> Decided:
        before = self.floor
        decided = super().run(command)
        for seat_id, seat in self.floor.seats.items():
            was = before.seats.get(seat_id)
            assert seat.lacks == {
                each.campaign_id
                for each in self.floor.campaigns.values()
                if not set(each.skills) <= seat.skills
            }
            if seat.state is SeatState.RESERVED and (was is None or was.call_id != seat.call_id):
                asked = self.floor.campaigns[seat.campaign_id].skills
                assert set(asked) <= seat.skills, "an offer to a seat that lacks a skill"
            if was is not None and was.call_id is not None and _is_about_skills(command):
                assert seat.call_id == was.call_id, "a call in hand is touched"
        return decided


def _is_about_skills(command: Command) -> bool:
    return isinstance(command, commands.SetSkill | commands.ConfigureCampaign)


def shop(*asked: str) -> Watched:
    """Two campaigns on the same seats; the second asks for these skills."""
    made = Watched()
    made.run(commands.ConfigureCampaign(campaign(campaign_id=TWO, skills=asked)))
    made.serves = frozenset((ONE, TWO))
    return made


def give(world: World, seat_id: SeatId, skill: str, *, on: bool = True, by: SeatId = LEAD) -> None:
    world.run(commands.SetSkill(seat_id, skill, on, by))


def ask_for(world: World, campaign_id: CampaignId, *asked: str) -> None:
    known = world.floor.campaigns[campaign_id]
    world.run(commands.ConfigureCampaign(replace(known, skills=asked), published=True))


def test_a_call_goes_to_who_has_every_skill_and_passes_over_who_waits_longer() -> None:
    floor = shop("english", "legal")
    floor.ready(A, B)
    give(floor, A, "english")
    for skill in SKILLS:
        give(floor, B, skill)
    floor.lease(1, campaign_id=TWO)
    floor.offer(1)
    assert floor.seat(B).call_id == "call-1"
    assert floor.state(A) is SeatState.AVAILABLE
    floor.lease(2)
    floor.offer(2)
    assert floor.seat(A).call_id == "call-2", "the other campaign asks for nothing"


def test_only_who_has_the_skills_is_capacity() -> None:
    floor = shop("english")
    floor.ready(A, B)
    give(floor, B, "english")
    assert [seat.seat_id for seat in snapshot(floor.floor, TWO, floor.now).seats] == [B]
    assert {seat.seat_id for seat in snapshot(floor.floor, ONE, floor.now).seats} == {A, B}
    give(floor, B, "english", on=False)
    assert snapshot(floor.floor, TWO, floor.now).seats == ()


def test_a_call_waits_until_somebody_can_take_it() -> None:
    floor = shop("english")
    floor.ready()
    floor.lease(1, campaign_id=TWO)
    floor.offer(1)
    assert floor.call().state is CallState.WAITING
    give(floor, A, "english")
    assert floor.seat().call_id == "call-1"


def test_what_was_offered_is_served_by_whoever_it_was_offered_to() -> None:
    floor = shop("english")
    floor.ready()
    give(floor, A, "english")
    floor.lease(1, campaign_id=TWO)
    floor.offer(1)
    give(floor, A, "english", on=False)
    assert floor.state() is SeatState.RESERVED
    floor.run(gateway_facts.CallBridged(CallId("call-1"), A, floor.now))
    floor.end(1)
    floor.run(commands.SaveResult(A, CallId("call-1"), ""))
    assert floor.seat().campaign_id == ONE, "its time is the one's whose calls it can take"
    floor.run(commands.GoAvailable(A))
    floor.hear()
    floor.lease(2, campaign_id=TWO)
    floor.offer(2)
    assert floor.call(2).state is CallState.WAITING


def test_two_leads_at_once_both_have_their_way() -> None:
    floor = shop("english", "legal")
    floor.ready()
    give(floor, A, "english", by=LEAD)
    give(floor, A, "legal", by=OTHER)
    give(floor, A, "legal", by=LEAD)  # is so already
    assert floor.seat().skills == set(SKILLS)
    assert [(each.skill, each.by) for each in floor.happened(SkillSet)] == [
        ("english", LEAD),
        ("legal", OTHER),
    ]


def test_a_campaign_that_runs_asks_for_more_and_for_less() -> None:
    floor = shop()
    floor.ready()
    assert works_for(floor.seat(), TWO)
    ask_for(floor, TWO, "english")
    assert campaigns_of(floor.seat()) == {ONE}
    floor.lease(1, campaign_id=TWO)
    floor.offer(1)
    assert floor.call().state is CallState.WAITING
    ask_for(floor, TWO)
    floor.run(commands.Tick())
    assert floor.seat().call_id == "call-1"


def test_who_comes_is_looked_at_and_who_comes_back_keeps_what_was_given() -> None:
    floor = shop("english")
    able = commands.OpenSeat(A, 1, None, ONE, floor.serves, frozenset({"english"}))  # type: ignore[arg-type]
    floor.run(able)
    assert works_for(floor.seat(), TWO)
    give(floor, A, "legal")
    floor.run(able)  # with rows that were read before that
    assert floor.seat().skills == set(SKILLS)


def test_a_customer_is_not_shown_to_who_lost_the_skill_while_the_lease_looked() -> None:
    floor = shop("english")
    known = floor.floor.campaigns[TWO]
    floor.run(commands.ConfigureCampaign(replace(known, mode="preview"), published=True))
    floor.ready(A, B)
    for seat_id in (A, B):
        give(floor, seat_id, "english")
        floor.run(commands.NextCustomer(seat_id))
        floor.run(commands.StartCalls(TWO, 1, "", seat_id))
    give(floor, A, "english", on=False)
    floor.lease(1, seat_id=A, campaign_id=TWO)
    floor.lease(2, seat_id=B, campaign_id=TWO)
    assert floor.state(A) is SeatState.AVAILABLE
    assert floor.seat(B).call_id == "call-2"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("skill", "ask", "call", "end")),
        st.integers(0, 2),
        st.integers(0, 1),
        st.booleans(),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_never_an_offer_to_a_seat_that_lacks_a_skill(
    steps: list[tuple[str, int, int, bool]],
) -> None:
    world = shop()
    world.ready(*SEATS)
    made = 0
    for step, which, other, on in steps:
        world.wait(0.2)
        world.hear()
        if step == "skill":
            give(world, SEATS[which], SKILLS[other], on=on, by=(LEAD, OTHER)[on])
        elif step == "ask":
            ask_for(world, (ONE, TWO)[other], *SKILLS[: which if on else 0])
        elif step == "call":
            made += 1
            world.lease(made, campaign_id=(ONE, TWO)[other])
            world.offer(made)
        else:
            reserved = world.seat(SEATS[which])
            if reserved.state is SeatState.RESERVED and reserved.call_id is not None:
                number = int(reserved.call_id.split("-")[1])
                world.run(gateway_facts.CallBridged(reserved.call_id, reserved.seat_id, world.now))
                world.end(number)
                world.run(commands.SaveResult(reserved.seat_id, reserved.call_id, ""))
                world.hear()
                world.run(commands.GoAvailable(reserved.seat_id))
